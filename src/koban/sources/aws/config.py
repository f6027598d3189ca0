"""Reads AWS Config."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.config import DeliveryChannel, Recorder
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick


def recorder_from_api(raw: dict[str, Any], statuses: Any) -> dict[str, Any]:
    """A recorder's document from its description and the list of all statuses, or the Unknown in its place."""
    document = pick(raw, Name="name", RoleARN="roleARN")
    group = raw.get("recordingGroup")
    if group is not None:
        document["RecordingGroup"] = pick(
            group,
            AllSupported="allSupported",
            IncludeGlobalResourceTypes="includeGlobalResourceTypes",
            ResourceTypes="resourceTypes",
            ExclusionByResourceTypes="exclusionByResourceTypes",
        )
        excluded = group.get("exclusionByResourceTypes")
        if excluded is not None:
            document["RecordingGroup"]["ExclusionByResourceTypes"] = {
                "ResourceTypes": excluded.get("resourceTypes", [])
            }
        if group.get("recordingStrategy"):
            document["RecordingGroup"]["RecordingStrategy"] = {"UseOnly": group["recordingStrategy"].get("useOnly", "")}
    if isinstance(statuses, Unknown):
        return {**document, "Recording": statuses, "LastStatus": statuses}
    mine: dict[str, Any] = next((one for one in statuses if one.get("name") == raw.get("name")), {})
    document["Recording"] = bool(mine.get("recording"))
    document["LastStatus"] = str(mine.get("lastStatus", "")).upper()
    return document


@reads(
    Recorder,
    "config:DescribeConfigurationRecorders",
    Recording="config:DescribeConfigurationRecorderStatus",
    LastStatus="config:DescribeConfigurationRecorderStatus",
)
def recorders(aws: Reader) -> Iterator[dict[str, Any]]:
    """The customer's own recorder; those that other services keep for themselves are left out."""
    listed = [
        raw
        for raw in aws.pages("config:DescribeConfigurationRecorders", "ConfigurationRecorders")
        if not raw.get("servicePrincipal")
    ]
    if listed:
        statuses = aws.ask_all("config:DescribeConfigurationRecorderStatus", "ConfigurationRecordersStatus")
        for raw in listed:
            yield recorder_from_api(raw, statuses)


def delivery_channel_from_api(raw: dict[str, Any], statuses: Any) -> dict[str, Any]:
    """A channel's document from its description and the list of all statuses, or the Unknown in its place."""
    document = pick(raw, Name="name", S3BucketName="s3BucketName", S3KmsKeyArn="s3KmsKeyArn", SnsTopicARN="snsTopicARN")
    if isinstance(statuses, Unknown):
        return {**document, "LastDeliveryError": statuses}
    mine: dict[str, Any] = next((one for one in statuses if one.get("name") == raw.get("name")), {})
    for info in ("configHistoryDeliveryInfo", "configSnapshotDeliveryInfo", "configStreamDeliveryInfo"):
        last = mine.get(info, {})
        if str(last.get("lastStatus", "")).upper() == "FAILURE":
            document["LastDeliveryError"] = last.get("lastErrorCode") or "Failure"
    return document


@reads(
    DeliveryChannel,
    "config:DescribeDeliveryChannels",
    LastDeliveryError="config:DescribeDeliveryChannelStatus",
)
def delivery_channels(aws: Reader) -> Iterator[dict[str, Any]]:
    listed = list(aws.pages("config:DescribeDeliveryChannels", "DeliveryChannels"))
    if listed:
        statuses = aws.ask_all("config:DescribeDeliveryChannelStatus", "DeliveryChannelsStatus")
        for raw in listed:
            yield delivery_channel_from_api(raw, statuses)
