"""Posture rules for AWS accounts: whom AWS can reach, and whether an organisation looks after them."""

from __future__ import annotations

from koban.model.aws.account import Contact
from koban.model.estate import Account
from koban.model.rule import rule
from koban.model.unknown import Unknown

REACHED = {"EmailAddress": "security@example.com", "PhoneNumber": "+1 555 0100"}
PRIMARY = {"HasName": True, "HasPhoneNumber": True, "HasAddress": True}


@rule(
    "medium",
    Contact,
    "cis-aws-7.0:2.3",
    "cis-aws-3.0:1.2",
    "aws-fsbp:Account.1",
    "nist-csf-2.0:RS.CO-02",
    "nist-csf-2.0:GV.RR-02",
)
def account_security_contact_missing(contact: Contact) -> bool:
    """AWS has no security contact for the account.

    Why: AWS tells of stolen keys and abuse by mail; sent to the account's owner alone, it is read too late.
    Fix: register the security team's shared mailbox and telephone as the account's alternate security contact.
    """
    return not contact.security.email


account_security_contact_missing.cases(
    bad=[{}, {"SecurityContact": {}}],
    good=[{"SecurityContact": REACHED}],
    unknown=[{"SecurityContact": Unknown("AlternateContact", "AccessDenied account:GetAlternateContact")}],
)


@rule("low", Contact, "cis-aws-7.0:2.2", "cis-aws-3.0:1.1", "nist-csf-2.0:RS.CO-02")
def account_contact_incomplete(contact: Contact) -> bool:
    """The account's primary contact has no name, telephone number or address.

    Why: when an account is locked or abused, AWS can reach nobody and may suspend it.
    Fix: fill in the primary contact with the company's name, address and a number that is answered.
    """
    return not (contact.has_name and contact.has_phone and contact.has_address)


account_contact_incomplete.cases(
    bad=[{}, {"ContactInformation": {**PRIMARY, "HasPhoneNumber": False}}],
    good=[{"ContactInformation": PRIMARY}],
    unknown=[{"ContactInformation": Unknown("ContactInformation", "AccessDenied account:GetContactInformation")}],
)


@rule("info", Contact, "cis-aws-7.0:2.2", "cis-aws-3.0:1.1", "nist-csf-2.0:RS.CO-02")
def account_operations_contact_missing(contact: Contact) -> bool:
    """AWS has no contact for operations or for billing.

    Why: notices of outages, maintenance and unusual cost reach only the owner's mailbox.
    Fix: register alternate contacts for operations and billing, with shared mailboxes.
    """
    return not contact.operations.email or not contact.billing.email


account_operations_contact_missing.cases(
    bad=[{}, {"OperationsContact": REACHED}],
    good=[{"OperationsContact": REACHED, "BillingContact": REACHED}],
)


@rule("medium", Account, "aws-fsbp:Account.2", "nist-csf-2.0:GV.RR-02", "nist-csf-2.0:PR.AA-05")
def account_outside_organization(account: Account) -> bool:
    """The account belongs to no organisation.

    Why: no service control policy can limit it, and central logging and detection leave it out.
    Fix: invite the account to your organisation in AWS Organizations.
    """
    return not account.organization_id


account_outside_organization.cases(
    bad=[{"AccountId": "111122223333"}],
    good=[{"AccountId": "111122223333", "OrganizationId": "o-a1b2c3d4e5"}],
    unknown=[{"OrganizationId": Unknown("OrganizationId", "AccessDenied organizations:DescribeOrganization")}],
)
