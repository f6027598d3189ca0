from koban.model.aws.organizations import (
    Organization,
    OrganizationAccount,
    OrganizationalUnit,
    OrganizationPolicy,
    OrganizationResourcePolicy,
)

TEXT, POLICY = '{"Statement": []}', {"Statement": []}


def test_an_organisation(twins, document):
    body = {"feature_set": "CONSOLIDATED_BILLING"}
    twins("aws_organizations_organization", body, Organization, {"FeatureSet": "CONSOLIDATED_BILLING"})
    twins("aws_organizations_organization", {}, Organization, {})
    body = {"enabled_policy_types": ["SERVICE_CONTROL_POLICY"], "aws_service_access_principals": ["sso.amazonaws.com"]}
    assert document("aws_organizations_organization", body) == {
        "EnabledPolicyTypes": ["SERVICE_CONTROL_POLICY"],
        "TrustedServices": ["sso.amazonaws.com"],
    }


def test_accounts_and_units(twins):
    body = {"name": "a", "id": "111122223333", "parent_id": "ou-1"}
    code = {"AccountName": "a", "AccountId": "111122223333", "ParentIds": ["ou-1"]}
    twins("aws_organizations_account", body, OrganizationAccount, code)
    twins("aws_organizations_account", {"name": "a"}, OrganizationAccount, {"AccountName": "a"})
    body = {"name": "u", "parent_id": "r-1"}
    twins("aws_organizations_organizational_unit", body, OrganizationalUnit, {"Name": "u", "ParentId": "r-1"})


def test_policies(twins, document):
    body = {"name": "p", "type": "TAG_POLICY", "content": TEXT}
    code = {"Name": "p", "Type": "TAG_POLICY", "Content": POLICY}
    twins("aws_organizations_policy", body, OrganizationPolicy, code)
    twins("aws_organizations_policy", {"name": "p", "content": TEXT}, OrganizationPolicy, {"Content": POLICY})
    body = {"policy_id": "p", "target_id": "r-1"}
    assert document("aws_organizations_policy_attachment", body) == {"TargetIds": ["r-1"]}
    twins("aws_organizations_resource_policy", {"content": TEXT}, OrganizationResourcePolicy, {"Content": POLICY})
