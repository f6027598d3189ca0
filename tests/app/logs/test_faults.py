"""What comes in is broken, hostile or odd: nothing is lost, everything is counted, and the run goes on.

`KOBAN_RECORD_MB` and `KOBAN_RECORD_FIELDS` set the size of the large records.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from tests.app.logs.test_ingest import quarantined, record, take, trail, uids

from koban.app.logs.ingest import Ingestion, ingested
from koban.lake.lake import Lake
from koban.sources.logs import inputs as reading
from koban.sources.logs.inputs import inputs

RECORD_BYTES = int(os.environ.get("KOBAN_RECORD_MB", "5")) << 20
FIELDS = int(os.environ.get("KOBAN_RECORD_FIELDS", "100000"))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    return tmp_path / "logs"


def whole(path: Path, text: bytes) -> Path:
    path.write_bytes(gzip.compress(b'{"Records":[' + text + b"]}"))
    return path


def text(n: int, **over: object) -> bytes:
    return json.dumps(record(n, **over), separators=(",", ":")).encode()


def test_a_truncated_gzip_gives_what_it_has(lake: Lake, logs: Path) -> None:
    dice = random.Random(1)
    path = trail(logs / "a.json.gz", *(record(n, requestID=f"{dice.getrandbits(256):x}") for n in range(2000)))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    counts = take(lake, logs)
    assert 500 < counts.events < 1500
    assert sorted(uids(lake)) == sorted(f"e{n}" for n in range(counts.events))
    assert counts.quarantined == len(quarantined(lake)) >= 1


def test_a_gzip_bomb_ends_where_it_is_one(lake: Lake, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "UNPACKED_FREE_BYTES", 1 << 20)
    monkeypatch.setattr(reading, "UNPACKED_RATIO_MAX", 100)
    lines = b"".join(text(n) + b"\n" for n in range(3))
    (logs / "bomb.json.gz").write_bytes(gzip.compress(lines + b" " * (8 << 20) + text(9)))
    counts = take(lake, logs)
    assert uids(lake) == ["e0", "e1", "e2"]
    assert any("unpacks to more than" in reason for reason, _, _ in quarantined(lake))
    assert counts.quarantined >= 1


def test_json_nested_without_end_is_quarantined_and_its_neighbours_land(lake: Lake, logs: Path) -> None:
    deep = text(1)[:-1] + b',"x":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    (logs / "deep.json").write_bytes(text(0) + b"\n" + deep + b"\n" + text(2) + b"\n")
    counts = take(lake, logs)
    assert {"e0", "e2"} <= set(uids(lake))
    assert counts.events + counts.quarantined == 3


def test_deep_json_within_a_document_costs_that_record_alone(lake: Lake, logs: Path) -> None:
    deep = text(1)[:-1] + b',"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    whole(logs / "a.json.gz", text(0) + b"," + deep)
    trail(logs / "b.json.gz", record(2))
    counts = take(lake, logs)
    assert {"e0", "e2"} <= set(uids(lake))
    assert counts.events + counts.quarantined >= 3


def test_a_record_with_very_many_fields_lands_whole(lake: Lake, logs: Path) -> None:
    fields = {f"field{n}": n for n in range(FIELDS)}
    trail(logs / "a.json.gz", record(0), record(1, requestParameters=fields))
    take(lake, logs)
    assert uids(lake) == ["e0", "e1"]
    sql = f"SELECT record FROM {lake.relation()} WHERE metadata_uid = 'e1'"
    (row,) = lake.connection().execute(sql).fetchall()
    assert json.loads(row[0])["requestParameters"] == fields


@pytest.mark.parametrize("name", ["a.json.gz", "a.json"])
def test_a_very_large_record_lands_whole(lake: Lake, logs: Path, name: str) -> None:
    large = record(0, requestParameters={"body": "x" * RECORD_BYTES})
    data = json.dumps({"Records": [large, record(1)]}, separators=(",", ":")).encode()
    (logs / name).write_bytes(gzip.compress(data, 1) if name.endswith("gz") else data)
    take(lake, logs)
    assert uids(lake) == ["e0", "e1"]
    ((longest,),) = lake.connection().execute(f"SELECT max(length(record)) FROM {lake.relation()}").fetchall()
    assert longest > RECORD_BYTES


def test_bytes_that_are_no_utf8_stay_visible(lake: Lake, logs: Path) -> None:
    whole(logs / "a.json.gz", text(0, userAgent="BAD").replace(b"BAD", b"a\xff\xfeb") + b"," + text(1))
    counts = take(lake, logs)
    assert (counts.events, counts.quarantined) == (2, 0)
    sql = f"SELECT http_request_user_agent FROM {lake.relation()} WHERE metadata_uid = 'e0'"
    assert lake.connection().execute(sql).fetchall() == [("a\\xff\\xfeb",)]


@pytest.mark.parametrize(
    ("said", "lands"),
    [
        ("0001-01-02T00:00:00Z", True),
        ("1970-01-01T00:00:00Z", True),
        ("2262-04-12T00:00:00Z", True),
        ("9999-12-31T23:59:59Z", True),
        ("0000-01-01T00:00:00Z", False),
        ("99999-01-01T00:00:00Z", False),
        ("-infinity", False),
        ("infinity", False),
        ("epoch", False),
        ("now", False),
        ("2026-03-01 (BC)", False),
        ("", False),
    ],
)
def test_odd_times_land_or_are_quarantined(lake: Lake, logs: Path, said: str, lands: bool) -> None:
    trail(logs / "a.json.gz", record(0), record(1, eventTime=said))
    counts = take(lake, logs)
    assert (counts.events, counts.quarantined) == ((2, 0) if lands else (1, 1))
    assert uids(lake) == (["e0", "e1"] if lands else ["e0"])
    if lands:
        sql = f"SELECT CAST(time AT TIME ZONE 'UTC' AS VARCHAR) FROM {lake.relation(said[:10])} WHERE metadata_uid='e1'"
        assert lake.connection().execute(sql).fetchall() == [(said[:19].replace("T", " "),)]


def test_deliveries_again_and_in_any_order_land_once(lake: Lake, logs: Path) -> None:
    paths = [trail(logs / f"{n}.json.gz", record(n)) for n in range(6)]
    dice = random.Random(2)
    for _ in range(4):
        dice.shuffle(paths)
        Ingestion(lake).take(i for path in [*paths[:4], paths[0]] for i in inputs(str(path)))
    assert len(uids(lake)) == len(set(uids(lake)))
    take(lake, logs)
    assert uids(lake) == [f"e{n}" for n in range(6)]


FULL = """
import resource, sys
from koban.app.logs.ingest import Ingestion
from koban.lake.lake import Lake
from koban.sources.logs.inputs import inputs
lake = Lake(sys.argv[1])
lake.events.delta()
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
Ingestion(lake, threads=1).take(inputs(sys.argv[2]))
"""


def test_a_full_disk_loses_nothing(lake: Lake, logs: Path) -> None:
    trail(logs / "a.json.gz", record(0))
    take(lake, logs)
    dice = random.Random(3)
    trail(logs / "b.json.gz", *(record(n, requestID=f"{dice.getrandbits(1024):x}") for n in range(1, 2000)))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", FULL, lake.root, str(logs)]
    assert subprocess.run(command, env=environment, capture_output=True, check=False).returncode != 0
    assert uids(lake) == ["e0"]
    take(lake, logs)
    assert len(uids(lake)) == len(set(uids(lake))) == 2000


class Throttled:
    """An emulated S3 that fails three requests for objects in ten: refuses, is in trouble, or breaks off."""

    def __init__(self, how: str) -> None:
        from moto.server import DomainDispatcherApplication, create_backend_app

        self._how = how
        self._app = DomainDispatcherApplication(create_backend_app)
        self._dice = random.Random(4)
        self.refused = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if environ["REQUEST_METHOD"] in ("GET", "HEAD") and self._dice.random() < 0.3:
            self.refused += 1
            if self._how == "broken off":
                body = b"".join(self._app(environ, start_response))
                return [body[: len(body) // 2]]
            code = "SlowDown" if self._how == "503 Slow Down" else "InternalError"
            start_response(self._how, [("Content-Type", "application/xml")])
            return [f"<Error><Code>{code}</Code><Message>Not now.</Message></Error>".encode()]
        return self._app(environ, start_response)


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("how", ["503 Slow Down", "500 Internal Server Error", "broken off"])
def test_a_bucket_that_fails_three_times_in_ten_is_read_whole(
    lake: Lake, logs: Path, monkeypatch: pytest.MonkeyPatch, how: str, exact: bool
) -> None:
    import boto3
    from werkzeug.serving import make_server

    app = Throttled(how)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        client = boto3.client("s3")
        client.create_bucket(Bucket="throttled-logs")
        for n in range(10):
            path = trail(logs / "a.json.gz", record(n))
            client.put_object(Bucket="throttled-logs", Key=f"AWSLogs/{n}.json.gz", Body=path.read_bytes())
        for _ in range(5):
            counts = ingested(lake, ["s3://throttled-logs/AWSLogs/"], compact=False, keep_hashes=exact)
            if not counts.unreadable:
                break
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert app.refused
    assert counts.unreadable == []
    assert sorted(uids(lake)) == sorted(f"e{n}" for n in range(10))


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_nesting_that_would_end_the_process_costs_nothing(lake: Lake, logs: Path, opening: bytes) -> None:
    closing = b"]" if opening == b"[" else b"}"
    deep = text(1)[:-1] + b',"x":' + opening * 300_000 + b"1" + closing * 300_000 + b"}"
    whole(logs / "a.json.gz", text(0) + b"," + deep + b"," + text(2))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    taking = FULL.replace("resource.setrlimit", "(lambda *_: 0)")
    subprocess.run([sys.executable, "-c", taking, lake.root, str(logs)], env=environment, check=True, timeout=120)
    assert {"e0", "e2"} <= set(uids(lake))
    assert len(uids(lake)) + len(quarantined(lake)) == 3


def test_what_is_no_object_among_the_records_is_quarantined(lake: Lake, logs: Path) -> None:
    whole(logs / "a.json.gz", text(0) + b',null,5,"x",[1],{},' + text(1))
    counts = take(lake, logs)
    assert (counts.events, counts.quarantined) == (2, 5)
    # what a list among them holds is taken for itself
    assert [data for _, _, data in quarantined(lake)] == [b"null", b"5", b'"x"', b"1", b"{}"]


def test_records_that_are_said_twice_all_land(lake: Lake, logs: Path) -> None:
    data = b'{"Records":[' + text(0) + b'],"Records":[' + text(1) + b"]}"
    (logs / "a.json.gz").write_bytes(gzip.compress(data))
    take(lake, logs)
    assert "e0" in uids(lake)
    assert len(uids(lake)) + len(quarantined(lake)) >= 2


@pytest.mark.skipif(
    os.geteuid() != 0, reason="A DISK THAT IS REALLY FULL IS TRIED AS ROOT ONLY (a small tmpfs is mounted)"
)
def test_a_disk_that_is_really_full_loses_nothing(tmp_path: Path, logs: Path) -> None:
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(place)], check=False)
    if mounted.returncode:
        pytest.skip("A DISK THAT IS REALLY FULL IS NOT TRIED: no tmpfs can be mounted here")
    try:
        lake = Lake(str(place / "lake"))
        trail(logs / "a.json.gz", record(0))
        take(lake, logs)
        dice = random.Random(3)
        trail(logs / "b.json.gz", *(record(n, requestID=f"{dice.getrandbits(16384):x}") for n in range(1, 1500)))
        with pytest.raises(Exception, match=r"(?i)space|write|disk|os error 28"):
            take(lake, logs)
        assert uids(lake) == ["e0"]
        subprocess.run(["mount", "-o", "remount,size=200m", str(place)], check=True)
        take(lake, logs)
        take(lake, logs)
        assert len(uids(lake)) == len(set(uids(lake))) == 1500
        lake.vacuum(0)
        assert len(uids(lake)) == 1500
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("days", [-300, -1, 1, 4000])
def test_a_clock_that_is_wrong_changes_no_event(
    lake: Lake, logs: Path, days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = trail(logs / "a.json.gz", record(0))
    then = path.stat().st_mtime + days * 86400
    os.utime(path, (then, then))
    wrong = time.time() + days * 86400
    monkeypatch.setattr(time, "time", lambda: wrong)
    assert take(lake, logs).events == 1
    assert take(lake, logs).inputs_known == 1
    rows = (
        lake.connection().execute(f"SELECT CAST(time AT TIME ZONE 'UTC' AS VARCHAR) FROM {lake.relation()}").fetchall()
    )
    assert rows == [(record(0)["eventTime"].replace("T", " ").rstrip("Z"),)]
