"""AWS Step Functions."""

from __future__ import annotations

from typing import Any

from koban.model.resource import Resource, field, link


class StateMachine(Resource, type="AWS::StepFunctions::StateMachine", ids="StateMachineName"):
    """A state machine."""

    log_level: str = field("LoggingConfiguration.Level", "OFF", "OFF, FATAL, ERROR or ALL")
    logs_data: bool = field("LoggingConfiguration.IncludeExecutionData", False, "Whether inputs and outputs are logged")
    tracing: bool = field("TracingConfiguration.Enabled", False, "Whether X-Ray traces executions")
    encryption: str = field(
        "EncryptionConfiguration.Type", "AWS_OWNED_KEY", "AWS_OWNED_KEY or CUSTOMER_MANAGED_KMS_KEY"
    )
    role: Any = link("RoleArn", "AWS::IAM::Role", "The role that it acts with")
