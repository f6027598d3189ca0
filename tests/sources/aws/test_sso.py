import json

from koban.model.aws.sso import PermissionSet
from koban.model.estate import MemoryEstate
from koban.model.unknown import Unknown
from koban.sources.aws.sso import instance_from_api, permission_set_from_api

ADMIN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def test_permission_sets_and_who_has_them_where(aws, collect):
    client = aws("sso-admin")
    (instance,) = client.list_instances()["Instances"]
    named = {"InstanceArn": instance["InstanceArn"]}
    made = client.create_permission_set(Name="admins", SessionDuration="PT12H", **named)["PermissionSet"]
    named["PermissionSetArn"] = made["PermissionSetArn"]
    client.attach_managed_policy_to_permission_set(ManagedPolicyArn=ADMINISTRATOR, **named)
    client.put_inline_policy_to_permission_set(InlinePolicy=json.dumps(ADMIN), **named)
    client.create_account_assignment(
        **named, PrincipalId="1", PrincipalType="GROUP", TargetId="123456789012", TargetType="AWS_ACCOUNT"
    )
    client.provision_permission_set(TargetType="ALL_PROVISIONED_ACCOUNTS", **named)
    (found,) = collect("sso.permission_sets")
    assert found.name == "admins"
    assert found.admin
    assert found.inline.admin
    assert found.session_hours == 12
    (assignment,) = collect("sso.assignments")
    assert (assignment.principal_type, assignment.target) == ("GROUP", "123456789012")
    assert assignment.uid.startswith(found.uid)
    MemoryEstate([found, assignment])
    assert found.assignments == (assignment,)
    assert collect.failures == []


def test_an_instance():
    raw = {"InstanceArn": "arn:aws:sso:::instance/ssoins-1", "OwnerAccountId": "111122223333", "CreatedDate": "x"}
    assert instance_from_api(raw) == {
        "InstanceArn": "arn:aws:sso:::instance/ssoins-1",
        "OwnerAccountId": "111122223333",
    }


def test_a_permission_set_reads_the_same_from_the_api_and_from_a_template():
    raw = {"Name": "admins", "PermissionSetArn": "ps", "SessionDuration": "PT1H"}
    live = PermissionSet(permission_set_from_api(raw, [{"Arn": ADMINISTRATOR, "Name": "a"}], json.dumps(ADMIN), "i"))
    template = PermissionSet({"Name": "admins", "ManagedPolicies": [ADMINISTRATOR], "InlinePolicy": ADMIN})
    for name in ("managed_policies", "inline", "session", "session_hours", "admin"):
        assert getattr(live, name) == getattr(template, name), name
    denied = Unknown("InlinePolicy", "AccessDenied sso-admin:GetInlinePolicyForPermissionSet")
    assert permission_set_from_api(raw, denied, denied, "i")["InlinePolicy"] is denied
