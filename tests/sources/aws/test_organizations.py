import json

import pytest

from koban.model.aws.organizations import OrganizationPolicy
from koban.model.estate import Account
from koban.model.unknown import Unknown
from koban.sources.aws.organizations import organization_from_api, resource_policy_from_api
from koban.sources.aws.reader import Failure

LEAVE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}],
}


def organization(aws):
    client = aws("organizations")
    client.create_organization(FeatureSet="ALL")
    root = client.list_roots()["Roots"][0]["Id"]
    return client, root


def test_an_account_outside_any_organisation_has_nothing_to_tell(aws, collect):
    for name in ("organizations", "units", "policies", "resource_policies"):
        assert collect(f"organizations.{name}") == []
    assert collect.failures == []


def test_an_organisation_and_who_manages_services_for_it(aws, collect):
    client, root = organization(aws)
    client.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    member = client.create_account(AccountName="security", Email="s@example.com")["CreateAccountStatus"]["AccountId"]
    client.register_delegated_administrator(AccountId=member, ServicePrincipal="guardduty.amazonaws.com")
    (one,) = collect("organizations.organizations")
    assert one.feature_set == "ALL"
    assert one.policy_types == ("SERVICE_CONTROL_POLICY",)
    assert one.delegates == (member,)
    assert collect.failures == []


def test_the_tree_of_units_and_accounts(aws, collect):
    client, root = organization(aws)
    unit = client.create_organizational_unit(ParentId=root, Name="production")["OrganizationalUnit"]["Id"]
    below = client.create_organizational_unit(ParentId=unit, Name="web")["OrganizationalUnit"]["Id"]
    shop = client.create_account(AccountName="shop", Email="w@example.com")["CreateAccountStatus"]["AccountId"]
    client.move_account(AccountId=shop, SourceParentId=root, DestinationParentId=below)
    found = {one.name: one for one in collect("organizations.units")}
    assert (found[unit].parent, found[below].parent) == (root, unit)
    assert found[shop].parents == (below,)
    assert not found[shop].in_root
    assert found["123456789012"].in_root
    assert found["123456789012"].is_management
    assert collect.failures == []


def test_policies_with_what_they_say_and_where_they_are(aws, collect):
    client, root = organization(aws)
    client.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    made = client.create_policy(Content=json.dumps(LEAVE), Description="", Name="stay", Type="SERVICE_CONTROL_POLICY")[
        "Policy"
    ]["PolicySummary"]["Id"]
    client.attach_policy(PolicyId=made, TargetId=root)
    found = {one.name: one for one in collect("organizations.policies")}
    assert found[made].guards
    assert found[made].denies("organizations:LeaveOrganization")
    assert found["p-FullAWSAccess"].aws_managed
    assert not found["p-FullAWSAccess"].guards
    template = OrganizationPolicy(
        {"Name": "stay", "Type": "SERVICE_CONTROL_POLICY", "Content": LEAVE, "TargetIds": [root]}
    )
    for name in ("kind", "targets", "aws_managed", "guards"):
        assert getattr(found[made], name) == getattr(template, name), name
    assert collect.failures == []


def test_policies_that_are_switched_off_are_not_asked_for():
    document = organization_from_api({"Id": "o-1"}, [{"Id": "r-1", "PolicyTypes": []}], [], [])
    assert document["EnabledPolicyTypes"] == []


def test_the_policy_that_delegates():
    raw = {"ResourcePolicySummary": {"Id": "rp-1", "Arn": "arn:aws:organizations::1:resourcepolicy/o-1/rp-1"}}
    assert resource_policy_from_api({**raw, "Content": "{}"}) == {
        "Id": "rp-1",
        "Arn": "arn:aws:organizations::1:resourcepolicy/o-1/rp-1",
        "Content": "{}",
    }


def test_a_member_account_does_not_ask_again(answered):
    member = Account({"AccountId": "123456789012", "OrganizationId": "o-1", "ManagementAccountId": "111122223333"})
    assert answered("organizations.organizations", {}, member) == []
    unsure = Account({"AccountId": "123456789012", "ManagementAccountId": Unknown("Organization", "AccessDenied")})
    none = {"organizations:DescribeOrganization": "AWSOrganizationsNotInUseException"}
    assert answered("organizations.organizations", none, unsure) == []
    with pytest.raises(Failure, match="AccessDenied"):
        answered("organizations.organizations", {"organizations:DescribeOrganization": "AccessDenied"}, unsure)
