"""Reads IAM Identity Center."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.sso import Assignment, Instance, PermissionSet
from koban.model.resource import Resource
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick


def instance_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(raw, "InstanceArn", "Name", "IdentityStoreId", "OwnerAccountId", "Status")


@reads(Instance, "sso-admin:ListInstances")
def instances(aws: Reader) -> Iterator[dict[str, Any]]:
    """An instance is in one region; a member account sees that of its organisation."""
    for raw in aws.pages("sso-admin:ListInstances", "Instances"):
        yield instance_from_api(raw)


def _own(aws: Reader) -> Iterator[str]:
    """The ARNs of the instances whose permission sets this account may read: those that it owns."""
    for instance in aws.read(Instance):
        if instance.document.get("OwnerAccountId", aws.account) == aws.account:
            yield instance.document["InstanceArn"]


def permission_set_from_api(raw: dict[str, Any], managed: Any, inline: Any, instance: str) -> dict[str, Any]:
    """`managed` is a list of attached policies and `inline` a JSON text, empty where there is none; or Unknown."""
    document = pick(raw, "Name", "PermissionSetArn", "SessionDuration") | {"InstanceArn": instance}
    document["ManagedPolicies"] = [one["Arn"] for one in managed] if isinstance(managed, list) else managed
    document["InlinePolicy"] = inline
    return document


@reads(
    PermissionSet,
    "sso-admin:ListPermissionSets",
    needs=(Instance,),
    Name="sso-admin:DescribePermissionSet",
    SessionDuration="sso-admin:DescribePermissionSet",
    ManagedPolicies="sso-admin:ListManagedPoliciesInPermissionSet",
    InlinePolicy="sso-admin:GetInlinePolicyForPermissionSet",
)
def permission_sets(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(pair: tuple[str, str]) -> dict[str, Any]:
        named: dict[str, Any] = {"InstanceArn": pair[0], "PermissionSetArn": pair[1]}
        raw = aws.ask("sso-admin:DescribePermissionSet", "PermissionSet", otherwise={}, **named)
        known = {} if isinstance(raw, dict) else {"Name": raw, "SessionDuration": raw}
        managed = aws.ask_all("sso-admin:ListManagedPoliciesInPermissionSet", "AttachedManagedPolicies", **named)
        inline = aws.ask("sso-admin:GetInlinePolicyForPermissionSet", "InlinePolicy", otherwise="", **named)
        made = raw if isinstance(raw, dict) else known
        return permission_set_from_api({**made, "PermissionSetArn": pair[1]}, managed, inline, pair[0])

    pairs = [(one, arn) for one in _own(aws) for arn in _sets(aws, one)]
    yield from aws.each(pairs, detail)


def _sets(aws: Reader, instance: str) -> Iterator[str]:
    yield from aws.pages("sso-admin:ListPermissionSets", "PermissionSets", InstanceArn=instance)


def assignment_from_api(raw: dict[str, Any], instance: str) -> dict[str, Any]:
    document = pick(raw, "PermissionSetArn", "PrincipalType", "PrincipalId", TargetId="AccountId")
    return document | {"InstanceArn": instance, "TargetType": "AWS_ACCOUNT"}


@reads(
    Assignment,
    "sso-admin:ListAccountAssignments",
    "sso-admin:ListAccountsForProvisionedPermissionSet",
    needs=(Instance, PermissionSet),
)
def assignments(aws: Reader) -> Iterator[Resource]:
    """AWS answers only for one permission set in one account, so it asks for those pairs that exist."""

    def accounts_of(permission_set: Resource) -> list[dict[str, str]]:
        named = {key: permission_set.document[key] for key in ("InstanceArn", "PermissionSetArn")}
        found = aws.pages("sso-admin:ListAccountsForProvisionedPermissionSet", "AccountIds", **named)
        return [{**named, "AccountId": account} for account in found]

    def who(named: dict[str, str]) -> list[Resource]:
        found = aws.pages("sso-admin:ListAccountAssignments", "AccountAssignments", **named)
        return [aws.made(Assignment, assignment_from_api(raw, named["InstanceArn"])) for raw in found]

    pairs = [pair for several in aws.each(aws.read(PermissionSet), accounts_of) for pair in several]
    for found in aws.each(pairs, who):
        yield from found
