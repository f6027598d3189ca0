"""The first page: where the estate stands."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from koban.interfaces.api.scans import ScanShape
from koban.interfaces.api.shapes.kinds import Ask, Counts, Moment, Severity, Shape


class Slice(Counts):
    """A part of the estate, and how it stands.  `score` is the share of what was judged that passed, in percent."""

    key: str
    label: str
    open: int
    unknown: int
    passed: int
    score: float | None = Field(default=None, description="0 to 100; null where nothing was judged")


class NewSince(Shape):
    since: Moment
    opened: int
    resolved: int
    reopened: int


class TrendDay(Counts):
    day: date
    unknown: int
    risk: int


class TrendMoment(Counts):
    at: Moment
    unknown: int
    risk: int


class GapItem(Shape):
    type: str
    account: str
    region: str
    why: str


class Coverage(Shape):
    resources: int
    gaps: list[GapItem] = Field(description="The first 100")
    gap_count: int


class TopRule(Shape):
    rule: str
    title: str
    severity: Severity
    count: int


class BaselineReview(Shape):
    due: date | None = None
    overdue: bool


class OverviewQuery(Ask):
    days: int = Field(default=90, ge=1, le=730)


class Overview(Shape):
    """How the estate stands.  risk: each open failure counts critical 40, high 10, medium 3, low 1."""

    as_of: Moment | None = Field(default=None, description="When the last scan landed")
    risk: int
    risk_before: int | None = Field(default=None, description="A day before")
    open: Counts
    unknown: int
    excepted: int
    passed: int
    new_since: NewSince
    trend: list[TrendDay]
    moments: list[TrendMoment] = Field(
        default=[], description="After each scan and decision of today, while the trend has no second day"
    )
    environments: list[Slice]
    accounts: list[Slice]
    frameworks: list[Slice]
    functions: list[Slice] = Field(description="NIST CSF 2.0: GV, ID, PR, DE, RS, RC")
    coverage: Coverage
    top_rules: list[TopRule]
    last_scans: list[ScanShape]
    baseline_review: BaselineReview | None = Field(default=None, description="Null where no baseline is given")
