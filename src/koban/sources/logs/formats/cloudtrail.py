"""AWS CloudTrail: the files of a trail, the export of a Lake query, and EventBridge's envelope around one event."""

from __future__ import annotations

from typing import Any

from koban.sources.logs.format import envelope, json_records


@json_records("aws-cloudtrail", wrappers=("Records",))
def cloudtrail(record: dict[str, Any]) -> bool:
    return "eventSource" in record and "eventName" in record and "eventTime" in record and "userIdentity" in record


@json_records("aws-cloudtrail", wrappers=("Records",), rank=5)
def insight(record: dict[str, Any]) -> bool:
    return "insightDetails" in record and "eventVersion" in record


@envelope("aws-eventbridge", lambda r: "detail-type" in r and isinstance(r.get("detail"), dict))
def eventbridge(record: dict[str, Any]) -> Any:
    return (record["detail"],)
