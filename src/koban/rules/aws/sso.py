"""Posture rules for IAM Identity Center."""

from __future__ import annotations

from koban.model.aws.sso import Assignment, PermissionSet
from koban.model.estate import Account
from koban.model.rule import rule
from koban.model.unknown import Unknown

NAMED = {"Name": "developers", "PermissionSetArn": "arn:aws:sso:::permissionSet/ssoins-1/ps-1"}
ADMIN = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
MAKES_KEYS = {"Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}
READS = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


@rule("medium", PermissionSet, "cis-aws-7.0:2.14", "nist-csf-2.0:PR.AA-05")
def sso_permission_set_admin(permissions: PermissionSet) -> bool:
    """A permission set allows everything.

    Why: whoever takes over the session of one who has it owns each account where it is assigned.
    Fix: keep it to a few people for emergencies, and give the others permission sets for their work.
    """
    return permissions.admin


sso_permission_set_admin.cases(
    bad=[
        {**NAMED, "ManagedPolicies": ["arn:aws:iam::aws:policy/AdministratorAccess"]},
        {**NAMED, "InlinePolicy": ADMIN},
    ],
    good=[{**NAMED, "ManagedPolicies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"], "InlinePolicy": READS}, NAMED],
    unknown=[
        {**NAMED, "InlinePolicy": Unknown("InlinePolicy", "AccessDenied sso-admin:GetInlinePolicyForPermissionSet")}
    ],
)


@rule("high", PermissionSet, "nist-csf-2.0:PR.AA-05")
def sso_permission_set_escalation(permissions: PermissionSet) -> bool:
    """A permission set that is not an administrator's lets people make themselves administrators.

    Why: rights to change policies, make keys for others or pass any role to a machine lead to every right.
    Fix: limit the action to named resources, and put a permissions boundary on what people make.
    """
    return bool(permissions.inline.escalations) and not permissions.admin


sso_permission_set_escalation.cases(
    bad=[{**NAMED, "InlinePolicy": MAKES_KEYS}],
    good=[NAMED, {**NAMED, "InlinePolicy": READS}, {**NAMED, "InlinePolicy": ADMIN}],
)


@rule("low", PermissionSet, "nist-csf-2.0:PR.AA-03", "nist-csf-2.0:PR.AA-05")
def sso_session_long(permissions: PermissionSet, *, session_hours_max: int = 8) -> bool:
    """A session of a permission set lasts longer than a working day.

    Why: whoever steals the session's keys can use them until it ends, and nobody can call them back.
    Fix: set the session duration to 8 hours or less; for administrators to 1 hour.
    """
    return permissions.session_hours > session_hours_max


sso_session_long.cases(
    bad=[{**NAMED, "SessionDuration": "PT12H"}, {**NAMED, "SessionDuration": "PT8H30M"}],
    good=[NAMED, {**NAMED, "SessionDuration": "PT8H"}],
    unknown=[{**NAMED, "SessionDuration": "a day"}],
)


@rule("low", Assignment, "cis-aws-7.0:2.13", "nist-csf-2.0:PR.AA-05")
def sso_assignment_to_user(assignment: Assignment) -> bool:
    """A permission set is assigned to one person rather than to a group.

    Why: rights given person by person stay when tasks change, and nobody can review them all.
    Fix: assign it to a group of the directory, and put the person in that group.
    """
    return assignment.principal_type == "USER"


sso_assignment_to_user.cases(bad=[{"PrincipalType": "USER"}], good=[{"PrincipalType": "GROUP"}])


@rule("medium", Assignment, "cis-aws-7.0:2.1.3", "nist-csf-2.0:PR.AA-05", when=lambda one: one.permission_set)
def sso_admin_in_management_account(assignment: Assignment) -> bool:
    """People are administrators of the account that manages the organisation.

    Why: that account is above every service control policy, and its administrators reach every other account.
    Fix: delegate Identity Center and the security services to another account, and take this assignment away.
    """
    return assignment.in_manager and assignment.permission_set.admin


MANAGER = Account({"AccountId": "111122223333", "OrganizationId": "o-1", "ManagementAccountId": "111122223333"})
FULL = PermissionSet({**NAMED, "InlinePolicy": ADMIN})
IN_MANAGER = {"PermissionSetArn": NAMED["PermissionSetArn"], "TargetId": "111122223333"}
sso_admin_in_management_account.cases(
    bad=[(IN_MANAGER, FULL, MANAGER)],
    good=[
        ({**IN_MANAGER, "TargetId": "999988887777"}, FULL, MANAGER),
        (IN_MANAGER, PermissionSet({**NAMED, "InlinePolicy": READS}), MANAGER),
    ],
)


@rule("low", PermissionSet, "nist-csf-2.0:PR.AA-05", only="live")
def sso_permission_set_unassigned(permissions: PermissionSet) -> bool:
    """Nobody has a permission set.

    Why: rights that nobody uses help only whoever can assign them unseen.
    Fix: delete the permission set.
    """
    return not permissions.assignments


sso_permission_set_unassigned.cases(bad=[NAMED], good=[(NAMED, Assignment(IN_MANAGER))])
