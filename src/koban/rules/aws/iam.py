"""Posture rules for IAM: the root user, people, keys, passwords, and what policies allow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from koban.model.aws.iam import (
    ADMINISTRATOR,
    CLOUD_SHELL,
    SUPPORT,
    AccessKey,
    AccessKeyUse,
    AccountSummary,
    CentralRootAccess,
    CredentialReport,
    Group,
    GroupPolicy,
    Holder,
    Identity,
    InlinePolicy,
    ManagedPolicy,
    PasswordPolicy,
    Role,
    RolePolicy,
    SAMLProvider,
    ServerCertificate,
    User,
    UserPolicy,
    VirtualMFADevice,
)
from koban.model.aws.sso import Instance
from koban.model.estate import Account
from koban.model.rule import rule
from koban.model.unknown import Unknown

EMBEDDED = (Role, User, Group, InlinePolicy, RolePolicy, UserPolicy, GroupPolicy)
HOLDERS = (ManagedPolicy, *EMBEDDED)
IDENTITIES = (Role, User, Group)
ANY_KEY = "arn:aws:kms:any-region:any-account:key/any"
KEY_READS = ("kms:Decrypt", "kms:ReEncryptFrom")
GITHUB = "oidc-provider/token.actions.githubusercontent.com"
COGNITO = "cognito-identity.amazonaws.com"

# What the tables below are made of.
LONG_AGO, LATER = "2020-01-01T00:00:00+00:00", "2099-01-01T00:00:00+00:00"
SOON = (datetime.now(UTC) + timedelta(days=9)).isoformat()
DENIED = Unknown("PolicyDocument", "AccessDenied iam:GetAccountAuthorizationDetails")


def allow(action: object, resource: object = "*", **more: object) -> dict[str, object]:
    """A policy document of one statement, for tables."""
    return {"Statement": [{"Effect": "Allow", "Action": action, "Resource": resource, **more}]}


def inside(document: object) -> dict[str, object]:
    """A role with one policy inside, for tables."""
    return {"RoleName": "r", "Policies": [{"PolicyName": "p", "PolicyDocument": document}]}


def trusting(principal: object, action: str = "sts:AssumeRole", **more: object) -> dict[str, object]:
    """A role that `principal` may assume, for tables."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, **more}
    return {"RoleName": "r", "AssumeRolePolicyDocument": {"Statement": [statement]}}


# The root user


@rule(
    "critical",
    AccountSummary,
    "cis-aws-7.0:2.4",
    "cis-aws-3.0:1.4",
    "aws-fsbp:IAM.4",
    "nist-csf-2.0:PR.AA-01",
    "nist-csf-2.0:PR.AA-05",
)
def iam_root_access_key(summary: AccountSummary) -> bool:
    """The root user has an access key.

    Why: whoever finds the key owns the account, and no policy can hold it back.
    Fix: sign in as root, delete its access keys, and let programs use roles.
    """
    return summary.root_access_keys > 0


iam_root_access_key.cases(
    bad=[{"AccountAccessKeysPresent": 1}],
    good=[{"AccountAccessKeysPresent": 0}, {}],
    unknown=[{"AccountAccessKeysPresent": Unknown("AccountAccessKeysPresent", "not answered")}],
)


@rule("high", AccountSummary, "nist-csf-2.0:PR.AA-01")
def iam_root_certificate(summary: AccountSummary) -> bool:
    """The root user has a signing certificate.

    Why: an X.509 signing certificate of root is a key to the whole account that nobody rotates.
    Fix: sign in as root and delete the certificate under security credentials.
    """
    return summary.root_certificates > 0


iam_root_certificate.cases(bad=[{"AccountSigningCertificatesPresent": 1}], good=[{}])


@rule(
    "critical",
    AccountSummary,
    "cis-aws-7.0:2.5",
    "cis-aws-3.0:1.5",
    "aws-fsbp:IAM.9",
    "nist-csf-2.0:PR.AA-03",
    when=lambda summary: summary.root_password,
)
def iam_root_mfa_off(summary: AccountSummary) -> bool:
    """The root user signs in without a second factor.

    Why: a guessed or phished root password alone then takes the whole account.
    Fix: give root a hardware security key, or take its credentials away with centralized root access.
    """
    return not summary.root_mfa


iam_root_mfa_off.cases(
    bad=[{"AccountMFAEnabled": False}],
    good=[{"AccountMFAEnabled": True}],
    skipped=[{"AccountMFAEnabled": False, "AccountPasswordPresent": False}],
)


@rule(
    "high",
    AccountSummary,
    "cis-aws-7.0:2.6",
    "cis-aws-3.0:1.6",
    "aws-fsbp:IAM.6",
    "nist-csf-2.0:PR.AA-03",
    when=lambda summary: summary.root_password,
)
def iam_root_hardware_mfa_missing(summary: AccountSummary) -> bool:
    """The root user's second factor is not a hardware device.

    Why: an app on a phone can be copied, phished or lost with the phone; a hardware key cannot be copied.
    Fix: register a hardware security key for root, then remove the virtual device.
    """
    return not summary.root_mfa or summary.root_virtual_mfa


iam_root_hardware_mfa_missing.cases(
    bad=[{"AccountMFAEnabled": True, "RootVirtualMFA": True}, {"AccountMFAEnabled": False}],
    good=[{"AccountMFAEnabled": True, "RootVirtualMFA": False}],
    unknown=[{"AccountMFAEnabled": True, "RootVirtualMFA": Unknown("VirtualMFADevices", "AccessDenied")}],
    skipped=[{"AccountPasswordPresent": False}],
)


@rule(
    "high",
    CredentialReport,
    "cis-aws-7.0:2.7",
    "cis-aws-3.0:1.7",
    "nist-csf-2.0:PR.AA-05",
    when=lambda row: row.is_root,
)
def iam_root_used(row: CredentialReport, *, quiet_days_min: int = 30) -> bool:
    """Someone used the root user not long ago.

    Why: root is beyond every policy; daily work with it hides who did what and risks the whole account.
    Fix: do the task with a role of least rights, and keep root for the few tasks that only it can do.
    """
    return row.used_days != -1 and row.used_days < quiet_days_min


