"""Hashes kept at ingest stand for reading a log file again, and only for the bytes that they were taken of."""

from __future__ import annotations

import gzip
import hashlib
import os
import time
from pathlib import Path
from typing import Any

import pytest
from tests.app.logs.test_ingest import record, trail

from koban.app.logs.hashes import kept
from koban.app.logs.ingest import Ingestion
from koban.lake.lake import HASHES, Lake
from koban.sources.logs.inputs import Input, inputs

KEY = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/01/111122223333_CloudTrail_eu-west-1_x.json.gz"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "copy" / "bucket" / KEY
    place.parent.mkdir(parents=True)
    return old(trail(place, record(1)))


def old(path: Path) -> Path:
    then = time.time() - 60
    os.utime(path, (then, then))
    return path


def take(lake: Lake, path: Path, **how: Any) -> None:
    Ingestion(lake, keep_hashes=True, **how).take(inputs(str(path)))


def inflated(path: Path) -> str:
    return hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest()


def test_a_hash_is_kept_with_the_tag_of_its_file(lake: Lake, path: Path) -> None:
    take(lake, path)
    status = path.stat()
    assert kept(lake)(f"prefix/{KEY}") == (f"{status.st_size}-{status.st_mtime_ns}", inflated(path))
    assert kept(lake)(KEY.replace("eu-west-1_x", "eu-west-1_y")) is None


def test_none_is_kept_unless_asked_for_nor_of_other_files(lake: Lake, path: Path, tmp_path: Path) -> None:
    Ingestion(lake).take(inputs(str(path)))
    take(lake, old(trail(tmp_path / "x.json.gz", record(2))))
    assert not lake.table(HASHES).exists()


def test_none_is_kept_of_a_file_written_just_now_or_while_it_was_read(lake: Lake, path: Path) -> None:
    os.utime(path)
    take(lake, path)
    assert kept(lake)(KEY) is None
    old(path)
    ingestion = Ingestion(lake, keep_hashes=True)
    land = ingestion._land

    def written_meanwhile(parts: Any) -> Any:
        counts = land(parts)
        trail(path, record(9))
        return counts

    ingestion._land = written_meanwhile  # type: ignore[method-assign]
    trail(path, record(3))
    old(path)
    ingestion.take(inputs(str(path)))
    assert kept(lake)(KEY) is None


def test_the_latest_hash_of_a_file_counts(lake: Lake, path: Path) -> None:
    take(lake, path)
    trail(path, record(2))
    then = time.time() - 30
    os.utime(path, (then, then))
    take(lake, path)
    known = kept(lake)(KEY)
    assert known is not None
    assert known[1] == inflated(path)


class Bucket:
    """The far end of S3: one object, whose ETag changes when it is written anew."""

    def __init__(self, body: bytes, breaks: int = 0) -> None:
        self.body = body
        self.breaks = breaks

    @property
    def etag(self) -> str:
        return hashlib.md5(self.body).hexdigest()

    def get_object(self, Bucket: str, Key: str, IfMatch: str) -> dict[str, Any]:
        from botocore.exceptions import ClientError

        if IfMatch != f'"{self.etag}"':
            raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "GetObject")
        return {"Body": self}

    def iter_chunks(self, size: int) -> Any:
        from botocore.exceptions import ResponseStreamingError

        yield self.body[:10]
        if self.breaks:
            self.breaks -= 1
            raise ResponseStreamingError(error="reset")
        yield self.body[10:]


def test_an_object_is_hashed_as_the_etag_says_that_it_is(lake: Lake, path: Path) -> None:
    bucket = Bucket(path.read_bytes(), breaks=2)
    item = Input(f"s3://logs/o-1/{KEY}", len(bucket.body), None, bucket.etag)
    counts = Ingestion(lake, keep_hashes=True, client=bucket).take([item])
    assert counts.events == 1
    assert kept(lake)(f"o-1/{KEY}") == (bucket.etag, inflated(path))


def test_an_object_that_is_another_by_now_is_not_read(lake: Lake, path: Path) -> None:
    bucket = Bucket(path.read_bytes())
    item = Input(f"s3://logs/{KEY}", len(bucket.body), None, "another")
    counts = Ingestion(lake, keep_hashes=True, client=bucket).take([item])
    assert (counts.events, len(counts.unreadable)) == (0, 1)
    assert kept(lake)(KEY) is None
