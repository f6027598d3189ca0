"""Posture rules for AWS Organizations.  What only its management account can tell is asked of that account."""

from __future__ import annotations

from koban.model.aws.lambda_ import Function
from koban.model.aws.organizations import (
    SERVICE_CONTROL,
    Organization,
    OrganizationAccount,
    OrganizationalUnit,
    OrganizationPolicy,
    OrganizationResourcePolicy,
)
from koban.model.estate import SIGNS_OF_USE, Account
from koban.model.resource import resource_class
from koban.model.rule import rule
from koban.model.unknown import Unknown

MANAGER = {"AccountId": "111122223333", "OrganizationId": "o-1", "ManagementAccountId": "111122223333"}
MEMBER = {"AccountId": "111122223333", "OrganizationId": "o-1", "ManagementAccountId": "999988887777"}
ALL = {"Id": "o-1", "FeatureSet": "ALL"}


def denying(action: str, **more: object) -> dict[str, object]:
    """A service control policy for tables."""
    content = {"Statement": [{"Effect": "Deny", "Action": action, "Resource": "*"}]}
    return {"Id": "p-1", "Type": SERVICE_CONTROL, "Content": content, "TargetIds": ["r-ab12"], **more}


FULL_ACCESS = {**denying("none:None"), "Id": "p-FullAWSAccess", "AwsManaged": True, "Content": {}}


@rule("high", Organization, "cis-aws-7.0:2.1.2", "nist-csf-2.0:GV.RR-02", "nist-csf-2.0:PR.AA-05")
def organizations_features_limited(organization: Organization) -> bool:
    """The organisation only shares a bill.

    Why: without all features there are no policies over accounts, no central root and no central detection.
    Fix: turn on all features in AWS Organizations; each invited account has to agree.
    """
    return organization.feature_set != "ALL"


organizations_features_limited.cases(bad=[{"Id": "o-1", "FeatureSet": "CONSOLIDATED_BILLING"}], good=[ALL, {}])


@rule("medium", Organization, "cis-aws-7.0:2.1.2", "nist-csf-2.0:PR.AA-05", only="live")
def organizations_scp_off(organization: Organization) -> bool:
    """Service control policies are switched off.

    Why: nothing then stops the administrators of an account from leaving, or from switching off its logs.
    Fix: enable service control policies on the organisation's root.
    """
    return not any(kind == SERVICE_CONTROL for kind in organization.policy_types)


organizations_scp_off.cases(
    bad=[ALL, {**ALL, "EnabledPolicyTypes": ["TAG_POLICY"]}],
    good=[{**ALL, "EnabledPolicyTypes": [SERVICE_CONTROL]}],
    unknown=[{**ALL, "EnabledPolicyTypes": Unknown("Roots", "AccessDenied organizations:ListRoots")}],
)


@rule("medium", Organization, "cis-aws-7.0:2.1.6", "nist-csf-2.0:GV.RR-02", "nist-csf-2.0:PR.AA-05", only="live")
def organizations_delegate_missing(organization: Organization) -> bool:
    """No account but the management account manages a service for the organisation.

    Why: security work then happens in the one account that no policy can limit.
    Fix: register a security account as delegated administrator of GuardDuty, Security Hub, Config and the like.
    """
    return not organization.delegates


organizations_delegate_missing.cases(
    bad=[ALL],
    good=[{**ALL, "DelegatedAdministrators": ["999988887777"]}],
    unknown=[{**ALL, "DelegatedAdministrators": Unknown("DelegatedAdministrators", "AccessDenied")}],
)


@rule("low", Account, "cis-aws-7.0:2.1.5", "nist-csf-2.0:GV.RR-02", when=lambda account: account.is_management)
def organizations_policies_not_delegated(account: Account) -> bool:
    """Only the management account can change the organisation's policies.

    Why: everyone who writes guardrails must then work in the one account that no guardrail holds.
    Fix: give a security account the policy actions with a resource policy of the organisation.
    """
    return not account.every(OrganizationResourcePolicy)


organizations_policies_not_delegated.cases(
    bad=[MANAGER], good=[(MANAGER, OrganizationResourcePolicy({"Id": "rp-1"}))], skipped=[MEMBER, {}]
)


@rule("medium", Account, "cis-aws-7.0:2.1.2", "nist-csf-2.0:PR.AA-05", when=lambda account: account.is_management)
def organizations_without_guardrails(account: Account) -> bool:
    """No service control policy of your own is on any account.

    Why: FullAWSAccess, which AWS puts everywhere, allows all; nothing says what must never happen.
    Fix: write policies that deny leaving, switching off logs and detection, and unused regions; put them on the root.
    """
    return not any(policy.guards for policy in account.every(OrganizationPolicy))


