"""IAM Identity Center: single sign-on, permission sets, and who has them where."""

from __future__ import annotations

import re
from typing import Any

from koban.model.aws.iam import ADMINISTRATOR
from koban.model.aws.policy import Policy, policy
from koban.model.resource import Resource, derived, field, link, referring
from koban.model.unknown import Unknown


class Instance(Resource, type="AWS::SSO::Instance", ids="InstanceArn Name", arn="{InstanceArn}"):
    """An Identity Center that this account owns or sees."""

    owner_account: str = field("OwnerAccountId", "", "The account that it is in")


class PermissionSet(Resource, type="AWS::SSO::PermissionSet", ids="Name PermissionSetArn", arn="{PermissionSetArn}"):
    """What people with it may do in the accounts where they have it."""

    managed_policies: tuple[str, ...] = field("ManagedPolicies", (), "ARNs of its AWS-managed policies")
    inline: Policy = policy("InlinePolicy", "Its own policy")
    session: str = field("SessionDuration", "PT1H", "Longest session, as an ISO 8601 duration")
    assignments: tuple[Assignment, ...] = referring("AWS::SSO::Assignment", "permission_set", "Who has it where")

    @derived
    def session_hours(self) -> float:
        """The longest session, in hours."""
        text: Any = self.session
        if isinstance(text, Unknown):
            return text  # type: ignore[return-value]
        found = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", text)
        if not found:
            return Unknown("SessionDuration", "the value is not an ISO 8601 duration")  # type: ignore[return-value]
        days, hours, minutes, seconds = (int(group or 0) for group in found.groups())
        return days * 24 + hours + minutes / 60 + seconds / 3600

    @derived
    def admin(self) -> bool:
        """Whether it allows everything."""
        return self.inline.admin or any(one.endswith(f":aws:policy/{ADMINISTRATOR}") for one in self.managed_policies)


class Assignment(
    Resource,
    type="AWS::SSO::Assignment",
    arn="{PermissionSetArn}/{TargetId}/{PrincipalType}/{PrincipalId}",
):
    """One person or group with one permission set in one account."""

    permission_set: Any = link("PermissionSetArn", "AWS::SSO::PermissionSet", "What they may do")
    principal_type: str = field("PrincipalType", "", "USER or GROUP")
    target: str = field("TargetId", "", "The account where they have it")

    @derived
    def in_manager(self) -> bool:
        """Whether it is in the account that manages the organisation."""
        manager: str = self.in_account.management_account
        return manager == self.target
