"""Reads AWS Identity and Access Management: nearly all of it in a few bulk answers."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from typing import Any

from koban.model.aws.iam import (
    AccessKeyUse,
    AccountSummary,
    CentralRootAccess,
    CredentialReport,
    Group,
    InstanceProfile,
    ManagedPolicy,
    PasswordPolicy,
    Role,
    SAMLProvider,
    ServerCertificate,
    User,
    VirtualMFADevice,
)
from koban.model.resource import Resource
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Failure, Reader, pick, tags

ROOT = "<root_account>"
REPORT_WAIT_SECONDS = 0.5
REPORT_WAITS_MAX = 60
SAME_MOMENT_SECONDS_MAX = 60  # a key made with its user is made within this
PAGE_ITEMS_MAX = 1000
# What AWS asks of passwords where the account has no policy of its own (three kinds of character, not all four).
NO_PASSWORD_POLICY = {"Exists": False, "MinimumPasswordLength": 8}
NO_CENTRAL_ROOT = (
    "ServiceAccessNotEnabledException",
    "ServiceAccessNotEnabled",
    "OrganizationNotInAllFeaturesModeException",
    "OrganizationNotInAllFeaturesMode",
)
NOT_ITS_BUSINESS = (
    "AccountNotManagementOrDelegatedAdministratorException",
    "AccountNotManagementOrDelegatedAdministrator",
    "OrganizationNotFoundException",
    "OrganizationNotFound",
)


def virtual_mfa_device_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "SerialNumber")
    if raw.get("User"):
        # The root user has no name of its own: its "name" is the account's.
        root = raw["User"].get("Arn", "").endswith(":root")
        document["Users"] = [ROOT if root else raw["User"].get("UserName", "")]
    return document


def is_of_root(raw: dict[str, Any]) -> bool:
    """Whether a virtual MFA device is the root user's."""
    owner = raw.get("User", {}).get("Arn", "")
    return bool(owner.endswith(":root") or raw.get("SerialNumber", "").endswith(":mfa/root-account-mfa-device"))


@reads(VirtualMFADevice, "iam:ListVirtualMFADevices", scope="global")
def virtual_mfa_devices(aws: Reader) -> Iterator[dict[str, Any]]:
    for raw in aws.pages("iam:ListVirtualMFADevices", "VirtualMFADevices", AssignmentStatus="Any"):
        yield virtual_mfa_device_from_api(raw)


def account_summary_from_api(raw: dict[str, int], devices: Any) -> dict[str, Any]:
    document: dict[str, Any] = pick(raw, "AccountAccessKeysPresent", "AccountSigningCertificatesPresent")
    for name in ("AccountMFAEnabled", "AccountPasswordPresent"):
        if name in raw:
            document[name] = raw[name] > 0
    document["RootVirtualMFA"] = any(is_of_root(one) for one in devices) if isinstance(devices, list) else devices
    return document


@reads(AccountSummary, "iam:GetAccountSummary", scope="global", RootVirtualMFA="iam:ListVirtualMFADevices")
def account_summary(aws: Reader) -> Iterator[dict[str, Any]]:
    raw = aws.call("iam:GetAccountSummary")["SummaryMap"]
    devices = aws.ask_all("iam:ListVirtualMFADevices", "VirtualMFADevices", AssignmentStatus="Assigned")
    yield account_summary_from_api(raw, devices)


@reads(PasswordPolicy, "iam:GetAccountPasswordPolicy", scope="global")
def password_policy(aws: Reader) -> Iterator[dict[str, Any]]:
    try:
        yield {"Exists": True, **aws.call("iam:GetAccountPasswordPolicy")["PasswordPolicy"]}
    except Failure as failure:
        if failure.code not in ("NoSuchEntity", "NoSuchEntityException"):
            raise
        yield dict(NO_PASSWORD_POLICY)


@reads(CentralRootAccess, "iam:ListOrganizationsFeatures", scope="global")
def central_root_access(aws: Reader) -> Iterator[dict[str, Any]]:
    """Only the organisation's management account, or its delegate, can tell; the others have none to show."""
    try:
        features = aws.call("iam:ListOrganizationsFeatures").get("EnabledFeatures", [])
    except Failure as failure:
        if failure.code in NOT_ITS_BUSINESS:
            return
        if failure.code not in NO_CENTRAL_ROOT:
            raise
        features = []
    yield {name: name in features for name in ("RootCredentialsManagement", "RootSessions")}


def credential_report_from_csv(row: dict[str, str]) -> dict[str, Any]:
    """One row of the report.  ``N/A``, ``no_information`` and ``not_supported`` are left out."""
    document: dict[str, Any] = {"UserName": row["user"], "UserArn": row["arn"], "IsRoot": row["user"] == ROOT}
    moments = {
        "UserCreationTime": "user_creation_time",
        "PasswordLastUsed": "password_last_used",
        "PasswordLastChanged": "password_last_changed",
        "AccessKey1LastUsed": "access_key_1_last_used_date",
        "AccessKey2LastUsed": "access_key_2_last_used_date",
    }
    for name, column in moments.items():
        if _is_moment(row.get(column, "")):
            document[name] = row[column]
    switches = {
        "PasswordEnabled": "password_enabled",
        "MfaActive": "mfa_active",
        "AccessKey1Active": "access_key_1_active",
        "AccessKey2Active": "access_key_2_active",
        "Cert1Active": "cert_1_active",
        "Cert2Active": "cert_2_active",
    }
    for name, column in switches.items():
        document[name] = row.get(column, "").lower() == "true"
    made, keyed = row.get("user_creation_time", ""), row.get("access_key_1_last_rotated", "")
    document["AccessKey1MadeWithUser"] = (
        _is_moment(made) and _is_moment(keyed) and _seconds_between(made, keyed) <= SAME_MOMENT_SECONDS_MAX
    )
    return document


