"""Amazon EBS: volumes and snapshots."""

from __future__ import annotations

from typing import Any

from koban.model.resource import Resource, age, derived, fact, field, link, referring


class Volume(
    Resource, type="AWS::EC2::Volume", ids="VolumeId", arn="arn:{partition}:ec2:{region}:{account}:volume/{VolumeId}"
):
    """A disk."""

    encrypted: bool = field("Encrypted", False, "Whether it is encrypted")
    key: Any = link("KmsKeyId", "AWS::KMS::Key", "The key it is encrypted with")
    state: str = fact("State", "", "available (attached to nothing), in-use, ...")
    backups: tuple[Any, ...] = referring("Koban::Backup::ProtectedResource", "resource", "Backups by AWS Backup")
    snapshots: tuple[Snapshot, ...] = referring("Koban::EC2::Snapshot", "volume", "Its snapshots")

    @derived
    def is_attached(self) -> bool:
        return self.state == "in-use"


class Snapshot(
    Resource, type="Koban::EC2::Snapshot", ids="SnapshotId", arn="arn:{partition}:ec2:{region}::snapshot/{SnapshotId}"
):
    """A snapshot of a volume."""

    encrypted: bool = field("Encrypted", False, "Whether it is encrypted")
    public: bool = field("Public", False, "Whether anyone may make a volume of it")
    volume: Any = link("VolumeId", "AWS::EC2::Volume", "The volume it was taken of")
    age_days: float = age("StartTime", "Days since it was taken")
