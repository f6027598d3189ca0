"""Reads AWS CloudTrail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from koban.model.aws.cloudtrail import EventDataStore, Trail
from koban.model.resource import Resource
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick

CALLS: dict[str, Any] = {
    "IsLogging": "cloudtrail:GetTrailStatus",
    "LatestDeliveryError": "cloudtrail:GetTrailStatus",
    "LatestCloudWatchLogsDeliveryError": "cloudtrail:GetTrailStatus",
    "LatestCloudWatchLogsDeliveryTime": "cloudtrail:GetTrailStatus",
    "EventSelectors": "cloudtrail:GetEventSelectors",
    "AdvancedEventSelectors": "cloudtrail:GetEventSelectors",
}
STATUS = (
    "IsLogging",
    "LatestDeliveryError",
    "LatestCloudWatchLogsDeliveryError",
    "LatestCloudWatchLogsDeliveryTime",
)


def trail_from_api(raw: dict[str, Any], status: Any, selectors: Any) -> dict[str, Any]:
    """A trail's document from ``DescribeTrails``, ``GetTrailStatus`` and ``GetEventSelectors``."""
    document = pick(
        raw,
        "S3BucketName",
        "S3KeyPrefix",
        "IsMultiRegionTrail",
        "IsOrganizationTrail",
        "IncludeGlobalServiceEvents",
        "CloudWatchLogsLogGroupArn",
        "HasInsightSelectors",
        Arn="TrailARN",
        TrailName="Name",
        EnableLogFileValidation="LogFileValidationEnabled",
        KMSKeyId="KmsKeyId",
    )
    for answer, names in ((status, STATUS), (selectors, ("EventSelectors", "AdvancedEventSelectors"))):
        if isinstance(answer, Unknown):
            document |= dict.fromkeys(names, answer)
        else:
            document |= {name: answer[name] for name in names if answer.get(name) not in (None, [])}
    return document


def _read(aws: Reader, chosen: Callable[[dict[str, Any]], bool]) -> Iterator[Resource]:
    def detail(raw: dict[str, Any]) -> Resource:
        arn, home = raw["TrailARN"], raw.get("HomeRegion") or aws.region
        status = aws.ask("cloudtrail:GetTrailStatus", region=home, Name=arn)
        selectors = aws.ask("cloudtrail:GetEventSelectors", region=home, TrailName=arn)
        document = trail_from_api(raw, status, selectors)
        owner = arn.split(":")[4]
        document["Own"] = owner == aws.account
        return aws.made(Trail, document, region=home, uid=arn.replace(f":{owner}:", f":{aws.account}:"))

    listed = aws.pages("cloudtrail:DescribeTrails", "trailList", includeShadowTrails=True)
    yield from aws.each((raw for raw in listed if chosen(raw)), detail)


@reads(Trail, "cloudtrail:DescribeTrails", scope="global", **CALLS)
def trails_of_all_regions(aws: Reader) -> Iterator[Resource]:
    """Trails that record every region, the organisation's too, wherever they were made: one region tells them all."""
    yield from _read(aws, lambda raw: bool(raw.get("IsMultiRegionTrail")))


@reads(Trail, "cloudtrail:DescribeTrails", **CALLS)
def trails_of_one_region(aws: Reader) -> Iterator[Resource]:
    yield from _read(aws, lambda raw: not raw.get("IsMultiRegionTrail") and raw.get("HomeRegion") == aws.region)


def event_data_store_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(
        raw,
        "Name",
        "EventDataStoreArn",
        "RetentionPeriod",
        "KmsKeyId",
        "TerminationProtectionEnabled",
        "MultiRegionEnabled",
        Arn="EventDataStoreArn",
    )


@reads(EventDataStore, "cloudtrail:ListEventDataStores", KmsKeyId="cloudtrail:GetEventDataStore")
def event_data_stores(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        arn = raw["EventDataStoreArn"]
        found = aws.ask("cloudtrail:GetEventDataStore", EventDataStore=arn)
        if isinstance(found, Unknown):
            told = ("RetentionPeriod", "KmsKeyId", "TerminationProtectionEnabled", "MultiRegionEnabled")
            found = {**raw, **dict.fromkeys(told, found)}
        return event_data_store_from_api(found)

    yield from aws.each(aws.pages_by_token("cloudtrail:ListEventDataStores", "EventDataStores"), detail)
