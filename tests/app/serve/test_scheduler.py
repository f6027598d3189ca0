"""The scheduler, and scans in processes of their own."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from koban.app.serve.processes import Processes
from koban.app.serve.scheduler import Job, Scheduler
from koban.ledger import queue, running, scans, targets
from koban.ledger.database import Ledger
from koban.ledger.who import SYSTEM

SLEEPS = (sys.executable, "-c", "import time; time.sleep(60)")
CRASHES = (sys.executable, "-c", "import os; os._exit(7)")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger.open(tmp_path / "data")
    yield made
    made.close()


def target(ledger: Ledger, paths: list[str], name: str = "shop") -> int:
    with ledger.writing() as connection:
        return targets.create(connection, SYSTEM, datetime.now(UTC), name=name, kind="iac", options={"paths": paths})


def ask(ledger: Ledger, name: str = "shop", paths: list[str] | None = None) -> int:
    of = target(ledger, paths or ["."], name)
    with ledger.writing() as connection:
        return queue.ask(connection, SYSTEM, of, datetime.now(UTC))


def scan(ledger: Ledger, id: int) -> scans.Scan:
    with ledger.reading() as connection:
        return scans.get(connection, id)


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def test_real_scan_lands(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "t.yaml").write_text("Resources:\n  B:\n    Type: AWS::S3::Bucket\n")
    id = ask(ledger, paths=[str(tmp_path / "code")])
    processes = Processes(ledger, tmp_path / "data", None)
    processes.begin()
    assert scan(ledger, id).state == "running"

    def ended() -> bool:
        processes.look()
        return not processes.running

    until(ended, 60)
    assert scan(ledger, id).state == "landed"
    assert (scan(ledger, id).counts or {})["fail"] > 0
    assert not (tmp_path / "data" / "spools" / str(id)).exists()


def test_scan_that_cannot_be_says_why(ledger: Ledger, tmp_path: Path) -> None:
    id = ask(ledger, paths=[str(tmp_path / "nowhere")])
    processes = Processes(ledger, tmp_path / "data", None)
    processes.begin()
    until(lambda: processes.look() or not processes.running, 60)
    assert scan(ledger, id).state == "failed"
    assert "nowhere" in (scan(ledger, id).error or "")


def test_crash_is_a_failed_scan(ledger: Ledger, tmp_path: Path) -> None:
    id = ask(ledger)
    processes = Processes(ledger, tmp_path / "data", None, command=CRASHES)
    processes.begin()
    until(lambda: processes.look() or not processes.running)
    assert scan(ledger, id).state == "failed"
    assert scan(ledger, id).error == "its process ended with 7"
    id = ask(ledger, "other")
    processes = Processes(ledger, tmp_path / "data", None, command=SLEEPS)
    processes.begin()
    processes.running[id].send_signal(signal.SIGKILL)
    until(lambda: processes.look() or not processes.running)
    assert scan(ledger, id).error == "its process was killed by signal 9"


def test_only_so_many_at_once_and_cancelled_ones_end(ledger: Ledger, tmp_path: Path) -> None:
    ids = [ask(ledger, f"t{n}") for n in range(3)]
    processes = Processes(ledger, tmp_path / "data", None, at_once=2, command=SLEEPS)
    processes.begin()
    assert sorted(processes.running) == ids[:2]
    process = processes.running[ids[0]]
    with ledger.writing() as connection:
        running.cancel(connection, SYSTEM, ids[0])
    until(lambda: processes.look() or ids[0] not in processes.running)
    assert process.returncode == -signal.SIGKILL
    assert scan(ledger, ids[0]).state == "cancelled"
    processes.begin()
    assert sorted(processes.running) == ids[1:]
    processes.stop()
    assert [scan(ledger, one).state for one in ids] == ["cancelled", "queued", "queued"]
    assert not processes.running


def test_scans_are_not_told_the_servers_secrets(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOBAN_OIDC_CLIENT_SECRET", "s3cret")
    processes = Processes(ledger, tmp_path / "data", "postgresql://koban:pw@db/koban")
    assert "s3cret" not in str(processes.environment)
    assert processes.environment["KOBAN_DATABASE_URL"] == "postgresql://koban:pw@db/koban"
    assert "pw" not in " ".join(processes.command)


def test_one_of_two_schedules_and_the_other_takes_over(ledger: Ledger, tmp_path: Path) -> None:
    done: list[str] = []
    made = {
        name: Scheduler(
            ledger,
            Processes(ledger, tmp_path / "data", None, command=SLEEPS),
            [Job("count", 0, lambda name=name: done.append(name))],  # type: ignore[misc]
        )
        for name in ("a", "b")
    }
    made["a"].turn()
    made["b"].turn()
    assert (made["a"].holds, made["b"].holds) == (True, False)
    assert done == ["a"]
    made["a"].stop()
    made["b"]._renewed = 0
    made["b"].turn()
    assert done == ["a", "b"]


def test_job_that_fails_does_not_stop_the_others(ledger: Ledger, tmp_path: Path) -> None:
    done: list[int] = []

    def fail() -> None:
        raise RuntimeError("no")

    scheduler = Scheduler(
        ledger,
        Processes(ledger, tmp_path / "data", None),
        [Job("fails", 0, fail), Job("works", 0, lambda: done.append(1)), Job("rarely", 3600, lambda: done.append(2))],
    )
    scheduler.turn()
    scheduler.turn()
    assert done == [1, 2, 1]


def test_long_job_does_not_hold_the_others_up(ledger: Ledger, tmp_path: Path) -> None:
    go = threading.Event()
    begun: list[int] = []

    def long() -> None:
        begun.append(1)
        go.wait(10)

    scheduler = Scheduler(ledger, Processes(ledger, tmp_path / "data", None), [Job("long", 0, long, apart=True)])
    scheduler.turn()
    scheduler.turn()
    assert begun == [1]  # never twice at the same time
    go.set()
    until(lambda: not scheduler._apart["long"].is_alive())
    scheduler.turn()
    assert begun == [1, 1]


def test_scheduler_begins_what_is_asked_for_at_once(ledger: Ledger, tmp_path: Path) -> None:
    processes = Processes(ledger, tmp_path / "data", None, command=SLEEPS)
    scheduler = Scheduler(ledger, processes, [])
    scheduler.start()
    until(lambda: scheduler.holds)
    id = ask(ledger)
    scheduler.wake()
    until(lambda: id in processes.running, 5)
    process = processes.running[id]
    scheduler.stop()
    assert process.poll() is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
    assert scan(ledger, id).state == "queued"
