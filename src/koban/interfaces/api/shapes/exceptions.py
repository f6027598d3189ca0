"""Exceptions: asked for, and decided."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from koban.interfaces.api.etags import ETag
from koban.interfaces.api.shapes.findings import Fingerprint
from koban.interfaces.api.shapes.kinds import (
    BULK_MAX,
    NO_NUL,
    Ask,
    Day,
    Line,
    Moment,
    Paging,
    Person,
    Prose,
    Several,
    Shape,
)

ExceptionState = Literal["asked", "approved", "rejected", "revoked", "expired"]


class ExceptionAsk(Ask):
    """Findings that are to be accepted until a day: by pattern, or exactly those of `fingerprints`."""

    rule: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=NO_NUL)] | None = Field(
        default=None, description="A rule's id; `*` and `?` stand for anything", examples=["s3-bucket-public"]
    )
    account: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_NUL)] | None = None
    uid: Line | None = Field(default=None, description="A resource's uid; `*` and `?` stand for anything")
    fingerprints: Annotated[list[Fingerprint], Field(max_length=BULK_MAX)] = []
    reason: Prose = Field(examples=["The public web site is served from here."])
    expires: Day = Field(description="The last day on which it holds", examples=["2027-03-31"])


class ExceptionQuery(Paging):
    state: Several[ExceptionState] = []


class ExceptionItem(Shape):
    id: int
    state: ExceptionState
    rule: str | None = None
    account: str | None = None
    uid: str | None = None
    fingerprints: list[str]
    reason: str
    expires: date
    asked_by: Person | None = None
    asked_at: Moment
    decided_by: Person | None = None
    decided_at: Moment | None = None
    decision: str
    findings: int = Field(description="How many findings it holds now, or would hold")
    etag: ETag


class Decision(Ask):
    reason: Prose = Field(examples=["Reviewed with the owner."])
