"""Koban's own CloudTrail detections over a lake, beside a Python loop of predicates made of the same conditions, and
beside two plans of DuckDB alone.

`KOBAN_BENCH_EVENTS` says how many events, or `KOBAN_BENCH_LAKE` names a lake that is there already.
"""

from __future__ import annotations

import fnmatch
import gzip
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import events
from koban.app.detect.run import Detector
from koban.app.logs.ingest import ingested
from koban.engines.detection.compile import Compiled
from koban.engines.detection.dialect import DUCKDB
from koban.engines.detection.evaluate import evaluate
from koban.engines.detection.rules import RuleSet, load, own_folder
from koban.engines.detection.ruleset import compile_set
from koban.lake.chunks import chunks
from koban.lake.lake import Lake
from koban.sources.logs.mapping import mappings

EVENTS = int(os.environ.get("KOBAN_BENCH_EVENTS", "1000000"))
LOOP_EVENTS = 40_000
TURNS = 3

Predicate = Callable[[dict[str, Any]], bool]


class _NotHere(Exception):
    """A condition that the loop does not know."""


def main() -> None:
    """Print events a second of CPU and peak memory of each side, over the same rules, and whether they agree."""
    rules = load([own_folder() / "aws"])
    predicates = _predicates(rules)
    with tempfile.TemporaryDirectory() as place:
        given = os.environ.get("KOBAN_BENCH_LAKE")
        lake = given or _lake(Path(place) / "whole", EVENTS)
        few = _lake(Path(place) / "few", LOOP_EVENTS)
        _agree(rules, predicates, few, Path(place) / "few")
        count = sum(f.rows for f in Lake(lake).events.files())
        print(
            f"\ndetection: {count:,} CloudTrail events, {len(predicates)} rules that the loop knows (all: Koban's own)"
        )
        rates: dict[str, list[float]] = {}
        for turn in range(TURNS):
            for side in ("all", "shared", "a query a rule", "one query"):
                if turn and side.endswith(("rule", "query")):
                    continue  # these take long
                taken = _apart(side, lake)
                if taken is None:
                    print(f"  {side:16} ended without an answer (DuckDB ran out of memory)", flush=True)
                    continue
                rates.setdefault(side, []).append(count / taken["cpu"])
                print(
                    f"  {side:16} {taken['wall']:8.2f} s, CPU {taken['cpu']:8.2f} s, {taken['matches']:,} matches,"
                    f" {taken['memory']:,.0f} MiB",
                    flush=True,
                )
            cpu = time.process_time()
            judged = sum(1 for _ in _loop(Path(place) / "few" / "logs", predicates))
            rates.setdefault("loop", []).append(judged / (time.process_time() - cpu))
        print("  events a second of CPU, medians, and how many times each koban's shared rules are:")
        middle = {name: statistics.median(found) for name, found in rates.items()}
        for name, rate in middle.items():
            print(f"    {name:16} {rate:12,.0f}  {middle['shared'] / rate:8.1f}")


def _lake(place: Path, count: int) -> str:
    events.write(place / "logs", count)
    ingested(Lake(f"{place}/lake"), [f"{place}/logs"])
    return f"{place}/lake"


def _apart(side: str, lake: str) -> dict[str, float] | None:
    """One side in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.detection", side, lake], stdout=subprocess.PIPE, text=True, check=False
    )
    return None if done.returncode else dict(json.loads(done.stdout.splitlines()[-1]))


def judge(side: str, root: str) -> None:
    """Runs one side and prints what it took, without loading and compiling the rules."""
    rules = load([own_folder() / "aws"])
    if side != "all":
        rules = RuleSet([d for d in rules.detections if d.id in _predicates(rules)], [])
    compiled = compile_set(rules, mappings())
    lake = Lake(root)
    wall, cpu = time.perf_counter(), time.process_time()
    if side in ("all", "shared"):
        connection = Detector(lake, own=False, threads=2).connection()
        evaluation = evaluate(connection, chunks(lake.events, lake.events.files()), compiled)
        matches = sum(evaluation.counts().values())
    else:
        connection = lake.connection(2)
        singles = [one for one in compiled.rules if isinstance(one, Compiled)]
        matches = (
            _by_query(connection, lake, singles) if side == "a query a rule" else _at_once(connection, lake, singles)
        )
    taken = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "matches": matches}
    print(json.dumps(taken | {"memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def _by_query(connection: Any, lake: Lake, rules: list[Compiled]) -> int:
    """The plan that most write first: each rule's condition is a query over all events."""
    return sum(
        len(connection.execute(one.sql(DUCKDB, lake.relation(), "time, metadata_uid")).fetchall()) for one in rules
    )


