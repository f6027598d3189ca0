from koban.model.aws.account import Contact
from koban.model.aws.ec2 import Instance
from koban.model.aws.vpc import Vpc
from koban.model.estate import Account, MemoryEstate, Region
from koban.model.unknown import Unknown
from koban.sources.aws.account import account_from_api, contact_from_api


def test_an_account_outside_and_inside_an_organisation(aws, collect):
    aws("iam").create_account_alias(AccountAlias="acme-prod")
    (account,) = collect("account.accounts")
    assert (account.name, account.alias, account.organization_id) == ("123456789012", "acme-prod", "")
    assert account.region == ""
    assert not account.is_member
    aws("organizations").create_organization(FeatureSet="ALL")
    (account,) = collect("account.accounts")
    assert account.organization_id.startswith("o-")
    assert account.is_management
    assert not account.is_member
    assert collect.failures == []


def test_a_member_account_and_one_that_may_not_ask():
    member = Account(account_from_api("1", [], {"Id": "o-1", "MasterAccountId": "2"}), account="1")
    assert member.is_member
    denied = Unknown("Organization", "AccessDenied organizations:DescribeOrganization")
    assert account_from_api("1", ["a"], denied)["OrganizationId"] is denied


def test_a_region_is_in_use_once_something_runs_in_it_or_has_its_own_network():
    def in_use(*resources):
        region = Region({"RegionName": "eu-west-1"}, account="1", region="eu-west-1")
        MemoryEstate([region, *resources])
        return region.in_use

    here = {"account": "1", "region": "eu-west-1"}
    assert not in_use()
    assert not in_use(Vpc({"VpcId": "vpc-1", "IsDefault": True}, **here))
    assert in_use(Vpc({"VpcId": "vpc-1", "IsDefault": False}, **here))
    assert in_use(Instance({"InstanceId": "i-1"}, **here))
    assert not in_use(Instance({"InstanceId": "i-1"}, account="1", region="eu-west-2"))


def test_alternate_contacts(aws, collect):
    aws("account").put_alternate_contact(
        AlternateContactType="SECURITY",
        EmailAddress="security@example.com",
        Name="Security",
        PhoneNumber="+1 555 0100",
        Title="Team",
    )
    (contact,) = collect("account.contacts")
    assert contact.security.email == "security@example.com"
    assert contact.billing.email == ""


def test_of_the_primary_contact_only_what_is_filled_in_is_kept():
    raw = {"FullName": "Ann Example", "PhoneNumber": "+1 555 0100", "CountryCode": "US"}
    document = contact_from_api({"SecurityContact": {}, "ContactInformation": raw})
    contact = Contact(document)
    assert (contact.has_name, contact.has_phone, contact.has_address) == (True, True, False)
    assert "Ann" not in str(document)
