"""Koban's own CloudTrail detections over a lake, beside a Python loop of predicates made of the same conditions."""

from __future__ import annotations

import fnmatch
import gzip
import json
import os
import re
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import events
from koban.app.logs.ingest import ingested
from koban.engines.detection.compile import Compiled
from koban.engines.detection.evaluate import evaluate
from koban.engines.detection.rules import RuleSet, load, own_folder
from koban.engines.detection.ruleset import compile_set
from koban.lake.lake import Lake
from koban.sources.logs.mapping import mappings

EVENTS = int(os.environ.get("KOBAN_BENCH_EVENTS", "1000000"))
LOOP_EVENTS = 40_000
TURNS = 3

Predicate = Callable[[dict[str, Any]], bool]


class _NotHere(Exception):
    """A condition that the loop does not know."""


def main() -> None:
    """Print events a second of both, over the same rules: all of Koban's, and those that the loop can judge."""
    rules = load([own_folder() / "aws"])
    whole = compile_set(rules, mappings())
    singles = [one for one in whole.rules if isinstance(one, Compiled)]
    predicates = {}
    for one in singles:
        try:
            predicates[one.detection.id] = _predicate(one.detection.sigma)
        except _NotHere:
            continue
    common = compile_set(RuleSet([d for d in rules.detections if d.id in predicates], []), mappings())
    with tempfile.TemporaryDirectory() as place:
        files = events.write(Path(place) / "logs", EVENTS)
        lake = Lake(f"{place}/lake")
        ingested(lake, [f"{place}/logs"])
        print(f"\ndetection: {EVENTS:,} CloudTrail events")
        rates: dict[str, list[float]] = {}
        for _ in range(TURNS):
            for name, compiled in (("all", whole), ("shared", common)):
                connection = lake.connection(2)
                wall, cpu = time.perf_counter(), time.process_time()
                found = evaluate(connection, lake.relation(), compiled)
                hits = sum(found.counts().values())
                cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
                connection.close()
                rates.setdefault(name, []).append(EVENTS / cpu)
                print(f"  koban, {len(compiled.rules)} rules ({name}): {wall:.2f} s, CPU {cpu:.2f} s; {hits:,} matches")
            cpu = time.process_time()
            judged, hits = _loop(files, list(predicates.values()))
            cpu = time.process_time() - cpu
            rates.setdefault("loop", []).append(judged / cpu)
            print(f"  Python loop, {len(predicates)} rules: {judged:,} events, CPU {cpu:.2f} s; {hits:,} matches")
        best = {name: max(found) for name, found in rates.items()}
        print(f"  events a second of CPU: koban {best['shared']:,.0f}, loop {best['loop']:,.0f}", end="")
        print(f" ({best['shared'] / best['loop']:.0f}x); koban with all rules {best['all']:,.0f}")
        print(f"  peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


def _loop(files: list[Path], predicates: list[Predicate]) -> tuple[int, int]:
    judged = hits = 0
    for file in files:
        for record in json.loads(gzip.decompress(file.read_bytes()))["Records"]:
            judged += 1
            for predicate in predicates:
                hits += predicate(record)
        if judged >= LOOP_EVENTS:
            break
    return judged, hits


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

    def got(record: dict[str, Any]) -> Any:
        found: Any = record
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found

    kind = type(value).__name__
    if kind == "SigmaNull":
        return lambda record: got(record) is None
    if kind == "SigmaExists":
        return lambda record: (got(record) is not None) == bool(value.exists)
    if kind == "SigmaBool":
        return lambda record: got(record) in (bool(value), str(bool(value)).lower())
    if kind == "SigmaNumber":
        return lambda record: str(got(record)) == str(value)
    if kind == "SigmaString":
        text = str(value).lower()
        if not value.contains_special():
            return lambda record: str(got(record)).lower() == text
        matches = re.compile(fnmatch.translate(text)).match
        return lambda record: matches(str(got(record)).lower()) is not None
    if kind == "SigmaRegularExpression":
        search = re.compile(str(value.regexp)).search
        return lambda record: search(str(got(record) or "")) is not None
    raise _NotHere(kind)


if __name__ == "__main__":
    main()
