"""Validating CloudTrail's digest chains beside the AWS command line: the same trail, whole processes.

The peer reads S3 alone; Koban reads the same files from S3 on loopback, once as fast as that answers and once with 20
ms before each answer, and from a local copy.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from benchmarks.live import CREDENTIALS
from benchmarks.measure import KOBAN, Taken, alternate, median, peer, report, run
from benchmarks.trails import ACCOUNT, BEGIN, BUCKET, REGION, TRAIL, Trail, far_end, key, key_list, save

AWSCLI = "awscli==1.46.3"
HOURS, LOGS, EVENTS = 100, 40, 40  # 4,000 log files of about 8 kB, packed
HOURS_SLOW = 25  # with latency: the peer waits for each file
DELAY_SECONDS = 0.02
BIG_BYTES = 50 << 20
TIMES = 3


def main() -> None:
    """Print wall, CPU and memory of both, and files a second."""
    aws = peer("awscli", AWSCLI)
    with tempfile.TemporaryDirectory() as scratch:
        copy, few, big = Path(scratch) / "copy", Path(scratch) / "few", Path(scratch) / "big"
        for directory, hours in ((copy, HOURS), (few, HOURS_SLOW)):
            save(Trail({}).hours(hours, LOGS, EVENTS).objects, directory)
            (directory / "keys.json").write_text(json.dumps(key_list(key())))
        print(f"\n{HOURS} digests with {HOURS * LOGS:,} log files, {_mebibytes(copy):.0f} MiB; no latency", flush=True)
        with far_end(copy, 0.0) as url:
            sides = {
                "koban, files": lambda: _koban([copy], url, "--public-keys", copy / "keys.json"),
                "koban, S3": lambda: _koban([f"s3://{BUCKET}"], url),
                "awscli, S3": lambda: _awscli(aws, url),
            }
            _rate(alternate(sides, TIMES), HOURS * (LOGS + 1))
        print(
            f"\n{HOURS_SLOW} digests with {HOURS_SLOW * LOGS:,} log files; {DELAY_SECONDS * 1000:.0f} ms a request",
            flush=True,
        )
        with far_end(few, DELAY_SECONDS) as url:
            slow: dict[str, Callable[[], Taken]] = {
                "koban, S3": lambda: _koban([f"s3://{BUCKET}"], url),
                "awscli, S3": lambda: _awscli(aws, url),
            }
            _rate(alternate(slow, TIMES), HOURS_SLOW * (LOGS + 1))
        print(f"\n64 log files of {BIG_BYTES >> 20} MiB, packed by gzip: memory", flush=True)
        _big(big)
        with far_end(big, 0.0) as url:
            alone: dict[str, Callable[[], Taken]] = {
                "koban, S3": lambda: _koban([f"s3://{BUCKET}"], url),
                "koban, files": lambda: _koban([big], url, "--public-keys", big / "keys.json"),
            }
            report("wall, CPU and peak memory", alternate(alone, 1))


def _koban(places: list[Path | str], url: str, *more: str | Path) -> Taken:
    end = BEGIN + timedelta(days=30)
    command = [*KOBAN, "logs", "validate", *places, "--end", f"{end:%Y-%m-%dT%H:%M:%SZ}", *more, "-q", "-f", "jsonl"]
    return _checked(run(command, {**CREDENTIALS, "AWS_ENDPOINT_URL": url}))


def _awscli(aws: Path, url: str) -> Taken:
    arn = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{TRAIL}"
    command = [aws / "aws", "cloudtrail", "validate-logs", "--trail-arn", arn, "--s3-bucket", BUCKET]
    for option, moment in (("--start-time", BEGIN), ("--end-time", BEGIN + timedelta(days=30))):
        command += [option, f"{moment:%Y-%m-%dT%H:%M:%SZ}"]
    return _checked(run(command, {**CREDENTIALS, "AWS_ENDPOINT_URL": url, "PYTHONPATH": ""}))


def _checked(taken: Taken) -> Taken:
    if taken.code != 0:
        raise RuntimeError(f"exit code {taken.code}: this trail is valid")
    return taken


def _rate(taken: dict[str, list[Taken]], files: int) -> None:
    report(f"median of {TIMES}", taken)
    for name, runs in taken.items():
        print(f"  {name:24}{files / median(runs, 'wall'):10,.0f} files a second")


def _big(directory: Path) -> None:
    """A digest with 64 large log files: one content, kept once and linked, for time and space."""
    import gzip
    import hashlib

    trail = Trail({}).hours(1, logs=64, events=0)
    line = json.dumps({"filler": "".join(f"{number:x}" for number in range(4000))}).encode()
    content = line * (BIG_BYTES // len(line))
    packed, hashed = gzip.compress(content, 1), hashlib.sha256(content).hexdigest()
    at = trail.digests[0]
    said = json.loads(gzip.decompress(trail.objects[BUCKET][at].body))
    for one in said["logFiles"]:
        one["hashValue"] = hashed
        trail.objects[BUCKET][one["s3Object"]].body = packed
    trail.put_digest(at, json.dumps(said).encode(), None)
    save(trail.objects, directory)
    (directory / "keys.json").write_text(json.dumps(key_list(key())))


def _mebibytes(directory: Path) -> float:
    return sum(file.stat().st_size for file in directory.rglob("*.gz")) / (1 << 20)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main()
