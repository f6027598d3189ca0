"""AWS Identity and Access Management: who exists, how they prove it, and what they may do."""

from __future__ import annotations

from typing import Any

from koban.model.aws.policy import Policy, Statement, policy
from koban.model.resource import Part, Resource, age, as_fact, asked, derived, field, link, links, parts, referring
from koban.model.unknown import Maybe, Several, Unknown

ADMINISTRATOR = "AdministratorAccess"
CLOUD_SHELL = "AWSCloudShellFullAccess"
SUPPORT = "AWSSupportAccess"


class AccountSummary(Resource, type="Koban::IAM::AccountSummary", arn="arn:{partition}:iam::{account}:root"):
    """The root user of an account, and how many of each IAM thing the account has."""

    root_access_keys: int = field("AccountAccessKeysPresent", 0, "Access keys of the root user")
    root_certificates: int = field("AccountSigningCertificatesPresent", 0, "Signing certificates of the root user")
    root_mfa: bool = field("AccountMFAEnabled", False, "The root user has a second factor of any kind")
    root_password: bool = field(
        "AccountPasswordPresent", True, "The root user can sign in; false once its credentials are managed centrally"
    )
    root_virtual_mfa: bool = field("RootVirtualMFA", False, "A second factor of the root user is an app, not hardware")


class PasswordPolicy(
    Resource, type="Koban::IAM::PasswordPolicy", arn="arn:{partition}:iam::{account}:account-password-policy"
):
    """What the account asks of IAM users' passwords: its own policy, or what AWS asks where it has none."""

    length: int = field("MinimumPasswordLength", 6, "Fewest characters")
    symbols: bool = field("RequireSymbols", False, "A symbol is required")
    numbers: bool = field("RequireNumbers", False, "A digit is required")
    uppercase: bool = field("RequireUppercaseCharacters", False, "A capital letter is required")
    lowercase: bool = field("RequireLowercaseCharacters", False, "A small letter is required")
    age_days_max: int = field("MaxPasswordAge", 0, "Days after which a password expires; 0: never")
    remembered: int = field("PasswordReusePrevention", 0, "How many earlier passwords cannot be used again")
    is_set: bool = field("Exists", True, "The account has a policy of its own")


class AccessKeyUse(Resource, type="Koban::IAM::AccessKey", ids="KeyName", arn="{UserArn}/access-key/{Slot}"):
    """One of the two access keys that a user may have, as the credential report tells of it."""

    active: bool = field("Active", False, "The key works")
    is_root: bool = field("IsRoot", False, "It is the root user's")
    rotated_days: float = age("LastRotated", "Days since it was made")
    used_days: float = age("LastUsed", "Days since it was last used; -1: never, or before AWS kept track")
    slot: int = field("Slot", 1, "1 or 2")

    @derived
    def idle_days(self) -> float:
        """Days since its last use; where it was never used, since it was made."""
        return self.rotated_days if self.used_days == -1 else self.used_days


class CredentialReport(Resource, type="Koban::IAM::CredentialReport", ids="UserName", arn="{UserArn}"):
    """One user's row of the credential report; the root user's is called ``<root_account>``."""

    is_root: bool = field("IsRoot", False, "It is the root user")
    created_days: float = age("UserCreationTime", "Days since the user was made")
    password: bool = field("PasswordEnabled", False, "The user can sign in to the console")
    password_used_days: float = age("PasswordLastUsed", "Days since the last sign-in; -1: never")
    password_changed_days: float = age("PasswordLastChanged", "Days since the password was set; -1: it was not")
    mfa: bool = field("MfaActive", False, "The user has a second factor")
    key_1: bool = field("AccessKey1Active", False, "The first access key works")
    key_2: bool = field("AccessKey2Active", False, "The second access key works")
    key_1_used_days: float = age("AccessKey1LastUsed", "Days since the first access key was used; -1: never")
    key_2_used_days: float = age("AccessKey2LastUsed", "Days since the second access key was used; -1: never")
    key_1_made_with_user: bool = field("AccessKey1MadeWithUser", False, "The first key is as old as the user")
    certificate_1: bool = field("Cert1Active", False, "The first signing certificate works")
    certificate_2: bool = field("Cert2Active", False, "The second signing certificate works")

    @derived
    def password_idle_days(self) -> float:
        """Days since the last sign-in; where there was none, since the password was set."""
        return self.password_changed_days if self.password_used_days == -1 else self.password_used_days

    @derived
    def used_days(self) -> float:
        """Days since the user did anything with a password or an access key; -1: never."""
        days = (self.password_used_days, self.key_1_used_days, self.key_2_used_days)
        return min((one for one in days if one != -1), default=-1.0)


