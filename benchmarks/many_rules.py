"""Hundreds of rules over millions of CloudTrail events: Koban, a Python loop of predicates made of the same conditions,
plans of DuckDB alone, and Zircolite where a checkout of it is named.

    python -m benchmarks.many_rules --rules 250 --events 10000000 --zircolite ~/zircolite

The rules are those of Koban's own AWS detections that the loop knows; more are made of them by asking for a region too.
Koban and the loop begin with the gzipped files, Zircolite with lines of JSON.  Sides that take long run over fewer
events; rates are compared.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import yaml
from sqlglot import exp

from benchmarks import events
from benchmarks.detection import _agree, _at_once, _by_query, _loop, _predicates
from benchmarks.measure import KOBAN, ROOT, peer, run
from koban.app.detect.run import Detector
from koban.engines.detection.compile import Compiled
from koban.engines.detection.dialect import DUCKDB, RECORD, duckdb_path
from koban.engines.detection.evaluate import evaluate
from koban.engines.detection.rules import load, own_folder
from koban.engines.detection.ruleset import compile_set
from koban.engines.detection.stage import Asked, Numbers, reading
from koban.lake.chunks import chunks
from koban.lake.lake import Lake
from koban.sources.logs.mapping import mappings

REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-northeast-1", "sa-east-1", "ca-central-1")
SOURCE = "aws-cloudtrail"
PLANS = ("a query a rule", "one query", "a query a rule, plain paths", "one query, plain paths")
PLAN_SECONDS_MAX, PLAN_BYTES = 3600, 8 << 30


@dataclass(frozen=True)
class Line:
    """What one side took for so many events."""

    side: str
    events: int
    rules: int
    wall: float
    cpu: float
    memory: float
    said: str = ""

    @property
    def rate(self) -> float:
        """Events a second of CPU."""
        return self.events / self.cpu


def main(arguments: Sequence[str] = ()) -> None:
    """Print what each side takes, and how many times its rate Koban's is."""
    given = _arguments().parse_args(list(arguments))
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(given.keep or temporary)
        place.mkdir(parents=True, exist_ok=True)
        folders = {count: _rules(place / f"rules-{count}", count) for count in given.rules}
        rules = folders[max(given.rules)]
        count = max(given.loop_events, given.plan_events)
        few, few_lake = _taken(place / "few", count)
        lines = [*_koban(given, place, folders), _loop_line(few, rules, given.loop_events)]
        one = load([rules])
        _agree(one, _predicates(one), few_lake, place / "few", count)
        if given.zircolite:
            lines.append(_zircolite(given, place, few, rules))
        if given.plans:
            lines += _plans(few_lake, rules)
    _report(lines, max(given.rules))


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many_rules")
    parser.add_argument("--events", type=int, nargs="+", default=[100_000, 1_000_000], help="one lake for each number")
    parser.add_argument("--rules", type=int, nargs="+", default=[60, 250], help="one set of rules for each number")
    parser.add_argument("--turns", type=int, default=3, help="how often Koban judges each")
    parser.add_argument("--loop-events", type=int, default=40_000)
    parser.add_argument("--plan-events", type=int, default=100_000)
    parser.add_argument("--plans", action=argparse.BooleanOptionalAction, default=True, help="plans of DuckDB alone")
    parser.add_argument("--zircolite", metavar="CHECKOUT")
    parser.add_argument("--zircolite-events", type=int, default=100_000)
    parser.add_argument("--keep", metavar="DIR", help="make events and lakes there, or take those that are there")
    return parser


# -- what is judged ---------------------------------------------------------------------------------------------------


def _rules(folder: Path, count: int) -> Path:
    """So many rules, a file each."""
    folder.mkdir(exist_ok=True)
    loaded = load([own_folder() / "aws"])
    known = _predicates(loaded)
    own = sorted((d for d in loaded.detections if d.id in known), key=lambda d: d.id)
    for number in range(count):
        document = own[number % len(own)].sigma.to_dict()
        document.pop("tests", None)
        if number >= len(own):
            condition = document["detection"]["condition"]
            region = REGIONS[number % len(REGIONS)]
            document |= {"id": str(uuid.UUID(int=number)), "title": f"{document['title']} ({number})"}
            document["detection"] |= {"_region": {"awsRegion": region}, "condition": f"({condition}) and _region"}
        (folder / f"{number:04}.yml").write_text(yaml.safe_dump(json.loads(json.dumps(document, default=str))))
    return folder


