"""Posture rules for AWS CloudFormation."""

from __future__ import annotations

from koban.model.aws.cloudformation import Stack, StackSet
from koban.model.rule import rule
from koban.model.unknown import Unknown


@rule("high", Stack, "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.AA-01", only="live")
def cloudformation_stack_secret_in_outputs(stack: Stack) -> bool:
    """An output of this stack looks like a secret.

    Why: outputs are shown to everyone who may describe stacks, many read-only roles among them.
    Fix: take the output away, keep the secret in Secrets Manager and show its ARN instead, then rotate it.
    """
    return bool(stack.secret_outputs)


cloudformation_stack_secret_in_outputs.cases(
    bad=[{"Outputs": [{"OutputKey": "DbPassword", "OutputValue": "(a value)"}]}],
    good=[{}, {"Outputs": [{"OutputKey": "BucketName", "OutputValue": "(a value)"}]}],
    unknown=[{"Outputs": Unknown("Outputs", "AccessDenied cloudformation:DescribeStacks")}],
)


@rule("high", Stack, "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.AA-01")
def cloudformation_stack_secret_in_parameters(stack: Stack) -> bool:
    """A parameter of this stack looks like a secret that everyone who sees the stack can read.

    Why: a parameter without NoEcho is shown to everyone who may describe stacks.
    Fix: hand over the ARN of a secret, or set NoEcho on the parameter, then rotate the secret.
    """
    return bool(stack.secret_parameters)


cloudformation_stack_secret_in_parameters.cases(
    bad=[{"Parameters": {"DbPassword": "(a value)"}}, {"Parameters": {"DbPassword": "hunter2hunter2"}}],
    good=[{}, {"Parameters": {"DbPassword": "****"}}, {"Parameters": {"Stage": "prod"}}],
    unknown=[{"Parameters": {"DbPassword": Unknown("DbPassword", "parameter DbPassword has no default")}}],
)


@rule(
    "medium",
    Stack,
    "aws-fsbp:CloudFormation.3",
    "nist-csf-2.0:PR.IR-04",
    only="live",
    when=lambda stack: not stack.parent,
)
def cloudformation_stack_unprotected(stack: Stack) -> bool:
    """This stack can be deleted, with all that it made, by a single call.

    Why: a mistake in the console or a script takes down everything the stack holds.
    Fix: turn on termination protection for stacks that matter.
    """
    return not stack.termination_protection


cloudformation_stack_unprotected.cases(
    bad=[{}], good=[{"EnableTerminationProtection": True}], skipped=[{"ParentId": "arn:aws:cloudformation:::stack/p"}]
)


@rule(
    "low",
    Stack,
    "nist-csf-2.0:DE.CM-09",
    only="live",
    when=lambda stack: not stack.parent,
)
def cloudformation_stack_notifications_missing(stack: Stack) -> bool:
    """Nobody is told when this stack changes or fails to.

    Why: a change to the estate that nobody expected is worth knowing at once.
    Fix: give the stack an SNS topic in NotificationARNs.
    """
    return not stack.notifications


cloudformation_stack_notifications_missing.cases(
    bad=[{}], good=[{"NotificationARNs": ["arn:aws:sns:eu-west-1:111122223333:stacks"]}]
)


@rule(
    "low",
    Stack,
    "aws-fsbp:CloudFormation.4",
    "nist-csf-2.0:PR.AA-05",
    only="live",
    when=lambda stack: not stack.parent,
)
def cloudformation_stack_role_missing(stack: Stack) -> bool:
    """This stack acts with the rights of whoever updates it.

    Why: people and pipelines then need rights to all that the stack makes, not just to update it.
    Fix: give the stack a service role with the rights that its template needs.
    """
    return not stack.role


cloudformation_stack_role_missing.cases(bad=[{}], good=[{"RoleARN": "arn:aws:iam::111122223333:role/deploy"}])


@rule("medium", Stack, "nist-csf-2.0:PR.PS-01", "nist-csf-2.0:DE.CM-09", only="live")
def cloudformation_stack_drifted(stack: Stack) -> bool:
    """What this stack made has been changed by hand since.

    Why: a change around the template was not reviewed, and the next deployment may undo or break it.
    Fix: look at the drift, bring the template or the resources back in line, then check again.
    """
    return stack.drift == "DRIFTED"


cloudformation_stack_drifted.cases(
    bad=[{"DriftInformation": {"StackDriftStatus": "DRIFTED"}}],
    good=[{}, {"DriftInformation": {"StackDriftStatus": "IN_SYNC"}}],
)


@rule("medium", StackSet, "nist-csf-2.0:PR.PS-01", "nist-csf-2.0:DE.CM-09", only="live")
def cloudformation_stack_set_drifted(stack_set: StackSet) -> bool:
    """What this stack set made has been changed by hand in some account or region.

    Why: a baseline that is not the same everywhere leaves holes where nobody looks for them.
    Fix: look at the drift of its stack instances, bring them back in line, then check again.
    """
    return stack_set.drift == "DRIFTED"


cloudformation_stack_set_drifted.cases(bad=[{"DriftStatus": "DRIFTED"}], good=[{}, {"DriftStatus": "IN_SYNC"}])


@rule(
    "low",
    StackSet,
    "nist-csf-2.0:PR.PS-01",
    when=lambda stack_set: stack_set.permissions == "SERVICE_MANAGED",
)
def cloudformation_stack_set_not_automatic(stack_set: StackSet) -> bool:
    """Accounts that join the organisation do not get the stack of this stack set.

    Why: a new account then lacks the baseline that the others have, until somebody remembers it.
    Fix: turn on automatic deployment.
    """
    return not stack_set.automatic


cloudformation_stack_set_not_automatic.cases(
    bad=[{"PermissionModel": "SERVICE_MANAGED"}],
    good=[{"PermissionModel": "SERVICE_MANAGED", "AutoDeployment": {"Enabled": True}}],
    skipped=[{}],
)


@rule("low", Stack, "nist-csf-2.0:PR.PS-01", only="live")
def cloudformation_stack_failed(stack: Stack) -> bool:
    """This stack is stuck: its last change failed halfway.

    Why: what it made is neither as before nor as its template says, and no fix can be deployed until it is mended.
    Fix: read the stack's events, mend the cause, then continue the rollback or delete the stack.
    """
    return stack.status.endswith("_FAILED")


cloudformation_stack_failed.cases(
    bad=[{"StackStatus": "UPDATE_ROLLBACK_FAILED"}, {"StackStatus": "DELETE_FAILED"}],
    good=[{"StackStatus": "CREATE_COMPLETE"}, {"StackStatus": "UPDATE_ROLLBACK_COMPLETE"}],
)
