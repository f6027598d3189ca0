"""Reads Amazon Inspector."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.inspector import InspectorStatus
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick

NAMES = ("Status", "Ec2", "Ecr", "Lambda", "LambdaCode")


def status_from_api(account: str, answer: dict[str, Any]) -> dict[str, Any]:
    """The status of one account from ``BatchGetAccountStatus``, which tells failures per account inside its answer."""
    for raw in answer.get("accounts", ()):
        return {
            "AccountId": account,
            **pick(
                raw,
                Status="state.status",
                Ec2="resourceState.ec2.status",
                Ecr="resourceState.ecr.status",
                Lambda="resourceState.lambda.status",
                LambdaCode="resourceState.lambdaCode.status",
            ),
        }
    code = next((one.get("errorCode") for one in answer.get("failedAccounts", ())), None) or "no answer"
    failed = Unknown("Status", f"{code} inspector2:BatchGetAccountStatus")
    return {"AccountId": account, **dict.fromkeys(NAMES, failed)}


@reads(InspectorStatus, "inspector2:BatchGetAccountStatus")
def statuses(aws: Reader) -> Iterator[dict[str, Any]]:
    yield status_from_api(aws.account, aws.call("inspector2:BatchGetAccountStatus", accountIds=[aws.account]))
