"""`koban logs validate`: what it prints, how it ends, and the job."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from benchmarks.trails import BEGIN, BUCKET, FarEnd, Trail, key, key_list, save
from tests.conftest import CREDENTIALS
from tests.interfaces.cli.conftest import Outcome

Validate = Callable[..., Outcome]
END = f"{BEGIN + timedelta(hours=5):%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def trail(place: Path) -> Trail:
    """A trail with a gap, copied to the directory `copy`, and its keys beside it."""
    made = Trail({}).hours(2).idle(1).hours(1)
    save(made.objects, place / "copy")
    (place / "keys.json").write_text(json.dumps(key_list(key())))
    return made


@pytest.fixture
def validate(koban: Callable[..., Outcome], trail: Trail) -> Validate:
    return lambda *words: koban("logs", "validate", "copy", "--public-keys", "keys.json", *words)


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_line_for_each_problem_and_a_summary(validate: Validate, trail: Trail, place: Path) -> None:
    at = trail.logs[0][1]
    (place / "copy" / BUCKET / at).unlink()
    done = validate()
    root = f"{os.path.realpath(place)}/copy/{BUCKET}/"
    same = {"account": "111122223333", "region": "eu-west-1", "trail": "main"}
    gap, missing, summary = rows(done.out)
    assert missing == {
        "kind": "missing",
        "what": "log file",
        "file": root + at,
        "because": "it is not there",
        **same,
        "digest": root + trail.digests[0],
        "from": None,
        "to": None,
    }
    assert (gap["kind"], gap["from"], gap["to"]) == ("gap", "2026-11-01T12:00:00Z", "2026-11-01T13:00:00Z")
    assert summary == {
        "kind": "summary",
        **same,
        "digests": {"valid": 3, "invalid": 0, "unknown": 0},
        "log_files": {"valid": 5, "invalid": 1, "unknown": 0},
        "trusted": 0,
        "gaps": 1,
        "from": "2026-11-01T10:00:00Z",
        "to": "2026-11-01T14:00:00Z",
    }
    assert done.code == 1
    assert done.err == "koban: digests 3/3 valid; log files 5/6 valid, 1 invalid; 1 gaps\n"


def test_a_table(validate: Validate, trail: Trail, place: Path) -> None:
    (place / "copy" / BUCKET / trail.logs[0][1]).write_bytes(b"something")
    done = validate("--format", "table", "-q")
    lines = done.out.splitlines()
    root = f"{os.path.realpath(place)}/copy/{BUCKET}/"
    assert lines[0].startswith("gap                time      2026-11-01 12:00 to 2026-11-01 13:00, beside ")
    assert lines[2] == f"altered            log file  {root}{trail.logs[0][1]}"
    assert lines[3].split() == "it is not gzip, or its gzip stream is damaged".split()
    assert lines[5].split() == "ACCOUNT REGION TRAIL DIGESTS LOG FILES GAPS FROM TO".split()
    assert "3/3 valid  5/6 valid, 1 invalid  1" in lines[6]
    assert (done.code, done.err) == (1, "")


def test_all_valid(validate: Validate, trail: Trail) -> None:
    done = validate("-o", "out.jsonl")
    assert (done.code, done.out) == (0, "")
    assert [one["kind"] for one in rows(Path("out.jsonl").read_text())] == ["gap", "summary"]
    assert validate().out == Path("out.jsonl").read_text()


def test_part_that_is_not_known_wins(validate: Validate, trail: Trail, place: Path) -> None:
    (place / "copy" / BUCKET / trail.logs[0][1]).unlink()
    (place / "copy" / BUCKET / f"{trail.digests[-1]}.metadata.json").unlink()
    done = validate("-q")
    assert done.code == 3
    # Why there is a gap, only the digest after it tells, and that one is not proven.
    assert {one["kind"] for one in rows(done.out)} == {"missing", "unknown", "summary"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--start", "2027-01-01", "--end", "2026-01-01"), "--start is after --end"),
        (("--start", "yesterday"), "is no time such as"),
        (("--every", "0h"), "is no length of time"),
        (("--every", "1h", "-o", "file"), "writes to standard output"),
        (("--start", "2027-01-01"), "nothing to validate"),
        (("--accounts", "999999999999"), "nothing to validate"),
        (("--state", "keys.json"), "it is not a state"),
        (("--trust-ingested", "bad.yaml"), "not a JSON object"),
        (("nowhere",), "there is no AWSLogs/"),
    ],
)
def test_bad_questions(words: tuple[str, ...], message: str, validate: Validate, trail: Trail) -> None:
    done = validate(*words)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_keys_that_are_none(validate: Validate, koban: Callable[..., Outcome]) -> None:
    done = koban("logs", "validate", "copy", "--public-keys", "bad.yaml")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "bad.yaml: it holds no public key" in done.err


def test_a_state_from_run_to_run(validate: Validate, trail: Trail, place: Path) -> None:
    assert validate("--state", "state.json", "-q").code == 0
    done = validate("--state", "state.json")
    assert (done.code, done.out, done.err) == (0, "", "koban: nothing new since the last run\n")
    trail.hours(1)
    save(trail.objects, place / "copy")
    (summary,) = rows(validate("--state", "state.json").out)
    assert summary["digests"]["valid"] == 1


def test_hashes_from_when_it_was_ingested(validate: Validate, trail: Trail, place: Path) -> None:
    import gzip
    import hashlib

    with (place / "hashes.jsonl").open("w") as out:
        for at in trail.logs[0]:
            file = place / "copy" / BUCKET / at
            found = file.stat()
            hashed = hashlib.sha256(gzip.decompress(file.read_bytes())).hexdigest()
            out.write(json.dumps({"key": at, "tag": f"{found.st_size}-{found.st_mtime_ns}", "sha256": hashed}) + "\n")
    done = validate("--trust-ingested", "hashes.jsonl")
    assert rows(done.out)[-1]["trusted"] == 2
    assert "2 log files by the hash from when they were ingested, not read" in done.err


@pytest.mark.parametrize(("how", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 0)])
def test_a_job_goes_on_and_ends_when_asked(how: int, code: int, trail: Trail, place: Path) -> None:
    with FarEnd(trail.objects, key_list(key())) as far:
        process = _job(far, "--every", "1s", "--state", "state.json", "--end", END)
        try:
            assert process.stdout is not None
            assert [json.loads(process.stdout.readline())["kind"] for _ in range(2)] == ["gap", "summary"]
            trail.hours(1)
            summary = json.loads(process.stdout.readline())
            assert (summary["digests"]["valid"], summary["log_files"]["valid"]) == (1, 2)
            process.send_signal(how)
            assert process.wait(20) == code
            assert process.stdout.read() == ""
        finally:
            process.kill()
    assert len(json.loads(Path("state.json").read_text())["chains"]) == 1


def test_a_job_ends_with_the_worst_that_it_found(trail: Trail, place: Path) -> None:
    del trail.objects[BUCKET][trail.logs[0][0]]
    with FarEnd(trail.objects, key_list(key())) as far:
        process = _job(far, "--every", "1h", "--end", END)
        try:
            assert process.stdout is not None
            assert [json.loads(process.stdout.readline())["kind"] for _ in range(3)] == ["gap", "missing", "summary"]
            process.terminate()
            assert process.wait(20) == 1
        finally:
            process.kill()


def test_a_job_stopped_within_a_run_ends_at_once_and_keeps_nothing(trail: Trail, place: Path) -> None:
    trail.idle(1).hours(200, logs=1)
    with FarEnd(trail.objects, key_list(key()), delay=0.05) as far:
        process = _job(far, "--every", "1h", "--state", "state.json")
        try:
            assert process.stderr is not None
            while sum("/CloudTrail/" in one for one in far.calls) < 5 and process.poll() is None:
                time.sleep(0.02)
            process.terminate()
            assert process.wait(20) == 0
        finally:
            process.kill()
    assert not Path("state.json").exists()


def _job(far: FarEnd, *words: str) -> subprocess.Popen[str]:
    env = {**os.environ, **CREDENTIALS, "AWS_ENDPOINT_URL": far.url, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "koban", "logs", "validate", f"s3://{BUCKET}", *words]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_hashes_that_were_kept_when_it_was_ingested(validate: Validate, trail: Trail, koban: Any, place: Path) -> None:
    then = time.time() - 60
    for file in (place / "copy").rglob("*.json.gz"):
        os.utime(file, (then, then))
    assert koban("logs", "ingest", "copy", "--keep-hashes", "--lake", "lake", "-q").code in (0, 3)
    done = validate("--trust-lake", "--lake", "lake")
    listed = sum(row["log_files"]["valid"] for row in rows(done.out) if row["kind"] == "summary")
    assert rows(done.out)[-1]["trusted"] == listed > 0
    altered = place / "copy" / BUCKET / trail.logs[0][0]
    altered.write_bytes(altered.read_bytes()[:-9] + b"123456789")
    done = validate("--trust-lake", "--lake", "lake")
    assert done.code == 1
    assert rows(done.out)[-1]["trusted"] == listed - 1
    assert validate("--trust-lake", "--trust-ingested", "keys.json").code == 2
