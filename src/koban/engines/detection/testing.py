"""Runs the tests that a detection carries, through the SQL that judges real events.

A test of a rule of single events has an `event`: a record as its source writes it, only the fields that matter.  A test
of a correlation has `events`: a list of `{at: 90s, event: {...}}`, with `at` counted from the first; `repeat: 20` and
`every: 10s` make many of one.  `fires` says whether the rule must match.  Where several mappings serve the logsource,
a test is run through each, and fires where it does through one; `source:` names one of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from koban.engines.detection.compile import Compiled
from koban.engines.detection.correlation import CompiledCorrelation
from koban.engines.detection.dialect import DUCKDB, quoted
from koban.engines.detection.rules import Detection, RuleSet, plain
from koban.engines.detection.ruleset import AnyCompiled, compile_set
from koban.model.event import COLUMNS, Mapping

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
REPEAT_MAX = 100_000
_SPAN = re.compile(r"^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Ingestion:
    """How records become events: SQL to run first, and the SELECT of a mapping over a relation of records."""

    macros: Sequence[str]
    select: Callable[[Mapping, str], str]


@dataclass(frozen=True, slots=True)
class Failure:
    rule: str
    text: str


@dataclass(frozen=True)
class _Record:
    source: str
    record: str
    origin: str
    line: int
    time: datetime


class BadTest(ValueError):
    """A test that cannot be run; the message says why."""


def failures(
    rules: RuleSet, mappings: Iterable[Mapping], ingestion: Ingestion, only: Iterable[Detection] | None = None
) -> Iterator[Failure]:
    """One line for each test that ends otherwise than it says, each rule that does not run, each without tests.

    Rules that only a correlation asks for need no tests of their own, but may have some.  With `only`: of those alone.
    """
    by_source = {one.source: one for one in mappings}
    compiled = compile_set(rules, by_source.values())
    wanted = list(rules.detections if only is None else only)
    files = {(one.title, one.file) for one in wanted}
    for problem in compiled.problems:
        if only is None or (problem.rule, problem.file) in files:
            yield Failure(problem.name, str(problem))
    runs: list[tuple[Detection, AnyCompiled, list[tuple[str, bool]]]] = []
    records: list[_Record] = []
    for number, detection in enumerate(wanted):
        made = compiled.of(detection) or _inner(compiled.rules, detection)
        if made is None:
            continue
        yield from _missing(detection)
        tests = []
        for at, test in enumerate(detection.tests, 1):
            origin = f"{number}/{at}"
            try:
                for source in _sources(test, made):
                    records += _records(test, source, f"{origin}/{source}", made)
                tests.append((origin, bool(test["fires"])))
            except BadTest as error:
                yield Failure(detection.name, f"{detection.name}: test {at}: {error}")
        runs.append((detection, made, tests))
    connection = _connection(records, by_source, ingestion)
    for detection, made, tests in runs:
        fired = _fired(connection, made, [origin for origin, _ in tests])
        for origin, expected in tests:
            if (origin in fired) != expected:
                said = "fires" if origin in fired else "does not fire"
                at = int(origin.partition("/")[2])
                name = detection.tests[at - 1].get("name")
                yield Failure(detection.name, f"{detection.name}: test {at}{f' ({name})' if name else ''} {said}")


def _inner(rules: list[AnyCompiled], detection: Detection) -> AnyCompiled | None:
    """A rule that only a correlation asks for."""
    for rule in rules:
        if isinstance(rule, CompiledCorrelation):
            inside = [one for _, one in rule.rules]
            if found := next((one for one in inside if one.detection is detection), None) or _inner(inside, detection):
                return found
    return None


def _missing(detection: Detection) -> Iterator[Failure]:
    if not detection.listed:
        return
    for fires, kind in ((True, "fires"), (False, "does not fire")):
        if not any(isinstance(one, dict) and one.get("fires") is fires for one in detection.tests):
            yield Failure(detection.name, f"{detection.name}: no test in which it {kind}")


def _sources(test: Any, made: AnyCompiled) -> list[str]:
    """The mappings that the events of a test are taken through, one after the other, where they do not say it."""
    if not isinstance(test, dict) or not isinstance(test.get("fires"), bool):
        raise BadTest("it must say fires: true or fires: false")
    if extra := set(test) - {"fires", "event", "events", "source", "name"}:
        raise BadTest(f"unknown entry {sorted(extra)[0]}")
    if ("event" in test) == ("events" in test):
        raise BadTest("it must have either an event or events")
    if "source" in test:
        return [_known(str(test["source"]), made)]
    if "events" in test and all(isinstance(one, dict) and "source" in one for one in test["events"]):
        return [""]
    bases = [made] if isinstance(made, Compiled) else made.bases()
    common = set.intersection(*(set(base.wheres) for base in bases))
    if not common:
        raise BadTest(f"its events must say their source, one of: {', '.join(_serving(made))}")
    return sorted(common)


def _records(test: dict[str, Any], source: str, origin: str, made: AnyCompiled) -> list[_Record]:
    given = [{"at": 0, "event": test["event"]}] if "event" in test else test["events"]
    records: list[_Record] = []
    for one in given:
        if not isinstance(one, dict) or not isinstance(one.get("event"), dict):
            raise BadTest("each of its events must have an event")
        if extra := set(one) - {"at", "event", "repeat", "every", "source"}:
            raise BadTest(f"unknown entry {sorted(extra)[0]}")
        named = _known(str(one["source"]), made) if "source" in one else source
        text = json.dumps(plain(one["event"]), ensure_ascii=False)
        at, every = _span(one.get("at", 0)), _span(one.get("every", "1s"))
        for number in range(min(int(one.get("repeat", 1)), REPEAT_MAX)):
            time = START + at + number * every
            records.append(_Record(named, text, origin, len(records) + 1, time))
    return records


def _serving(made: AnyCompiled) -> list[str]:
    bases = [made] if isinstance(made, Compiled) else made.bases()
    return sorted({source for base in bases for source in base.wheres})


def _known(source: str, made: AnyCompiled) -> str:
    if source not in _serving(made):
        raise BadTest(f"source {source} does not serve it; these do: {', '.join(_serving(made))}")
    return source


def _span(text: Any) -> timedelta:
    match = _SPAN.match(str(text))
    if match is None:
        raise BadTest(f"{text!r} is no span of time: write 90s, 5m, 2h, 1d")
    return timedelta(seconds=float(match[1]) * _SECONDS[match[2] or "s"])


def _connection(records: list[_Record], mappings: dict[str, Mapping], ingestion: Ingestion) -> Any:
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    for macro in ingestion.macros:
        connection.execute(macro)
    columns = ", ".join(f"{column.name} {column.sql_type}" for column in COLUMNS.values())
    connection.execute(f"CREATE TABLE events ({columns})")
    connection.execute(
        "CREATE TABLE records (source VARCHAR, record VARCHAR, raw_data VARCHAR, origin VARCHAR, origin_line BIGINT,"
        " moment TIMESTAMPTZ)"
    )
    rows = [(one.source, one.record, None, one.origin, one.line, one.time.isoformat()) for one in records]
    for start in range(0, len(rows), 500):
        part = rows[start : start + 500]
        holders = ", ".join(["(?, ?, ?, ?, ?, ?)"] * len(part))
        connection.execute(f"INSERT INTO records VALUES {holders}", [value for row in part for value in row])
    for source in sorted({one.source for one in records}):
        of_source = f"(SELECT * FROM records WHERE source = {quoted(source)})"
        sql = ingestion.select(mappings[source], of_source)
        connection.execute(
            f"INSERT INTO events SELECT e.* REPLACE (r.moment AS time) FROM ({sql}) AS e JOIN {of_source} AS r"
            " USING (origin, origin_line)"
        )
    return connection


def _fired(connection: Any, made: AnyCompiled, tests: list[str]) -> set[str]:
    """The tests that fire, through any of their sources."""
    listed = ", ".join(map(quoted, tests)) or "NULL"
    wanted = f"(SELECT *, regexp_extract(origin, '^[0-9]+/[0-9]+') AS test FROM events WHERE test IN ({listed}))"
    if isinstance(made, Compiled):
        return {test for (test,) in connection.execute(made.sql(DUCKDB, wanted, "DISTINCT test")).fetchall()}
    runs = connection.execute(f"SELECT DISTINCT test, origin FROM {wanted}").fetchall()
    return {
        test
        for test, origin in runs
        if connection.execute(made.sql(DUCKDB, f"(SELECT * FROM events WHERE origin = {quoted(origin)})")).fetchone()
    }
