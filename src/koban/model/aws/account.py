"""The contacts of an AWS account.  The account and its regions themselves are in koban.model.estate."""

from __future__ import annotations

from koban.model.resource import Part, Resource, field, part


class AlternateContact(Part):
    """Whom AWS turns to about one subject."""

    email: str = field("EmailAddress", "", "Where AWS writes to; empty: nowhere")
    phone: str = field("PhoneNumber", "", "Where AWS calls; empty: nowhere")


class Contact(Resource, type="Koban::Account::Contact", arn="arn:{partition}:account::{account}:account"):
    """Whom AWS can reach about an account."""

    security: AlternateContact = part("SecurityContact", AlternateContact, "Whom AWS tells of abuse and incidents")
    operations: AlternateContact = part("OperationsContact", AlternateContact, "Whom AWS tells of outages")
    billing: AlternateContact = part("BillingContact", AlternateContact, "Whom AWS tells of invoices")
    has_name: bool = field("ContactInformation.HasName", False, "The primary contact has a name")
    has_phone: bool = field("ContactInformation.HasPhoneNumber", False, "The primary contact has a telephone number")
    has_address: bool = field("ContactInformation.HasAddress", False, "The primary contact has a postal address")
