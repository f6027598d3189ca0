"""Reads Amazon Bedrock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.bedrock import Agent, Guardrail, InvocationLog
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pascal, pick


def guardrail_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        Arn="guardrailArn",
        GuardrailArn="guardrailArn",
        GuardrailId="guardrailId",
        Name="name",
        KmsKeyArn="kmsKeyArn",
    )
    filters = (raw.get("contentPolicy") or {}).get("filters")
    if filters:
        document["ContentPolicyConfig"] = {"FiltersConfig": pascal(filters)}
    sensitive = raw.get("sensitiveInformationPolicy") or {}
    if sensitive:
        document["SensitiveInformationPolicyConfig"] = {
            "PiiEntitiesConfig": pascal(sensitive.get("piiEntities") or []),
            "RegexesConfig": [pick(one, Name="name") for one in sensitive.get("regexes") or ()],
        }
    return document


def agent_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, AgentId="agentId", AgentName="agentName")
    if raw.get("guardrailConfiguration"):
        document["GuardrailConfiguration"] = pascal(raw["guardrailConfiguration"])
    return document


def invocation_log_from_api(raw: dict[str, Any], region: str) -> dict[str, Any]:
    document = pick(
        raw,
        LogGroupName="cloudWatchConfig.logGroupName",
        BucketName="s3Config.bucketName",
        TextDataDeliveryEnabled="textDataDeliveryEnabled",
    )
    return {**document, "Region": region}


@reads(Guardrail, "bedrock:GetGuardrail", "bedrock:ListGuardrails")
def guardrails(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        return guardrail_from_api(aws.call("bedrock:GetGuardrail", guardrailIdentifier=raw["id"]))

    yield from aws.each(aws.pages("bedrock:ListGuardrails", "guardrails"), detail)


@reads(Agent, "bedrock-agent:ListAgents")
def agents(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(agent_from_api, aws.pages("bedrock-agent:ListAgents", "agentSummaries"))


@reads(InvocationLog, "bedrock:GetModelInvocationLoggingConfiguration")
def invocation_log(aws: Reader) -> Iterator[dict[str, Any]]:
    found = aws.call("bedrock:GetModelInvocationLoggingConfiguration").get("loggingConfig") or {}
    yield invocation_log_from_api(found, aws.region)
