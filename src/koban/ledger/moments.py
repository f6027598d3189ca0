"""How many findings were open at each moment of a time, when days are too coarse: told backwards from now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from koban.ledger import schema
from koban.ledger.trends import Counts, counts
from koban.ledger.who import Sight

MOMENTS_MAX = 200  # the last of them
CHANGES_MAX = 2_000  # no moment is told before so many changes: each is looked at
MOVING = ("opened", "resolved", "reopened", "changed", "excepted")

C = schema.changes.c
F = schema.findings.c


@dataclass(frozen=True)
class Moment:
    """What was open when a scan had landed, or a person had decided.  What passed is not told: it has no history."""

    at: datetime
    counts: Counts


def moments(connection: Connection, sight: Sight, since: datetime) -> list[Moment]:
    """The numbers after each scan and each decision since then, the oldest first."""
    ends: list[datetime] = []
    later = 0
    for at, moved in sorted(_ends(connection, sight, since).items(), reverse=True)[:MOMENTS_MAX]:
        if later > CHANGES_MAX:
            break
        ends.append(at)
        later += moved
    if not ends:
        return []
    asked = (
        select(C.at, C.before, C.after, F.severity, F.verdict, func.count().label("n"))
        .select_from(schema.changes.join(schema.findings, F.id == C.finding))
        .where(C.at > ends[-1], C.kind.in_(MOVING), sight.where(schema.findings))
        .group_by(C.at, C.before, C.after, F.severity, F.verdict)
        .order_by(C.at.desc())
    )
    waiting = list(connection.execute(asked))
    now = counts(connection, sight)
    open_now = Counter({one.name: getattr(now, one.name) for one in fields(Counts) if one.name != "passed"})
    made = []
    for end in ends:
        while waiting and waiting[0].at > end:
            row = waiting.pop(0)
            for state, sign in ((row.after, -1), (row.before, 1)):
                column = _column(state, row)
                if column:
                    open_now[column] += sign * int(row.n)
        made.append(Moment(end, Counts(**{name: max(n, 0) for name, n in open_now.items()})))
    return made[::-1]


def _ends(connection: Connection, sight: Sight, since: datetime) -> dict[datetime, int]:
    """When scans had landed and people had decided, and about how many findings that moved."""
    scans, n = schema.scans.c, func.coalesce(func.sum(schema.movements.c.n), 0)
    landed = (
        select(scans.finished, n)
        .select_from(schema.scans.outerjoin(schema.movements, schema.movements.c.scan == scans.id))
        .where(scans.state == "landed", scans.finished.is_not(None), scans.finished >= since)
        .group_by(scans.id, scans.finished)
    )
    by_people = select(C.at, func.count()).where(C.at >= since, C.scan.is_(None), C.kind.in_(MOVING)).group_by(C.at)
    if not sight.everything:
        by_people = by_people.where(select(sight.where(schema.findings)).where(F.id == C.finding).scalar_subquery())
    return {row[0]: int(row[1]) for asked in (by_people, landed) for row in connection.execute(asked)}


def _column(state: Mapping[str, Any] | None, row: Any) -> str:
    """Which number a finding in that state is in; what the state does not say, the finding does."""
    if state is None or state.get("status") not in ("open", "excepted"):
        return ""
    if state["status"] == "excepted":
        return "excepted"
    verdict = state.get("verdict") or row.verdict
    return "unknown" if verdict == "unknown" else str(state.get("severity") or row.severity)
