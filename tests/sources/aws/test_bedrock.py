from koban.model.aws.bedrock import Guardrail
from koban.sources.aws.bedrock import guardrail_from_api

RAW = {
    "name": "safe",
    "guardrailId": "g1",
    "guardrailArn": "arn:aws:bedrock:eu-west-1:123456789012:guardrail/g1",
    "contentPolicy": {"filters": [{"type": "PROMPT_ATTACK", "inputStrength": "HIGH", "outputStrength": "NONE"}]},
    "sensitiveInformationPolicy": {"piiEntities": [{"type": "EMAIL", "action": "BLOCK"}], "regexes": [{"name": "id"}]},
}


def test_guardrails(answered):
    answers = {"bedrock:ListGuardrails": {"guardrails": [{"id": "g1"}]}, "bedrock:GetGuardrail": RAW}
    (guardrail,) = answered("bedrock.guardrails", answers)
    assert guardrail.uid == RAW["guardrailArn"]
    assert guardrail.name == "safe"
    assert guardrail.stops_prompt_attacks
    assert guardrail.personal_data == ("EMAIL",)
    assert guardrail.patterns == ("id",)


def test_a_live_guardrail_and_its_template_agree():
    live = Guardrail(guardrail_from_api(RAW))
    template = Guardrail(
        {
            "Name": "safe",
            "ContentPolicyConfig": {
                "FiltersConfig": [{"Type": "PROMPT_ATTACK", "InputStrength": "HIGH", "OutputStrength": "NONE"}]
            },
            "SensitiveInformationPolicyConfig": {
                "PiiEntitiesConfig": [{"Type": "EMAIL", "Action": "BLOCK"}],
                "RegexesConfig": [{"Name": "id"}],
            },
        }
    )
    for name in Guardrail.fields:
        assert getattr(live, name) == getattr(template, name)


def test_agents_and_the_log_of_calls(answered):
    agent = {"agentId": "a1", "agentName": "clerk", "guardrailConfiguration": {"guardrailIdentifier": "g1"}}
    (found,) = answered(
        "bedrock.agents",
        {
            "bedrock-agent:ListAgents": {
                "agentSummaries": [
                    agent,
                ]
            }
        },
    )
    assert found.guardrail == "g1"
    assert found.uid == "arn:aws:bedrock:eu-west-1:123456789012:agent/a1"
    operation = "bedrock:GetModelInvocationLoggingConfiguration"
    (unset,) = answered("bedrock.invocation_log", {operation: {}})
    assert unset.log_group == ""
    on = {"loggingConfig": {"cloudWatchConfig": {"logGroupName": "bedrock"}, "textDataDeliveryEnabled": True}}
    (log,) = answered("bedrock.invocation_log", {operation: on})
    assert log.log_group == "bedrock"
    assert log.text
