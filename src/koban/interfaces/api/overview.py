"""Overview: how the estate stands, and how it stood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import Connection

from koban.app import rulebook
from koban.app.baseline import shown as baselines
from koban.interfaces.api import shown
from koban.interfaces.api.scans import scan_shape
from koban.interfaces.api.security import Caller, Here, State
from koban.interfaces.api.shapes.overview import (
    BaselineReview,
    Coverage,
    GapItem,
    NewSince,
    Overview,
    OverviewQuery,
    Slice,
    TopRule,
    TrendDay,
    TrendMoment,
)
from koban.ledger import resources, scans, targets, trends
from koban.ledger.moments import moments
from koban.ledger.paging import Ask
from koban.ledger.who import Sight
from koban.rules.framework import FUNCTIONS, frameworks

router = APIRouter(tags=["overview"])

Rules = Mapping[str, trends.Counts]  # by rule
Cited = Mapping[str, Sequence[str]]  # rules by control, as results named them
GAPS, SCANS, RULES, PLACES = 100, 5, 10, 200


@router.get("/overview")
def get_overview(state: Here, actor: Caller, asked: Annotated[OverviewQuery, Query()]) -> Overview:
    """How everything that the caller may see stands, and stood on each of the last days."""
    sight, now = actor.sight, state.clock()
    with state.ledger.reading() as connection:
        question = ("overview", sight.stored(), asked.days, f"{now:%Y-%m-%dT%H:%M}")
        found = state.kept.of(connection, question, lambda: _counted(connection, sight, now, asked.days))
        last = [scan_shape(one, sight) for one in scans.page(connection, ask=Ask(SCANS, counted=False)).items]
    return found.model_copy(update={"last_scans": last, "baseline_review": _review(state)})


def _counted(connection: Connection, sight: Sight, now: datetime, asked_days: int) -> Overview:
    counts = trends.counts(connection, sight)
    days = trends.days(connection, sight, now.date() - timedelta(days=asked_days), now.date())
    moved = trends.moved(connection, sight, now - timedelta(days=1))
    gaps = scans.gaps(connection, sight, ask=Ask(GAPS))
    landed = [one.landed for one in targets.every(connection) if one.landed is not None]
    rules, cited = trends.by_rule(connection, sight), trends.controls_of(connection)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    within = moments(connection, sight, today) if len(days) < 2 else []
    yesterday = [one for one in days if one.day < now.date()]
    return Overview(
        as_of=max(landed, default=None),
        risk=counts.risk,
        risk_before=yesterday[-1].counts.risk if yesterday else None,
        open=shown.counts(counts),
        unknown=counts.unknown,
        excepted=counts.excepted,
        passed=counts.passed,
        new_since=NewSince(**vars(moved)),
        trend=[TrendDay(day=one.day, **_standing(one.counts)) for one in days],
        moments=[TrendMoment(at=one.at, **_standing(one.counts)) for one in within],
        environments=_slices(connection, sight, "environment"),
        accounts=_slices(connection, sight, "account"),
        frameworks=_frameworks(rules, cited),
        functions=_functions(rules, cited),
        coverage=Coverage(
            resources=resources.count(connection, sight),
            gaps=[GapItem(type=one.type, account=one.account, region=one.region, why=one.why) for one in gaps.items],
            gap_count=gaps.total if gaps.total is not None else gaps.total_at_least or 0,
        ),
        top_rules=[
            TopRule(
                rule=one.rule,
                title=rulebook.title(one.rule),
                severity=one.severity,  # type: ignore[arg-type]
                count=one.count,
            )
            for one in trends.top_rules(connection, sight, RULES)
        ],
        last_scans=[],
    )


def _standing(counts: trends.Counts) -> dict[str, int]:
    return {"unknown": counts.unknown, "risk": counts.risk, **shown.counts(counts).model_dump()}


def _slices(connection: Connection, sight: Sight, by: str) -> list[Slice]:
    found = trends.slices(connection, sight, by)[:PLACES]  # type: ignore[arg-type]
    return [shown.slice_of(one.key, one.label, one.counts) for one in found]


def _frameworks(rules: Rules, cited: Cited) -> list[Slice]:
    """Those of which something was judged."""
    made = []
    for one in frameworks().values():
        counts = trends.of_rules(rules, rulebook.answering([one.id], (), cited))
        if counts.score is not None or counts.excepted:
            made.append(shown.slice_of(one.id, f"{one.title} {one.version}", counts))
    return made


def _functions(rules: Rules, cited: Cited) -> list[Slice]:
    made = []
    for key, label in FUNCTIONS.items():
        counts = trends.of_rules(rules, rulebook.answering((), rulebook.of_function(key), cited))
        made.append(shown.slice_of(key, label, counts))
    return made


def _review(state: State) -> BaselineReview | None:
    if state.settings.baseline is None:
        return None
    found = baselines.read(state.settings.baseline)
    return BaselineReview(due=found.due(), overdue=found.overdue(state.clock().date()))