iam_root_used.cases(
    bad=[{"IsRoot": True, "PasswordLastUsed": LATER}, {"IsRoot": True, "AccessKey1LastUsed": LATER}],
    good=[{"IsRoot": True, "PasswordLastUsed": LONG_AGO}, {"IsRoot": True}],
    skipped=[{"PasswordLastUsed": LATER}],
)


@rule(
    "medium",
    AccountSummary,
    "cis-aws-7.0:2.1.1",
    "nist-csf-2.0:PR.AA-01",
    when=lambda summary: summary.in_account.is_member,
)
def iam_root_credentials_in_member(summary: AccountSummary) -> bool:
    """The root user of a member account has credentials of its own.

    Why: an organisation can manage root centrally; each root password left is one more that can be stolen.
    Fix: turn on centralized root access in the management account, then delete this root user's credentials.
    """
    return summary.root_password or summary.root_access_keys > 0


MEMBER = Account({"AccountId": "111122223333", "OrganizationId": "o-1", "ManagementAccountId": "999988887777"})
iam_root_credentials_in_member.cases(
    bad=[({}, MEMBER), ({"AccountPasswordPresent": False, "AccountAccessKeysPresent": 1}, MEMBER)],
    good=[({"AccountPasswordPresent": False}, MEMBER)],
    skipped=[({}, Account({"AccountId": "111122223333"}))],
)


@rule("medium", CentralRootAccess, "cis-aws-7.0:2.1.1", "nist-csf-2.0:PR.AA-01", "nist-csf-2.0:GV.RR-02")
def iam_central_root_off(root: CentralRootAccess) -> bool:
    """The organisation does not manage the root users of its accounts centrally.

    Why: each member account then keeps a root password and second factor that someone must guard.
    Fix: turn on root credentials management and root sessions for the organisation in IAM.
    """
    return not (root.credentials and root.sessions)


iam_central_root_off.cases(
    bad=[{}, {"RootCredentialsManagement": True}],
    good=[{"RootCredentialsManagement": True, "RootSessions": True}],
)

# Passwords


@rule(
    "medium",
    PasswordPolicy,
    "cis-aws-7.0:2.8",
    "cis-aws-3.0:1.8",
    "aws-fsbp:IAM.7",
    "aws-fsbp:IAM.10",
    "aws-fsbp:IAM.15",
    "nist-csf-2.0:PR.AA-01",
)
def iam_password_short(policy: PasswordPolicy, *, length_min: int = 14) -> bool:
    """Passwords of IAM users may be too short.

    Why: short passwords fall to guessing; each character more makes that many times harder.
    Fix: set the minimum password length of the account to 14 or more.
    """
    return policy.length < length_min


iam_password_short.cases(
    bad=[{"Exists": False, "MinimumPasswordLength": 8}, {"MinimumPasswordLength": 13}, {}],
    good=[{"MinimumPasswordLength": 14}],
)


@rule("medium", PasswordPolicy, "aws-fsbp:IAM.7", "aws-fsbp:IAM.10", "aws-fsbp:IAM.11", "nist-csf-2.0:PR.AA-01")
def iam_password_without_uppercase(policy: PasswordPolicy) -> bool:
    """Passwords of IAM users need no capital letter.

    Why: fewer kinds of characters make a password easier to guess.
    Fix: require at least one upper-case letter in the account's password policy.
    """
    return not policy.uppercase


iam_password_without_uppercase.cases(bad=[{}], good=[{"RequireUppercaseCharacters": True}])


@rule("medium", PasswordPolicy, "aws-fsbp:IAM.7", "aws-fsbp:IAM.10", "aws-fsbp:IAM.12", "nist-csf-2.0:PR.AA-01")
def iam_password_without_lowercase(policy: PasswordPolicy) -> bool:
    """Passwords of IAM users need no small letter.

    Why: fewer kinds of characters make a password easier to guess.
    Fix: require at least one lower-case letter in the account's password policy.
    """
    return not policy.lowercase


iam_password_without_lowercase.cases(bad=[{}], good=[{"RequireLowercaseCharacters": True}])


@rule("medium", PasswordPolicy, "aws-fsbp:IAM.7", "aws-fsbp:IAM.10", "aws-fsbp:IAM.13", "nist-csf-2.0:PR.AA-01")
def iam_password_without_symbol(policy: PasswordPolicy) -> bool:
    """Passwords of IAM users need no symbol.

    Why: fewer kinds of characters make a password easier to guess.
    Fix: require at least one symbol in the account's password policy.
    """
    return not policy.symbols


iam_password_without_symbol.cases(bad=[{}], good=[{"RequireSymbols": True}])


@rule("medium", PasswordPolicy, "aws-fsbp:IAM.7", "aws-fsbp:IAM.10", "aws-fsbp:IAM.14", "nist-csf-2.0:PR.AA-01")
def iam_password_without_number(policy: PasswordPolicy) -> bool:
    """Passwords of IAM users need no digit.

    Why: fewer kinds of characters make a password easier to guess.
    Fix: require at least one digit in the account's password policy.
    """
    return not policy.numbers


iam_password_without_number.cases(bad=[{}], good=[{"RequireNumbers": True}])


@rule("low", PasswordPolicy, "aws-fsbp:IAM.7", "aws-fsbp:IAM.10", "aws-fsbp:IAM.17", "nist-csf-2.0:PR.AA-01")
def iam_password_never_expires(policy: PasswordPolicy, *, age_days_max: int = 90) -> bool:
    """Passwords of IAM users do not expire within 90 days.

    Why: a password that leaked unnoticed works until someone changes it.
    Fix: let passwords expire after at most 90 days in the account's password policy.
    """
    return policy.age_days_max == 0 or policy.age_days_max > age_days_max


