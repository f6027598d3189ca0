from koban.model.aws.stepfunctions import StateMachine


def test_a_state_machine(twins):
    twins(
        "aws_sfn_state_machine",
        {
            "name": "m",
            "role_arn": "r",
            "logging_configuration": [{"level": "ALL", "include_execution_data": True}],
            "tracing_configuration": [{"enabled": True}],
            "encryption_configuration": [{"type": "CUSTOMER_MANAGED_KMS_KEY", "kms_key_id": "k"}],
        },
        StateMachine,
        {
            "RoleArn": "r",
            "LoggingConfiguration": {"Level": "ALL", "IncludeExecutionData": True},
            "TracingConfiguration": {"Enabled": True},
            "EncryptionConfiguration": {"Type": "CUSTOMER_MANAGED_KMS_KEY", "KmsKeyId": "k"},
        },
    )
    twins("aws_sfn_state_machine", {"name": "m", "role_arn": "r"}, StateMachine, {"RoleArn": "r"})