organizations_without_guardrails.cases(
    bad=[
        MANAGER,
        (MANAGER, OrganizationPolicy(FULL_ACCESS)),
        (MANAGER, OrganizationPolicy(denying("x:Y", TargetIds=[]))),
    ],
    good=[(MANAGER, OrganizationPolicy(denying("organizations:LeaveOrganization")))],
    skipped=[MEMBER],
)


@rule("medium", Account, "cis-aws-7.0:2.1.2", "nist-csf-2.0:PR.AA-05", when=lambda account: account.is_management)
def organizations_members_may_leave(account: Account) -> bool:
    """No service control policy stops accounts from leaving the organisation.

    Why: an administrator, or who took over from one, can take the account out of every guardrail.
    Fix: deny organizations:LeaveOrganization in a service control policy on the root.
    """
    return not any(
        policy.guards and policy.denies("organizations:LeaveOrganization")
        for policy in account.every(OrganizationPolicy)
    )


organizations_members_may_leave.cases(
    bad=[MANAGER, (MANAGER, OrganizationPolicy(denying("s3:*")))],
    good=[(MANAGER, OrganizationPolicy(denying("organizations:LeaveOrganization")))],
    unknown=[(MANAGER, OrganizationPolicy({**denying("x:Y"), "Content": Unknown("Content", "AccessDenied")}))],
)


@rule("medium", Account, "cis-aws-7.0:2.1.2", "nist-csf-2.0:PR.PS-04", when=lambda account: account.is_management)
def organizations_logging_unguarded(account: Account) -> bool:
    """No service control policy stops accounts from switching off CloudTrail.

    Why: the first thing an intruder with rights does is to stop the log.
    Fix: deny cloudtrail:StopLogging and cloudtrail:DeleteTrail in a service control policy on the root.
    """
    return not any(
        policy.guards and policy.denies("cloudtrail:StopLogging") for policy in account.every(OrganizationPolicy)
    )


organizations_logging_unguarded.cases(
    bad=[MANAGER, (MANAGER, OrganizationPolicy(denying("s3:*")))],
    good=[(MANAGER, OrganizationPolicy(denying("cloudtrail:*")))],
)


@rule("low", OrganizationPolicy, "cis-aws-7.0:2.1.2", "nist-csf-2.0:PR.AA-05", when=lambda one: not one.aws_managed)
def organizations_policy_unattached(policy: OrganizationPolicy) -> bool:
    """A policy of the organisation is on nothing.

    Why: people believe in a guardrail that holds nobody.
    Fix: attach it to the root, a unit or an account, or delete it.
    """
    return not policy.targets


organizations_policy_unattached.cases(
    bad=[denying("s3:*", TargetIds=[])],
    good=[denying("s3:*")],
    unknown=[denying("s3:*", TargetIds=Unknown("Targets", "AccessDenied organizations:ListTargetsForPolicy"))],
    skipped=[FULL_ACCESS],
)


@rule("low", Account, "cis-aws-7.0:2.1.4", "nist-csf-2.0:ID.AM-05", when=lambda account: account.is_management)
def organizations_without_units(account: Account) -> bool:
    """The organisation has no organizational units.

    Why: production and test then fall under the same policies, or each account is set up by hand.
    Fix: make units by environment and sensitivity, and move the accounts into them.
    """
    return not account.every(OrganizationalUnit)


organizations_without_units.cases(
    bad=[MANAGER], good=[(MANAGER, OrganizationalUnit({"Id": "ou-1", "Name": "production"}))], skipped=[MEMBER]
)


@rule(
    "low",
    OrganizationAccount,
    "cis-aws-7.0:2.1.4",
    "nist-csf-2.0:ID.AM-05",
    only="live",
    when=lambda one: not one.is_management,
)
def organizations_account_outside_units(account: OrganizationAccount) -> bool:
    """An account is in no organizational unit.

    Why: policies put on units do not hold it.
    Fix: move it into the unit of its environment.
    """
    return account.in_root


organizations_account_outside_units.cases(
    bad=[({"AccountId": "444455556666", "ParentIds": ["r-ab12"]}, Account(MANAGER))],
    good=[({"AccountId": "444455556666", "ParentIds": ["ou-ab12-1"]}, Account(MANAGER))],
    skipped=[({"AccountId": "111122223333", "ParentIds": ["r-ab12"]}, Account(MANAGER))],
)


@rule("medium", Account, "cis-aws-7.0:2.1.3", "nist-csf-2.0:PR.IR-01", when=lambda account: account.is_management)
def organizations_management_account_runs_workloads(account: Account) -> bool:
    """The account that manages the organisation also runs workloads.

    Why: no service control policy holds it, so a hole in one of its servers opens the whole organisation.
    Fix: move the workloads to a member account.
    """
    return any(account.every(resource_class(name)) for name in SIGNS_OF_USE)


SERVER = Function({"FunctionName": "f"})
organizations_management_account_runs_workloads.cases(
    bad=[(MANAGER, SERVER)], good=[MANAGER], skipped=[(MEMBER, SERVER)]
)
