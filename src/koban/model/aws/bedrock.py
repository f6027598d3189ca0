"""Amazon Bedrock."""

from __future__ import annotations

from koban.model.resource import Part, Resource, derived, field, parts


class ContentFilter(Part):
    """What a guardrail does about one kind of content."""

    kind: str = field("Type", "", "PROMPT_ATTACK, HATE, VIOLENCE, ...")
    input_strength: str = field("InputStrength", "NONE", "NONE, LOW, MEDIUM or HIGH, for what users write")


class Guardrail(Resource, type="AWS::Bedrock::Guardrail", ids="Name GuardrailId GuardrailArn"):
    """A guardrail: filters what users and models write."""

    filters: tuple[ContentFilter, ...] = parts("ContentPolicyConfig.FiltersConfig", ContentFilter, "Filters of content")
    personal_data: tuple[str, ...] = field(
        "SensitiveInformationPolicyConfig.PiiEntitiesConfig[].Type", (), "The kinds of personal data that it hides"
    )
    patterns: tuple[str, ...] = field(
        "SensitiveInformationPolicyConfig.RegexesConfig[].Name", (), "Names of further patterns that it hides"
    )
    key: str = field("KmsKeyArn", "", "The key that it is encrypted with; empty: one that AWS owns")

    @derived
    def stops_prompt_attacks(self) -> bool:
        """Whether it looks for prompts that try to take over the model, at full strength."""
        return any(one.kind == "PROMPT_ATTACK" and one.input_strength == "HIGH" for one in self.filters)


class Agent(
    Resource,
    type="AWS::Bedrock::Agent",
    ids="AgentName AgentId",
    arn="arn:{partition}:bedrock:{region}:{account}:agent/{AgentId}",
):
    """An agent: a model that acts through tools."""

    guardrail: str = field("GuardrailConfiguration.GuardrailIdentifier", "", "Its guardrail; empty: none")


class InvocationLog(
    Resource,
    type="Koban::Bedrock::InvocationLog",
    ids="Region",
    arn="arn:{partition}:bedrock:{region}:{account}:invocation-log",
):
    """Where calls of models are logged, in one region."""

    log_group: str = field("LogGroupName", "", "The log group; empty: none")
    bucket: str = field("BucketName", "", "The bucket; empty: none")
    text: bool = field("TextDataDeliveryEnabled", False, "Whether prompts and answers are in the log")
