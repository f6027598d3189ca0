"""Posture rules for AWS Step Functions."""

from __future__ import annotations

from koban.model.aws.stepfunctions import StateMachine
from koban.model.rule import rule
from koban.model.unknown import Unknown


@rule("medium", StateMachine, "aws-fsbp:StepFunctions.1", "nist-csf-2.0:PR.PS-04", "nist-csf-2.0:DE.CM-09")
def stepfunctions_state_machine_unlogged(machine: StateMachine) -> bool:
    """Executions of this state machine are not logged.

    Why: the history of an execution goes away after at most 90 days, that of express ones is not kept at all.
    Fix: set the level of LoggingConfiguration to ERROR or ALL, with a log group.
    """
    return machine.log_level == "OFF"


stepfunctions_state_machine_unlogged.cases(
    bad=[{}, {"LoggingConfiguration": {"Level": "OFF"}}],
    good=[{"LoggingConfiguration": {"Level": "ERROR"}}],
    unknown=[{"LoggingConfiguration": {"Level": Unknown("Level", "parameter Level has no default")}}],
)


@rule("low", StateMachine, "nist-csf-2.0:DE.CM-09")
def stepfunctions_state_machine_tracing_off(machine: StateMachine) -> bool:
    """X-Ray does not trace this state machine.

    Why: traces show which services an execution went through, and where it was slow or failed.
    Fix: set Enabled of TracingConfiguration to true.
    """
    return not machine.tracing


stepfunctions_state_machine_tracing_off.cases(bad=[{}], good=[{"TracingConfiguration": {"Enabled": True}}])


@rule("low", StateMachine, "nist-csf-2.0:PR.DS-01")
def stepfunctions_state_machine_key_default(machine: StateMachine) -> bool:
    """This state machine and the data of its executions are not encrypted with a key of your own.

    Why: with the key that AWS owns, whoever may read executions reads their data; no key policy stands between.
    Fix: set EncryptionConfiguration to CUSTOMER_MANAGED_KMS_KEY with a key whose policy names who may decrypt.
    """
    return machine.encryption != "CUSTOMER_MANAGED_KMS_KEY"


stepfunctions_state_machine_key_default.cases(
    bad=[{}], good=[{"EncryptionConfiguration": {"Type": "CUSTOMER_MANAGED_KMS_KEY", "KmsKeyId": "k"}}]
)
