"""The baseline, as its file has it."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field

from koban.interfaces.api.shapes.kinds import Severity, Shape


class BaselineEnvironment(Shape):
    name: str
    match: Any
    frameworks: list[str]
    fail_on: Severity | None = None
    thresholds: dict[str, dict[str, Any]]


class BaselineException(Shape):
    id: str
    rules: list[str]
    match: Any
    owner: str
    reason: str
    expires: date
    expired: bool
    line: int


class RuleOff(Shape):
    rule: str
    reason: str
    environments: list[str]


class Review(Shape):
    last: date | None = None
    owner: str = ""
    due: date | None = None
    overdue: bool
    cadence_days: int


class Baseline(Shape):
    path: str | None = None
    found: bool
    text: str
    problems: list[str] = Field(description="Why it cannot be used: `koban.yaml:12: what is wrong`")
    advice: list[str] = Field(description="What about it needs a look")
    review: Review | None = None
    frameworks: list[str]
    fail_on: Severity | None = None
    environments: list[BaselineEnvironment]
    thresholds: dict[str, dict[str, Any]]
    rules_off: list[RuleOff]
    exceptions: list[BaselineException]
    contacts: list[dict[str, str]]
    plan: str = ""