iam_password_never_expires.cases(bad=[{}, {"MaxPasswordAge": 91}], good=[{"MaxPasswordAge": 90}])


@rule(
    "medium",
    PasswordPolicy,
    "cis-aws-7.0:2.9",
    "cis-aws-3.0:1.9",
    "aws-fsbp:IAM.7",
    "aws-fsbp:IAM.16",
    "nist-csf-2.0:PR.AA-01",
)
def iam_password_reused(policy: PasswordPolicy, *, remembered_min: int = 24) -> bool:
    """IAM users may take an old password again.

    Why: a password that leaked once comes back into use, and with it whoever has it.
    Fix: make the account's password policy remember the last 24 passwords.
    """
    return policy.remembered < remembered_min


iam_password_reused.cases(bad=[{}, {"PasswordReusePrevention": 5}], good=[{"PasswordReusePrevention": 24}])

# People and their credentials


@rule(
    "high",
    CredentialReport,
    "cis-aws-7.0:2.10",
    "cis-aws-3.0:1.10",
    "aws-fsbp:IAM.5",
    "aws-fsbp:IAM.19",
    "nist-csf-2.0:PR.AA-03",
    when=lambda row: row.password and not row.is_root,
)
def iam_user_mfa_off(row: CredentialReport) -> bool:
    """An IAM user signs in to the console without a second factor.

    Why: a stolen or guessed password alone then gives everything that the user may do.
    Fix: register a second factor for the user, or delete the password and let the person come through SSO.
    """
    return not row.mfa


iam_user_mfa_off.cases(
    bad=[{"UserName": "ann", "PasswordEnabled": True}],
    good=[{"UserName": "ann", "PasswordEnabled": True, "MfaActive": True}],
    skipped=[{"UserName": "robot"}, {"UserName": "<root_account>", "IsRoot": True, "PasswordEnabled": True}],
)


@rule(
    "low",
    CredentialReport,
    "aws-fsbp:IAM.19",
    "nist-csf-2.0:PR.AA-03",
    when=lambda row: (row.key_1 or row.key_2) and not row.password and not row.is_root,
)
def iam_user_keys_without_mfa(row: CredentialReport) -> bool:
    """An IAM user with access keys has no second factor that policies could ask for.

    Why: without one, a stolen key does all that the user may do, since no policy can demand a second factor.
    Fix: replace the user with a role; else register a second factor and ask for it with aws:MultiFactorAuthPresent.
    """
    return not row.mfa


iam_user_keys_without_mfa.cases(
    bad=[{"AccessKey1Active": True}, {"AccessKey2Active": True}],
    good=[{"AccessKey1Active": True, "MfaActive": True}],
    skipped=[{}, {"AccessKey1Active": True, "PasswordEnabled": True}],
)


@rule(
    "medium",
    CredentialReport,
    "aws-fsbp:IAM.8",
    "nist-csf-2.0:PR.AA-01",
    when=lambda row: row.password and not row.is_root,
)
def iam_user_password_unused(row: CredentialReport, *, unused_days_max: int = 90) -> bool:
    """The console password of an IAM user has not been used for 90 days.

    Why: nobody notices the theft of a password that nobody uses.
    Fix: delete the user's login profile.
    """
    return row.password_idle_days > unused_days_max


UNUSED_PASSWORD = {"PasswordEnabled": True, "PasswordLastChanged": LONG_AGO}
iam_user_password_unused.cases(
    bad=[UNUSED_PASSWORD, {**UNUSED_PASSWORD, "PasswordLastUsed": LONG_AGO}],
    good=[{**UNUSED_PASSWORD, "PasswordLastUsed": LATER}, {"PasswordEnabled": True, "PasswordLastChanged": LATER}],
    skipped=[{"PasswordLastUsed": LONG_AGO}],
)


@rule(
    "low",
    CredentialReport,
    "cis-aws-7.0:2.11",
    "cis-aws-3.0:1.12",
    "aws-fsbp:IAM.22",
    "nist-csf-2.0:PR.AA-01",
    when=lambda row: row.password and not row.is_root,
)
def iam_user_password_idle(row: CredentialReport, *, unused_days_max: int = 45) -> bool:
    """The console password of an IAM user has not been used for 45 days.

    Why: a password that is not in use only waits to be stolen; CIS asks to disable it after 45 days.
    Fix: delete the user's login profile, or have the person come through SSO.
    """
    return row.password_idle_days > unused_days_max


iam_user_password_idle.cases(
    bad=[UNUSED_PASSWORD, {**UNUSED_PASSWORD, "PasswordLastUsed": LONG_AGO}],
    good=[{**UNUSED_PASSWORD, "PasswordLastUsed": LATER}],
    skipped=[{}],
)


@rule("medium", AccessKeyUse, "aws-fsbp:IAM.8", "nist-csf-2.0:PR.AA-01", when=lambda key: key.active)
def iam_access_key_unused(key: AccessKeyUse, *, unused_days_max: int = 90) -> bool:
    """An access key that works has not been used for 90 days.

    Why: nobody misses a key that nobody uses, nor sees its theft.
    Fix: make the key inactive, and delete it when nothing breaks.
    """
    return key.idle_days > unused_days_max


OLD_KEY = {"Active": True, "LastRotated": LONG_AGO}
iam_access_key_unused.cases(
    bad=[OLD_KEY, {**OLD_KEY, "LastUsed": LONG_AGO}],
    good=[{**OLD_KEY, "LastUsed": LATER}, {"Active": True, "LastRotated": LATER}],
    skipped=[{"LastRotated": LONG_AGO}],
)


@rule(
    "low",
    AccessKeyUse,
    "cis-aws-7.0:2.11",
    "cis-aws-3.0:1.12",
    "aws-fsbp:IAM.22",
    "nist-csf-2.0:PR.AA-01",
    when=lambda key: key.active,
)
def iam_access_key_idle(key: AccessKeyUse, *, unused_days_max: int = 45) -> bool:
    """An access key that works has not been used for 45 days.

    Why: a key that is not in use only waits to be found; CIS asks to disable it after 45 days.
    Fix: make the key inactive, and delete it when nothing breaks.
    """
    return key.idle_days > unused_days_max


