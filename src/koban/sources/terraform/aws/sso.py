"""IAM Identity Center: permission sets, what is put into them, and who has them where."""

from __future__ import annotations

from koban.model.aws.sso import Assignment, Instance, PermissionSet
from koban.sources.terraform.mapping import folds, json, listed, maps

maps("aws_ssoadmin_instance", Instance, InstanceArn="arn", Name="name", OwnerAccountId="owner_account_id")
maps(
    "aws_ssoadmin_permission_set",
    PermissionSet,
    Name="name",
    PermissionSetArn="arn",
    SessionDuration="session_duration",
)
folds(
    "aws_ssoadmin_managed_policy_attachment",
    PermissionSet,
    "permission_set_arn",
    adds=True,
    ManagedPolicies=listed("managed_policy_arn"),
)
folds(
    "aws_ssoadmin_managed_policy_attachments_exclusive",
    PermissionSet,
    "permission_set_arn",
    adds=True,
    ManagedPolicies="managed_policy_arns",
)
folds(
    "aws_ssoadmin_permission_set_inline_policy",
    PermissionSet,
    "permission_set_arn",
    InlinePolicy=json("inline_policy"),
)
maps(
    "aws_ssoadmin_account_assignment",
    Assignment,
    PermissionSetArn="permission_set_arn",
    PrincipalType="principal_type",
    PrincipalId="principal_id",
    TargetId="target_id",
)
