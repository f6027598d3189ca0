"""The contacts of an AWS account."""

from __future__ import annotations

from typing import Any

from koban.model.aws.account import Contact
from koban.model.unknown import Unknown
from koban.sources.terraform.mapping import ABSENT, Argument, Body, Entry, gathers, group, made


def contact(kind: str) -> Entry:
    """The contact of one kind, where the resource is of that kind."""

    def read(body: Body) -> Any:
        given = body.get("alternate_contact_type")
        if isinstance(given, Unknown):
            return given
        if given != kind:
            return ABSENT
        return {"EmailAddress": body.get("email_address"), "PhoneNumber": body.get("phone_number")}

    return made(read, "alternate_contact_type", "email_address", "phone_number", careful=True)


def filled_in(name: str) -> Entry:
    """Whether something is said that AWS does not take empty: so what is not known is said, too."""
    return Argument(name, bool, unknown=lambda _: True)


gathers(
    "aws_account_alternate_contact",
    Contact,
    near="account_id",
    SecurityContact=contact("SECURITY"),
    OperationsContact=contact("OPERATIONS"),
    BillingContact=contact("BILLING"),
)
gathers(
    "aws_account_primary_contact",
    Contact,
    near="account_id",
    ContactInformation=group(
        HasName=filled_in("full_name"), HasPhoneNumber=filled_in("phone_number"), HasAddress=filled_in("address_line_1")
    ),
)
