"""Measures the ledger with a million findings: landings, and every page that the console shows.

    python benchmarks/ledger.py                                   # SQLite, in a directory of its own
    python benchmarks/ledger.py --url postgresql://koban@/bench   # PostgreSQL, in a database without tables
    python benchmarks/ledger.py --findings 100000 --keep DIR      # fewer; and keep the database for another run
    python benchmarks/ledger.py --keep DIR --live                 # live through a year of ten scans a day, with retention

The estate: ten targets, a hundred accounts, a tenth as many resources as findings, a year of numbers and changes.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text

from koban.ledger import bulk, findings, resources, scans, schema, scopes, trends
from koban.ledger.database import Ledger
from koban.ledger.findings import Filters
from koban.ledger.landing import Coverage, land
from koban.ledger.paging import Ask
from koban.ledger.retention import tidy
from koban.ledger.running import begin
from koban.ledger.targets import target_named
from koban.ledger.who import Sight
from koban.model.resource import Resource
from koban.model.result import Gap, Result, Subject

TARGETS, ACCOUNTS, RULES = 10, 10, 220  # accounts of one target
RULES_EACH = 10  # of one resource
REGIONS = ["eu-west-1", "us-east-1", "eu-central-1", *(f"xx-region-{n}" for n in range(14))]
TYPES = [f"AWS::Bench{n // 4}::Thing{n}" for n in range(RULES // RULES_EACH)]
SEVERITIES = ("critical", "high", "medium", "low", "info")
NAMES = ("orders", "billing", "audit", "images", "search", "payroll", "ledger", "media", "backup", "events")
EVERYTHING = Sight()
TAGGED = Sight(None, {"team": frozenset({"orders", "media"})})
P95_MAX = 0.2  # seconds


def rule_id(n: int) -> str:
    return f"thing{n // RULES_EACH}-{('public', 'unencrypted', 'unlogged', 'untagged', 'old')[n % 5]}-{n}"


def severity_of(n: int) -> Any:
    return random.Random(n).choices(SEVERITIES, (5, 20, 40, 25, 10))[0]


CONTROLS = {
    rule_id(n): [f"cis-aws-7.0:{1 + n % 5}.{n % 13}", f"nist-csf-2.0:{('PR', 'ID', 'DE', 'GV')[n % 4]}.AA-{n % 9:02}"]
    for n in range(RULES)
}


def estate(target: int, count: int, changed: float = 0.0) -> Iterator[tuple[Resource, list[Result]]]:
    """The resources of a target with their results; `changed` of the verdicts are not what they were."""
    chance = random.Random(target)
    change = random.Random(f"{target} {changed}")
    for n in range(count):
        kind = chance.randrange(len(TYPES))
        account = f"{target:02}{chance.randrange(ACCOUNTS):02}00000000"
        region = chance.choices(REGIONS, (40, 20, 10, *([2] * 14)))[0]
        name = f"{chance.choice(NAMES)}-{chance.getrandbits(40):010x}"
        uid = f"arn:aws:bench:{region}:{account}:{TYPES[kind].rsplit('::', 1)[1].lower()}/{name}"
        document = {
            "Arn": uid,
            "Name": name,
            "Tags": [{"Key": "team", "Value": chance.choice(NAMES)}, {"Key": "cost", "Value": str(n % 50)}],
            "Address": f"10.{n % 250}.{n // 250 % 250}.{n % 99}",
            "Settings": {f"Setting{m}": chance.choice(("on", "off", m)) for m in range(40)},
        }
        one = Resource(document, uid=uid, account=account, region=region, type_name=TYPES[kind])
        subject = Subject(uid, TYPES[kind], name, account, region)
        results = []
        for m in range(kind * RULES_EACH, (kind + 1) * RULES_EACH):
            verdict: Any = chance.choices(("pass", "fail", "unknown", "excepted"), (70, 24, 4, 2))[0]
            if changed and change.random() < changed:
                verdict = "pass" if verdict == "fail" else "fail"
            rule = rule_id(m)
            because = () if verdict == "pass" else ("Settings.Setting1 is off",)
            message = f"The thing is not as {rule} asks"
            results.append(
                Result(rule, verdict, severity_of(m), subject, message, because, tuple(CONTROLS[rule]), "Turn it on.")
            )
        yield one, results


def environment(resource: Resource) -> str | None:
    return ("prod", "staging", "dev", None)[int(resource.account[2:4]) % 4]


def scan(ledger: Ledger, target: int, number: int, count: int, changed: float = 0.0) -> tuple[float, float]:
    """Seconds that it took to stage, and to land."""
    one = begin(ledger, target, "benchmark")
    gaps = [
        Gap(TYPES[n], f"{number:02}0{n}00000000", REGIONS[n], "AccessDenied bench:DescribeThings") for n in range(5)
    ]
    start = time.perf_counter()
    made = estate(number, count, changed)
    batch: list[tuple[Resource, list[Result]]] = []
    from koban.ledger.staging import Staging

    staging = Staging(ledger, one)
    for thing, results in made:
        staging.resource(thing, environment(thing))
        for result in results:
            staging.result(result)
    staging.finish()
    staged = time.perf_counter()
    land(ledger, one, Coverage(list(CONTROLS), lambda *_: None, gaps, CONTROLS))
    assert not batch
    return staged - start, time.perf_counter() - staged


def a_year(ledger: Ledger) -> None:
    """Ten scans a day with their numbers, and twenty changes each, up to yesterday."""
    t = schema.trends.c
    with ledger.writing() as connection:
        last = connection.execute(select(func.max(t.day))).scalar_one()
        today = [dict(row._mapping) for row in connection.execute(select(schema.trends).where(t.day == last))]
        connection.execute(schema.trends.delete().where(t.day < last))
        ids = list(
            connection.scalars(select(schema.findings.c.id).where(schema.findings.c.status == "open").limit(200_000))
        )
        targets = sorted({row[t.target.name] for row in today})
        now = datetime.now(UTC)
        for back in range(1, 366):
            rows = [{**row, "day": last - timedelta(days=back), "open": row["open"] + back % 7} for row in today]
            bulk.load(connection, schema.trends, rows)
        rows = []
        for n in range(3_650):
            at = now - timedelta(hours=2.4 * (n + 1))
            rows.append({"target": targets[n % len(targets)], "state": "landed", "asked_by": "schedule", "title": "",
                         "queued": at, "started": at, "finished": at, "counts": {"fail": n}, "rules": RULES})  # fmt: skip
        bulk.load(connection, schema.scans, rows)
        chance = random.Random(1)
        rows = [
            {"finding": chance.choice(ids), "at": now - timedelta(minutes=7 * n), "actor": "scan 1", "why": "",
             "kind": chance.choice(("opened", "resolved", "reopened", "changed")), "before": None, "after": None}
            for n in range(73_000)
        ]  # fmt: skip
        bulk.load(connection, schema.changes, rows)


def questions(ledger: Ledger) -> dict[str, Callable[[Any, random.Random], Any]]:
    """What is measured, by name: each is asked again and again, with other values."""
    some = [f"{t:02}{a:02}00000000" for t in range(TARGETS) for a in range(ACCOUNTS)]
    limited = Sight(frozenset(some[:7]))
    tagged = TAGGED
    with ledger.reading() as connection:
        f, r = schema.findings.c, schema.resources.c
        ids = list(connection.scalars(select(f.id).where(f.status == "open").limit(5_000)))
        keys = list(connection.scalars(select(r.key).limit(5_000)))
        names = [one.rsplit("-", 1)[1] for one in connection.scalars(select(r.uid).limit(5_000))]

    def page(sight: Sight = EVERYTHING, sort: Any = "severity", pages: int = 1, **given: Any) -> Any:
        def ask(connection: Any, chance: random.Random) -> Any:
            filters = Filters(**{name: value(chance) if callable(value) else value for name, value in given.items()})
            return findings.page(connection, sight, filters, Ask(50), sort)

        return ask

    deep: dict[str, str] = {}

    def deeper(connection: Any, chance: random.Random) -> Any:
        found = findings.page(connection, EVERYTHING, Filters(), Ask(50, deep.get("cursor", "")))
        deep["cursor"] = found.next or ""

    def overview(sight: Sight) -> Any:
        def ask(connection: Any, chance: random.Random) -> None:
            rules = trends.by_rule(connection, sight)
            trends.counts(connection, sight)
            trends.slices(connection, sight, "account")
            trends.slices(connection, sight, "environment")
            trends.frameworks(connection, sight, rules)
            trends.functions(connection, sight, "nist-csf-2.0", rules)
            trends.top_rules(connection, sight)
            trends.days(connection, sight, datetime.now(UTC).date() - timedelta(days=90))
            trends.moved(connection, sight, datetime.now(UTC) - timedelta(days=1))
            scans.gaps(connection, sight, ask=Ask(10))
            scans.page(connection, ask=Ask(10))

        return ask

    def of(*values: Any) -> Callable[[random.Random], tuple[Any, ...]]:
        return lambda chance: (chance.choice(values),)

    account, region, rule = of(*some), of(*REGIONS), of(*CONTROLS)
    severity, place, kind = of(*SEVERITIES), of("prod", "staging", "dev", ""), of(*TYPES)
    word = lambda chance: chance.choice(names)  # noqa: E731
    made: dict[str, Callable[[Any, random.Random], Any]] = {
        "findings": page(),
        "findings, page after page": deeper,
        "findings of all statuses": page(status=()),
        "findings passed": page(status=("passed",)),
        "findings by account": page(account=account),
        "findings by three accounts": page(account=lambda chance: tuple(chance.sample(some, 3))),
        "findings by region": page(region=region),
        "findings by region, severity and environment": page(region=region, severity=severity, environment=place),
        "findings by rule": page(rule=rule),
        "findings by type and region": page(type=kind, region=region),
        "findings by framework and environment": page(framework=("cis-aws-7.0",), environment=place, verdict=("unknown",)),
        "findings by control": page(control=of("cis-aws-7.0:1.0", "nist-csf-2.0:PR.AA-04")),
        "findings of nobody, low, in one region": page(assignee=(None,), severity=("low",), region=region),
        "findings of somebody": page(assignee=(7,)),
        "findings of one target, info": page(target=of(*range(1, TARGETS + 1)), severity=("info",)),
        "findings that match nothing": page(region=("nowhere",), severity=("low",)),
        "findings by a rare word": page(q=word),
        "findings by a common word": page(q=lambda chance: chance.choice(NAMES)),
        "findings by a word of a rule": page(q="unencrypted"),
        "findings by two words": page(q=lambda chance: f"{chance.choice(NAMES)} unencrypted"),
        "findings by a word of none": page(q=lambda chance: f"nothing{chance.random()}"),
        "findings seen since": page(seen_since=datetime.now(UTC) - timedelta(days=1)),
        **{f"findings sorted by {sort}": page(sort=sort) for sort in ("first_seen", "last_seen", "rule", "resource")},
        "findings sorted by last_seen, by region": page(sort="last_seen", region=region),
        "findings sorted by resource, by severity": page(sort="resource", severity=severity),
        "findings, sight of accounts": page(limited),
        "findings, sight of tags": page(tagged),
        "findings, sight of tags, by region": page(tagged, region=region),
        **{f"groups by {by}": lambda c, _, by=by: findings.groups(c, EVERYTHING, by)
           for by in ("rule", "account", "region", "type", "severity", "environment", "resource")},
        "groups by rule, by account": lambda c, chance: findings.groups(c, EVERYTHING, "rule", Filters(account=account(chance))),
        "groups by rule, sight of tags": lambda c, _: findings.groups(c, tagged, "rule"),
        "facets": lambda c, _: findings.facets(c, EVERYTHING),
        "facets of all statuses": lambda c, _: findings.facets(c, EVERYTHING, Filters(status=())),
        "facets by account": lambda c, chance: findings.facets(c, EVERYTHING, Filters(account=account(chance))),
        "facets by a rare word": lambda c, chance: findings.facets(c, EVERYTHING, Filters(q=word(chance))),
        "facets by a common word": lambda c, chance: findings.facets(c, EVERYTHING, Filters(q=chance.choice(NAMES))),
        "facets, sight of tags": lambda c, _: findings.facets(c, tagged),
        "a finding": lambda c, chance: findings.get(c, EVERYTHING, chance.choice(ids)),
        "a finding's history": lambda c, chance: findings.history(c, EVERYTHING, chance.choice(ids)),
        "a finding's relatives": lambda c, chance: findings.related(c, EVERYTHING, chance.choice(ids)),
        "overview": overview(EVERYTHING),
        "overview, sight of accounts": overview(limited),
        "overview, sight of tags": overview(tagged),
        "controls of a framework": lambda c, _: trends.controls(c, EVERYTHING, "cis-aws-7.0"),
        "resources": lambda c, _: resources.page(c, EVERYTHING),
        "resources by type and region": lambda c, chance: resources.page(
            c, EVERYTHING, resources.Filters(type=kind(chance), region=region(chance))
        ),
        "resources by account": lambda c, chance: resources.page(c, EVERYTHING, resources.Filters(account=account(chance))),
        "resources by a tag": lambda c, chance: resources.page(
            c, EVERYTHING, resources.Filters(tag=(f"team:{chance.choice(NAMES)}",))
        ),
        "resources by a rare word": lambda c, chance: resources.page(c, EVERYTHING, resources.Filters(q=word(chance))),
        "resources by a common word": lambda c, chance: resources.page(c, EVERYTHING, resources.Filters(q=chance.choice(NAMES))),
        "resources by an address": lambda c, chance: resources.page(
            c, EVERYTHING, resources.Filters(q=f"10.{chance.randrange(250)}.7.")
        ),
        "resources, sight of tags": lambda c, _: resources.page(c, tagged),
        "resources' facets": lambda c, _: resources.facets(c, EVERYTHING),
        "a resource": lambda c, chance: resources.get(c, EVERYTHING, chance.choice(keys)),
        "a resource's document": lambda c, chance: resources.document(c, EVERYTHING, chance.choice(keys)),
        "a resource's findings": lambda c, chance: resources.findings(c, EVERYTHING, chance.choice(keys)),
        "a resource's relations": lambda c, chance: resources.relations(c, EVERYTHING, chance.choice(keys)),
        "scans": lambda c, _: scans.page(c),
        "gaps": lambda c, _: scans.gaps(c, EVERYTHING),
    }  # fmt: skip
    return made


def live(ledger: Ledger) -> None:
    """A year to come, without its landings: what ten scans a day leave behind, and what retention makes of it weekly."""
    r, t, chance = schema.resources.c, schema.trends.c, random.Random(2)
    with ledger.reading() as connection:
        last = connection.execute(select(func.max(t.day))).scalar_one()
        today = [dict(row._mapping) for row in connection.execute(select(schema.trends).where(t.day == last))]
        documents = connection.execute(select(r.id, r.document).limit(2_000)).all()
        ids = list(connection.scalars(select(schema.findings.c.id).limit(200_000)))
        targets = sorted({row["target"] for row in today})
    begun = datetime.now(UTC)
    took: list[float] = []
    for day in range(1, 366):
        rows: dict[str, list[dict[str, Any]]] = {"scans": [], "changes": [], "versions": [], "trends": []}
        for n in range(10):
            at = begun + timedelta(days=day, hours=2 * n)
            rows["scans"].append({"target": targets[n], "state": "landed", "asked_by": "schedule", "title": "",
                                  "queued": at, "started": at, "finished": at, "rules": RULES})  # fmt: skip
            for _ in range(20):
                rows["changes"].append(
                    {"finding": chance.choice(ids), "at": at, "actor": "scan", "kind": "changed", "why": ""}
                )
            for one in chance.sample(documents, 100):
                rows["versions"].append({"resource": one.id, "since": at, "until": at, "document": one.document,
                                         "digest": f"{chance.getrandbits(64):016x}"})  # fmt: skip
        rows["trends"] = [{**one, "day": last + timedelta(days=day)} for one in today]
        with ledger.writing() as connection:
            for name, its in rows.items():
                bulk.load(connection, schema.metadata.tables[name], its)
        if day % 7 == 0:
            start, used = time.perf_counter(), cpu(ledger)
            done = tidy(ledger, now=begun + timedelta(days=day))
            took.append(time.perf_counter() - start)
            if day % 28 == 0:
                print(
                    f"day {day}: {size(ledger) / 1e9:.2f} GB; {done}; {cpu(ledger) - used:.1f} s of a core", flush=True
                )
    print(f"a year lived: {size(ledger) / 1e9:.2f} GB; retention took {max(took):.1f} s at most", flush=True)


def size(ledger: Ledger) -> int:
    """Bytes of the database."""
    with ledger.reading() as connection:
        if ledger.dialect == "postgresql":
            return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
        pages = text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        return int(connection.execute(pages).scalar_one())


def cpu(ledger: Ledger) -> float:
    """Seconds of a core that this process has used, and its PostgreSQL where that runs on this machine."""
    used = time.process_time()
    if ledger.dialect == "postgresql":
        with ledger.reading() as connection:
            process = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            return used
        used += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return used


def measure(ledger: Ledger, times: int, only: str) -> int:
    slow = 0
    for name, ask in questions(ledger).items():
        if only not in name:
            continue
        chance = random.Random(name)
        took = []
        used = cpu(ledger)
        for _ in range(times):
            start = time.perf_counter()
            with ledger.reading() as connection:
                ask(connection, chance)
            took.append(time.perf_counter() - start)
        used = (cpu(ledger) - used) / times * 1000
        took.sort()
        p95 = took[min(len(took) - 1, int(len(took) * 0.95))]
        slow += p95 > P95_MAX
        mark = "  SLOW" if p95 > P95_MAX else ""
        print(
            f"{name:50} {statistics.median(took) * 1000:8.1f} ms {p95 * 1000:8.1f} ms p95 {used:8.1f} ms of a core{mark}",
            flush=True,
        )
    return slow


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="of a database; default: SQLite")
    parser.add_argument("--findings", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--keep", type=Path, help="where the database is, or is to stay")
    parser.add_argument("--only", default="", help="only questions with this in their names")
    parser.add_argument("--live", action="store_true", help="a year of scans first, tidied up each week")
    asked = parser.parse_args()
    directory = asked.keep or Path(tempfile.mkdtemp(prefix="koban-bench-"))
    ledger = Ledger.open(directory, asked.url)
    try:
        with ledger.reading() as connection:
            there = connection.execute(select(func.count()).select_from(schema.targets)).scalar_one()
        if not there:
            fill(ledger, asked.findings)
        with ledger.writing() as connection:
            scopes.learn(connection, [TAGGED])
        if asked.live:
            live(ledger)
        return 1 if measure(ledger, asked.times, asked.only) else 0
    finally:
        ledger.close()
        if asked.keep is None:
            shutil.rmtree(directory)


def fill(ledger: Ledger, count: int) -> None:
    each = count // TARGETS // RULES_EACH
    staged = landed = 0.0
    for n in range(TARGETS):
        with ledger.writing() as connection:
            target = target_named(connection, f"organisation {n}", "aws", {})
        took = scan(ledger, target, n, each)
        staged, landed = staged + took[0], landed + took[1]
        print(
            f"target {n}: {each * RULES_EACH:,} results staged in {took[0]:.1f} s, landed in {took[1]:.1f} s",
            flush=True,
        )
    print(f"in all: staged in {staged:.1f} s, landed in {landed:.1f} s")
    for changed in (0.0, 0.01):
        took = scan(ledger, 1, 0, each, changed)
        what = "nothing changed" if not changed else "1 % of the verdicts changed"
        print(f"again, {what}: staged in {took[0]:.1f} s, landed in {took[1]:.1f} s", flush=True)
    start = time.perf_counter()
    a_year(ledger)
    print(f"a year of scans made in {time.perf_counter() - start:.1f} s", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
