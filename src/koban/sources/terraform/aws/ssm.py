"""AWS Systems Manager: parameters, documents, and what holds for all of a region."""

from __future__ import annotations

from typing import Any

from koban.model.aws.ssm import Document, Parameter, Settings
from koban.model.unknown import Unknown
from koban.sources.terraform.mapping import ABSENT, Body, Entry, first, gathers, json_text, made, maps


def shared_with(body: Body) -> Any:
    """The accounts that may use a document, as AWS spells them: ids, or ``all``."""
    accounts = body["permissions"].get("account_ids") if isinstance(body.get("permissions"), dict) else None
    if isinstance(accounts, Unknown):
        return [accounts]
    found = [one.strip() for one in str(accounts or "").split(",") if one.strip()]
    return ["all" if one.lower() == "all" else one for one in found] or ABSENT


maps(
    "aws_ssm_parameter",
    Parameter,
    Name="name",
    Type="type",
    Value=first("value", "insecure_value", "value_wo"),
    KeyId="key_id",
    Tier="tier",
)
maps(
    "aws_ssm_document", Document, Name="name", DocumentType="document_type", SharedWith=made(shared_with, "permissions")
)


def setting(name: str) -> Entry:
    """The value of a setting, where it is the one of that name; the name may be the last part of an ARN."""

    def read(body: Body) -> Any:
        is_it = body["setting_id"].endswith(name)
        if isinstance(is_it, Unknown):
            return is_it
        return body.get("setting_value", ABSENT) if is_it else ABSENT

    return made(read, "setting_id", "setting_value", careful=True)


def session_inputs(body: Body) -> Any:
    """The preferences for shell sessions, from the text of their document."""
    content = json_text(body.get("content"))
    if isinstance(content, Unknown):
        return content
    inputs = content.get("inputs") if isinstance(content, dict) else None
    return {} if inputs is None else inputs


gathers(
    "aws_ssm_service_setting",
    Settings,
    PublicSharing=setting("/ssm/documents/console/public-sharing-permission"),
    AutomationLogDestination=setting("/ssm/automation/customer-script-log-destination"),
)
gathers(
    "aws_ssm_document",
    Settings,
    when=lambda body: str(body.get("name")) == "SSM-SessionManagerRunShell",
    SessionPreferences=made(session_inputs, "content", careful=True),
)
