"""Reads AWS Security Hub."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.securityhub import Hub, Standard
from koban.sources.aws.collector import reads, there
from koban.sources.aws.reader import Failure, Reader, pick

NOT_ENABLED = ("InvalidAccessException", "ResourceNotFoundException")  # a denied call is AccessDeniedException


def hub_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(raw, "AutoEnableControls", ARN="HubArn", Arn="HubArn")


@reads(Hub, "securityhub:DescribeHub")
def hubs(aws: Reader) -> Iterator[dict[str, Any]]:
    """The hub of the region; none where Security Hub was never turned on."""
    try:
        yield hub_from_api(aws.call("securityhub:DescribeHub"))
    except Failure as failure:
        if failure.code not in NOT_ENABLED:
            raise


def standard_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(raw, "StandardsArn", "StandardsSubscriptionArn", "StandardsStatus", Arn="StandardsSubscriptionArn")


@reads(Standard, "securityhub:GetEnabledStandards", needs=(Hub,), where=there(Hub))
def standards(aws: Reader) -> Iterator[dict[str, Any]]:
    """Asked for where Security Hub is on: without a hub there are none."""
    try:
        for raw in aws.pages("securityhub:GetEnabledStandards", "StandardsSubscriptions"):
            yield standard_from_api(raw)
    except Failure as failure:
        if failure.code not in NOT_ENABLED:
            raise
