"""Reads volumes and snapshots, in bulk: two calls say of all snapshots whether anyone may use them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from koban.model.aws.ebs import Snapshot, Volume
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Failure, Reader, pick, tags

Document = dict[str, Any]


def volume_from_api(raw: Document) -> Document:
    document = pick(
        raw, "VolumeId", "Encrypted", "KmsKeyId", "Size", "VolumeType", "AvailabilityZone", "SnapshotId", "State"
    )
    return {**document, "Tags": tags(raw.get("Tags"))}


@reads(Volume, "ec2:DescribeVolumes")
def volumes(aws: Reader) -> Iterator[Document]:
    yield from map(volume_from_api, aws.pages("ec2:DescribeVolumes", "Volumes"))


def snapshot_from_api(raw: Document, public: Any) -> Document:
    document = pick(raw, "SnapshotId", "VolumeId", "Encrypted", "KmsKeyId", "StartTime", "VolumeSize")
    return {**document, "Public": public, "Tags": tags(raw.get("Tags"))}


@reads(Snapshot, "ec2:DescribeSnapshots")
def snapshots(aws: Reader) -> Iterator[Document]:
    own = aws.pages("ec2:DescribeSnapshots", "Snapshots", OwnerIds=["self"])
    first = next(own, None)
    if first is None:
        return
    public: Any
    try:
        everyones = aws.pages("ec2:DescribeSnapshots", "Snapshots", OwnerIds=["self"], RestorableByUserIds=["all"])
        public = {one["SnapshotId"] for one in everyones}
    except Failure as failure:
        aws.failures.append(failure)
        public = Unknown("Public", failure.why)
    for raw in chain((first,), own):
        yield snapshot_from_api(raw, raw["SnapshotId"] in public if isinstance(public, set) else public)
