import pytest

from koban.engines.posture import judge
from koban.model.aws.iam import (
    AccessKey,
    CentralRootAccess,
    Group,
    GroupPolicy,
    InstanceProfile,
    ManagedPolicy,
    OIDCProvider,
    PasswordPolicy,
    Role,
    RolePolicy,
    SAMLProvider,
    ServerCertificate,
    User,
    UserPolicy,
    VirtualMFADevice,
)
from koban.model.unknown import Maybe, OpenList, Unknown
from koban.rules.aws.iam import iam_central_root_off, iam_password_short

OPEN = Unknown("var.x", "variable x has no default")
TEXT = '{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
POLICY = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
OWN = "arn:aws:iam::111122223333:policy/p"


def test_a_role(twins):
    twins(
        "aws_iam_role",
        {
            "name": "r",
            "path": "/team/",
            "assume_role_policy": TEXT,
            "permissions_boundary": OWN,
            "managed_policy_arns": [ADMIN],
            "inline_policy": [{"name": "p", "policy": TEXT}],
        },
        Role,
        {
            "RoleName": "r",
            "Path": "/team/",
            "AssumeRolePolicyDocument": POLICY,
            "PermissionsBoundary": OWN,
            "ManagedPolicyArns": [ADMIN],
            "Policies": [{"PolicyName": "p", "PolicyDocument": POLICY}],
        },
    )
    twins("aws_iam_role", {"assume_role_policy": TEXT}, Role, {"AssumeRolePolicyDocument": POLICY})


@pytest.mark.parametrize("empty", [{}, {"name": "", "policy": ""}])
def test_the_block_that_says_that_there_are_no_embedded_policies(twins, empty):
    body = {"assume_role_policy": TEXT, "inline_policy": [empty]}
    twins("aws_iam_role", body, Role, {"AssumeRolePolicyDocument": POLICY})


def test_an_embedded_policy_that_is_not_known_stays(document):
    body = {"inline_policy": [{"policy": OPEN}]}
    assert document("aws_iam_role", body)["Policies"] == [{"PolicyDocument": OPEN}]


def test_users_and_groups(twins):
    body = {"name": "u", "path": "/p/", "permissions_boundary": OWN}
    twins("aws_iam_user", body, User, {"UserName": "u", "Path": "/p/", "PermissionsBoundary": OWN})
    twins("aws_iam_user", {"name": "u"}, User, {"UserName": "u"})
    twins("aws_iam_group", {"name": "g", "path": "/p/"}, Group, {"GroupName": "g", "Path": "/p/"})
    twins("aws_iam_group", {"name": "g"}, Group, {"GroupName": "g"})


def test_policies(twins):
    body = {"name": "p", "path": "/x/", "policy": TEXT}
    twins("aws_iam_policy", body, ManagedPolicy, {"ManagedPolicyName": "p", "PolicyDocument": POLICY})
    twins("aws_iam_policy", {"policy": TEXT}, ManagedPolicy, {"PolicyDocument": POLICY})
    twins("aws_iam_role_policy", {"role": "r", "policy": TEXT}, RolePolicy, {"RoleName": "r", "PolicyDocument": POLICY})
    twins("aws_iam_user_policy", {"user": "u", "policy": TEXT}, UserPolicy, {"UserName": "u", "PolicyDocument": POLICY})
    code = {"GroupName": "g", "PolicyDocument": POLICY}
    twins("aws_iam_group_policy", {"group": "g", "policy": TEXT}, GroupPolicy, code)


@pytest.mark.parametrize(
    ("source", "cls", "body"),
    [
        ("aws_iam_role_policy_attachment", Role, {"role": "r", "policy_arn": ADMIN}),
        ("aws_iam_user_policy_attachment", User, {"user": "u", "policy_arn": ADMIN}),
        ("aws_iam_group_policy_attachment", Group, {"group": "g", "policy_arn": ADMIN}),
        ("aws_iam_role_policy_attachments_exclusive", Role, {"role_name": "r", "policy_arns": [ADMIN]}),
        ("aws_iam_user_policy_attachments_exclusive", User, {"user_name": "u", "policy_arns": [ADMIN]}),
        ("aws_iam_group_policy_attachments_exclusive", Group, {"group_name": "g", "policy_arns": [ADMIN]}),
        ("aws_iam_policy_attachment", Role, {"roles": ["r"], "policy_arn": ADMIN}),
        ("aws_iam_policy_attachment", User, {"users": ["u"], "policy_arn": ADMIN}),
        ("aws_iam_policy_attachment", Group, {"groups": ["g"], "policy_arn": ADMIN}),
    ],
)
def test_an_attachment_shows_on_the_identity(document, source, cls, body):
    assert document(source, body, cls) == {"ManagedPolicyArns": [ADMIN]}


