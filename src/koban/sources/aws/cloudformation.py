"""Reads AWS CloudFormation stacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.cloudformation import Stack, StackSet
from koban.model.aws.secret_names import masked
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick, tags


def stack_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    """A stack.  The values of parameters and outputs are masked."""
    document = pick(
        raw,
        "StackName",
        "StackId",
        "ParentId",
        "StackStatus",
        "NotificationARNs",
        "EnableTerminationProtection",
        "RoleARN",
        "DriftInformation",
        Arn="StackId",
    )
    document["Parameters"] = {
        one["ParameterKey"]: masked(one.get("ParameterValue", "")) for one in raw.get("Parameters") or ()
    }
    document["Outputs"] = [
        {"OutputKey": one.get("OutputKey", ""), "OutputValue": masked(one.get("OutputValue", ""))}
        for one in raw.get("Outputs") or ()
    ]
    return {**document, "Tags": tags(raw.get("Tags"))}


def stack_set_from_api(raw: dict[str, Any], arn: str) -> dict[str, Any]:
    document = pick(raw, "StackSetName", "StackSetId", "PermissionModel", "DriftStatus")
    if raw.get("AutoDeployment"):
        document["AutoDeployment"] = pick(raw["AutoDeployment"], "Enabled", "RetainStacksOnAccountRemoval")
    return {**document, "Arn": arn}


@reads(Stack, "cloudformation:DescribeStacks")
def stacks(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(stack_from_api, aws.pages("cloudformation:DescribeStacks", "Stacks"))


@reads(StackSet, "cloudformation:ListStackSets")
def stack_sets(aws: Reader) -> Iterator[dict[str, Any]]:
    for raw in aws.pages("cloudformation:ListStackSets", "Summaries", Status="ACTIVE"):
        yield stack_set_from_api(raw, aws.arn("cloudformation", f"stackset/{raw['StackSetId']}"))
