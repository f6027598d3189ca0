"""The audit log, and its proof."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from koban.interfaces.api.shapes.kinds import Ask, Line, Moment, Paging, Shape, When, Word


class AuditFilter(Ask):
    actor: Word | None = None
    action: Word | None = Field(default=None, description="An action, or the first part of one: `finding`")
    object: Line | None = None
    since: When | None = None
    until: When | None = None


class AuditQuery(Paging, AuditFilter):
    pass


class AuditEntry(Shape):
    id: int
    at: Moment
    actor: str
    actor_kind: Literal["user", "token", "scan", "system"]
    action: str = Field(examples=["exception.approve"])
    object: str
    detail: dict[str, Any]
    address: str


class AuditVerdict(Shape):
    """Whether the log is whole: `broken` is the first entry that does not fit to the one before it."""

    whole: bool
    entries: int
    head: str | None = Field(
        default=None, description="Digest of the last entry: keep it elsewhere to prove that none was cut"
    )
    broken: int | None = None
    why: str | None = None
