"""Reads Amazon Athena."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.athena import WorkGroup
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick


def workgroup_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "Name", "State")
    document["WorkGroupConfiguration"] = pick(
        raw.get("Configuration") or {},
        "EnforceWorkGroupConfiguration",
        "PublishCloudWatchMetricsEnabled",
        "ManagedQueryResultsConfiguration",
        "ResultConfiguration",
    )
    return document


@reads(WorkGroup, "athena:ListWorkGroups", WorkGroupConfiguration="athena:GetWorkGroup")
def workgroups(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        found = aws.ask("athena:GetWorkGroup", "WorkGroup", otherwise=raw, WorkGroup=raw["Name"])
        if isinstance(found, Unknown):
            return {**pick(raw, "Name", "State"), "WorkGroupConfiguration": found}
        return workgroup_from_api(found)

    yield from aws.each(aws.pages_by_token("athena:ListWorkGroups", "WorkGroups"), detail)
