"""A day's numbers of a target, as its last scan of the day left them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, func, select

from koban.ledger import schema
from koban.ledger.bulk import load

T = schema.tallies.c
D = schema.trends.c
SEVERITIES = tuple(schema.SEVERITY_RANK)
EVERYWHERE = "*"  # in place of a framework: all findings of all places


def draw(connection: Connection, target: int, day: date) -> None:
    """Write the day's numbers of the target: by place, and over all places by framework and function."""
    speaks: dict[str, set[tuple[str, str]]] = defaultdict(set)
    columns = schema.finding_controls.c
    for control, rule in connection.execute(select(columns.control, columns.rule)):
        framework, _, name = control.partition(":")
        speaks[rule] |= {(framework, ""), (framework, name.partition(".")[0])}
    counts: dict[tuple[str, str, str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    kinds = (T.rule, T.account, T.environment, T.rank, T.status, T.verdict, T.gone)
    asked = select(*kinds, func.sum(T.n).label("n")).where(T.target == target).group_by(*kinds)
    for row in connection.execute(asked):
        column = _column(row)
        if column is None:
            continue
        severity = SEVERITIES[row.rank]
        counts[row.account, row.environment, "", "", severity][column] += int(row.n)
        counts["", "", EVERYWHERE, "", severity][column] += int(row.n)
        for framework, function in speaks.get(row.rule, ()):
            counts["", "", framework, function, severity][column] += int(row.n)
    connection.execute(delete(schema.trends).where(D.day == day, D.target == target))
    names = ("account", "environment", "framework", "function", "severity", "open", "unknown", "excepted", "passed")
    rows: list[dict[str, Any]] = [
        {"day": day, "target": target, **dict(zip(names, (*place, *n), strict=True))}
        for place, n in sorted(counts.items())
    ]
    load(connection, schema.trends, rows)


def _column(row: Any) -> int | None:
    if row.status == "open":
        return 1 if row.verdict == "unknown" else 0
    if row.status == "excepted":
        return 2
    return 3 if row.verdict == "pass" and not row.gone else None
