"""Posture rules for Amazon EBS."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from koban.model.aws.backup import ProtectedResource
from koban.model.aws.ebs import Snapshot, Volume
from koban.model.rule import rule
from koban.model.unknown import Unknown


def ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


@rule(
    "medium",
    Volume,
    "aws-fsbp:EC2.3",
    "cis-aws-7.0:6.1.1",
    "cis-aws-3.0:2.2.1",
    "nist-csf-2.0:PR.DS-01",
)
def ebs_volume_unencrypted(volume: Volume) -> bool:
    """The volume is not encrypted.

    Why: its snapshots can be copied and read by whoever gets at them, with no key to refuse.
    Fix: make an encrypted copy from a snapshot and swap it in; turn on encryption by default in the region.
    """
    return not volume.encrypted


ebs_volume_unencrypted.cases(
    bad=[{}, {"Encrypted": False}, {"Encrypted": "false"}],
    good=[{"Encrypted": True}],
    unknown=[{"Encrypted": Unknown("Encrypted", "parameter Encrypted has no default")}],
)


@rule("low", Volume, "nist-csf-2.0:ID.AM-08", only="live")
def ebs_volume_unattached(volume: Volume) -> bool:
    """The volume is attached to nothing.

    Why: forgotten disks still hold data, and nobody watches who copies them.
    Fix: take a last snapshot if need be and delete the volume.
    """
    return volume.state == "available"


ebs_volume_unattached.cases(bad=[{"State": "available"}], good=[{"State": "in-use"}])


@rule("medium", Volume, "nist-csf-2.0:PR.DS-11", "nist-csf-2.0:RC.RP-03", when=lambda v: v.is_attached, only="live")
def ebs_volume_without_recent_snapshot(volume: Volume, *, age_days_max: int = 30) -> bool:
    """The volume is in use and has no recent snapshot.

    Why: after ransomware, a mistake or a lost disk there is nothing to restore from.
    Fix: put the volume under a plan of AWS Backup or Data Lifecycle Manager.
    """
    return not any(0 <= snapshot.age_days <= age_days_max for snapshot in volume.snapshots)


IN_USE = {"VolumeId": "vol-1", "State": "in-use"}
ebs_volume_without_recent_snapshot.cases(
    bad=[
        IN_USE,
        (IN_USE, Snapshot({"SnapshotId": "snap-1", "VolumeId": "vol-1", "StartTime": ago(90)})),
    ],
    good=[(IN_USE, Snapshot({"SnapshotId": "snap-1", "VolumeId": "vol-1", "StartTime": ago(1)}))],
    skipped=[{"State": "available"}],
)


@rule(
    "low",
    Volume,
    "aws-fsbp:EC2.28",
    "nist-csf-2.0:PR.DS-11",
    "nist-csf-2.0:RC.RP-03",
    when=lambda volume: volume.is_attached,
    only="live",
)
def ebs_volume_without_backup_plan(volume: Volume) -> bool:
    """The volume is in use and no plan of AWS Backup covers it.

    Why: snapshots taken by hand or by scripts are the first thing to stop, and an intruder can delete them.
    Fix: select the volume, by a tag for instance, in a backup plan whose vault is locked.
    """
    return not volume.backups


IN_USE_BY_ARN = {"VolumeId": "vol-1", "State": "in-use", "Arn": "arn:volume"}
ebs_volume_without_backup_plan.cases(
    bad=[{"VolumeId": "vol-1", "State": "in-use"}],
    good=[(IN_USE_BY_ARN, ProtectedResource({"ResourceArn": "arn:volume"}))],
    skipped=[{"State": "available"}],
)


@rule("critical", Snapshot, "aws-fsbp:EC2.1", "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.AA-05")
def ebs_snapshot_public(snapshot: Snapshot) -> bool:
    """Anyone may make a volume of this snapshot.

    Why: public snapshots are searched for keys and data by machines, within hours of being shared.
    Fix: make the snapshot private, treat what was on it as known, and block public sharing in the region.
    """
    return snapshot.public


ebs_snapshot_public.cases(
    bad=[{"Public": True}],
    good=[{"Public": False}],
    unknown=[{"Public": Unknown("Public", "AccessDenied ec2:DescribeSnapshots")}],
)


@rule("medium", Snapshot, "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.DS-11")
def ebs_snapshot_unencrypted(snapshot: Snapshot) -> bool:
    """The snapshot is not encrypted.

    Why: an account that it is shared with, or whoever steals a right to it, can read the disk.
    Fix: copy it with encryption and delete the plain one.
    """
    return not snapshot.encrypted


ebs_snapshot_unencrypted.cases(bad=[{"Encrypted": False}], good=[{"Encrypted": True}])


@rule("low", Snapshot, "nist-csf-2.0:ID.AM-08", "nist-csf-2.0:PR.DS-11")
def ebs_snapshot_old(snapshot: Snapshot, *, age_days_max: int = 730) -> bool:
    """The snapshot is years old.

    Why: it keeps data, and secrets, beyond the time for which anybody needs it.
    Fix: delete it, or give it to a plan that expires its snapshots.
    """
    return snapshot.age_days > age_days_max


ebs_snapshot_old.cases(bad=[{"StartTime": ago(1000)}], good=[{"StartTime": ago(10)}])
