from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from koban.app.logs import ingest
from koban.app.logs.ingest import Ingestion
from koban.lake.lake import Lake
from koban.sources.logs.inputs import BadSource, inputs


def record(n: int, **over: Any) -> dict[str, Any]:
    return {
        "eventVersion": "1.11",
        "userIdentity": {"type": "IAMUser", "userName": "ana", "arn": "arn:aws:iam::111122223333:user/ana"},
        "eventTime": f"2026-03-01T{n // 3600 % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7",
        "eventID": f"e{n}",
        "recipientAccountId": "111122223333",
    } | over


def trail(path: Path, *records: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt") as file:
        json.dump({"Records": records}, file, separators=(",", ":"))
    return path


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return tmp_path / "logs"


def uids(lake: Lake) -> list[str]:
    return [
        r[0] for r in lake.connection().execute(f"SELECT metadata_uid FROM {lake.relation()} ORDER BY 1").fetchall()
    ]


def quarantined(lake: Lake) -> list[tuple[str, int, bytes]]:
    sql = f"SELECT reason, origin_line, data FROM {lake.quarantine.relation()} ORDER BY origin, origin_line"
    return lake.connection().execute(sql).fetchall()


def take(lake: Lake, source: Path) -> ingest.Counts:
    return Ingestion(lake).take(inputs(str(source)))


def test_each_file_lands_once(lake: Lake, logs: Path) -> None:
    for n in range(3):
        trail(logs / f"{n}.json.gz", record(2 * n), record(2 * n + 1))
    counts = take(lake, logs)
    assert (counts.inputs, counts.events, counts.by_source) == (3, 6, {"aws-cloudtrail": 6})
    trail(logs / "new.json.gz", record(6))
    counts = take(lake, logs)
    assert (counts.inputs, counts.inputs_known, counts.events) == (1, 3, 1)
    assert uids(lake) == [f"e{n}" for n in range(7)]


def test_an_event_knows_where_it_came_from(lake: Lake, logs: Path) -> None:
    path = trail(logs / "a.json.gz", record(0), record(1))
    take(lake, logs)
    rows = lake.connection().execute(f"SELECT origin, origin_line FROM {lake.relation()} ORDER BY 2").fetchall()
    assert rows == [(str(path), 1), (str(path), 2)]


def test_insights_and_notifications_of_s3_look_alike_but_are_no_events_of_a_trail(lake: Lake, logs: Path) -> None:
    insight = {k: v for k, v in record(1).items() if k not in ("eventSource", "eventName", "userIdentity")}
    trail(logs / "1.json.gz", insight | {"insightDetails": {"state": "Start", "eventSource": "s3.amazonaws.com"}})
    trail(logs / "2.json.gz", record(2, eventSource="aws:s3", eventName="ObjectCreated:Put"))
    counts = take(lake, logs)
    assert counts.by_source == {"aws-cloudtrail-insight": 1}
    assert [reason for reason, _, _ in quarantined(lake)] == ["JSON of no known source"]


def test_a_broken_file_does_not_cost_its_neighbours(lake: Lake, logs: Path) -> None:
    trail(logs / "a.json.gz", record(0))
    broken = trail(logs / "b.json.gz", *(record(n) for n in range(1, 500)))
    broken.write_bytes(broken.read_bytes()[:-300])
    trail(logs / "c.json.gz", record(500))
    counts = take(lake, logs)
    got = uids(lake)
    assert {"e0", "e1", "e500"} <= set(got)
    assert len(got) == len(set(got)) == counts.events
    assert [q[0].partition(":")[0] for q in quarantined(lake)][-1:] in (["the input breaks off"], ["not JSON"])
    assert counts.quarantined == len(quarantined(lake)) >= 1


def test_documents_that_hide_something_are_parted_from_their_neighbours(lake: Lake, logs: Path, tmp_path: Path) -> None:
    for n in range(9):
        trail(logs / f"{n}.json.gz", record(2 * n), record(2 * n + 1))
    trail(logs / "4.json.gz", record(8), {"eventID": "e9"} | record(9))
    trail(logs / "7.json.gz", record(14), None, record(15))  # type: ignore[arg-type]
    counts = take(lake, logs)
    assert (counts.inputs, counts.events, counts.quarantined) == (9, 18, 1)
    assert uids(lake) == sorted(f"e{n}" for n in range(18))
    # what DuckDB had begun of them is gone
    assert {f.path for f in lake.events.files()} == {
        str(p.relative_to(tmp_path / "lake" / "events")) for p in (tmp_path / "lake" / "events").rglob("part-*")
    }


def test_a_record_is_kept_as_it_came(lake: Lake, logs: Path) -> None:
    text = json.dumps(record(0), separators=(",", ":"))[:-1] + r',"a":"\u003cb\/","n":1.10}'
    logs.mkdir()
    (logs / "a.json").write_text('{"Records":[' + text + "," + text + "]}")
    take(lake, logs)
    rows = lake.connection().execute(f"SELECT record FROM {lake.relation()}").fetchall()
    assert rows == [(text,), (text,)]


def test_an_input_named_twice_lands_once(lake: Lake, logs: Path) -> None:
    path = trail(logs / "a.json.gz", record(0))
    counts = Ingestion(lake).take([*inputs(str(logs)), *inputs(str(path))])
    assert (counts.inputs, counts.events) == (1, 1)
    assert uids(lake) == ["e0"]


def test_ingestion_ends_with_few_small_files_and_leaves_the_large_ones(
    lake: Lake, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "BATCH_INPUTS", 1)
    for n in range(9):
        trail(logs / f"{n}.json.gz", record(n))
    ingest.ingested(lake, [str(logs)])
    assert len(lake.events.files()) == 1
    assert lake.compact(files_min=1, small_bytes=1).partitions == 0
    assert uids(lake) == [f"e{n}" for n in range(9)]


def test_what_has_no_time_is_quarantined_whole(lake: Lake, logs: Path) -> None:
    bad = record(1, eventTime="yesterday")
    trail(logs / "a.json.gz", record(0), bad)
    counts = take(lake, logs)
    assert (counts.events, counts.quarantined) == (1, 1)
    ((reason, line, data),) = quarantined(lake)
    assert (reason, line, json.loads(data)) == ("no time that can be read", 2, bad)


def test_a_time_without_a_year_is_read_by_when_the_file_was_written(lake: Lake, logs: Path) -> None:
    logs.mkdir()
    path = logs / "auth.log"
    path.write_text("Mar  1 10:00:00 web-1 sshd[8]: Invalid user bob from 192.0.2.7 port 50000\n")
    os.utime(path, (1556668800, 1556668800))  # 2019-05-01
    take(lake, logs)
    sql = f"SELECT CAST(day AS VARCHAR) FROM {lake.relation()}"
    assert lake.connection().execute(sql).fetchall() == [("2019-03-01",)]


def test_what_is_of_no_known_format_is_named_and_not_taken(lake: Lake, logs: Path) -> None:
    logs.mkdir()
    (logs / "x.bin").write_text("what is this\nnobody knows\n")
    counts = take(lake, logs)
    assert counts.events == 0
    assert "of no known log format" in counts.unreadable[0]
    assert lake.events.has([next(iter(inputs(str(logs)))).identity()]) == set()


def test_a_file_that_grows_is_read_from_where_it_ended(lake: Lake, logs: Path) -> None:
    logs.mkdir()
    path = logs / "lines.json"
    path.write_text(json.dumps(record(0)) + "\n")
    take(lake, logs)
    with path.open("a") as file:
        file.write(json.dumps(record(1)) + "\n")
    counts = take(lake, logs)
    assert counts.events == 1
    assert uids(lake) == ["e0", "e1"]
    path.write_text(json.dumps(record(2)) + "\n" + json.dumps(record(3)) + "\n" + json.dumps(record(4)) + "\n")
    take(lake, logs)
    assert uids(lake) == [f"e{n}" for n in range(5)]


def test_there_must_be_something_to_read(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="no such file"):
        list(inputs(str(tmp_path / "nothing")))


def _take(lake: str, logs: str) -> None:
    Ingestion(Lake(lake), threads=1).take(inputs(logs))


def test_two_at_once_take_each_file_once(lake: Lake, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(40):
        trail(logs / f"{n:02d}.json.gz", *(record(50 * n + i) for i in range(50)))
    context = get_context("spawn")
    workers = [context.Process(target=_take, args=(lake.root, str(logs))) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert sorted(uids(lake)) == sorted(f"e{n}" for n in range(2000))


KILLED = """
import sys
from koban.app.logs import ingest
from koban.lake.lake import Lake
from koban.sources.logs.inputs import inputs
ingest.BATCH_INPUTS = 3
lake = Lake(sys.argv[1])
ingest.Ingestion(lake, threads=1).take(inputs(sys.argv[2]), lambda counts: lake.compact(files_min=3))
lake.compact()
"""


def test_killed_anywhere_no_row_is_lost_or_twice(lake: Lake, logs: Path) -> None:
    for n in range(30):
        trail(logs / f"{n:02d}.json.gz", *(record(20 * n + i) for i in range(20)), record(0, eventTime="never"))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = False
    for attempt in range(int(os.environ.get("KOBAN_KILLS", "6"))):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, lake.root, str(logs)], env=environment, stderr=subprocess.PIPE
        )
        try:
            process.wait(1.0 + 0.17 * (attempt % 9))
            done = True
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        if lake.events.exists():
            found = uids(lake)
            assert len(found) == len(set(found))
            assert len(found) % 20 == 0
    assert done or time.monotonic()
    take(lake, logs)
    assert sorted(uids(lake)) == sorted(f"e{n}" for n in range(600))
    assert len(quarantined(lake)) == 30
