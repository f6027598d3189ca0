"""Alerts kept in the lake: each once, and again when there is more to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from koban.lake.lake import ALERTS, Lake, instant
from koban.lake.rows import rows_relation
from koban.lake.tables import Table
from koban.model.alert import Alert, Entity, Evidence


def alerts_table(lake: Lake) -> Table:
    """The table of the lake's alerts."""
    return lake.table(ALERTS)


def keep(lake: Lake, alerts: Iterable[Alert]) -> list[Alert]:
    """Keeps alerts; gives back those that are new, or have more to them than when they were kept before."""
    latest: dict[str, Alert] = {}
    for alert in alerts:
        before = latest.get(alert.fingerprint)
        latest[alert.fingerprint] = alert if before is None else before.with_more(alert)
    if not latest:
        return []
    connection = lake.connection()
    known = _known(lake, connection, list(latest))
    fresh = []
    for fingerprint, alert in latest.items():
        before = known.get(fingerprint)
        whole = alert if before is None else before.with_more(alert)
        if before is None or whole.count > before.count:
            fresh.append(whole)
    if not fresh:
        return []
    columns: dict[str, list[Any]] = {
        "time": [a.time_last for a in fresh],
        "fingerprint": [a.fingerprint for a in fresh],
        "rule": [a.rule for a in fresh],
        "title": [a.title for a in fresh],
        "kind": [a.kind for a in fresh],
        "level": [a.level for a in fresh],
        "account": [a.account for a in fresh],
        "count": [a.count for a in fresh],
        "entities": [json.dumps([f"{e.kind}:{e.name}" for e in a.entities]) for a in fresh],
        "alert": [to_json(a) for a in fresh],
    }
    relation = rows_relation(connection, columns, {"count": "long"})
    # two that judge the same events keep the same alerts: one transaction for each alert and its count
    transactions = [f"alert:{a.fingerprint}:{a.count}" for a in fresh]
    alerts_table(lake).append(
        connection,
        "SELECT CAST(time AS DATE) AS day, CAST(time AS TIMESTAMPTZ) AS time, now() AS kept_time, fingerprint, rule,"
        " title, kind, level, account, count, from_json(entities, '[\"VARCHAR\"]') AS entities, alert"
        f" FROM {relation}",
        transactions,
    )
    return sorted(fresh, key=lambda a: (a.time_first, a.rule, a.fingerprint))


def _known(lake: Lake, connection: Any, fingerprints: Sequence[str]) -> dict[str, Alert]:
    table = alerts_table(lake)
    if not table.exists():
        return {}
    wanted = rows_relation(connection, {"fingerprint": fingerprints})
    rows = connection.execute(
        f"SELECT fingerprint, arg_max(alert, count) FROM {table.relation()} SEMI JOIN {wanted} USING (fingerprint)"
        " GROUP BY 1"
    ).fetchall()
    return {fingerprint: from_json(text) for fingerprint, text in rows}


def kept(lake: Lake, since: str = "", until: str = "") -> list[Alert]:
    """The alerts whose last event happened in that time (ISO, UTC; `until` is not included), oldest first."""
    table = alerts_table(lake)
    if not table.exists():
        return []
    where = [f"time >= TIMESTAMPTZ '{instant(since)}'"] if since else []
    where += [f"time < TIMESTAMPTZ '{instant(until)}'"] if until else []
    rows = lake.connection().execute(
        f"SELECT arg_max(alert, count) FROM {table.relation(table.files(since=since, until=until))}"
        f" WHERE {' AND '.join(where) or 'true'} GROUP BY fingerprint"
    )
    found = [from_json(text) for (text,) in rows.fetchall()]
    return sorted(found, key=lambda a: (a.time_first, a.rule, a.fingerprint))


def to_json(alert: Alert) -> str:
    """An alert as JSON, compact; the same alert gives the same text."""
    return json.dumps(asdict(alert), ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Alert:
    """The alert in a text of `to_json`."""
    table = json.loads(text)
    table["entities"] = tuple(Entity(**e) for e in table["entities"])
    table["evidence"] = tuple(Evidence(**e) for e in table["evidence"])
    table["tags"] = tuple(table["tags"])
    table["events"] = tuple(table["events"])
    return Alert(**table)
