from koban.model.aws.bedrock import Agent, Guardrail, InvocationLog


def test_a_guardrail(twins):
    twins(
        "aws_bedrock_guardrail",
        {
            "name": "g",
            "kms_key_arn": "k",
            "content_policy_config": [
                {"filters_config": [{"type": "PROMPT_ATTACK", "input_strength": "HIGH", "output_strength": "NONE"}]}
            ],
            "sensitive_information_policy_config": [
                {
                    "pii_entities_config": [{"type": "EMAIL", "action": "BLOCK"}],
                    "regexes_config": [{"name": "ticket", "pattern": "T-[0-9]+", "action": "BLOCK"}],
                }
            ],
        },
        Guardrail,
        {
            "KmsKeyArn": "k",
            "ContentPolicyConfig": {"FiltersConfig": [{"Type": "PROMPT_ATTACK", "InputStrength": "HIGH"}]},
            "SensitiveInformationPolicyConfig": {
                "PiiEntitiesConfig": [{"Type": "EMAIL", "Action": "BLOCK"}],
                "RegexesConfig": [{"Name": "ticket", "Pattern": "T-[0-9]+"}],
            },
        },
    )
    twins("aws_bedrock_guardrail", {"name": "g"}, Guardrail, {})


def test_an_agent(twins):
    twins(
        "aws_bedrockagent_agent",
        {"agent_name": "a", "guardrail_configuration": [{"guardrail_identifier": "g", "guardrail_version": "1"}]},
        Agent,
        {"GuardrailConfiguration": {"GuardrailIdentifier": "g"}},
    )
    twins("aws_bedrockagent_agent", {"agent_name": "a"}, Agent, {})


def test_where_calls_are_logged(twins):
    twins(
        "aws_bedrock_model_invocation_logging_configuration",
        {
            "logging_config": [
                {
                    "text_data_delivery_enabled": False,
                    "cloudwatch_config": [{"log_group_name": "bedrock"}],
                    "s3_config": [{"bucket_name": "bedrock-log"}],
                }
            ]
        },
        InvocationLog,
        {"LogGroupName": "bedrock", "BucketName": "bedrock-log", "TextDataDeliveryEnabled": False},
    )
    twins(
        "aws_bedrock_model_invocation_logging_configuration",
        {"logging_config": [{}]},
        InvocationLog,
        {"TextDataDeliveryEnabled": True},
    )
