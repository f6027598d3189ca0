import csv
import io
import json

import pytest

from koban.model.aws.iam import AccessKeyUse, AccountSummary, CredentialReport, ManagedPolicy, Role, User
from koban.model.unknown import Unknown, WorldsNeeded
from koban.sources.aws.iam import (
    access_keys_from_csv,
    account_summary_from_api,
    credential_report_from_csv,
    managed_policy_from_api,
    role_from_api,
    saml_provider_from_api,
    server_certificate_from_api,
    user_from_api,
    virtual_mfa_device_from_api,
)
from koban.sources.aws.reader import Failure

READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
REPORT = """user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated
<root_account>,arn:aws:iam::111122223333:root,2020-01-01T00:00:00+00:00,not_supported,2024-05-01T10:00:00+00:00,not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A
ann,arn:aws:iam::111122223333:user/ann,2023-03-01T09:00:00+00:00,true,no_information,2023-03-01T09:00:02+00:00,N/A,false,true,2023-03-01T09:00:05+00:00,N/A,N/A,N/A,false,2022-01-01T00:00:00+00:00,2022-02-01T00:00:00+00:00,eu-west-1,s3,false,N/A,false,N/A
"""  # noqa: E501


def rows():
    return list(csv.DictReader(io.StringIO(REPORT)))


def test_the_root_row_and_a_person_of_the_credential_report():
    root, ann = (CredentialReport(credential_report_from_csv(row)) for row in rows())
    assert root.is_root
    assert root.mfa
    assert not root.password
    assert root.used_days > 0
    assert ann.uid == "arn:aws:iam::111122223333:user/ann"
    assert (ann.password, ann.mfa, ann.key_1, ann.key_2) == (True, False, True, False)
    assert ann.password_used_days == -1
    assert ann.password_idle_days == ann.password_changed_days > 0
    assert ann.key_1_made_with_user


def test_access_keys_of_the_report_with_those_switched_off_and_without_those_that_never_were():
    root, ann = rows()
    assert list(access_keys_from_csv(root)) == []
    first, second = (AccessKeyUse(one) for one in access_keys_from_csv(ann))
    assert (first.active, first.slot, first.used_days) == (True, 1, -1)
    assert first.idle_days == first.rotated_days > 0
    assert (second.active, second.slot) == (False, 2)
    assert second.idle_days == second.used_days
    assert second.uid == "arn:aws:iam::111122223333:user/ann/access-key/2"


def test_the_credential_report_of_an_account(aws, collect):
    iam = aws("iam")
    iam.create_user(UserName="ann")
    iam.create_login_profile(UserName="ann", Password="Long-enough-1!")
    iam.create_access_key(UserName="ann")
    found = collect("iam.credential_report")
    (row,) = [one for one in found if isinstance(one, CredentialReport)]
    (key,) = [one for one in found if isinstance(one, AccessKeyUse)]
    assert row.name == "ann"
    assert row.password
    assert key.active
    assert key.rotated_days < 1
    assert collect.failures == []


def test_everyone_and_what_they_may_do_in_one_answer(aws, collect):
    iam = aws("iam")
    iam.create_group(GroupName="readers")
    iam.create_user(UserName="ann", Tags=[{"Key": "team", "Value": "blue"}])
    iam.add_user_to_group(GroupName="readers", UserName="ann")
    iam.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=json.dumps(READ))
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.create_instance_profile(InstanceProfileName="app")
    iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")
    policy = iam.create_policy(PolicyName="read", PolicyDocument=json.dumps(READ))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="app", PolicyArn=policy)
    found = {one.type_name: one for one in collect("iam.authorization_details")}
    user, role, managed = found["AWS::IAM::User"], found["AWS::IAM::Role"], found["AWS::IAM::ManagedPolicy"]
    assert user.uid == "arn:aws:iam::123456789012:user/ann"
    assert user.document["Groups"] == ["readers"]
    assert user.tags == {"team": "blue"}
    assert [policy.allows("s3:GetObject") for policy in user.documents] == [True]
    assert role.trust.statements[0].principals == ("ec2.amazonaws.com",)
    assert role.managed_policies == (policy,)
    assert role.used_days == -1
    assert found["AWS::IAM::Group"].name == "readers"
    assert found["AWS::IAM::InstanceProfile"].document["Roles"] == ["app"]
    assert managed.uid == policy
    assert managed.attached == 1
    assert managed.policy.allows("s3:GetObject")
    assert collect.failures == []


def test_a_role_reads_the_same_from_the_api_and_from_a_template():
    live = role_from_api(
        {
            "RoleName": "app",
            "Path": "/",
            "Arn": "arn:aws:iam::111122223333:role/app",
            "CreateDate": "2024-01-01T00:00:00+00:00",
            "AssumeRolePolicyDocument": TRUST,
            "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": READ}],
            "AttachedManagedPolicies": [{"PolicyName": "x", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
            "PermissionsBoundary": {"PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/edge"},
            "RoleLastUsed": {"LastUsedDate": "2024-06-01T00:00:00+00:00", "Region": "eu-west-1"},
        }
    )
    template = {
        "RoleName": "app",
        "AssumeRolePolicyDocument": TRUST,
        "Policies": [{"PolicyName": "own", "PolicyDocument": READ}],
        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        "PermissionsBoundary": "arn:aws:iam::111122223333:policy/edge",
    }
    one, other = Role(live, account="111122223333"), Role(template, account="111122223333")
    for name in ("role_name", "iam_path", "trust", "managed_policies", "inline", "boundary", "is_aws_own"):
        assert getattr(one, name) == getattr(other, name), name
    assert one.used_days > 0 > other.used_days


