"""A collector over answers that a test writes down, for what the emulator lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from koban.sources.aws.collector import Collector, collectors
from koban.sources.aws.reader import Reader


class Answers:
    """A network that gives each operation its one answer, or raises it."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def call(self, service: str, operation: str, region: str, params: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(operation)
        answer: dict[str, Any] | Exception = self.answers[operation]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def pages(self, service: str, operation: str, region: str, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield self.call(service, operation, region, params)


@pytest.fixture
def answered() -> Callable[[str, dict[str, Any]], tuple[Collector, Reader]]:
    """The named collector and a reader over `answers` by operation: ``answered("kms.keys", {"ListKeys": {...}})``."""

    def make(name: str, answers: dict[str, Any]) -> tuple[Collector, Reader]:
        (collector,) = [one for one in collectors() if one.name == name]
        regional = collector.scope == "region"
        region = "eu-west-1" if regional else "us-east-1"
        return collector, Reader(Answers(answers), "111122223333", region, collector.calls, regional=regional)

    return make