iam_access_key_idle.cases(bad=[OLD_KEY], good=[{**OLD_KEY, "LastUsed": LATER}], skipped=[{}])


@rule(
    "medium",
    AccessKeyUse,
    "cis-aws-7.0:2.12",
    "cis-aws-3.0:1.14",
    "aws-fsbp:IAM.3",
    "nist-csf-2.0:PR.AA-01",
    when=lambda key: key.active,
)
def iam_access_key_old(key: AccessKeyUse, *, age_days_max: int = 90) -> bool:
    """An access key that works is older than 90 days.

    Why: the longer a key lives, the more laptops, logs and repositories it has been copied to.
    Fix: make a new key, move its users over, then delete the old one; better, use a role.
    """
    return key.rotated_days > age_days_max


iam_access_key_old.cases(
    bad=[OLD_KEY, {**OLD_KEY, "LastUsed": LATER}],
    good=[{"Active": True, "LastRotated": LATER}],
    unknown=[{"Active": True, "LastRotated": Unknown("LastRotated", "AccessDenied iam:GetCredentialReport")}],
    skipped=[{"Active": False, "LastRotated": LONG_AGO}],
)


@rule("low", CredentialReport, "cis-aws-3.0:1.13", "nist-csf-2.0:PR.AA-01")
def iam_user_two_active_keys(row: CredentialReport) -> bool:
    """A user has two access keys that work.

    Why: the second key is meant for the days of a rotation; two for good are twice the chance of theft.
    Fix: find which key is in use, make the other inactive, then delete it.
    """
    return row.key_1 and row.key_2


iam_user_two_active_keys.cases(
    bad=[{"AccessKey1Active": True, "AccessKey2Active": True}],
    good=[{"AccessKey1Active": True}, {}],
)


@rule(
    "low",
    CredentialReport,
    "cis-aws-3.0:1.11",
    "nist-csf-2.0:PR.AA-01",
    when=lambda row: row.password and not row.is_root,
)
def iam_user_key_made_with_password(row: CredentialReport) -> bool:
    """A user with a console password got an access key when it was made, and never used it.

    Why: keys handed out in advance are forgotten, and work for whoever finds them.
    Fix: delete the key; let those who need one ask for it.
    """
    return row.key_1_made_with_user and row.key_1 and row.key_1_used_days == -1


KEY_AT_BIRTH = {"PasswordEnabled": True, "AccessKey1MadeWithUser": True, "AccessKey1Active": True}
iam_user_key_made_with_password.cases(
    bad=[KEY_AT_BIRTH],
    good=[
        {**KEY_AT_BIRTH, "AccessKey1MadeWithUser": False},
        {**KEY_AT_BIRTH, "AccessKey1LastUsed": LONG_AGO},
        {**KEY_AT_BIRTH, "AccessKey1Active": False},
    ],
    skipped=[{**KEY_AT_BIRTH, "PasswordEnabled": False}],
)


@rule("low", CredentialReport, "nist-csf-2.0:PR.AA-01", when=lambda row: not row.is_root)
def iam_user_without_credentials(row: CredentialReport, *, age_days_max: int = 90) -> bool:
    """An IAM user has nothing to sign in with, and is no longer new.

    Why: it keeps its permissions, and whoever can make a key for it gets them unseen.
    Fix: delete the user.
    """
    nothing = not (row.password or row.key_1 or row.key_2 or row.certificate_1 or row.certificate_2)
    return nothing and row.created_days > age_days_max


iam_user_without_credentials.cases(
    bad=[{"UserCreationTime": LONG_AGO}],
    good=[{"UserCreationTime": LATER}, {"UserCreationTime": LONG_AGO, "Cert1Active": True}],
    skipped=[{"IsRoot": True, "UserCreationTime": LONG_AGO}],
)


@rule(
    "medium",
    CredentialReport,
    "cis-aws-7.0:2.19",
    "cis-aws-3.0:1.21",
    "nist-csf-2.0:PR.AA-01",
    "nist-csf-2.0:PR.AA-04",
    when=lambda row: row.password and not row.is_root,
)
def iam_user_beside_federation(row: CredentialReport) -> bool:
    """A person signs in as an IAM user although the account has single sign-on.

    Why: who leaves the company is removed from the directory, but keeps an IAM user's password.
    Fix: give the person a permission set in Identity Center or a federated role, then delete the IAM user.
    """
    return bool(row.in_account.every(Instance)) or bool(row.in_account.every(SAMLProvider))


HERE = Account({"AccountId": "111122223333"})
PERSON = {"UserName": "ann", "PasswordEnabled": True}
iam_user_beside_federation.cases(
    bad=[(PERSON, HERE, Instance({"InstanceArn": "i"})), (PERSON, HERE, SAMLProvider({"Name": "okta"}))],
    good=[(PERSON, HERE)],
    skipped=[({"UserName": "robot"}, HERE, SAMLProvider({"Name": "okta"}))],
)


@rule("medium", Account, "cis-aws-7.0:2.19", "cis-aws-3.0:1.21", "nist-csf-2.0:PR.AA-01", "nist-csf-2.0:PR.AA-04")
def iam_federation_missing(account: Account) -> bool:
    """People sign in with passwords of this account, and no single sign-on is set up.

    Why: passwords kept in each account are forgotten when people leave, and have no common second factor.
    Fix: turn on IAM Identity Center for the organisation, or add a SAML provider, and give people roles.
    """
    people = any(row.password and not row.is_root for row in account.every(CredentialReport))
    return people and not account.every(Instance) and not account.every(SAMLProvider)