def _at_once(connection: Any, lake: Lake, rules: list[Compiled]) -> int:
    """One query with a column for each rule."""
    trees = [one.wheres["aws-cloudtrail"] for one in rules if "aws-cloudtrail" in one.wheres]
    flags = ", ".join(f"coalesce({DUCKDB.sql(tree)}, false) AS r{at}" for at, tree in enumerate(trees))
    some = " OR ".join(f"r{at}" for at in range(len(trees)))
    rows = connection.execute(
        f"SELECT * EXCLUDE (time, metadata_uid) FROM (SELECT time, metadata_uid, {flags} FROM {lake.relation()}"
        f" WHERE source = 'aws-cloudtrail') WHERE {some}"
    ).fetchall()
    return sum(sum(row) for row in rows)


def _agree(rules: RuleSet, predicates: dict[str, Predicate], lake: str, place: Path, count: int = LOOP_EVENTS) -> None:
    """Compares what both say of each event; raises where they differ."""
    shared = compile_set(RuleSet([d for d in rules.detections if d.id in predicates], []), mappings())
    connection = Lake(lake).connection(2)
    found = {
        (one.metadata_uid, one.detection.id) for one in evaluate(connection, Lake(lake).relation(), shared).matches()
    }
    looped = {(uid, rule) for uid, matched in _loop(place / "logs", predicates) for rule in matched}
    print(f"  of {count:,} events: {len(found):,} matches of Koban, {len(looped):,} of the loop", end="")
    print(f"; {len(found ^ looped):,} of one alone", flush=True)
    names = {d.id: d.name for d in rules.detections}
    for uid, rule in sorted(found ^ looped, key=str)[:5]:
        print(f"    {names[rule]} of {uid}: {'Koban' if (uid, rule) in found else 'the loop'} alone")


def _loop(directory: Path, predicates: dict[str, Predicate]) -> Iterator[tuple[str, list[str]]]:
    for file in sorted(directory.rglob("*.json.gz")):
        for record in json.loads(gzip.decompress(file.read_bytes()))["Records"]:
            yield record.get("eventID"), [rule for rule, predicate in predicates.items() if predicate(record)]


def _predicates(rules: RuleSet) -> dict[str, Predicate]:
    """The rules of single events that the loop can judge."""
    found = {}
    for one in rules.detections:
        if one.listed and not one.is_correlation:
            try:
                found[one.id] = _predicate(one.sigma)
            except _NotHere:
                continue
    return found


def _predicate(sigma: Any) -> Predicate:
    (condition,) = sigma.detection.parsed_condition
    return _made(condition.parsed)


def _made(node: Any) -> Predicate:
    kind = type(node).__name__
    if kind == "ConditionFieldEqualsValueExpression":
        return _field(node.field, node.value)
    if kind not in ("ConditionAND", "ConditionOR", "ConditionNOT"):
        raise _NotHere(kind)
    inner = [_made(one) for one in node.args]
    if kind == "ConditionNOT":
        return lambda record: not inner[0](record)
    if kind == "ConditionAND":
        return lambda record: all(one(record) for one in inner)
    return lambda record: any(one(record) for one in inner)


def _field(path: str, value: Any) -> Predicate:
    keys = path.split(".")

    def got(record: Any, at: int = 0) -> Iterator[Any]:
        if isinstance(record, list):
            for one in record:
                yield from got(one, at)
        elif at == len(keys):
            if record is not None:
                yield record
        elif isinstance(record, dict):
            yield from got(record.get(keys[at]), at + 1)

    def some(test: Callable[[str], bool]) -> Predicate:
        return lambda record: any(test(_text(one)) for one in got(record))

    kind = type(value).__name__
    if kind == "SigmaNull":
        return lambda record: next(got(record), None) is None
    if kind == "SigmaExists":
        return lambda record: (next(got(record), None) is not None) == bool(value.exists)
    if kind in ("SigmaBool", "SigmaNumber"):
        plain = str(value).lower()
        return some(lambda text: text.lower() == plain)
    if kind == "SigmaString":
        if not value.contains_special():
            low = "".join(value.s).lower()
            return some(lambda text: text.lower() == low)
        parts = [one.lower() if isinstance(one, str) else "*" if "MULTI" in one.name else "?" for one in value.s]
        glob = "".join(one if one in ("*", "?") else re.sub(r"([*?[])", r"[\1]", one) for one in parts)
        matches = re.compile(fnmatch.translate(glob)).match
        return some(lambda text: matches(text.lower()) is not None)
    if kind == "SigmaRegularExpression":
        flags = "".join(value.sigma_to_re_flag[flag] for flag in value.flags)
        search = re.compile((f"(?{flags})" if flags else "") + str(value.regexp)).search
        return some(lambda text: search(text) is not None)
    raise _NotHere(kind)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


if __name__ == "__main__":
    judge(*sys.argv[1:3]) if len(sys.argv) > 2 else main()