def _taken(place: Path, count: int) -> tuple[Path, str]:
    """Files of so many events and a lake of them."""
    logs, lake = place / "logs", place / "lake"
    if not lake.exists():
        events.write(logs, count)
        run([*KOBAN, "logs", "ingest", "--quiet", "--lake", str(lake), str(logs)])
    return logs, str(lake)


def _koban(given: argparse.Namespace, place: Path, folders: dict[int, Path]) -> Iterator[Line]:
    """Taking in, and judging with alerts and without, for each number of events and rules."""
    for count in given.events:
        logs, lake = place / f"logs-{count}", place / f"lake-{count}"
        if not logs.exists():
            events.write(logs, count)
        ingest = None
        if not lake.exists():
            ingest = run([*KOBAN, "logs", "ingest", "--quiet", "--lake", str(lake), str(logs)])
            yield Line("koban logs ingest", count, 0, ingest.wall, ingest.cpu, ingest.memory)
        for number, folder in folders.items():
            for _ in range(given.turns):
                yield _apart("koban's engine", count, number, str(lake), str(folder))
            alone = ["--no-own", "--no-behaviour", "--no-intelligence", "--fail-on", "never", "--format", "jsonl"]
            whole = run([*KOBAN, "detect", "--lake", str(lake), "--rules", str(folder), *alone])
            yield Line("koban detect", count, number, whole.wall, whole.cpu, whole.memory)
            if ingest is not None:
                wall, cpu = ingest.wall + whole.wall, ingest.cpu + whole.cpu
                memory = max(ingest.memory, whole.memory)
                yield Line("koban, end to end", count, number, wall, cpu, memory)


def _loop_line(logs: Path, rules: Path, count: int) -> Line:
    predicates = _predicates(load([rules]))
    wall, cpu = time.perf_counter(), time.process_time()
    found = sum(len(matched) for _, matched in islice(_loop(logs, predicates), count))
    taken = time.perf_counter() - wall, time.process_time() - cpu
    return Line("Python loop, end to end", count, len(predicates), *taken, _memory(), f"{found:,} matches")


def _zircolite(given: argparse.Namespace, place: Path, logs: Path, rules: Path) -> Line:
    """Zircolite as a whole process over lines of JSON.  A copy of its own environment is made by pip where none is."""
    checkout = Path(given.zircolite)
    python = peer("zircolite", "-r", str(checkout / "requirements.txt")) / "python"
    lines, said = place / "zircolite.jsonl", place / "zircolite-found.json"
    with lines.open("w") as file:
        for record in islice(_records(logs), given.zircolite_events):
            file.write(json.dumps(record, separators=(",", ":")) + "\n")
    said.unlink(missing_ok=True)
    options: list[str | Path] = ["--jsonl", "--ruleset", rules, "--outfile", said, "--no-event-filter"]
    options += ["--config", checkout / "config" / "config.yaml", "--logfile", place / "zircolite-own.log"]
    command = [python, checkout / "zircolite.py", "--events", lines, *options]
    done = run(command, log=place / "zircolite.log")
    found = sum(one["count"] for one in json.loads(said.read_text())) if said.exists() else 0
    count = sum(1 for _ in lines.open())
    text = f"{found:,} matches, exit {done.code}"
    return Line("Zircolite, end to end", count, len(list(rules.iterdir())), done.wall, done.cpu, done.memory, text)


def _records(logs: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(logs.rglob("*.json.gz")):
        yield from json.loads(gzip.decompress(file.read_bytes()))["Records"]


# -- one side, in a process of its own --------------------------------------------------------------------------------


def _plans(lake: str, rules: Path) -> Iterator[Line]:
    count, number = sum(f.rows for f in Lake(lake).events.files()), len(list(rules.iterdir()))
    for side in ("koban's engine", *PLANS):
        yield _apart(side, count, number, lake, str(rules))


def _apart(side: str, count: int, number: int, lake: str, rules: str) -> Line:
    command = [sys.executable, "-m", "benchmarks.many_rules", "--side", side, lake, rules]
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, check=False, timeout=PLAN_SECONDS_MAX, cwd=ROOT
        )
        found = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None
    except subprocess.TimeoutExpired:
        found = None
    if found is None:
        print(f"  {side} ended without an answer (memory, or more than {PLAN_SECONDS_MAX} s)", flush=True)
        return Line(side, count, number, float("nan"), float("nan"), float("nan"), "ended without an answer")
    said = f"{found['matches']:,} matches"
    line = Line(side, count, number, found["wall"], found["cpu"], found["memory"], said)
    print(f"  {_told(line)}", flush=True)
    return line


