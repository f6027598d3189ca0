"""AWS Organizations: accounts, units, and the policies over them."""

from __future__ import annotations

from koban.model.aws.policy import Policy, policy
from koban.model.resource import Resource, asked, derived, fact, field

SERVICE_CONTROL = "SERVICE_CONTROL_POLICY"


class Organization(Resource, type="AWS::Organizations::Organization", ids="Id"):
    """An organisation, as its management account sees it."""

    feature_set: str = field("FeatureSet", "ALL", "ALL, or CONSOLIDATED_BILLING: no policies over accounts")
    policy_types: tuple[str, ...] = fact("EnabledPolicyTypes", (), "The kinds of policy that are switched on")
    delegates: tuple[str, ...] = fact(
        "DelegatedAdministrators", (), "Ids of the accounts that manage a service for all"
    )
    trusted_services: tuple[str, ...] = fact("TrustedServices", (), "Services that may act in every account")


class OrganizationAccount(Resource, type="AWS::Organizations::Account", ids="AccountId AccountName"):
    """An account of an organisation, as the management account sees it."""

    account_id: str = field("AccountId", "", "Its number")
    parents: tuple[str, ...] = field("ParentIds", (), "The unit or root (r-...) that it is directly in")

    @derived
    def is_management(self) -> bool:
        """Whether it is the account that manages the organisation, which alone lists accounts."""
        return self.account_id == self.account

    @derived
    def in_root(self) -> bool:
        """Whether it is in no organizational unit."""
        return any(parent.startswith("r-") for parent in self.parents)


class OrganizationalUnit(Resource, type="AWS::Organizations::OrganizationalUnit", ids="Id Name"):
    """A group of accounts that policies can be put on."""

    parent: str = field("ParentId", "", "The unit or root (r-...) that it is in")


class OrganizationPolicy(Resource, type="AWS::Organizations::Policy", ids="Id Name"):
    """A policy over accounts: a service control policy or a resource control policy."""

    kind: str = field("Type", SERVICE_CONTROL, "SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY, ...")
    content: Policy = policy("Content", "What it allows or denies")
    targets: tuple[str, ...] = field("TargetIds", (), "The roots, units and accounts that it is on")
    aws_managed: bool = field("AwsManaged", False, "AWS made it")

    @derived
    def guards(self) -> bool:
        """Whether it is a service control policy of one's own that is on something."""
        return self.kind == SERVICE_CONTROL and not self.aws_managed and bool(self.targets)

    @asked
    def denies(self, action: str) -> bool:
        """Whether a statement denies `action`."""
        return any(s.effect == "Deny" and s.does(action) for s in self.content.statements)


class OrganizationResourcePolicy(Resource, type="AWS::Organizations::ResourcePolicy", ids="Id"):
    """The policy that lets accounts beside the management account manage the organisation's policies."""

    content: Policy = policy("Content", "Who may manage what")
