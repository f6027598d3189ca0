"""AWS Systems Manager: parameters and documents."""

from __future__ import annotations

from typing import Any

from koban.model.aws.ssm import Document, Parameter
from koban.model.unknown import Unknown
from koban.sources.terraform.mapping import ABSENT, Body, first, made, maps


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
