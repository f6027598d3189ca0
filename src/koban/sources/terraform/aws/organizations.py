"""AWS Organizations: the organisation, its units and accounts, and the policies over them."""

from __future__ import annotations

from koban.model.aws.organizations import (
    Organization,
    OrganizationAccount,
    OrganizationalUnit,
    OrganizationPolicy,
    OrganizationResourcePolicy,
)
from koban.sources.terraform.mapping import folds, json, listed, maps

maps(
    "aws_organizations_organization",
    Organization,
    Id="id",
    FeatureSet="feature_set",
    EnabledPolicyTypes="enabled_policy_types",
    TrustedServices="aws_service_access_principals",
)
maps(
    "aws_organizations_account",
    OrganizationAccount,
    AccountId="id",
    AccountName="name",
    ParentIds=listed("parent_id"),
)
maps("aws_organizations_organizational_unit", OrganizationalUnit, Id="id", Name="name", ParentId="parent_id")
maps(
    "aws_organizations_policy",
    OrganizationPolicy,
    Id="id",
    Name="name",
    Type="type",
    Content=json("content"),
    lacks={"AwsManaged": "the provider makes policies of one's own alone"},
)
folds("aws_organizations_policy_attachment", OrganizationPolicy, "policy_id", adds=True, TargetIds=listed("target_id"))
maps("aws_organizations_resource_policy", OrganizationResourcePolicy, Id="id", Content=json("content"))
