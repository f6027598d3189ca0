"""A live scan beside Prowler: the same emulated account, the same regions, in turn."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.estate import REGIONS, fill
from benchmarks.measure import KOBAN, ROOT, Taken, alternate, peer, report, run

PROWLER = "prowler==5.46.0"
RESOURCES = 690
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


@contextmanager
def emulator() -> Iterator[str]:
    """The emulated AWS as a process of its own, without the images (and their public snapshots) that moto brings."""
    from koban.app.demo.emulated import _await, _free_port

    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "koban.app.emulator", "--port", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
            "PYTHONWARNINGS": "ignore",
        },
    )
    try:
        _await(process, url)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


def clients(url: str) -> Any:
    import boto3

    made = boto3.Session(aws_access_key_id="bench", aws_secret_access_key="bench")
    return lambda service, region="us-east-1": made.client(service, region_name=region, endpoint_url=url)


def calls(url: str) -> int:
    """How many API calls the emulator has answered so far."""
    with urllib.request.urlopen(f"{url}/koban/calls") as answer:
        return sum(json.load(answer).values())


def main(times: int = 3) -> None:
    """Print wall, CPU, memory, API calls and answered controls of both, and the ratios."""
    prowler = peer("prowler", PROWLER)
    with emulator() as url, tempfile.TemporaryDirectory() as scratch:
        print(
            f"\nfilling an emulated account with {fill(clients(url), RESOURCES)} resources in {len(REGIONS)} regions",
            flush=True,
        )
        env = {**CREDENTIALS, "AWS_ENDPOINT_URL": url}
        asked: dict[str, int] = {}
        mine, theirs = Path(scratch) / "koban.jsonl", Path(scratch) / "prowler"

        def counted(name: str, command: list[Any]) -> Taken:
            before = calls(url)
            taken = run(command, env, Path(scratch) / f"{name}.log")
            asked[name] = calls(url) - before
            return taken

        sides = {
            "koban": lambda: counted(
                "koban",
                [
                    *KOBAN,
                    "scan",
                    "aws",
                    "--regions",
                    ",".join(REGIONS),
                    "--no-baseline",
                    "-f",
                    "jsonl",
                    "-o",
                    mine,
                    "-q",
                ],
            ),
            "prowler": lambda: counted(
                "prowler",
                [prowler / "prowler", "aws", "-f", *REGIONS, "-M", "csv", "-o", theirs, "--no-banner", "-z"],
            ),
        }
        taken = alternate(sides, times)
        report(f"live scan of the same {RESOURCES} resources, median of {times}", taken)
        answered = {"koban": koban_controls(mine), "prowler": prowler_controls(theirs)}
        for name in sides:
            per = asked[name] / max(1, len(answered[name]))
            controls = f"{len(answered[name])} CIS 7.0 and FSBP controls answered"
            print(f"  {name:24}{asked[name]:6} API calls, {controls}, {per:.2f} calls each")


def koban_controls(file: Path) -> set[str]:
    """The controls of CIS 7.0 and FSBP that got a pass or a fail."""
    found: set[str] = set()
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            result = json.loads(line)
            if result["verdict"] in ("pass", "fail"):
                found.update(one for one in result["controls"] if one.startswith(("cis-aws-7.0:", "aws-fsbp:")))
    return found


def prowler_controls(directory: Path) -> set[str]:
    """The same for Prowler, by its own map from checks to controls, as its newest compliance files give it."""
    found: set[str] = set()
    for kind, prefix in (("cis_7.0", "cis-aws-7.0:"), ("foundational_security", "aws-fsbp:")):
        for file in sorted(directory.rglob(f"*{kind}*.csv")):
            with file.open(encoding="utf-8", newline="") as text:
                for row in csv.DictReader(text, delimiter=";"):
                    if row.get("STATUS") in ("PASS", "FAIL"):
                        found.add(prefix + (row.get("REQUIREMENTS_ID") or ""))
    return found


if __name__ == "__main__":
    main()
