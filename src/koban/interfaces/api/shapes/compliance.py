"""Frameworks and their controls."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from koban.interfaces.api.shapes.findings import Finding
from koban.interfaces.api.shapes.kinds import Ask, Counts, Severity, Shape

ControlState = Literal["passed", "failed", "unknown", "excepted", "manual", "not_judged"]


class ControlCounts(Shape):
    passed: int = 0
    failed: int = 0
    unknown: int = 0
    excepted: int = 0
    manual: int = Field(default=0, description="For people to judge")
    not_applicable: int = Field(
        default=0, description="Not judged: there are rules, but nothing that they are for was read"
    )


class FrameworkItem(Shape):
    id: str = Field(examples=["cis-aws-7.0"])
    title: str
    version: str
    publisher: str
    controls: ControlCounts
    score: float | None = Field(default=None, description="Share of the judged controls that passed, in percent")
    chosen: bool = Field(default=False, description="Whether the baseline names it")


class Control(Shape):
    id: str = Field(examples=["3.1.4"])
    title: str
    section: str
    manual: bool
    responsibility: Literal["customer", "shared", "provider"]
    function: str = Field(description="Function of NIST CSF 2.0 that it serves; empty where none")
    state: ControlState
    rules: list[str]
    open: int
    unknown: int
    passed: int
    excepted: int


class FrameworkDetail(Shape):
    id: str
    title: str
    version: str
    publisher: str
    counts: ControlCounts
    score: float | None = None
    chosen: bool = False
    controls: list[Control]


class ControlRule(Counts):
    rule: str
    title: str
    severity: Severity
    open: int
    unknown: int
    passed: int
    excepted: int


class ControlDetail(Control):
    framework: str
    by_rule: list[ControlRule]
    findings: list[Finding] = Field(description="The first 100 that are open, the worst first")


class EvidenceQuery(Ask):
    format: Literal["pdf", "csv", "zip"] = Field(
        default="pdf", description="csv: one file of all; zip: a file for each table"
    )
    locale: Literal["en", "ja"] = "en"
