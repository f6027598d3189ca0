"""Reads AWS Systems Manager."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from koban.model.aws.ssm import Document, ManagedInstance, Parameter, Settings
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick, tags

PUBLIC_SHARING = "/ssm/documents/console/public-sharing-permission"
AUTOMATION_LOG = "/ssm/automation/customer-script-log-destination"
SESSION_PREFERENCES = "SSM-SessionManagerRunShell"
COMPLIANCE = {"Patch": "PatchCompliance", "Association": "AssociationCompliance"}


def parameter_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(raw, "Name", "Type", "KeyId", "Tier", Arn="ARN")


def instance_from_api(raw: dict[str, Any], compliance: Any) -> dict[str, Any]:
    """A managed instance; `compliance` is {instance id: {property: status}}, or Unknown."""
    document = pick(raw, "InstanceId", "PingStatus", "LastPingDateTime", "IsLatestVersion", "PlatformType")
    if isinstance(compliance, Unknown):
        return {**document, **dict.fromkeys(COMPLIANCE.values(), compliance)}
    return {**document, **compliance.get(raw["InstanceId"], {})}


@reads(Parameter, "ssm:DescribeParameters")
def parameters(aws: Reader) -> Iterator[dict[str, Any]]:
    for raw in aws.pages("ssm:DescribeParameters", "Parameters"):
        yield {"Arn": aws.arn("ssm", f"parameter/{raw['Name'].lstrip('/')}"), **parameter_from_api(raw)}


@reads(Document, "ssm:ListDocuments", SharedWith="ssm:DescribeDocumentPermission")
def documents(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        shared = aws.ask(
            "ssm:DescribeDocumentPermission", "AccountIds", otherwise=[], Name=raw["Name"], PermissionType="Share"
        )
        return {**pick(raw, "Name", "DocumentType"), "SharedWith": shared, "Tags": tags(raw.get("Tags"))}

    own = [{"Key": "Owner", "Values": ["Self"]}]
    yield from aws.each(aws.pages("ssm:ListDocuments", "DocumentIdentifiers", Filters=own), detail)


@reads(
    ManagedInstance,
    "ssm:DescribeInstanceInformation",
    PatchCompliance="ssm:ListResourceComplianceSummaries",
    AssociationCompliance="ssm:ListResourceComplianceSummaries",
)
def instances(aws: Reader) -> Iterator[dict[str, Any]]:
    compliance: Any = None
    for raw in aws.pages("ssm:DescribeInstanceInformation", "InstanceInformationList"):
        if compliance is None:
            compliance = _compliance(aws)
        yield instance_from_api(raw, compliance)


def _compliance(aws: Reader) -> Any:
    summaries = aws.ask_all("ssm:ListResourceComplianceSummaries", "ResourceComplianceSummaryItems")
    if isinstance(summaries, Unknown):
        return summaries
    found: dict[str, dict[str, str]] = {}
    for one in summaries:
        name = COMPLIANCE.get(one.get("ComplianceType", ""))
        if name:
            found.setdefault(one["ResourceId"], {})[name] = one["Status"]
    return found


@reads(
    Settings,
    "ssm:GetServiceSetting",
    PublicSharing="ssm:GetServiceSetting",
    AutomationLogDestination="ssm:GetServiceSetting",
    SessionPreferences="ssm:GetDocument",
)
def settings(aws: Reader) -> Iterator[dict[str, Any]]:
    def setting(name: str, otherwise: str) -> Any:
        return aws.ask(
            "ssm:GetServiceSetting",
            "ServiceSetting.SettingValue",
            absent=("ServiceSettingNotFound",),
            otherwise=otherwise,
            SettingId=name,
        )

    preferences = aws.ask(
        "ssm:GetDocument", "Content", absent=("InvalidDocument",), otherwise="{}", Name=SESSION_PREFERENCES
    )
    yield {
        "Region": aws.region,
        "PublicSharing": setting(PUBLIC_SHARING, "Enable"),
        "AutomationLogDestination": setting(AUTOMATION_LOG, ""),
        "SessionPreferences": preferences if isinstance(preferences, Unknown) else session_inputs(preferences),
    }


def session_inputs(content: str) -> Any:
    """The preferences for shell sessions, from the text of their document."""
    try:
        return json.loads(content).get("inputs") or {}
    except ValueError:
        return Unknown("SessionPreferences", f"the document {SESSION_PREFERENCES} is not JSON")
