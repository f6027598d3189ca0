"""AWS Step Functions."""

from __future__ import annotations

from koban.model.aws.stepfunctions import StateMachine
from koban.sources.terraform.mapping import block, maps

maps(
    "aws_sfn_state_machine",
    StateMachine,
    StateMachineName="name",
    RoleArn="role_arn",
    LoggingConfiguration=block("logging_configuration", Level="level", IncludeExecutionData="include_execution_data"),
    TracingConfiguration=block("tracing_configuration", Enabled="enabled"),
    EncryptionConfiguration=block("encryption_configuration", Type="type", KmsKeyId="kms_key_id"),
)
