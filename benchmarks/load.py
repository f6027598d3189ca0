"""Fifty people reading and five scans landing at once; then the server is killed while people write.

On PostgreSQL where it is installed, else on SQLite.  Sizes and seconds come from the environment.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.measure import KOBAN, ROOT

SECONDS = float(os.environ.get("KOBAN_BENCH_SECONDS", "120"))
USERS = int(os.environ.get("KOBAN_BENCH_USERS", "50"))
TARGETS = int(os.environ.get("KOBAN_BENCH_SCANS", "5"))
RESULTS = int(os.environ.get("KOBAN_BENCH_RESULTS", "20000"))  # of one scan
WRITERS = 10
P95_WANTED_MS = 300
THINK_SECONDS = (0.5, 1.5)
RULES = [f"bench-rule-{n}" for n in range(200)]
SEVERITIES = ("critical", "high", "medium", "low", "info")
KINDS = ("AWS::S3::Bucket", "AWS::EC2::Instance", "AWS::IAM::Role", "AWS::RDS::DBInstance")


def results(target: int, turn: int) -> Iterator[Any]:
    """What one scan says: the same resources each time, a hundredth of the verdicts changed."""
    from koban.model.result import Result, Subject

    chance = random.Random(target * 1_000 + turn)
    for n in range(RESULTS):
        account, kind = f"{111122220000 + target * 10 + n % 7}", KINDS[n % len(KINDS)]
        uid = f"arn:aws:bench:eu-west-{n % 3 + 1}:{account}:thing/{n // 10}"
        rule = RULES[n % len(RULES)]
        bad = (n * 7919) % 10 < 4
        if chance.random() < 0.01:
            bad = not bad
        yield Result(
            rule=rule,
            verdict="fail" if bad else "pass",
            severity=SEVERITIES[n % 5],  # type: ignore[arg-type]
            resource=Subject(uid, kind, f"thing-{n // 10}", account, f"eu-west-{n % 3 + 1}"),
            message="It is not as it should be." if bad else "",
            because=(),
            controls=(f"cis-aws-7.0:{n % 5 + 1}.{n % 9 + 1}",),
            fix=None,
        )


def scan(directory: str, url: str | None, target: int, turn: int) -> int:
    """One scan, landed.  Returns how many results it had."""
    from koban.ledger import landing, running, staging
    from koban.ledger.database import Ledger

    ledger = Ledger.open(Path(directory), url)
    try:
        number = running.begin(ledger, target, "benchmark", title=f"benchmark {turn}")
        staging.stage(ledger, number, results(target, turn))
        found = landing.land(ledger, number, landing.Coverage(RULES, lambda *_: None))
        return found.fail + found.passed + found.excepted + found.unknown
    finally:
        ledger.close()


def landing_for(directory: str, url: str | None, target: int, until: float, done: Any) -> None:
    for turn in itertools.count(1):
        if time.time() > until:
            return
        started = time.time()
        try:
            scan(directory, url, target, turn)
        except Exception as error:
            done.put((target, f"{type(error).__name__}: {error}"))
            raise
        done.put((target, time.time() - started))


def prepare(directory: Path, url: str | None) -> list[str]:
    """Users with a token each, targets, and their first scans.  Returns the tokens."""
    from koban.ledger import access, people, targets
    from koban.ledger.database import Ledger
    from koban.ledger.who import SYSTEM, Sight

    ledger, now, tokens = Ledger.open(directory, url), datetime.now(UTC), []
    with ledger.writing() as connection:
        for n in range(USERS):
            user = people.create(connection, SYSTEM, now, email=f"u{n}@example.com", name=f"U{n}", role="analyst")
            actor = access.actor_of_user(people.find(connection, id=user), "")
            tokens.append(
                access.issue(
                    connection, actor, now, name="load", role="analyst", sight=Sight(), expires=now + timedelta(days=1)
                )[1]
            )
        targets = [targets.target_named(connection, f"bench {n}", "aws", {}) for n in range(TARGETS)]
    ledger.close()
    for target in targets:
        scan(str(directory), url, target, 0)
    return tokens


@contextmanager
def served(directory: Path, url: str | None, port: int) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The server, as a process of its own group."""
    import httpx

    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "KOBAN_DATA_DIR": str(directory)}
    environment |= {"KOBAN_DATABASE_URL": url} if url else {}
    log = (directory / "serve.log").open("ab")
    process = subprocess.Popen(
        [*KOBAN, "serve", "--port", str(port), "--workers", "2", "--log-level", "warning"],
        env=environment,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 60
        while True:
            try:
                if httpx.get(f"{address}/readyz").status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit((directory / "serve.log").read_text()[-2000:])
            time.sleep(0.2)
        yield address, process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        log.close()


PAGES = (
    "/overview",
    "/findings?status=open",
    "/findings?status=open&severity=critical,high&sort=first_seen",
    "/findings?status=open&q=thing-1",
    "/findings/groups?by=rule&status=open",
    "/findings/facets?status=open",
    "/resources?q=thing-12",
    "/frameworks",
    "/scans",
    "/cases",
)


async def read(
    address: str, token: str, until: float, seed: int, taken: dict[str, list[float]], bad: Counter[str]
) -> None:
    """One person: a page, a look at it, the next; now and then a finding or the page after."""
    import httpx

    chance = random.Random(seed)
    async with httpx.AsyncClient(
        base_url=f"{address}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=30
    ) as client:
        further = ""
        while time.time() < until:
            await asyncio.sleep(chance.uniform(*THINK_SECONDS))
            page = further or chance.choice(PAGES)
            name, further = page.split("?")[0] if not further else "/findings/{id} or next page", ""
            started = time.perf_counter()
            try:
                answer = await client.get(page)
            except httpx.HTTPError as error:
                bad[f"{name}: {type(error).__name__}"] += 1
                continue
            taken.setdefault(name, []).append(time.perf_counter() - started)
            if answer.status_code != 200:
                bad[f"{name}: {answer.status_code}"] += 1
            elif page.startswith("/findings?"):
                found = answer.json()
                if found["items"] and chance.random() < 0.5:
                    further = f"/findings/{chance.choice(found['items'])['id']}"
                elif found["next"]:
                    further = f"{page}&cursor={found['next']}"


async def reading(address: str, tokens: list[str], until: float) -> tuple[dict[str, list[float]], Counter[str]]:
    taken: dict[str, list[float]] = {}
    bad: Counter[str] = Counter()
    await asyncio.gather(*(read(address, token, until, n, taken, bad) for n, token in enumerate(tokens)))
    return taken, bad


async def write(address: str, token: str, finding: int, said: list[str], seed: int, until: float) -> None:
    """Comments, one after the other; `said` has those that the server has acknowledged."""
    import httpx

    async with httpx.AsyncClient(
        base_url=f"{address}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=30
    ) as client:
        for n in itertools.count():
            if time.time() > until:
                return
            text = f"load {seed}.{n}"
            try:
                answer = await client.post(f"/findings/{finding}/comments", json={"text": text})
            except httpx.HTTPError:
                return
            if answer.status_code in (200, 201):
                said.append(text)


async def writing(address: str, tokens: list[str], findings: list[int], process: subprocess.Popen[bytes]) -> list[str]:
    """Writers at work when the server and all its children are killed; what was acknowledged."""
    said: list[str] = []
    until = time.time() + 15
    work = [
        asyncio.create_task(write(address, token, findings[n % len(findings)], said, n, until))
        for n, token in enumerate(tokens[:WRITERS])
    ]
    await asyncio.sleep(5)
    os.killpg(process.pid, signal.SIGKILL)
    await asyncio.gather(*work)
    return said


def lost(directory: Path, url: str | None, said: list[str]) -> tuple[int, str]:
    """How many acknowledged comments are not there, and what the audit log's chain says."""
    from sqlalchemy import select

    from koban.ledger import audit, schema
    from koban.ledger.database import Ledger

    ledger = Ledger.open(directory, url)
    try:
        with ledger.reading() as connection:
            kept = set(connection.execute(select(schema.comments.c.text)).scalars())
            verdict = audit.verify(connection)
        return len(set(said) - kept), str(verdict)
    finally:
        ledger.close()


@contextmanager
def database() -> Iterator[str | None]:
    from tests.databases import Server, _unprivileged, programs

    found, begin = programs(), _unprivileged()
    if found is None or begin is None or os.environ.get("KOBAN_BENCH_SQLITE"):
        print("PostgreSQL is not used: SQLite")
        yield None
        return
    server = Server(found, begin)
    try:
        server.say("CREATE DATABASE load")
        yield server.url("load")
    finally:
        server.stop()


def main() -> None:
    """Print what pages took while scans landed, and what was lost when the server was killed."""
    sys.path.insert(0, str(ROOT / "src"))
    port = int(os.environ.get("KOBAN_BENCH_PORT", "8457"))
    with tempfile.TemporaryDirectory() as place, database() as url:
        directory = Path(place)
        started = time.time()
        tokens = prepare(directory, url)
        print(f"load: {TARGETS} x {RESULTS:,} findings landed in {time.time() - started:.0f} s", flush=True)
        with served(directory, url, port) as (address, _):
            until = time.time() + SECONDS
            context = multiprocessing.get_context("spawn")
            done = context.Queue()
            scans = [context.Process(target=landing_for, args=(place, url, n + 1, until, done)) for n in range(TARGETS)]
            for one in scans:
                one.start()
            taken, bad = asyncio.run(reading(address, tokens, until))
            for one in scans:
                one.join()
        landed = []
        while not done.empty():
            landed.append(done.get())
        failed = [one for _, one in landed if isinstance(one, str)]
        every = sorted(itertools.chain.from_iterable(taken.values()))
        print(f"  {USERS} people for {SECONDS:g} s: {len(every):,} pages, errors: {json.dumps(dict(bad))}")
        print(f"  {len(landed) - len(failed)} scans landed meanwhile, failed: {failed}")
        for name, some in (*sorted(taken.items()), ("all", every)):
            some.sort()
            middle, slow = (1e3 * some[int(len(some) * share)] for share in (0.5, 0.95))
            print(f"    {name:32}{len(some):6}  p50 {middle:5.0f} ms  p95 {slow:5.0f} ms")
        print(f"  wanted: p95 under {P95_WANTED_MS} ms")
        with served(directory, url, port) as (address, process):
            import httpx

            headers = {"Authorization": f"Bearer {tokens[0]}"}
            found = httpx.get(f"{address}/api/v1/findings?status=open&limit=20", headers=headers, timeout=30).json()
            said = asyncio.run(writing(address, tokens, [one["id"] for one in found["items"]], process))
            process.wait()
        missing, chain = lost(directory, url, said)
        print(
            f"  killed while {WRITERS} wrote: {len(said):,} comments acknowledged, {missing} lost; audit log: {chain}"
        )


if __name__ == "__main__":
    main()
