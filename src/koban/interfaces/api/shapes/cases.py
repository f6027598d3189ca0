"""Cases: findings that somebody works on together."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from koban.interfaces.api.etags import ETag
from koban.interfaces.api.shapes.findings import Comment, Finding
from koban.interfaces.api.shapes.kinds import (
    BULK_MAX,
    NO_NUL,
    Ask,
    CaseState,
    Id,
    Moment,
    Paging,
    Person,
    Several,
    Severity,
    Shape,
    Title,
)

Owner = Annotated[str, StringConstraints(pattern=r"^(me|none|[1-9][0-9]{0,14})$")]


class CaseQuery(Paging):
    state: Several[CaseState] = []
    owner: Owner | None = None


class CaseAsk(Ask):
    title: Title
    severity: Severity = "medium"
    summary: Annotated[str, StringConstraints(max_length=10_000, pattern=NO_NUL)] = ""
    owner: Id | None = None
    findings: Annotated[list[Id], Field(max_length=BULK_MAX)] = []


class CasePatch(Ask):
    title: Title | None = None
    state: CaseState | None = None
    severity: Severity | None = None
    summary: Annotated[str, StringConstraints(max_length=10_000, pattern=NO_NUL)] | None = None
    owner: Id | None = None


class CaseItem(Shape):
    id: int
    title: str
    state: CaseState
    severity: Severity
    owner: Person | None = None
    summary: str
    created: Moment
    updated: Moment
    closed: Moment | None = None
    findings: int = Field(description="How many are in it")
    open: int = Field(description="How many of them are open")
    etag: ETag


class CaseDetail(CaseItem):
    items: list[Finding] = Field(description="The first 500 of its findings, the worst first")
    comments: list[Comment]


class CaseFindings(Ask):
    ids: Annotated[list[Id], Field(min_length=1, max_length=BULK_MAX)]