def judge(side: str, root: str, rules: str) -> None:
    """Runs one side and prints what it took, without loading and compiling the rules."""
    compiled = compile_set(load([Path(rules)]), mappings())
    lake = Lake(root)
    singles = [one for one in compiled.rules if isinstance(one, Compiled)]
    wall, cpu = time.perf_counter(), time.process_time()
    if side == "koban's engine":
        connection = Detector(lake, own=False, threads=2).connection()
        evaluation = evaluate(connection, chunks(lake.events, lake.events.files()), compiled)
        matches = sum(evaluation.counts().values())
    else:
        plan = {"a query a rule": _by_query, "one query": _at_once}.get(side)
        connection = lake.connection(2, PLAN_BYTES)
        if plan is not None:
            matches = plan(connection, lake, singles)
        else:
            matches = _plain_paths(connection, lake, singles, together=side.startswith("one"))
    taken = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "matches": matches}
    print(json.dumps(taken | {"memory": _memory()}))


def _plain_paths(connection: Any, lake: Lake, rules: list[Compiled], *, together: bool) -> int:
    """What one would write by hand: a field is the text at its path, without arrays on the way or dots in keys."""
    numbers = Numbers()
    trees = [one.wheres[SOURCE] for one in rules if SOURCE in one.wheres]
    groups = [trees] if together else [[tree] for tree in trees]
    matches = 0
    for group in groups:
        asked = Asked.by(*group)
        made = [f"json_extract_string({RECORD}, {duckdb_path(p)}) AS v{numbers.of(p)}" for p in sorted(asked.values)]
        made += [f"json_exists({RECORD}, {duckdb_path(p)}) AS p{numbers.of(p)}" for p in sorted(asked.present)]
        flags = [f"coalesce({_sql(tree, numbers)}, false) AS r{at}" for at, tree in enumerate(group)]
        some = " OR ".join(f"r{at}" for at in range(len(group)))
        inner = f"SELECT *{''.join(', ' + one for one in made)} FROM {lake.relation()} WHERE source = '{SOURCE}'"
        rows = connection.execute(
            f"SELECT * EXCLUDE (time, metadata_uid) FROM (SELECT time, metadata_uid, {', '.join(flags)} FROM ({inner}))"
            f" WHERE {some}"
        ).fetchall()
        matches += sum(sum(row) for row in rows)
    return matches


def _sql(tree: exp.Expr, numbers: Numbers) -> str:
    return DUCKDB.sql(reading(tree, numbers))


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _told(line: Line) -> str:
    return (
        f"{line.side:28} {line.events:>11,} {line.rules:>5} {line.wall:9.2f} {line.cpu:9.2f} {line.memory:7,.0f}"
        f" {line.rate:12,.0f}"
    )


def _report(lines: Sequence[Line], rules: int) -> None:
    print(
        f"\n  {'':28} {'events':>11} rules    wall s     CPU s     MiB  events/CPU s  Koban's rate is so many times it"
    )
    for line in lines:
        ours = [one for one in lines if one.side.startswith("koban") and one.rules == line.rules == rules]
        whole = line.side.endswith("end to end")
        ours = [one for one in ours if (one.side == "koban, end to end") == whole and one.side != "koban detect"]
        most = max((one.events for one in ours), default=0)
        mine = sorted(one.rate for one in ours if one.events == (line.events if line.side in PLANS else most))
        times = "" if line.side.startswith("koban") or not mine else f"{mine[len(mine) // 2] / line.rate:8.1f}"
        print(f"  {_told(line)}  {times:>8}  {line.said}")


if __name__ == "__main__":
    judge(*sys.argv[2:5]) if sys.argv[1:2] == ["--side"] else main(sys.argv[1:])