def access_keys_from_csv(row: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The access keys in one row of the report: those that work, and those switched off."""
    for slot in (1, 2):
        made = row.get(f"access_key_{slot}_last_rotated", "")
        active = row.get(f"access_key_{slot}_active", "").lower() == "true"
        if not active and not _is_moment(made):
            continue  # there is no such key
        document: dict[str, Any] = {
            "KeyName": f"{row['user']}/{slot}",
            "UserArn": row["arn"],
            "Slot": slot,
            "Active": active,
            "IsRoot": row["user"] == ROOT,
        }
        if _is_moment(made):
            document["LastRotated"] = made
        used = row.get(f"access_key_{slot}_last_used_date", "")
        if _is_moment(used):
            document["LastUsed"] = used
        yield document


def _is_moment(text: str) -> bool:
    return text[:4].isdigit()


def _seconds_between(one: str, other: str) -> float:
    moments = [datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (one, other)]
    return abs((moments[0] - moments[1]).total_seconds())


@reads(
    (CredentialReport, AccessKeyUse),
    "iam:GetCredentialReport",
    "iam:GenerateCredentialReport",
    scope="global",
)
def credential_report(aws: Reader) -> Iterator[Resource]:
    """AWS makes a new report at most every four hours; until then it gives the last one."""
    try:
        for _ in range(REPORT_WAITS_MAX):
            if aws.call("iam:GenerateCredentialReport").get("State") == "COMPLETE":
                break
            time.sleep(REPORT_WAIT_SECONDS)
    except Failure:
        pass  # one that somebody else had made may still be there; the next call tells
    try:
        report = aws.call("iam:GetCredentialReport")
    except Failure as failure:
        failure.lasting = failure.lasting and failure.code != "ReportInProgress"
        raise
    for row in csv.DictReader(StringIO(report["Content"])):
        yield aws.made(CredentialReport, credential_report_from_csv(row))
        for key in access_keys_from_csv(row):
            yield aws.made(AccessKeyUse, key)


def _identity(raw: dict[str, Any], inline: str, *same: str) -> dict[str, Any]:
    document = pick(raw, "Path", "Arn", *same)
    document["ManagedPolicyArns"] = [one["PolicyArn"] for one in raw.get("AttachedManagedPolicies", ())]
    document["Policies"] = [pick(one, "PolicyName", "PolicyDocument") for one in raw.get(inline, ())]
    boundary = raw.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    if boundary:
        document["PermissionsBoundary"] = boundary
    if raw.get("Tags"):
        document["Tags"] = tags(raw["Tags"])
    return document


def user_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return _identity(raw, "UserPolicyList", "UserName") | pick(raw, Groups="GroupList")


def group_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return _identity(raw, "GroupPolicyList", "GroupName")


def role_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = _identity(raw, "RolePolicyList", "RoleName", "AssumeRolePolicyDocument", "CreateDate")
    if raw.get("RoleLastUsed"):
        document["RoleLastUsed"] = pick(raw["RoleLastUsed"], "LastUsedDate", "Region")
    return document


def instance_profile_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "InstanceProfileName", "Path", "Arn")
    document["Roles"] = [one["RoleName"] for one in raw.get("Roles", ())]
    return document


def managed_policy_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "Path", "AttachmentCount", ManagedPolicyName="PolicyName", PolicyArn="Arn")
    for version in raw.get("PolicyVersionList", ()):
        if version.get("IsDefaultVersion"):
            document["PolicyDocument"] = version.get("Document", {})
    return document


@reads(
    (User, Group, Role, InstanceProfile, ManagedPolicy),
    "iam:GetAccountAuthorizationDetails",
    scope="global",
)
def authorization_details(aws: Reader) -> Iterator[Resource]:
    """Every user, group, role and customer managed policy with its documents, up to 1,000 things a call."""
    params: dict[str, Any] = {"Filter": ["User", "Group", "Role", "LocalManagedPolicy"], "MaxItems": PAGE_ITEMS_MAX}
    profiles: dict[str, None] = {}
    while True:
        page = aws.call("iam:GetAccountAuthorizationDetails", **params)
        for raw in page.get("UserDetailList", ()):
            yield aws.made(User, user_from_api(raw))
        for raw in page.get("GroupDetailList", ()):
            yield aws.made(Group, group_from_api(raw))
        for raw in page.get("RoleDetailList", ()):
            yield aws.made(Role, role_from_api(raw))
            for profile in raw.get("InstanceProfileList", ()):
                if profile["Arn"] not in profiles:
                    profiles[profile["Arn"]] = None
                    yield aws.made(InstanceProfile, instance_profile_from_api(profile))
        for raw in page.get("Policies", ()):
            yield aws.made(ManagedPolicy, managed_policy_from_api(raw))
        if not page.get("IsTruncated"):
            return
        params["Marker"] = page["Marker"]


def saml_provider_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(raw, "Arn", "ValidUntil") | {"Name": raw["Arn"].rsplit("/", 1)[-1]}


@reads(SAMLProvider, "iam:ListSAMLProviders", scope="global")
def saml_providers(aws: Reader) -> Iterator[dict[str, Any]]:
    for raw in aws.pages("iam:ListSAMLProviders", "SAMLProviderList"):
        yield saml_provider_from_api(raw)


def server_certificate_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(raw, "ServerCertificateName", "Arn", "Path", "Expiration")


@reads(ServerCertificate, "iam:ListServerCertificates", scope="global")
def server_certificates(aws: Reader) -> Iterator[dict[str, Any]]:
    for raw in aws.pages("iam:ListServerCertificates", "ServerCertificateMetadataList"):
        yield server_certificate_from_api(raw)