iam_federation_missing.cases(
    bad=[({}, CredentialReport(PERSON))],
    good=[
        {},
        ({}, CredentialReport({"UserName": "robot", "AccessKey1Active": True})),
        ({}, CredentialReport(PERSON), SAMLProvider({"Name": "okta"})),
    ],
    unknown=[({}, CredentialReport({"UserName": "x", "PasswordEnabled": Unknown("PasswordEnabled", "AccessDenied")}))],
)


@rule("low", Account, "cis-aws-7.0:2.15", "cis-aws-3.0:1.17", "aws-fsbp:IAM.18", "nist-csf-2.0:RS.MA-01")
def iam_support_role_missing(account: Account) -> bool:
    """No role lets people open and manage cases with AWS Support.

    Why: in an incident somebody must reach AWS Support at once, without borrowing an administrator's rights.
    Fix: make a role with the AWS-managed policy AWSSupportAccess and say who may assume it.
    """
    return not any(role.has_aws_policy(SUPPORT) for role in account.every(Role))


SUPPORTER = {"RoleName": "support", "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AWSSupportAccess"]}
iam_support_role_missing.cases(
    bad=[{}, ({}, Role({"RoleName": "other", "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}))],
    good=[({}, Role(SUPPORTER))],
    unknown=[({}, Role({"RoleName": "x", "ManagedPolicyArns": Unknown("ManagedPolicyArns", "AccessDenied")}))],
)


@rule("low", VirtualMFADevice, "nist-csf-2.0:PR.AA-01", only="live")
def iam_virtual_mfa_unassigned(device: VirtualMFADevice) -> bool:
    """A virtual second factor belongs to nobody.

    Why: its seed was handed out once; assigned later, whoever kept the seed has the codes too.
    Fix: delete the device and make a new one when a user needs it.
    """
    return not device.users


iam_virtual_mfa_unassigned.cases(
    bad=[{"SerialNumber": "arn:aws:iam::111122223333:mfa/x"}],
    good=[{"SerialNumber": "arn:aws:iam::111122223333:mfa/x", "Users": ["ann"]}],
)

# What templates make


@rule("high", AccessKey, "nist-csf-2.0:PR.AA-01", only="code")
def iam_access_key_in_template(key: AccessKey) -> bool:
    """A template makes a long-lived access key.

    Why: the secret ends up in the stack's outputs and state, and nobody rotates it.
    Fix: give the program a role; where it runs outside AWS, use IAM Roles Anywhere or an OIDC provider.
    """
    return key.status != "Inactive"


iam_access_key_in_template.cases(bad=[{"UserName": "robot"}], good=[{"UserName": "robot", "Status": "Inactive"}])


@rule("medium", User, "cis-aws-7.0:2.19", "cis-aws-3.0:1.21", "nist-csf-2.0:PR.AA-01", only="code")
def iam_user_password_in_template(user: User) -> bool:
    """A template makes an IAM user with a console password.

    Why: people should come through single sign-on; a password in a template is known to all who read it.
    Fix: remove LoginProfile, and give the person a permission set in Identity Center.
    """
    return bool(user.login_profile)


iam_user_password_in_template.cases(
    bad=[{"UserName": "ann", "LoginProfile": {"Password": "initial"}}], good=[{"UserName": "robot"}]
)

# What policies allow


@rule(
    "medium",
    User,
    "cis-aws-7.0:2.13",
    "cis-aws-3.0:1.15",
    "aws-fsbp:IAM.2",
    "nist-csf-2.0:PR.AA-05",
)
def iam_user_policy_direct(user: User) -> bool:
    """A user has permissions of its own rather than through groups.

    Why: rights given user by user are forgotten when tasks change, and nobody can review them all.
    Fix: put the permissions on a group or a role, and take them off the user.
    """
    return bool(user.managed_policies) or bool(user.inline)


iam_user_policy_direct.cases(
    bad=[
        {"UserName": "ann", "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]},
        {"UserName": "ann", "Policies": [{"PolicyName": "p", "PolicyDocument": allow("s3:GetObject")}]},
    ],
    good=[{"UserName": "ann", "Groups": ["readers"]}, {"UserName": "ann", "Policies": [], "ManagedPolicyArns": []}],
)


@rule(
    "medium",
    (ManagedPolicy, InlinePolicy),
    "cis-aws-7.0:2.13",
    "cis-aws-3.0:1.15",
    "aws-fsbp:IAM.2",
    "nist-csf-2.0:PR.AA-05",
    only="code",
)
def iam_policy_attached_to_user(policy: ManagedPolicy | InlinePolicy) -> bool:
    """A template attaches a policy straight to users.

    Why: rights given user by user are forgotten when tasks change, and nobody can review them all.
    Fix: list groups or roles in the policy in place of users.
    """
    return bool(policy.users)


iam_policy_attached_to_user.cases(
    bad=[{"Users": ["ann"]}, InlinePolicy({"Users": ["ann"]})],
    good=[{"Groups": ["readers"]}, {}],
)


@rule("medium", UserPolicy, "cis-aws-7.0:2.13", "cis-aws-3.0:1.15", "aws-fsbp:IAM.2", "nist-csf-2.0:PR.AA-05")
def iam_user_policy_in_template(policy: UserPolicy) -> bool:
    """A template writes a policy into one user.

    Why: rights given user by user are forgotten when tasks change, and nobody can review them all.
    Fix: write the policy into a group or a role with AWS::IAM::ManagedPolicy.
    """
    return bool(policy.policy.statements)


iam_user_policy_in_template.cases(bad=[{"PolicyDocument": allow("s3:GetObject")}], good=[{}])


@rule("high", ManagedPolicy, "aws-fsbp:IAM.1", "nist-csf-2.0:PR.AA-05", when=lambda policy: not policy.in_use)
def iam_policy_admin(policy: ManagedPolicy) -> bool:
    """A customer managed policy that waits to be attached allows every action on every resource.

    Why: whoever is given it, or steals a session of someone who does, owns the account.
    Fix: name the actions and resources that the work needs; Access Analyzer can draft such a policy from CloudTrail.
    """
    return policy.policy.admin


ADMIN_POLICY = allow("*")
iam_policy_admin.cases(
    bad=[{"PolicyDocument": ADMIN_POLICY}, {"PolicyDocument": allow(["*:*"], ["*"])}],
    good=[{"PolicyDocument": allow("s3:*")}, {"PolicyDocument": allow("*", "arn:aws:s3:::b")}, {}],
    unknown=[{"PolicyDocument": DENIED}],
    skipped=[{"PolicyDocument": ADMIN_POLICY, "AttachmentCount": 1}],
)


@rule(
    "high",
    ManagedPolicy,
    "aws-fsbp:IAM.1",
    "cis-aws-7.0:2.14",
    "cis-aws-3.0:1.16",
    "nist-csf-2.0:PR.AA-05",
    when=lambda policy: policy.in_use,
)
def iam_policy_admin_attached(policy: ManagedPolicy) -> bool:
    """Somebody holds a customer managed policy that allows every action on every resource.

    Why: each holder can read, change and delete everything, and hide the traces.
    Fix: detach it, and attach policies that name what the work needs.
    """
    return policy.policy.admin


iam_policy_admin_attached.cases(
    bad=[{"PolicyDocument": ADMIN_POLICY, "AttachmentCount": 1}, {"PolicyDocument": ADMIN_POLICY, "Roles": ["r"]}],
    good=[{"PolicyDocument": allow("s3:*"), "AttachmentCount": 1}],
    skipped=[{"PolicyDocument": ADMIN_POLICY, "AttachmentCount": 0}],
)


@rule("high", EMBEDDED, "cis-aws-7.0:2.14", "cis-aws-3.0:1.16", "nist-csf-2.0:PR.AA-05")
def iam_inline_admin(holder: Holder) -> bool:
    """An inline policy allows every action on every resource.

    Why: whoever acts as its holder owns the account, and lists of managed policies do not show it.
    Fix: replace it with a managed policy that names the actions and resources that the work needs.
    """
    return any(policy.admin for policy in holder.documents)


iam_inline_admin.cases(
    bad=[
        inside(ADMIN_POLICY),
        User({"UserName": "u", "Policies": [{"PolicyName": "p", "PolicyDocument": ADMIN_POLICY}]}),
        InlinePolicy({"PolicyDocument": ADMIN_POLICY}),
        RolePolicy({"PolicyDocument": ADMIN_POLICY}),
        UserPolicy({"PolicyDocument": ADMIN_POLICY}),
        GroupPolicy({"PolicyDocument": ADMIN_POLICY}),
    ],
    good=[inside(allow("s3:*")), {"RoleName": "r"}, InlinePolicy({"PolicyDocument": allow("s3:*")})],
    unknown=[inside(DENIED)],
)


@rule(
    "medium",
    IDENTITIES,
    "cis-aws-7.0:2.14",
    "cis-aws-3.0:1.16",
    "nist-csf-2.0:PR.AA-05",
    when=lambda identity: not identity.is_aws_own,
)
def iam_administrator_access(identity: Identity) -> bool:
    """A user, group or role holds AdministratorAccess.

    Why: each such holder is a way to lose the whole account; few people need it, and no program does.
    Fix: keep it to a break-glass role that is watched, and give the others policies for their work.
    """
    return identity.has_aws_policy(ADMINISTRATOR)


WITH_ADMIN = {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}
REFERENCE = Unknown("Ref P", "P is named only when it is made", target="P")
iam_administrator_access.cases(
    bad=[{"RoleName": "r", **WITH_ADMIN}, User(WITH_ADMIN), Group(WITH_ADMIN)],
    good=[
        {"RoleName": "r", "ManagedPolicyArns": ["arn:aws:iam::111122223333:policy/AdministratorAccess"]},
        ({"RoleName": "r", "ManagedPolicyArns": [REFERENCE]}, ManagedPolicy({}, address="P")),
    ],
    unknown=[{"RoleName": "r", "ManagedPolicyArns": [REFERENCE]}],
    skipped=[{"RoleName": "r", "Path": "/aws-reserved/sso.amazonaws.com/eu-west-1/", **WITH_ADMIN}],
)


@rule("low", ManagedPolicy, "aws-fsbp:IAM.21", "nist-csf-2.0:PR.AA-05")
def iam_policy_whole_service(policy: ManagedPolicy) -> bool:
    """A customer managed policy allows every action of a service.

    Why: it also allows what the service learns to do tomorrow, and deleting what was only to be read.
    Fix: name the actions that the work needs.
    """
    return bool(policy.policy.whole_services)


iam_policy_whole_service.cases(
    bad=[{"PolicyDocument": allow(["ec2:Describe*", "s3:*"])}],
    good=[
        {"PolicyDocument": allow("s3:Get*")},
        {"PolicyDocument": {"Statement": [{"Effect": "Deny", "Action": "s3:*"}]}},
    ],
    unknown=[{"PolicyDocument": DENIED}],
)


@rule("medium", HOLDERS, "nist-csf-2.0:PR.AA-05")
def iam_policy_all_but_some(holder: Holder) -> bool:
    """A policy allows every action but a few on every resource.

    Why: NotAction with Allow gives every service there is and will be, save those somebody thought of.
    Fix: write Action with what is needed, and a Deny for what must never be.
    """
    return any(s.allows and s.not_actions and s.every_resource for p in holder.documents for s in p.statements)


BUT_IAM = {"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]}
iam_policy_all_but_some.cases(
    bad=[{"PolicyDocument": BUT_IAM}, Role(inside(BUT_IAM))],
    good=[
        {"PolicyDocument": allow("s3:GetObject")},
        {"PolicyDocument": {"Statement": [{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}]}},
    ],
)


@rule("high", HOLDERS, "nist-csf-2.0:PR.AA-05")
def iam_privilege_escalation(holder: Holder) -> bool:
    """A policy that is not an administrator's lets its holder make itself one.

    Why: rights to change policies, make keys for others or pass any role to a machine lead to every right.
    Fix: limit the action to named resources, pass only named roles, and put a permissions boundary on who it makes.
    """
    return any(policy.escalations and not policy.admin for policy in holder.documents)


iam_privilege_escalation.cases(
    bad=[
        {"PolicyDocument": allow("iam:AttachUserPolicy")},
        {"PolicyDocument": allow(["iam:PassRole", "ec2:*"])},
        Role(inside(allow("iam:*"))),
        InlinePolicy({"PolicyDocument": allow("iam:CreateAccessKey")}),
    ],
    good=[
        {"PolicyDocument": allow("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}")},
        {"PolicyDocument": allow("iam:PassRole")},
        {"PolicyDocument": ADMIN_POLICY},
        {"PolicyDocument": allow("iam:Get*")},
    ],
)


@rule("medium", HOLDERS, "nist-csf-2.0:PR.AA-05")
def iam_pass_any_role(holder: Holder) -> bool:
    """A policy lets its holder pass any role to any service.

    Why: with a service that runs code, the holder then has the rights of the strongest role there is.
    Fix: name the roles that may be passed, and the service with the condition iam:PassedToService.
    """
    return any(policy.allows_everywhere("iam:PassRole") and not policy.admin for policy in holder.documents)


iam_pass_any_role.cases(
    bad=[{"PolicyDocument": allow("iam:PassRole")}, Role(inside(allow(["ec2:*", "iam:Pass*"])))],
    good=[
        {"PolicyDocument": allow("iam:PassRole", "arn:aws:iam::111122223333:role/app-*")},
        {
            "PolicyDocument": allow(
                "iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
            )
        },
        {"PolicyDocument": ADMIN_POLICY},
    ],
)


@rule("medium", ManagedPolicy, "aws-fsbp:KMS.1", "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.AA-05")
def iam_policy_decrypts_with_every_key(policy: ManagedPolicy) -> bool:
    """A customer managed policy lets its holder decrypt with every KMS key.

    Why: encryption with a key of its own protects data only while few may use that key.
    Fix: name the keys that the work needs, or the service with the condition kms:ViaService.
    """
    return any(policy.policy.allows_on(action, ANY_KEY) for action in KEY_READS)


iam_policy_decrypts_with_every_key.cases(
    bad=[
        {"PolicyDocument": allow("kms:Decrypt")},
        {"PolicyDocument": allow("kms:*", "arn:aws:kms:*:*:key/*")},
        {"PolicyDocument": ADMIN_POLICY},
    ],
    good=[
        {"PolicyDocument": allow("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/k")},
        {"PolicyDocument": allow("kms:Encrypt")},
    ],
)


@rule("medium", EMBEDDED, "aws-fsbp:KMS.2", "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.AA-05")
def iam_inline_decrypts_with_every_key(holder: Holder) -> bool:
    """An inline policy lets its holder decrypt with every KMS key.

    Why: encryption with a key of its own protects data only while few may use that key.
    Fix: name the keys that the work needs, or the service with the condition kms:ViaService.
    """
    return any(policy.allows_on(action, ANY_KEY) for policy in holder.documents for action in KEY_READS)


iam_inline_decrypts_with_every_key.cases(
    bad=[inside(allow("kms:Decrypt")), InlinePolicy({"PolicyDocument": allow("kms:*")})],
    good=[inside(allow("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/k")), {"RoleName": "r"}],
)


@rule("low", IDENTITIES, "cis-aws-7.0:2.20", "cis-aws-3.0:1.22", "aws-fsbp:IAM.27", "nist-csf-2.0:PR.AA-05")
def iam_cloudshell_full_access(identity: Identity) -> bool:
    """A user, group or role holds AWSCloudShellFullAccess.

    Why: CloudShell can upload and download files, a quiet way out for data.
    Fix: detach the policy; allow CloudShell without file transfer to those who need it.
    """
    return identity.has_aws_policy(CLOUD_SHELL)


WITH_SHELL = {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AWSCloudShellFullAccess"]}
iam_cloudshell_full_access.cases(
    bad=[{"RoleName": "r", **WITH_SHELL}, User(WITH_SHELL), Group(WITH_SHELL)], good=[{"RoleName": "r"}]
)

# Who may assume roles


@rule("critical", Role, "cis-aws-7.0:2.21", "nist-csf-2.0:PR.AA-05")
def iam_role_assumable_by_anyone(role: Role) -> bool:
    """Anyone with an AWS account can assume this role.

    Why: a wildcard principal without a condition lets in every AWS account in the world.
    Fix: name the accounts or roles that may assume it in the trust policy.
    """
    return role.trust.public


iam_role_assumable_by_anyone.cases(
    bad=[trusting("*"), trusting({"AWS": ["*"]})],
    good=[
        trusting({"Service": "ec2.amazonaws.com"}),
        trusting("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3"}}),
        trusting({"AWS": "arn:aws:iam::111122223333:root"}),
    ],
    unknown=[{"RoleName": "r", "AssumeRolePolicyDocument": DENIED}],
)


@rule("medium", Role, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:GV.SC-07", only="live")
def iam_role_without_external_id(role: Role) -> bool:
    """Another account can assume this role without an external id.

    Why: a service provider that holds such roles of many customers can be tricked into using yours for another.
    Fix: ask for sts:ExternalId in the trust policy, or for aws:PrincipalOrgID where it is your own organisation.
    """
    manager = role.in_account.management_account
    return any(
        s.allows
        and not s.narrowed
        and not s.values_for("sts:ExternalId")
        and not s.values_for("aws:MultiFactorAuthPresent")
        for s in role.trust.statements
        if any(other != manager for other in s.accounts_beside(role.account))
    )


STRANGER = {"AWS": "arn:aws:iam::999988887777:root"}
iam_role_without_external_id.cases(
    bad=[(trusting(STRANGER), HERE), (trusting({"AWS": "999988887777"}), HERE)],
    good=[
        (trusting(STRANGER, Condition={"StringEquals": {"sts:ExternalId": "x1"}}), HERE),
        (trusting(STRANGER, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3"}}), HERE),
        (trusting({"AWS": "arn:aws:iam::111122223333:root"}), HERE),
        (trusting(STRANGER), MEMBER),
    ],
)


@rule("critical", Role, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.AA-04")
def iam_role_github_any_repository(role: Role) -> bool:
    """Workflows of any GitHub repository can assume this role.

    Why: GitHub signs tokens for everyone; without a condition on the subject, a stranger's workflow gets in.
    Fix: add a condition on token.actions.githubusercontent.com:sub that names your organisation and repository.
    """
    return any(
        any(who.endswith(GITHUB) for who in s.principals)
        and _any_subject(s.values_for("token.actions.githubusercontent.com:sub"))
        for s in role.assumed_with_web_identity
    )


def _any_subject(subjects: tuple[str, ...]) -> bool:
    """Whether the values asked of a token's subject say nothing about whose it is."""
    return not subjects or any(subject.startswith(("*", "repo:*", "repo:?")) for subject in subjects)


WEB = "sts:AssumeRoleWithWebIdentity"
HUB = {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}
HUB_SUB = "token.actions.githubusercontent.com:sub"
HUB_AUD = {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}
iam_role_github_any_repository.cases(
    bad=[
        trusting(HUB, WEB),
        trusting(HUB, WEB, Condition=HUB_AUD),
        trusting(HUB, WEB, Condition={"StringLike": {HUB_SUB: "repo:*"}}),
        trusting(HUB, WEB, Condition={"StringLikeIfExists": {HUB_SUB: "repo:acme/app:*"}}),
    ],
    good=[
        trusting(HUB, WEB, Condition={**HUB_AUD, "StringLike": {HUB_SUB: "repo:acme/app:*"}}),
        trusting({"Service": "ec2.amazonaws.com"}),
    ],
)


@rule("high", Role, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.AA-04")
def iam_role_web_identity_any_subject(role: Role) -> bool:
    """Whoever gets a token of an identity provider can assume this role.

    Why: without a condition on the token's subject or audience, all users and programs of the provider get in.
    Fix: add a condition on the provider's sub claim (or aud for Cognito) that names who may assume the role.
    """
    return any(
        not s.condition
        for s in role.assumed_with_web_identity
        if any(who == COGNITO or ("oidc-provider/" in who and not who.endswith(GITHUB)) for who in s.principals)
    )


CLUSTER = {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC"}
iam_role_web_identity_any_subject.cases(
    bad=[trusting(CLUSTER, WEB), trusting({"Federated": COGNITO}, WEB)],
    good=[
        trusting(CLUSTER, WEB, Condition={"StringEquals": {"oidc.eks.eu-west-1.amazonaws.com/id/ABC:sub": "x"}}),
        trusting(HUB, WEB),
    ],
)


@rule(
    "low",
    Role,
    "nist-csf-2.0:PR.AA-05",
    only="live",
    when=lambda role: not role.is_aws_own,
)
def iam_role_unused(role: Role, *, unused_days_max: int = 90) -> bool:
    """Nobody has assumed this role for 90 days.

    Why: rights that nobody uses help only an attacker.
    Fix: look at its last activity, then delete the role.
    """
    idle = role.created_days if role.used_days == -1 else role.used_days
    return idle > unused_days_max


iam_role_unused.cases(
    bad=[{"CreateDate": LONG_AGO}, {"CreateDate": LONG_AGO, "RoleLastUsed": {"LastUsedDate": LONG_AGO}}],
    good=[{"CreateDate": LATER}, {"CreateDate": LONG_AGO, "RoleLastUsed": {"LastUsedDate": LATER}}],
    skipped=[{"Path": "/aws-service-role/x.amazonaws.com/", "CreateDate": LONG_AGO}],
)

# Providers and certificates


@rule("medium", SAMLProvider, "nist-csf-2.0:PR.AA-04", only="live")
def iam_saml_provider_expired(provider: SAMLProvider) -> bool:
    """The metadata of a SAML provider has expired.

    Why: sign-in through it can fail at any moment, and its signing certificate is past its time.
    Fix: upload fresh metadata from the identity provider, or delete the provider.
    """
    return provider.expired_days > 0


iam_saml_provider_expired.cases(bad=[{"ValidUntil": LONG_AGO}], good=[{"ValidUntil": LATER}, {}])


@rule(
    "medium",
    ServerCertificate,
    "cis-aws-7.0:2.17",
    "cis-aws-3.0:1.19",
    "aws-fsbp:IAM.26",
    "nist-csf-2.0:ID.AM-08",
    only="live",
)
def iam_server_certificate_expired(certificate: ServerCertificate) -> bool:
    """A TLS certificate kept in IAM has expired.

    Why: put on a load balancer by mistake it breaks the site, and teaches people to click warnings away.
    Fix: delete it, and use certificates of ACM, which renew themselves.
    """
    return certificate.expired_days > 0


iam_server_certificate_expired.cases(bad=[{"Expiration": LONG_AGO}], good=[{"Expiration": LATER}])


@rule("low", ServerCertificate, "nist-csf-2.0:ID.AM-08", only="live", when=lambda one: one.expired_days <= 0)
def iam_server_certificate_expiring(certificate: ServerCertificate, *, days_left_min: int = 30) -> bool:
    """A TLS certificate kept in IAM expires soon.

    Why: IAM does not renew certificates; when it expires, what it stands before goes down.
    Fix: replace it with a certificate of ACM before that day.
    """
    return certificate.expired_days > -days_left_min


iam_server_certificate_expiring.cases(
    bad=[{"Expiration": SOON}],
    good=[{"Expiration": LATER}],
    skipped=[{"Expiration": LONG_AGO}],
)