class CentralRootAccess(
    Resource, type="Koban::IAM::CentralRootAccess", arn="arn:{partition}:organizations::{account}:root-access"
):
    """Whether the organisation manages the root users of its member accounts from one place."""

    credentials: bool = field("RootCredentialsManagement", False, "Members' root credentials can be taken away")
    sessions: bool = field("RootSessions", False, "Short root sessions stand in for members' root credentials")


class EmbeddedPolicy(Part):
    """A policy that lives inside one user, group or role."""

    name: str = field("PolicyName", "", "Its name")
    policy: Policy = policy("PolicyDocument", "What it allows")


class Holder(Resource):
    """What holds policy documents of its own: a user, a group, a role, or an inline policy by itself."""

    @derived
    def documents(self) -> tuple[Policy, ...]:
        """The policy documents that live in it."""
        return ()


class Identity(Holder):
    """A user, a group or a role."""

    iam_path: str = field("Path", "/", "Its path; AWS's own roles are under /aws-service-role/ and /aws-reserved/")
    managed_policies: tuple[str, ...] = field("ManagedPolicyArns", (), "ARNs of the managed policies attached")
    held: tuple[ManagedPolicy, ...] = links("ManagedPolicyArns", "AWS::IAM::ManagedPolicy", "The policies attached")
    inline: tuple[EmbeddedPolicy, ...] = parts("Policies", EmbeddedPolicy, "The policies that live inside it")

    @derived
    def documents(self) -> tuple[Policy, ...]:
        return tuple(one.policy for one in self.inline)

    @derived
    def all_documents(self) -> tuple[Policy, ...]:
        """What lives in it, and what policies apart from it put into it."""
        return self.documents

    @derived
    def is_aws_own(self) -> bool:
        """Whether AWS made it and keeps it: a service-linked role, or one of Identity Center."""
        return self.iam_path.startswith("/aws-service-role/") or self.iam_path.startswith("/aws-reserved/")

    @asked
    def has_aws_policy(self, name: str) -> bool:
        """Whether the AWS-managed policy `name` is attached."""
        return any(one.endswith(f":aws:policy/{name}") for one in _without_own(self.managed_policies, self.held))


def _without_own(arns: Any, held: Any) -> Any:
    """The ARNs of attached policies, without those of policies that are declared beside the identity itself."""
    if isinstance(arns, tuple) and isinstance(held, tuple):
        return tuple(arn for arn, one in zip(arns, held, strict=True) if isinstance(one, Unknown))
    if isinstance(arns, Several) and isinstance(held, Several):
        gaps = tuple(
            gap._with(_without_own(gap._values, one._values))
            if isinstance(gap, Maybe) and isinstance(one, Maybe)
            else gap
            for gap, one in zip(arns.gaps, held.gaps, strict=True)
        )
        return Several(_without_own(arns.items, held.items), gaps)
    return arns


class Group(
    Identity, type="AWS::IAM::Group", ids="GroupName", arn="arn:{partition}:iam::{account}:group{Path}{GroupName}"
):
    """A group of IAM users."""


class User(Identity, type="AWS::IAM::User", ids="UserName", arn="arn:{partition}:iam::{account}:user{Path}{UserName}"):
    """An IAM user."""

    groups: tuple[Group, ...] = links("Groups", "AWS::IAM::Group", "The groups it is in")
    boundary: str = field("PermissionsBoundary", "", "ARN of the policy that caps its permissions")
    login_profile: dict[str, Any] = field("LoginProfile", {}, "The console password that a template sets")


class Role(Identity, type="AWS::IAM::Role", ids="RoleName", arn="arn:{partition}:iam::{account}:role{Path}{RoleName}"):
    """An IAM role."""

    role_name: str = field("RoleName", "", "Its name")
    trust: Policy = policy("AssumeRolePolicyDocument", "Who may assume it")
    boundary: str = field("PermissionsBoundary", "", "ARN of the policy that caps its permissions")
    put_in: tuple[InlinePolicy, ...] = referring("AWS::IAM::Policy", "in_roles", "What a template puts into it")
    written: tuple[RolePolicy, ...] = referring("AWS::IAM::RolePolicy", "role", "What a template writes into it")
    attached: tuple[ManagedPolicy, ...] = referring("AWS::IAM::ManagedPolicy", "in_roles", "What a template attaches")
    created_days: float = as_fact(age("CreateDate", "Days since it was made"))
    used_days: float = as_fact(age("RoleLastUsed.LastUsedDate", "Days since it was assumed; -1: not in 400 days"))

    @derived
    def all_documents(self) -> tuple[Policy, ...]:
        apart = (one.policy for some in (self.put_in, self.written, self.attached, self._held_own) for one in some)
        return (*self.documents, *apart)

    @derived
    def _held_own(self) -> tuple[ManagedPolicy, ...]:
        """The customer managed policies attached to it; those of AWS are told by their names alone."""
        if not isinstance(self.managed_policies, tuple) or not isinstance(self.held, tuple):
            return self.held
        pairs = zip(self.managed_policies, self.held, strict=True)
        return tuple(one for arn, one in pairs if isinstance(arn, Unknown) or ":aws:policy/" not in arn)

    @derived
    def assumed_with_web_identity(self) -> tuple[Statement, ...]:
        """The statements that let in whoever holds a token of an OpenID Connect provider."""
        return tuple(s for s in self.trust.statements if s.allows and s.does("sts:AssumeRoleWithWebIdentity"))


