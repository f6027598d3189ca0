"""Reads AWS Organizations, from the account that manages it; other accounts are not asked for what they cannot see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.organizations import (
    SERVICE_CONTROL,
    Organization,
    OrganizationAccount,
    OrganizationalUnit,
    OrganizationPolicy,
    OrganizationResourcePolicy,
)
from koban.model.estate import Account
from koban.model.resource import Resource
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Failure, Reader, pick

OFF = "AWSOrganizationsNotInUseException"
POLICIES_READ = (SERVICE_CONTROL, "RESOURCE_CONTROL_POLICY")


def organization_from_api(raw: dict[str, Any], roots: Any, delegates: Any, services: Any) -> dict[str, Any]:
    """From the answers of DescribeOrganization, ListRoots, ListDelegatedAdministrators and
    ListAWSServiceAccessForOrganization; each of the last three may be Unknown.
    """
    document = pick(raw, "Id", "Arn", "FeatureSet", ManagementAccountId="MasterAccountId")
    document["EnabledPolicyTypes"] = _enabled(roots) if isinstance(roots, list) else roots
    document["DelegatedAdministrators"] = _each(delegates, "Id")
    document["TrustedServices"] = _each(services, "ServicePrincipal")
    return document


def _enabled(roots: list[dict[str, Any]]) -> list[str]:
    kinds = [kind for root in roots for kind in root.get("PolicyTypes", ())]
    return sorted(kind["Type"] for kind in kinds if kind.get("Status") == "ENABLED")


def _each(answers: Any, key: str) -> Any:
    return [one[key] for one in answers] if isinstance(answers, list) else answers


def may_manage(aws: Reader) -> bool:
    """Whether the account manages an organisation, or that is not known."""
    managers = [one.document.get("ManagementAccountId", "") for one in aws.read(Account)]
    return any(not isinstance(manager, str) or manager == aws.account for manager in managers)


@reads(
    Organization,
    "organizations:DescribeOrganization",
    scope="global",
    needs=(Account,),
    where=may_manage,
    EnabledPolicyTypes="organizations:ListRoots",
    DelegatedAdministrators="organizations:ListDelegatedAdministrators",
    TrustedServices="organizations:ListAWSServiceAccessForOrganization",
)
def organizations(aws: Reader) -> Iterator[dict[str, Any]]:
    try:
        raw = aws.call("organizations:DescribeOrganization")["Organization"]
    except Failure as failure:
        if failure.code != OFF:
            raise
        return
    if raw.get("MasterAccountId") != aws.account:
        return  # the account that manages it tells of it; koban.model.estate.Account says that this one is in it
    yield organization_from_api(
        raw,
        aws.ask_all("organizations:ListRoots", "Roots"),
        aws.ask_all("organizations:ListDelegatedAdministrators", "DelegatedAdministrators"),
        aws.ask_all("organizations:ListAWSServiceAccessForOrganization", "EnabledServicePrincipals"),
    )


def account_from_api(raw: dict[str, Any], parent: str) -> dict[str, Any]:
    return pick(raw, "Arn", "Status", AccountId="Id", AccountName="Name") | {"ParentIds": [parent]}


def unit_from_api(raw: dict[str, Any], parent: str) -> dict[str, Any]:
    return pick(raw, "Id", "Arn", "Name") | {"ParentId": parent}


@reads(
    (OrganizationAccount, OrganizationalUnit),
    "organizations:ListAccountsForParent",
    "organizations:ListOrganizationalUnitsForParent",
    "organizations:ListRoots",
    scope="global",
    needs=(Organization,),
)
def units(aws: Reader) -> Iterator[Resource]:
    """The tree of units with the accounts in each: two calls a unit, and none an account."""

    def inside(parent: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        accounts = aws.pages("organizations:ListAccountsForParent", "Accounts", ParentId=parent)
        below = aws.pages("organizations:ListOrganizationalUnitsForParent", "OrganizationalUnits", ParentId=parent)
        return list(accounts), list(below)

    if not list(aws.read(Organization)):
        return
    parents = [root["Id"] for root in aws.pages("organizations:ListRoots", "Roots")]
    while parents:
        level, parents = parents, []
        for parent, (accounts, below) in zip(level, aws.each(level, inside), strict=True):
            for raw in accounts:
                yield aws.made(OrganizationAccount, account_from_api(raw, parent))
            for raw in below:
                yield aws.made(OrganizationalUnit, unit_from_api(raw, parent))
                parents.append(raw["Id"])


def policy_from_api(raw: dict[str, Any], content: Any, targets: Any) -> dict[str, Any]:
    """`content` is the policy's JSON text and `targets` what ListTargetsForPolicy gives; either may be Unknown."""
    document = pick(raw, "Id", "Arn", "Name", "Type", "AwsManaged")
    return document | {"Content": content, "TargetIds": _each(targets, "TargetId")}


@reads(
    OrganizationPolicy,
    "organizations:ListPolicies",
    scope="global",
    needs=(Organization,),
    Content="organizations:DescribePolicy",
    TargetIds="organizations:ListTargetsForPolicy",
)
def policies(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        return policy_from_api(
            raw,
            aws.ask("organizations:DescribePolicy", "Policy.Content", otherwise="", PolicyId=raw["Id"]),
            aws.ask_all("organizations:ListTargetsForPolicy", "Targets", PolicyId=raw["Id"]),
        )

    for organization in aws.read(Organization):
        switched_on = organization.document["EnabledPolicyTypes"]
        for kind in POLICIES_READ:
            # A kind that is switched off binds nobody; where that is not known, ask.
            if isinstance(switched_on, Unknown) or kind in switched_on:
                yield from aws.each(aws.pages("organizations:ListPolicies", "Policies", Filter=kind), detail)


def resource_policy_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(raw, "Content", Id="ResourcePolicySummary.Id", Arn="ResourcePolicySummary.Arn")


@reads(OrganizationResourcePolicy, "organizations:DescribeResourcePolicy", scope="global", needs=(Organization,))
def resource_policies(aws: Reader) -> Iterator[dict[str, Any]]:
    if not list(aws.read(Organization)):
        return
    try:
        yield resource_policy_from_api(aws.call("organizations:DescribeResourcePolicy")["ResourcePolicy"])
    except Failure as failure:
        if failure.code != "ResourcePolicyNotFoundException":
            raise
