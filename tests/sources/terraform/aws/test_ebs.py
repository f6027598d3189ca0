import pytest

from koban.model.aws.ebs import Snapshot, Volume
from koban.model.unknown import Unknown

GAP = Unknown("var.x", "it has no default")


def test_a_volume(twins):
    twins(
        "aws_ebs_volume",
        {"encrypted": True, "kms_key_id": "k", "size": 8},
        Volume,
        {"Encrypted": True, "KmsKeyId": "k"},
    )
    twins("aws_ebs_volume", {"size": 8}, Volume, {})
    twins("aws_ebs_volume", {"size": 8, "encrypted": False, "snapshot_id": ""}, Volume, {"Encrypted": False})
    twins("aws_ebs_volume", {"encrypted": True, "snapshot_id": "snap-1"}, Volume, {"Encrypted": True})


@pytest.mark.parametrize(
    ("source", "body"),
    [
        ("aws_ebs_volume", {"snapshot_id": "snap-1"}),
        ("aws_ebs_volume", {"snapshot_id": "snap-1", "encrypted": False}),
        ("aws_ebs_volume", {"snapshot_id": GAP}),
        ("aws_ebs_volume", {"encrypted": GAP}),
        ("aws_ebs_snapshot", {"volume_id": "vol-1"}),
        ("aws_ebs_snapshot_copy", {"source_snapshot_id": "snap-1"}),
        ("aws_ebs_snapshot_copy", {"source_snapshot_id": "snap-1", "encrypted": False}),
        ("aws_ebs_snapshot_import", {"encrypted": GAP}),
    ],
)
def test_what_it_is_made_of_decides(document, source, body):
    assert isinstance(document(source, body)["Encrypted"], Unknown)


def test_what_is_made_already_says_what_came_of_it(document):
    made = {"id": "vol-1", "snapshot_id": "snap-1", "encrypted": False}
    assert document("aws_ebs_volume", made)["Encrypted"] is False


def test_snapshots(twins):
    twins("aws_ebs_snapshot", {"volume_id": "vol-1", "encrypted": True}, Snapshot, {"VolumeId": "vol-1"} | ENCRYPTED)
    twins("aws_ebs_snapshot_copy", {"source_snapshot_id": "s", "encrypted": True}, Snapshot, ENCRYPTED)
    twins("aws_ebs_snapshot_import", {"encrypted": True}, Snapshot, ENCRYPTED)
    twins("aws_ebs_snapshot_import", {}, Snapshot, {})


ENCRYPTED = {"Encrypted": True}
