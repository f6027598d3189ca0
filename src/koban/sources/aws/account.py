"""Reads the account itself: its name, and whom AWS can reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.account import Contact
from koban.model.estate import Account
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick

CONTACTS = {"SecurityContact": "SECURITY", "OperationsContact": "OPERATIONS", "BillingContact": "BILLING"}


def account_from_api(account: str, aliases: Any, organization: Any) -> dict[str, Any]:
    """`aliases` is a list of at most one, `organization` an answer of DescribeOrganization; either may be Unknown."""
    document: dict[str, Any] = {"AccountId": account}
    document["Alias"] = (aliases[0] if aliases else "") if isinstance(aliases, list) else aliases
    if isinstance(organization, dict):
        document |= pick(organization, OrganizationId="Id", ManagementAccountId="MasterAccountId")
    else:
        document |= {"OrganizationId": organization, "ManagementAccountId": organization}
    return document


@reads(
    Account,
    "iam:ListAccountAliases",
    scope="global",
    OrganizationId="organizations:DescribeOrganization",
    ManagementAccountId="organizations:DescribeOrganization",
)
def accounts(aws: Reader) -> Iterator[dict[str, Any]]:
    aliases = aws.ask_all("iam:ListAccountAliases", "AccountAliases")
    organization = aws.ask(
        "organizations:DescribeOrganization",
        "Organization",
        absent=("AWSOrganizationsNotInUseException",),
        otherwise={},
    )
    yield account_from_api(aws.account, aliases, organization)


def contact_from_api(answers: dict[str, Any]) -> dict[str, Any]:
    """From `answers` by property, each a contact as AWS gives it, {} where there is none, or Unknown.

    Of people it keeps only how AWS would reach them; of the primary contact only whether it is filled in.
    """
    document: dict[str, Any] = {}
    for name, raw in answers.items():
        if not isinstance(raw, dict):
            document[name] = raw
        elif name == "ContactInformation":
            document[name] = {
                "HasName": bool(raw.get("FullName")),
                "HasPhoneNumber": bool(raw.get("PhoneNumber")),
                "HasAddress": bool(raw.get("AddressLine1")),
            }
        else:
            document[name] = pick(raw, "EmailAddress", "PhoneNumber")
    return document


@reads(
    Contact,
    "account:GetAlternateContact",
    scope="global",
    ContactInformation="account:GetContactInformation",
)
def contacts(aws: Reader) -> Iterator[dict[str, Any]]:
    none = ("ResourceNotFoundException",)
    answers = {
        name: aws.ask(
            "account:GetAlternateContact", "AlternateContact", absent=none, otherwise={}, AlternateContactType=kind
        )
        for name, kind in CONTACTS.items()
    }
    answers["ContactInformation"] = aws.ask(
        "account:GetContactInformation", "ContactInformation", absent=none, otherwise={}
    )
    yield contact_from_api(answers)
