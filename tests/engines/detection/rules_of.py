"""`matched(detection, events)`: the places of the events that a rule matches, as DuckDB says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import duckdb
import yaml

from koban.engines.detection.compile import Compiled
from koban.engines.detection.correlation import CompiledCorrelation
from koban.engines.detection.dialect import DUCKDB
from koban.engines.detection.rules import load_texts
from koban.engines.detection.ruleset import CompiledSet, compile_set
from koban.model.event import Mapping
from koban.sources.logs.mapping import MACROS, parse, select

MAPPING = parse(
    {
        "source": "test",
        "title": "Test",
        "vendor": "Test",
        "product": "Test",
        "logsources": [
            {"product": "test", "service": "plain"},
            {"product": "test", "service": "narrow", "when": "{kind} = 'n' OR {deep.kind} = 'n'"},
            {"product": "test", "service": "renamed", "fields": {"Image": "program", "Who": "user.name"}},
            {
                "product": "test",
                "service": "derived",
                "fields": {
                    "Kind": "CASE {kind} WHEN 'n' THEN 'narrow' ELSE {deep.kind} END",
                    "Deep": "list[*].deep[*].value",
                    "Dotted": 'a."b.c"',
                    "Fixed": "'always'",
                },
            },
            {"product": "test", "service": "made", "fields": {"Status": "CASE {kind} WHEN '0' THEN 'Success' END"}},
        ],
        "classes": [{"class": "base_event"}],
        "columns": {
            "time": "t",
            "api_operation": "op",
            "actor_user_name": "user.name",
            "src_endpoint_ip": "ip",
            "status_code": "kind",
        },
    },
    "test",
)
START = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def _connection() -> Any:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    for macro in MACROS:
        connection.execute(macro)
    return connection


def connect(events: list[Any], mapping: Mapping = MAPPING, seconds: list[float] | None = None) -> Any:
    """A connection with the events in its table `events`; `origin_line` is their place."""
    connection = _connection()
    texts = [event if isinstance(event, str) else json.dumps(event, ensure_ascii=False) for event in events]
    moments = [START + timedelta(seconds=seconds[at] if seconds else at) for at in range(len(events))]
    connection.execute(
        "CREATE OR REPLACE TABLE records AS SELECT unnest($1::VARCHAR[]) AS record, NULL::VARCHAR AS raw_data,"
        " 'o' AS origin, unnest(range($2)) AS origin_line, unnest($3::TIMESTAMPTZ[]) AS at_",
        [texts, len(events), [one.isoformat() for one in moments]],
    )
    connection.execute(
        f"CREATE OR REPLACE TABLE events AS SELECT e.* REPLACE (at_ AS time) FROM ({select(mapping, 'records')}) e"
        " JOIN (SELECT origin_line, at_ FROM records) USING (origin_line)"
    )
    return connection


def compiled(text: str, mapping: Mapping = MAPPING, **given: Any) -> CompiledSet:
    return compile_set(load_texts([("test.yml", text)]), [mapping], **given)


def rule(detection: Any, service: str = "plain") -> str:
    """A rule around a detection section."""
    section = yaml.safe_load(detection) if isinstance(detection, str) else detection
    head = {"title": "t", "logsource": {"product": "test", "service": service}, "detection": section}
    return yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=10_000)


def matched(detection: Any, events: list[Any], service: str = "plain", **given: Any) -> list[int]:
    made = compiled(rule(detection, service), **given)
    assert not made.problems, made.problems
    (one,) = made.rules
    assert isinstance(one, Compiled)
    sql = one.sql(DUCKDB, select="origin_line") + " ORDER BY 1"
    return [line for (line,) in connect(events).execute(sql).fetchall()]


def alerts(text: str, events: list[tuple[float, Any]]) -> list[tuple[Any, ...]]:
    """(group values..., first second, last second) of each alert of a correlation over (second, event) pairs."""
    made = compiled(text)
    assert not made.problems, made.problems
    (one,) = [found for found in made.rules if isinstance(found, CompiledCorrelation)]
    connection = connect([event for _, event in events], seconds=[second for second, _ in events])
    rows = connection.execute(one.sql(DUCKDB)).fetchall()
    groups = len(one.group_by)
    return [
        (*row[:groups], (row[groups] - START).total_seconds(), (row[groups + 1] - START).total_seconds())
        for row in rows
    ]
