"""Golden twins of an account's contacts: Terraform against what the API tells."""

import pytest

from koban.model.aws.account import Contact
from koban.model.unknown import Unknown
from koban.sources.aws.account import contact_from_api

HELD = {"email_address": "a@example.com", "phone_number": "+1 555 0100", "name": "n", "title": "t"}
OPEN = Unknown("var.x", "variable x has no default")


@pytest.mark.parametrize(
    ("kind", "name"),
    [("SECURITY", "SecurityContact"), ("OPERATIONS", "OperationsContact"), ("BILLING", "BillingContact")],
)
def test_an_alternate_contact_is_the_one_of_its_kind(document, kind, name):
    live = contact_from_api({name: {"EmailAddress": "a@example.com", "PhoneNumber": "+1 555 0100", "Name": "n"}})
    assert document("aws_account_alternate_contact", {**HELD, "alternate_contact_type": kind}, Contact) == live


def test_a_contact_whose_kind_is_not_known_may_be_any(document):
    found = document("aws_account_alternate_contact", {**HELD, "alternate_contact_type": OPEN}, Contact)
    assert set(found) == {"SecurityContact", "OperationsContact", "BillingContact"}
    assert all(one is OPEN for one in found.values())


def test_a_primary_contact_is_filled_in_by_what_the_provider_asks_for(document):
    body = {"full_name": "n", "phone_number": OPEN, "address_line_1": "a"}
    live = contact_from_api({"ContactInformation": {"FullName": "n", "PhoneNumber": "1", "AddressLine1": "a"}})
    assert document("aws_account_primary_contact", body, Contact) == live
