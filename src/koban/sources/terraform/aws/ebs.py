"""Amazon EBS: volumes and snapshots."""

from __future__ import annotations

from typing import Any

from koban.model.aws.ebs import Snapshot, Volume
from koban.model.unknown import Unknown
from koban.sources.terraform.mapping import ABSENT, Body, Entry, arg, made, maps


def unless_copied(source: str, why: str) -> Entry:
    """Whether it is encrypted.  What `source` names, if that is encrypted, makes it so whatever is asked for."""
    decided = Unknown("encrypted", why)

    def encrypted(body: Body) -> Any:
        said, copied = body.get("encrypted"), body.get(source)
        if isinstance(said, Unknown) or said is True or said == "true":
            return said
        if said is not None and isinstance(body.get("id"), str):
            return said  # it is made already, and this is what came of it
        if copied is None or (isinstance(copied, str) and not copied):
            return ABSENT if said is None else said
        return decided

    return made(encrypted, "encrypted", source, careful=True)


maps(
    "aws_ebs_volume",
    Volume,
    VolumeId="id",
    Encrypted=unless_copied("snapshot_id", "the snapshot that it is made of decides"),
    KmsKeyId="kms_key_id",
    Size="size",
    SnapshotId="snapshot_id",
)
maps(
    "aws_ebs_snapshot",
    Snapshot,
    lacks={"Public": "the provider shares snapshots with accounts alone"},
    SnapshotId="id",
    VolumeId="volume_id",
    Encrypted=arg("encrypted", default=Unknown("encrypted", "the volume that it is taken of decides")),
    StartTime="start_time",
)
maps(
    "aws_ebs_snapshot_copy",
    Snapshot,
    SnapshotId="id",
    VolumeId="volume_id",
    Encrypted=unless_copied("source_snapshot_id", "the snapshot that it is a copy of decides"),
    StartTime="start_time",
)
maps("aws_ebs_snapshot_import", Snapshot, SnapshotId="id", VolumeId="volume_id", Encrypted="encrypted")