class ManagedPolicy(Holder, type="AWS::IAM::ManagedPolicy", ids="ManagedPolicyName PolicyArn", arn="{PolicyArn}"):
    """A customer managed policy."""

    policy: Policy = policy("PolicyDocument", "What it allows")
    attached: int = field("AttachmentCount", 0, "How many users, groups and roles hold it, in a live account")
    users: tuple[str, ...] = field("Users", (), "The users that a template attaches it to")
    groups: tuple[str, ...] = field("Groups", (), "The groups that a template attaches it to")
    roles: tuple[str, ...] = field("Roles", (), "The roles that a template attaches it to")
    in_roles: tuple[Role, ...] = links("Roles", "AWS::IAM::Role", "The roles that a template attaches it to")

    @derived
    def documents(self) -> tuple[Policy, ...]:
        return (self.policy,)

    @derived
    def in_use(self) -> bool:
        """Whether somebody is known to hold it."""
        return self.attached > 0 or bool(self.users) or bool(self.groups) or bool(self.roles)


class InlinePolicy(Holder, type="AWS::IAM::Policy", template_only=True, ids="Id"):
    """An inline policy that a template puts into users, groups and roles."""

    policy: Policy = policy("PolicyDocument", "What it allows")
    users: tuple[str, ...] = field("Users", (), "The users it is put into")
    in_roles: tuple[Role, ...] = links("Roles", "AWS::IAM::Role", "The roles it is put into")

    @derived
    def documents(self) -> tuple[Policy, ...]:
        return (self.policy,)


class RolePolicy(Holder, type="AWS::IAM::RolePolicy", template_only=True):
    """An inline policy that a template puts into one role."""

    role: Any = link("RoleName", "AWS::IAM::Role", "The role it is put into")
    policy: Policy = policy("PolicyDocument", "What it allows")

    @derived
    def documents(self) -> tuple[Policy, ...]:
        return (self.policy,)


class GroupPolicy(Holder, type="AWS::IAM::GroupPolicy", template_only=True):
    """An inline policy that a template puts into one group."""

    group: Any = link("GroupName", "AWS::IAM::Group", "The group it is put into")
    policy: Policy = policy("PolicyDocument", "What it allows")

    @derived
    def documents(self) -> tuple[Policy, ...]:
        return (self.policy,)


class UserPolicy(Holder, type="AWS::IAM::UserPolicy", template_only=True):
    """An inline policy that a template puts into one user."""

    user: Any = link("UserName", "AWS::IAM::User", "The user it is put into")
    policy: Policy = policy("PolicyDocument", "What it allows")

    @derived
    def documents(self) -> tuple[Policy, ...]:
        return (self.policy,)


class AccessKey(Resource, type="AWS::IAM::AccessKey", template_only=True, ids="Id"):
    """An access key that a template makes for a user."""

    user: str = field("UserName", "", "Whose key it is")
    status: str = field("Status", "Active", "Active or Inactive")


class InstanceProfile(
    Resource,
    type="AWS::IAM::InstanceProfile",
    ids="InstanceProfileName",
    arn="arn:{partition}:iam::{account}:instance-profile{Path}{InstanceProfileName}",
):
    """What gives a role to an EC2 instance."""

    roles: tuple[Role, ...] = links("Roles", "AWS::IAM::Role", "The role that it gives")


class VirtualMFADevice(Resource, type="AWS::IAM::VirtualMFADevice", ids="SerialNumber", arn="{SerialNumber}"):
    """A second factor that is an app on a phone or computer."""

    users: tuple[str, ...] = field("Users", (), "The user it is assigned to, if any")


class SAMLProvider(Resource, type="AWS::IAM::SAMLProvider", ids="Name"):
    """An identity provider that signs people in with SAML."""

    expired_days: float = as_fact(age("ValidUntil", "Days since its metadata expired; negative: days it still has"))


class OIDCProvider(
    Resource,
    type="AWS::IAM::OIDCProvider",
    ids="Url",
    arn="arn:{partition}:iam::{account}:oidc-provider/{Url}",
    template_only=True,
):
    """An identity provider that signs in programs and people with OpenID Connect."""

    url: str = field("Url", "", "Its address, as in the tokens that it issues")


class ServerCertificate(Resource, type="AWS::IAM::ServerCertificate", ids="ServerCertificateName"):
    """A TLS certificate kept in IAM."""

    expired_days: float = as_fact(age("Expiration", "Days since it expired; negative: days it still has"))
