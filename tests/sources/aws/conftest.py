"""Fixtures for collectors of services that the emulator lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from koban.model.resource import Resource
from koban.sources.aws.collector import collectors
from koban.sources.aws.reader import Failure, Reader

ACCOUNT = "123456789012"


class CannedApi:
    """Answers each operation with what was laid down for it: an answer, an error code, or a function of the call."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers

    def call(self, service: str, operation: str, region: str, params: dict[str, Any]) -> dict[str, Any]:
        answer = self.answers[f"{service}:{operation}"]
        if callable(answer):
            answer = answer(**params)
        if isinstance(answer, str):
            raise Failure(f"{service}:{operation}", answer)
        return answer

    def pages(self, service: str, operation: str, region: str, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield self.call(service, operation, region, params)


@pytest.fixture
def answered() -> Callable[..., list[Resource]]:
    """Run one collector over canned answers: ``answered("ecs.clusters", {"ecs:ListClusters": {...}, ...})``.

    `already` are the resources that collectors it needs have read; `answered.failures` what was not answered.
    """
    by_name = {one.name: one for one in collectors()}
    failures: list[str] = []

    def run(name: str, answers: dict[str, Any], *already: Resource) -> list[Resource]:
        collector = by_name[name]
        reader = Reader(
            CannedApi(answers),
            ACCOUNT,
            "eu-west-1" if collector.scope == "region" else "us-east-1",
            collector.calls,
            already=lambda cls, *_: [one for one in already if isinstance(one, cls)],
            regional=collector.scope == "region",
        )
        if not collector.asks(reader):
            return []
        made = [
            one if isinstance(one, Resource) else reader.made(collector.types[0], one) for one in collector.read(reader)
        ]
        failures.extend(failure.why for failure in reader.failures)
        return made

    run.failures = failures  # type: ignore[attr-defined]
    return run
