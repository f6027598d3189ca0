"""Posture rules for Amazon Bedrock."""

from __future__ import annotations

from koban.model.aws.bedrock import Agent, Guardrail, InvocationLog
from koban.model.rule import rule
from koban.model.unknown import Unknown


@rule("low", InvocationLog, "nist-csf-2.0:PR.PS-04", "nist-csf-2.0:DE.CM-09")
def bedrock_invocations_unlogged(log: InvocationLog) -> bool:
    """Calls of models in this region are not logged.

    Why: what was asked of a model, by whom, and what it answered cannot be looked into after misuse.
    Fix: turn on model invocation logging to a log group or a bucket of its own.
    """
    return not log.log_group and not log.bucket


bedrock_invocations_unlogged.cases(
    bad=[{"Region": "eu-west-1"}], good=[{"LogGroupName": "bedrock"}, {"BucketName": "bedrock-log"}]
)


@rule("medium", Guardrail, "nist-csf-2.0:PR.PS-01")
def bedrock_guardrail_prompt_attacks_pass(guardrail: Guardrail) -> bool:
    """This guardrail does not stop prompts that try to take over the model.

    Why: a prompt hidden in a document or a message can make the model ignore its orders and give away data.
    Fix: add the content filter PROMPT_ATTACK with input strength HIGH.
    """
    return not guardrail.stops_prompt_attacks


def _filter(strength: object) -> dict[str, object]:
    return {"ContentPolicyConfig": {"FiltersConfig": [{"Type": "PROMPT_ATTACK", "InputStrength": strength}]}}


bedrock_guardrail_prompt_attacks_pass.cases(
    bad=[{}, _filter("LOW")],
    good=[_filter("HIGH")],
    unknown=[_filter(Unknown("InputStrength", "parameter Strength has no default"))],
)


@rule("medium", Guardrail, "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.DS-10")
def bedrock_guardrail_personal_data_passes(guardrail: Guardrail) -> bool:
    """This guardrail hides no personal data or other sensitive information.

    Why: the model may repeat names, numbers and keys from its documents to people who should not see them.
    Fix: list the kinds of personal data to block or to mask in SensitiveInformationPolicyConfig.
    """
    return not guardrail.personal_data and not guardrail.patterns


bedrock_guardrail_personal_data_passes.cases(
    bad=[{}],
    good=[
        {"SensitiveInformationPolicyConfig": {"PiiEntitiesConfig": [{"Type": "EMAIL", "Action": "ANONYMIZE"}]}},
        {"SensitiveInformationPolicyConfig": {"RegexesConfig": [{"Name": "ticket", "Pattern": "T-[0-9]+"}]}},
    ],
)


@rule("low", Guardrail, "nist-csf-2.0:PR.DS-01")
def bedrock_guardrail_key_default(guardrail: Guardrail) -> bool:
    """This guardrail is not encrypted with a key of your own.

    Why: its words and patterns tell what you hold secret; no key policy limits who reads them.
    Fix: set KmsKeyArn to a customer managed key.
    """
    return not guardrail.key


bedrock_guardrail_key_default.cases(bad=[{}], good=[{"KmsKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/k"}])


@rule("medium", Agent, "nist-csf-2.0:PR.PS-01")
def bedrock_agent_guardrail_missing(agent: Agent) -> bool:
    """This agent works without a guardrail.

    Why: an agent acts by itself; a prompt hidden in what it reads can turn its tools against you.
    Fix: set GuardrailConfiguration to a guardrail that stops prompt attacks and hides sensitive information.
    """
    return not agent.guardrail


bedrock_agent_guardrail_missing.cases(
    bad=[{}], good=[{"GuardrailConfiguration": {"GuardrailIdentifier": "g1", "GuardrailVersion": "1"}}]
)
