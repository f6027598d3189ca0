"""A lake in S3, against an emulated one on loopback."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from tests.ports import free_port, until_listening

from koban.app.logs.place import lake_at
from koban.lake.lake import Lake
from koban.model.event import COLUMNS

BUCKET = "logs-lake"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    # a process of its own: delta-rs asks while it holds the interpreter's lock
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until_listening(port, process)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> Any:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not'secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    client = boto3.client("s3")
    with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou):
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return client


def land(lake: Lake, n: int) -> None:
    given = {
        "class_uid": "6003",
        "day": "DATE '2026-03-01'",
        "time": "TIMESTAMPTZ '2026-03-01 10:00:00+00'",
        "source": "'aws-cloudtrail'",
        "metadata_uid": f"'e{n}'",
        "record": "'{}'",
    }
    columns = (f"CAST({given.get(name, 'NULL')} AS {c.sql_type}) AS {name}" for name, c in COLUMNS.items())
    lake.events.append(lake.connection(threads=1), f"SELECT {', '.join(columns)}", (f"file:{n}",))


def uids(lake: Lake) -> list[str]:
    sql = f"SELECT metadata_uid FROM {lake.relation('2026-03-01', '2026-03-02')} ORDER BY 1"
    return [row[0] for row in lake.connection(threads=1).execute(sql).fetchall()]


def test_a_lake_in_a_bucket_is_written_read_and_compacted(s3: Any) -> None:
    lake = lake_at("s3://logs-lake/koban/")
    for n in range(3):
        land(lake, n)
    assert uids(lake_at("s3://logs-lake/koban")) == ["e0", "e1", "e2"]
    done = lake.compact()
    assert (done.files_before, done.files_after) == (3, 1)
    assert uids(lake) == ["e0", "e1", "e2"]
    assert lake.events.has(["file:1", "file:9"]) == {"file:1"}
    (file,) = lake.events.files()
    assert lake.storage.holds("events", file.path)
    assert not lake.storage.holds("events", "class_uid=6003/nothing.parquet")
    assert lake.storage.content("events", "_delta_log/99999999999999999999.json") is None


def test_vacuum_and_settings_work_in_a_bucket(s3: Any) -> None:
    lake = lake_at("s3://logs-lake/second")
    lake.set("retention", 30)
    land(lake, 0)
    land(lake, 1)
    lake.compact()
    lake.vacuum(hours=0)
    keys = [o["Key"] for o in s3.list_objects_v2(Bucket=BUCKET, Prefix="second/events/class_uid=")["Contents"]]
    assert len(keys) == 1
    assert lake_at("s3://logs-lake/second").settings() == {"retention": 30}
    assert uids(lake) == ["e0", "e1"]