@pytest.mark.parametrize(
    ("source", "body", "folded"),
    [
        ("aws_iam_role_policy_attachment", {"role": "r", "policy_arn": OWN}, {"Roles": ["r"]}),
        ("aws_iam_user_policy_attachment", {"user": "u", "policy_arn": OPEN}, {"Users": ["u"]}),
        ("aws_iam_group_policy_attachment", {"group": "g", "policy_arn": OWN}, {"Groups": ["g"]}),
        ("aws_iam_role_policy_attachments_exclusive", {"role_name": "r", "policy_arns": [OWN]}, {"Roles": ["r"]}),
        ("aws_iam_user_policy_attachments_exclusive", {"user_name": "u", "policy_arns": [OWN]}, {"Users": ["u"]}),
        ("aws_iam_group_policy_attachments_exclusive", {"group_name": "g", "policy_arns": [OWN]}, {"Groups": ["g"]}),
        (
            "aws_iam_policy_attachment",
            {"policy_arn": OWN, "roles": ["r"], "users": ["u"], "groups": OPEN},
            {"Roles": ["r"], "Users": ["u"], "Groups": OPEN},
        ),
    ],
)
def test_an_attachment_shows_on_the_policy(document, source, body, folded):
    assert document(source, body, ManagedPolicy) == folded


def test_what_is_attached_of_aws_is_no_policy_of_the_accounts_own(every_document):
    assert every_document("aws_iam_role_policy_attachment", {"role": "r", "policy_arn": ADMIN}, ManagedPolicy) == []


def test_memberships_and_passwords(document):
    assert document("aws_iam_user_group_membership", {"user": "u", "groups": ["g"]}) == {"Groups": ["g"]}
    assert document("aws_iam_group_membership", {"users": ["u"], "group": "g"}) == {"Groups": ["g"]}
    made = document("aws_iam_user_login_profile", {"user": "u"})
    assert made == {"LoginProfile": {"PasswordResetRequired": False}}


def test_keys_profiles_and_providers(twins):
    twins("aws_iam_access_key", {"user": "u", "status": "Inactive"}, AccessKey, {"UserName": "u", "Status": "Inactive"})
    twins("aws_iam_access_key", {"user": "u"}, AccessKey, {"UserName": "u"})
    twins("aws_iam_instance_profile", {"name": "p", "role": "r"}, InstanceProfile, {"Roles": ["r"]})
    twins("aws_iam_instance_profile", {"roles": ["r"]}, InstanceProfile, {"Roles": ["r"]})
    twins("aws_iam_instance_profile", {}, InstanceProfile, {})
    twins("aws_iam_virtual_mfa_device", {"virtual_mfa_device_name": "d"}, VirtualMFADevice, {})
    twins("aws_iam_saml_provider", {"name": "s"}, SAMLProvider, {"Name": "s"})
    twins("aws_iam_openid_connect_provider", {"url": "https://o"}, OIDCProvider, {"Url": "https://o"})
    twins("aws_iam_server_certificate", {"name": "c"}, ServerCertificate, {"ServerCertificateName": "c"})


def test_the_password_policy(twins, document):
    twins(
        "aws_iam_account_password_policy",
        {
            "minimum_password_length": 16,
            "require_symbols": True,
            "require_numbers": True,
            "require_uppercase_characters": True,
            "require_lowercase_characters": True,
            "max_password_age": 90,
            "password_reuse_prevention": 24,
        },
        PasswordPolicy,
        {
            "MinimumPasswordLength": 16,
            "RequireSymbols": True,
            "RequireNumbers": True,
            "RequireUppercaseCharacters": True,
            "RequireLowercaseCharacters": True,
            "MaxPasswordAge": 90,
            "PasswordReusePrevention": 24,
        },
    )
    twins("aws_iam_account_password_policy", {}, PasswordPolicy, {})
    short = PasswordPolicy(document("aws_iam_account_password_policy", {}))
    assert judge(iam_password_short, short).verdict == "fail"


@pytest.mark.parametrize(
    ("features", "verdict"),
    [
        ([], "fail"),
        (["RootSessions"], "fail"),
        (["RootSessions", "RootCredentialsManagement"], "pass"),
        (["RootSessions", OPEN], "unknown"),
        (OPEN, "unknown"),
        (OpenList(["RootSessions", Maybe("x", "y", ("RootCredentialsManagement",))]), "unknown"),
    ],
)
def test_root_users_managed_centrally(document, features, verdict):
    made = CentralRootAccess(document("aws_iam_organizations_features", {"enabled_features": features}))
    assert judge(iam_central_root_off, made).verdict == verdict
