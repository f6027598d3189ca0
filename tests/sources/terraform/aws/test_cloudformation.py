from koban.model.aws.cloudformation import Stack, StackSet


def test_a_stack(twins):
    twins(
        "aws_cloudformation_stack",
        {"name": "s", "notification_arns": ["t"], "parameters": {"DbPassword": "hunter2hunter2"}},
        Stack,
        {"NotificationARNs": ["t"], "Parameters": {"DbPassword": "hunter2hunter2"}},
    )
    twins("aws_cloudformation_stack", {"name": "s"}, Stack, {})


def test_a_stack_of_a_serverless_application(twins):
    twins(
        "aws_serverlessapplicationrepository_cloudformation_stack",
        {"name": "s", "parameters": {"Stage": "prod"}},
        Stack,
        {"Parameters": {"Stage": "prod"}},
    )


def test_a_stack_set(twins):
    twins(
        "aws_cloudformation_stack_set",
        {"name": "s", "permission_model": "SERVICE_MANAGED", "auto_deployment": [{"enabled": True}]},
        StackSet,
        {"PermissionModel": "SERVICE_MANAGED", "AutoDeployment": {"Enabled": True}},
    )
    twins("aws_cloudformation_stack_set", {"name": "s"}, StackSet, {})
