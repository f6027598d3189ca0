"""What AWS puts around the records of others: CloudWatch Logs subscriptions, EventBridge and SNS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.sources.logs.format import Inside, Rejected, as_json, envelope, json_format, json_records, wrapper_keys


def _is_subscription(record: dict[str, Any]) -> bool:
    return record.get("messageType") in ("DATA_MESSAGE", "CONTROL_MESSAGE") and "logEvents" in record


@envelope("aws-cloudwatch-subscription", _is_subscription)
def subscription(record: dict[str, Any]) -> Iterator[Any]:
    """The messages of a log group, each judged anew; a control message only tests the way and holds no event."""
    if record["messageType"] == "CONTROL_MESSAGE":
        return
    events = record["logEvents"]
    if not isinstance(events, list):
        yield Rejected("logEvents is no list", as_json(record).encode(), 0)
        return
    about = {key: record[key] for key in ("owner", "logGroup", "logStream") if key in record}
    for event in events:
        if not isinstance(event, dict) or not isinstance(event.get("message"), str):
            yield Rejected("a log event without a message", as_json({"event": event}).encode(), 0)
            continue
        rest = {key: value for key, value in event.items() if key != "message"}
        yield Inside(event["message"], {"_cloudwatch": {**about, **rest}})


def _is_event(record: dict[str, Any]) -> bool:
    return "detail-type" in record and isinstance(record.get("detail"), dict)


def _is_known(detail: dict[str, Any]) -> bool:
    found = json_format(detail)
    return found is not None or any(isinstance(detail[k], list) for k in wrapper_keys() if k in detail)


@envelope("aws-eventbridge-detail", lambda r: _is_event(r) and _is_known(r["detail"]), rank=-11)
def eventbridge(record: dict[str, Any]) -> Iterator[Any]:
    """The record in an event's detail, where some source claims it."""
    about = {key: value for key, value in record.items() if key != "detail"}
    yield Inside(record["detail"], {"_eventbridge": about})


@json_records("aws-eventbridge", rank=-10)
def other_event(record: dict[str, Any]) -> bool:
    """Any other event of EventBridge: a change of an instance's state, a message of AWS Health, a schedule."""
    return _is_event(record) and "source" in record and "time" in record


@envelope(
    "aws-sns",
    lambda r: (
        r.get("Type") == "Notification" and isinstance(r.get("Message"), str) and str(r.get("TopicArn"))[:4] == "arn:"
    ),
)
def notification(record: dict[str, Any]) -> Iterator[Any]:
    keep = ("MessageId", "TopicArn", "Subject", "Timestamp")
    yield Inside(record["Message"], {"_sns": {key: record[key] for key in keep if key in record}})
