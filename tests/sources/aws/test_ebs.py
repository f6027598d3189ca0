from koban.model.aws.backup import ProtectedResource
from koban.model.aws.ebs import Volume
from koban.model.estate import MemoryEstate
from koban.sources.aws.ebs import snapshot_from_api, snapshots, volume_from_api
from koban.sources.aws.reader import Reader


def test_volumes_and_their_snapshots(aws, collect):
    ec2 = aws("ec2")
    volume = ec2.create_volume(Size=8, AvailabilityZone="eu-west-1a", Encrypted=True)["VolumeId"]
    ec2.create_snapshot(VolumeId=volume)
    found = [*collect("ebs.volumes"), *[one for one in collect("ebs.snapshots") if one.document["VolumeId"] == volume]]
    MemoryEstate(found)
    disk, snapshot = found
    assert disk.encrypted
    assert disk.uid == f"arn:aws:ec2:eu-west-1:123456789012:volume/{volume}"
    assert not disk.is_attached
    assert disk.snapshots == (snapshot,)
    assert snapshot.encrypted
    assert collect.failures == []


class Api:
    """Three snapshots, one of which everyone may use."""

    asked: list[dict] = []

    def pages(self, service, operation, region, params):
        self.asked.append(params)
        names = ("snap-2",) if params.get("RestorableByUserIds") else ("snap-1", "snap-2", "snap-3")
        yield {"Snapshots": [{"SnapshotId": name, "VolumeId": "vol-1"} for name in names]}


def test_public_snapshots_are_found_in_one_call_for_all():
    found = snapshots(Reader(Api(), "111122223333", "eu-west-1", ("ec2:DescribeSnapshots",)))
    assert {one["SnapshotId"]: one["Public"] for one in found} == {"snap-1": False, "snap-2": True, "snap-3": False}
    assert Api.asked == [{"OwnerIds": ["self"]}, {"OwnerIds": ["self"], "RestorableByUserIds": ["all"]}]


def test_golden_twins():
    raw = {"VolumeId": "vol-1", "Size": 8, "Encrypted": False, "State": "in-use", "Attachments": []}
    live, code = Volume(volume_from_api(raw)), Volume({"Size": 8})
    assert live.encrypted == code.encrypted
    assert snapshot_from_api({"SnapshotId": "snap-1"}, True) == {"SnapshotId": "snap-1", "Public": True, "Tags": []}


def test_volumes_that_a_backup_plan_covers():
    volume = Volume({"VolumeId": "vol-1"}, account="111122223333", region="eu-west-1")
    backup = ProtectedResource({"ResourceArn": "arn:aws:ec2:eu-west-1:111122223333:volume/vol-1"}, uid="b")
    MemoryEstate([volume, backup])
    assert volume.backups == (backup,)