def test_a_user_reads_the_same_from_the_api_and_from_a_template():
    live = User(
        user_from_api(
            {
                "UserName": "ann",
                "Path": "/",
                "GroupList": ["readers"],
                "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": READ}],
                "AttachedManagedPolicies": [],
            }
        )
    )
    template = User(
        {"UserName": "ann", "Groups": ["readers"], "Policies": [{"PolicyName": "own", "PolicyDocument": READ}]}
    )
    assert live.document["Groups"] == template.document["Groups"]
    assert live.managed_policies == template.managed_policies
    assert live.documents == template.documents


def test_only_the_default_version_of_a_policy_counts():
    versions = [
        {"VersionId": "v2", "IsDefaultVersion": False, "Document": {"Statement": []}},
        {"VersionId": "v1", "IsDefaultVersion": True, "Document": READ},
    ]
    made = managed_policy_from_api({"PolicyName": "p", "Arn": "a", "AttachmentCount": 2, "PolicyVersionList": versions})
    assert ManagedPolicy(made).policy.allows("s3:GetObject")


def test_the_root_user_of_an_account(aws, collect):
    aws("iam").create_virtual_mfa_device(VirtualMFADeviceName="spare")
    (summary,) = collect("iam.account_summary")
    assert summary.root_access_keys == 0
    assert summary.root_virtual_mfa is False
    (device,) = collect("iam.virtual_mfa_devices")
    assert device.users == ()
    assert "Base32StringSeed" not in device.document
    assert collect.failures == []


def test_an_app_as_second_factor_of_root():
    device = {
        "SerialNumber": "arn:aws:iam::111122223333:mfa/root-account-mfa-device",
        "User": {"Arn": "arn:aws:iam::111122223333:root", "UserId": "111122223333"},
    }
    summary = AccountSummary(account_summary_from_api({"AccountMFAEnabled": 1, "AccountPasswordPresent": 0}, [device]))
    assert summary.root_mfa
    assert summary.root_virtual_mfa
    assert not summary.root_password
    assert virtual_mfa_device_from_api(device)["Users"] == ["<root_account>"]
    denied = Unknown("VirtualMFADevices", "AccessDenied iam:ListVirtualMFADevices")
    with pytest.raises(WorldsNeeded):
        bool(AccountSummary(account_summary_from_api({"AccountMFAEnabled": 1}, denied)).root_virtual_mfa)


def test_an_account_without_a_password_policy_and_with_one(aws, collect):
    (none,) = collect("iam.password_policy")
    assert (none.is_set, none.length, none.symbols, none.age_days_max) == (False, 8, False, 0)
    aws("iam").update_account_password_policy(
        MinimumPasswordLength=14, RequireSymbols=True, MaxPasswordAge=90, PasswordReusePrevention=24
    )
    (one,) = collect("iam.password_policy")
    assert (one.is_set, one.length, one.symbols, one.age_days_max, one.remembered) == (True, 14, True, 90, 24)
    assert collect.failures == []


def test_providers_and_certificates(aws, collect):
    iam = aws("iam")
    iam.create_saml_provider(Name="okta", SAMLMetadataDocument="m" * 1024)
    iam.create_open_id_connect_provider(Url="https://idp.example.com", ThumbprintList=["a" * 40])
    iam.upload_server_certificate(ServerCertificateName="web", CertificateBody="c", PrivateKey="k")
    assert [one.name for one in collect("iam.saml_providers")] == ["okta"]
    (certificate,) = collect("iam.server_certificates")
    assert certificate.name == "web"
    assert collect.failures == []


def test_what_the_list_calls_say_of_providers_and_certificates():
    arn = "arn:aws:iam::111122223333:saml-provider/okta"
    assert saml_provider_from_api({"Arn": arn, "ValidUntil": "2031-01-01T00:00:00+00:00"}) == {
        "Arn": arn,
        "Name": "okta",
        "ValidUntil": "2031-01-01T00:00:00+00:00",
    }
    raw = {"ServerCertificateName": "web", "Arn": "a", "Path": "/", "Expiration": "2020-01-01T00:00:00+00:00", "X": 1}
    assert "X" not in server_certificate_from_api(raw)


@pytest.mark.parametrize(
    ("code", "documents"),
    [
        ("AccountNotManagementOrDelegatedAdministratorException", []),
        ("OrganizationNotFoundException", []),
        ("ServiceAccessNotEnabledException", [{"RootCredentialsManagement": False, "RootSessions": False}]),
    ],
)
def test_central_root_access_that_is_off_or_somebody_elses(answered, code, documents):
    found = answered("iam.central_root_access", {"iam:ListOrganizationsFeatures": code})
    assert [one.document for one in found] == documents


def test_central_root_access_that_is_on(answered):
    answer = {"EnabledFeatures": ["RootCredentialsManagement", "RootSessions"]}
    (found,) = answered("iam.central_root_access", {"iam:ListOrganizationsFeatures": answer})
    assert found.credentials
    assert found.sessions


def test_a_report_that_somebody_else_had_made_serves_when_making_one_is_denied(answered):
    answers = {"iam:GenerateCredentialReport": "AccessDenied", "iam:GetCredentialReport": {"Content": REPORT.encode()}}
    found = answered("iam.credential_report", answers)
    assert [one.name for one in found] == ["<root_account>", "ann", "ann/1", "ann/2"]
    with pytest.raises(Failure):
        answered("iam.credential_report", {**answers, "iam:GetCredentialReport": "AccessDenied"})
