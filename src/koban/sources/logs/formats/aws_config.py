"""AWS Config: the items of snapshots and histories, and its notifications of changes."""

from __future__ import annotations

from typing import Any

from koban.sources.logs.format import json_records


@json_records("aws-config", wrappers=("configurationItems",))
def item(record: dict[str, Any]) -> bool:
    return "configurationItemCaptureTime" in record and "resourceType" in record


@json_records("aws-config-change")
def change(record: dict[str, Any]) -> bool:
    return "messageType" in record and ("configurationItem" in record or "configurationItemSummary" in record)


@json_records("aws-config-compliance")
def compliance(record: dict[str, Any]) -> bool:
    return "newEvaluationResult" in record and "configRuleName" in record
