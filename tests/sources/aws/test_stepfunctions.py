from koban.model.aws.stepfunctions import StateMachine
from koban.sources.aws.stepfunctions import state_machine_from_api


def test_a_state_machine(aws, collect):
    aws("stepfunctions").create_state_machine(
        name="orders",
        definition='{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}',
        roleArn="arn:aws:iam::123456789012:role/orders",
        tracingConfiguration={"enabled": True},
    )
    (machine,) = collect("stepfunctions.state_machines")
    assert machine.uid == "arn:aws:states:eu-west-1:123456789012:stateMachine:orders"
    assert machine.name == "orders"
    assert machine.tracing
    assert machine.log_level == "OFF"
    assert collect.failures == []


def test_a_live_state_machine_and_its_template_are_twins():
    live = state_machine_from_api(
        {
            "name": "orders",
            "type": "EXPRESS",
            "loggingConfiguration": {"level": "ALL", "includeExecutionData": True},
            "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
        }
    )
    assert StateMachine(live) == StateMachine(
        {
            "StateMachineName": "orders",
            "StateMachineType": "EXPRESS",
            "LoggingConfiguration": {"Level": "ALL", "IncludeExecutionData": True},
            "EncryptionConfiguration": {"Type": "AWS_OWNED_KEY"},
        }
    )
