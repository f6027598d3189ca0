"""AWS CloudFormation, of which Terraform can make stacks."""

from __future__ import annotations

from koban.model.aws.cloudformation import Stack, StackSet
from koban.sources.terraform.mapping import block, maps

maps(
    "aws_cloudformation_stack",
    Stack,
    StackName="name",
    StackId="id",
    RoleARN="iam_role_arn",
    NotificationARNs="notification_arns",
    Parameters="parameters",
)
# An application of the Serverless Application Repository is a stack, too.
maps("aws_serverlessapplicationrepository_cloudformation_stack", Stack, StackId="id", Parameters="parameters")
maps(
    "aws_cloudformation_stack_set",
    StackSet,
    StackSetName="name",
    StackSetId="stack_set_id",
    PermissionModel="permission_model",
    AutoDeployment=block("auto_deployment", Enabled="enabled"),
)
