"""Findings of AWS services: GuardDuty, Security Hub, Inspector, IAM Access Analyzer and Macie.

Each comes alone (a line of an export, the detail of an EventBridge event) or as a list, as the API answers.
"""

from __future__ import annotations

from typing import Any

from koban.sources.logs.format import envelope, json_records


@json_records("aws-guardduty", wrappers=("findings",))
def guardduty(record: dict[str, Any]) -> bool:
    return "service" in record and "resource" in record and "type" in record and "severity" in record


def lowered(value: Any) -> Any:
    """A value of the API under the names that exports and events use: their first letter is small."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: lowered(inner) for key, inner in value.items()}
    return [lowered(inner) for inner in value] if isinstance(value, list) else value


@envelope("aws-guardduty-api", lambda r: "Service" in r and "Resource" in r and "Type" in r and "Severity" in r)
def guardduty_of_api(record: dict[str, Any]) -> tuple[Any]:
    return (lowered(record),)


@json_records("aws-securityhub", wrappers=("Findings", "findings"))
def securityhub(record: dict[str, Any]) -> bool:
    return "ProductArn" in record and "AwsAccountId" in record and "Resources" in record


@json_records("aws-inspector", wrappers=("findings",))
def inspector(record: dict[str, Any]) -> bool:
    return "findingArn" in record and "awsAccountId" in record and "resources" in record


@json_records("aws-access-analyzer", wrappers=("findings",))
def access_analyzer(record: dict[str, Any]) -> bool:
    return "analyzedAt" in record and "resourceType" in record and "status" in record


@json_records("aws-macie", wrappers=("findings",))
def macie(record: dict[str, Any]) -> bool:
    return "resourcesAffected" in record and "accountId" in record and "type" in record
