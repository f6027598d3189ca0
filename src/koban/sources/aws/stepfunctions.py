"""Reads AWS Step Functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.stepfunctions import StateMachine
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pascal, pick


def state_machine_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    """A state machine, without its definition."""
    document = pick(raw, Arn="stateMachineArn", StateMachineName="name", StateMachineType="type", RoleArn="roleArn")
    for name in ("loggingConfiguration", "tracingConfiguration", "encryptionConfiguration"):
        if raw.get(name):
            document[name[0].upper() + name[1:]] = pascal(raw[name])
    return document


@reads(StateMachine, "stepfunctions:DescribeStateMachine", "stepfunctions:ListStateMachines")
def state_machines(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        # The definition is left out: it is not judged, and a key that may not be used would hide the rest with it.
        found = aws.call(
            "stepfunctions:DescribeStateMachine", stateMachineArn=raw["stateMachineArn"], includedData="METADATA_ONLY"
        )
        return state_machine_from_api(found)

    yield from aws.each(aws.pages("stepfunctions:ListStateMachines", "stateMachines"), detail)
