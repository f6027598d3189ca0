"""AWS CloudFormation."""

from __future__ import annotations

from typing import Any, cast

from koban.model.aws.secret_names import secret_names
from koban.model.document import Field
from koban.model.resource import Part, Resource, derived, fact, field, parts
from koban.model.unknown import Unknown


class Output(Part):
    """One output of a stack; its value is masked."""

    name: str = fact("OutputKey", "", "Its name")
    value: str = fact("OutputValue", "", "Its value, masked")


class Stack(Resource, type="AWS::CloudFormation::Stack", ids="StackName StackId"):
    """A stack; in a template, a nested one."""

    stack: str = fact("StackName", "", "Its name")
    parent: str = fact("ParentId", "", "The stack that it is nested in; empty: none")
    status: str = fact("StackStatus", "", "CREATE_COMPLETE, UPDATE_ROLLBACK_FAILED, ...")
    notifications: tuple[str, ...] = field("NotificationARNs", (), "Topics that hear of its events")
    termination_protection: bool = fact("EnableTerminationProtection", False, "Whether it cannot simply be deleted")
    role: str = fact("RoleARN", "", "The service role that it acts with; empty: the caller's own rights")
    drift: str = fact("DriftInformation.StackDriftStatus", "NOT_CHECKED", "DRIFTED, IN_SYNC, UNKNOWN or NOT_CHECKED")
    parameters: dict[str, Any] = field("Parameters", {}, "Parameters by name; live values are masked")
    outputs: tuple[Output, ...] = parts("Outputs", Output, "What it shows of itself")
    cast(Field, outputs).is_fact = True

    @derived
    def secret_parameters(self) -> tuple[str, ...]:
        """The names of parameters that look as if they held a secret that everyone may see."""
        return secret_names(self.parameters.items())

    @derived
    def secret_outputs(self) -> tuple[str, ...]:
        """The names of outputs that look as if they showed a secret."""
        if isinstance(self.outputs, Unknown):
            return self.outputs
        return secret_names((one.name, one.value) for one in self.outputs)


class StackSet(Resource, type="AWS::CloudFormation::StackSet", ids="StackSetName StackSetId"):
    """A stack set: one template in many accounts and regions."""

    permissions: str = field("PermissionModel", "SELF_MANAGED", "SERVICE_MANAGED or SELF_MANAGED")
    automatic: bool = field("AutoDeployment.Enabled", False, "Whether accounts that join get its stack")
    drift: str = fact("DriftStatus", "NOT_CHECKED", "DRIFTED, IN_SYNC, UNKNOWN or NOT_CHECKED")
