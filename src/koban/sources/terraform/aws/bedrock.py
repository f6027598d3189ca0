"""Amazon Bedrock."""

from __future__ import annotations

from koban.model.aws.bedrock import Agent, Guardrail, InvocationLog
from koban.sources.terraform.mapping import arg, block, blocks, maps

maps(
    "aws_bedrock_guardrail",
    Guardrail,
    Name="name",
    GuardrailId="guardrail_id",
    GuardrailArn="guardrail_arn",
    KmsKeyArn="kms_key_arn",
    ContentPolicyConfig=block(
        "content_policy_config",
        FiltersConfig=blocks("filters_config", Type="type", InputStrength="input_strength"),
    ),
    SensitiveInformationPolicyConfig=block(
        "sensitive_information_policy_config",
        PiiEntitiesConfig=blocks("pii_entities_config", Type="type", Action="action"),
        RegexesConfig=blocks("regexes_config", Name="name", Pattern="pattern"),
    ),
)
maps(
    "aws_bedrockagent_agent",
    Agent,
    AgentName="agent_name",
    AgentId="agent_id",
    GuardrailConfiguration=block("guardrail_configuration", GuardrailIdentifier="guardrail_identifier"),
)
maps(
    "aws_bedrock_model_invocation_logging_configuration",
    InvocationLog,
    LogGroupName=arg("logging_config.cloudwatch_config.log_group_name"),
    BucketName=arg("logging_config.s3_config.bucket_name"),
    TextDataDeliveryEnabled=arg("logging_config.text_data_delivery_enabled", default=True),
)
