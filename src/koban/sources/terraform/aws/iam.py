"""AWS IAM: identities, their policies, and the many ways to attach one to the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.iam import (
    AccessKey,
    CentralRootAccess,
    Group,
    GroupPolicy,
    InlinePolicy,
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
from koban.model.unknown import Unknown
from koban.sources.terraform.mapping import (
    Body,
    Entry,
    arg,
    blocks,
    constant,
    first,
    folds,
    group,
    json,
    listed,
    made,
    makes_no,
    maps,
)

EMBEDDED_APART = "the provider writes a policy into a user or group with a resource of its own"
ATTACHED_APART = "AWS counts it; what the configuration attaches stands in Users, Groups and Roles"


def there(inline: Body) -> Iterator[Body]:
    """An embedded policy; none for the empty block by which a configuration says that there shall be none."""
    if any(isinstance(one, Unknown) or one for one in (inline.get("name"), inline.get("policy"))):
        yield inline


def has(feature: str) -> Entry:
    """Whether a feature is among those that are turned on."""

    def find(body: Body) -> Any:
        features = body["enabled_features"] if isinstance(body.get("enabled_features"), list) else []
        if any(one == feature for one in features if not isinstance(one, Unknown)):
            return True
        return next((one for one in features if isinstance(one, Unknown)), False)

    return made(find, "enabled_features")


def own(body: Body) -> bool:
    """Whether a policy that is attached may be one of the account's own."""
    arn = body.get("policy_arn")
    return not (isinstance(arn, str) and ":aws:policy/" in arn)


maps(
    "aws_iam_role",
    Role,
    RoleName="name",
    Path="path",
    AssumeRolePolicyDocument=json("assume_role_policy"),
    PermissionsBoundary="permissions_boundary",
    ManagedPolicyArns="managed_policy_arns",
    Policies=blocks("inline_policy", there, PolicyName="name", PolicyDocument=json("policy")),
)
maps(
    "aws_iam_user",
    User,
    UserName="name",
    Path="path",
    PermissionsBoundary="permissions_boundary",
    lacks={"Policies": EMBEDDED_APART},
)
maps("aws_iam_group", Group, GroupName="name", Path="path", lacks={"Policies": EMBEDDED_APART})
maps(
    "aws_iam_policy",
    ManagedPolicy,
    ManagedPolicyName="name",
    PolicyArn="arn",
    Path="path",
    PolicyDocument=json("policy"),
    lacks={"AttachmentCount": ATTACHED_APART},
)
maps("aws_iam_role_policy", RolePolicy, PolicyName="name", RoleName="role", PolicyDocument=json("policy"))
maps("aws_iam_user_policy", UserPolicy, PolicyName="name", UserName="user", PolicyDocument=json("policy"))
maps("aws_iam_group_policy", GroupPolicy, PolicyName="name", GroupName="group", PolicyDocument=json("policy"))
makes_no(InlinePolicy, "each resource of the provider writes into one role, user or group")

# An attachment shows on both sides: who has which policies, and whether somebody has a policy.
for source, by, arns in (
    ("aws_iam_role_policy_attachment", "role", listed("policy_arn")),
    ("aws_iam_role_policy_attachments_exclusive", "role_name", arg("policy_arns")),
    ("aws_iam_policy_attachment", "roles", listed("policy_arn")),
):
    folds(source, Role, by, adds=True, ManagedPolicyArns=arns)
for source, by, arns in (
    ("aws_iam_user_policy_attachment", "user", listed("policy_arn")),
    ("aws_iam_user_policy_attachments_exclusive", "user_name", arg("policy_arns")),
    ("aws_iam_policy_attachment", "users", listed("policy_arn")),
):
    folds(source, User, by, adds=True, ManagedPolicyArns=arns)
for source, by, arns in (
    ("aws_iam_group_policy_attachment", "group", listed("policy_arn")),
    ("aws_iam_group_policy_attachments_exclusive", "group_name", arg("policy_arns")),
    ("aws_iam_policy_attachment", "groups", listed("policy_arn")),
):
    folds(source, Group, by, adds=True, ManagedPolicyArns=arns)
folds("aws_iam_role_policy_attachment", ManagedPolicy, "policy_arn", adds=True, when=own, Roles=listed("role"))
folds("aws_iam_user_policy_attachment", ManagedPolicy, "policy_arn", adds=True, when=own, Users=listed("user"))
folds("aws_iam_group_policy_attachment", ManagedPolicy, "policy_arn", adds=True, when=own, Groups=listed("group"))
folds(
    "aws_iam_policy_attachment",
    ManagedPolicy,
    "policy_arn",
    adds=True,
    when=own,
    Roles="roles",
    Users="users",
    Groups="groups",
)
folds("aws_iam_role_policy_attachments_exclusive", ManagedPolicy, "policy_arns", adds=True, Roles=listed("role_name"))
folds("aws_iam_user_policy_attachments_exclusive", ManagedPolicy, "policy_arns", adds=True, Users=listed("user_name"))
folds(
    "aws_iam_group_policy_attachments_exclusive", ManagedPolicy, "policy_arns", adds=True, Groups=listed("group_name")
)
folds("aws_iam_user_group_membership", User, "user", adds=True, Groups="groups")
folds("aws_iam_group_membership", User, "users", adds=True, Groups=listed("group"))
folds(
    "aws_iam_user_login_profile",
    User,
    "user",
    LoginProfile=group(PasswordResetRequired=arg("password_reset_required", default=False)),
)

maps("aws_iam_access_key", AccessKey, Id="id", UserName="user", Status="status")
maps(
    "aws_iam_instance_profile",
    InstanceProfile,
    InstanceProfileName="name",
    Path="path",
    Roles=first(listed("role"), "roles"),
)
maps(
    "aws_iam_virtual_mfa_device",
    VirtualMFADevice,
    SerialNumber="arn",
    lacks={"Users": "who has a device is settled outside the configuration, with codes that it shows"},
)
maps("aws_iam_saml_provider", SAMLProvider, Name="name")
maps("aws_iam_openid_connect_provider", OIDCProvider, Url="url")
maps("aws_iam_server_certificate", ServerCertificate, ServerCertificateName="name", Path="path")

maps(
    "aws_iam_account_password_policy",
    PasswordPolicy,
    Exists=constant(True),
    MinimumPasswordLength="minimum_password_length",
    RequireSymbols="require_symbols",
    RequireNumbers="require_numbers",
    RequireUppercaseCharacters="require_uppercase_characters",
    RequireLowercaseCharacters="require_lowercase_characters",
    MaxPasswordAge="max_password_age",
    PasswordReusePrevention="password_reuse_prevention",
)
maps(
    "aws_iam_organizations_features",
    CentralRootAccess,
    RootCredentialsManagement=has("RootCredentialsManagement"),
    RootSessions=has("RootSessions"),
)
