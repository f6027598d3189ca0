"""From an event that is sent to the alert that is said: `koban logs follow` and `koban detect --follow` side by side.

CloudTrail events are posted to the HTTP listener over the loopback at a steady rate, with a marker once a second that a
rule is about; the clock stops when the line of its alert is read.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import events
from benchmarks.measure import KOBAN, ROOT

RATE = int(os.environ.get("KOBAN_BENCH_RATE", "2000"))
SECONDS = int(os.environ.get("KOBAN_BENCH_SECONDS", "70"))
POSTS = 5
"""So many posts a second."""
WITH = os.environ.get("KOBAN_BENCH_WITH", "").split()
"""More options of `koban detect`: `--no-behaviour --no-intelligence` for rules alone."""
SETTLED_SECONDS = 30
TOKEN = "a-token-of-the-benchmark"
MARKER = re.compile(r"user/marker-([0-9]+)")


def main() -> None:
    """Print the seconds from event to alert, and what both processes used."""
    with tempfile.TemporaryDirectory() as place:
        env = {
            **os.environ,
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "KOBAN_DATA_DIR": f"{place}/data",
            "KOBAN_LOGS_TOKEN": TOKEN,
        }
        port = _free_port()
        lake = ["--lake", f"{place}/lake"]
        taking = _start([*KOBAN, "logs", "follow", *lake, "--http", f"127.0.0.1:{port}", "--quiet"], env, place)
        judging = _start([*KOBAN, "detect", "--follow", *lake, "--format", "jsonl", *WITH], env, place)
        said: dict[int, float] = {}
        threading.Thread(target=_listen, args=(judging, said), daemon=True).start()
        _until_listening(port)
        sent = _send(port)
        until = time.monotonic() + SETTLED_SECONDS
        while len(said) < len(sent) and time.monotonic() < until:
            time.sleep(0.2)
        used = [_stop(one) for one in (taking, judging)]
    waits = sorted(said[n] - at for n, at in sent.items() if n in said)
    print(f"\ncontinuous: {RATE:,} events a second for {SECONDS} s over HTTP; {len(sent)} markers, {len(waits)} alerts")
    if waits:
        at95 = waits[min(len(waits) - 1, int(len(waits) * 0.95))]
        print(f"  seconds to the alert: median {statistics.median(waits):.2f}, p95 {at95:.2f}, max {waits[-1]:.2f}")
    for name, (cpu, memory) in zip(("logs follow", "detect --follow"), used, strict=True):
        print(f"  {name:16} CPU {cpu:6.1f} s ({cpu / SECONDS:.2f} cores), peak memory {memory:,.0f} MiB")


def _start(command: list[str], env: dict[str, str], place: str) -> subprocess.Popen[bytes]:
    with (Path(place) / "said.txt").open("ab") as log:
        return subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)


def _stop(process: subprocess.Popen[bytes]) -> tuple[float, float]:
    process.send_signal(signal.SIGTERM)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def _listen(process: subprocess.Popen[bytes], said: dict[int, float]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        now = time.monotonic()
        for number in MARKER.findall(line.decode("utf-8", "replace")):
            said.setdefault(int(number), now)


def _send(port: int) -> dict[int, float]:
    """Posts events at the rate; when each marker was sent."""
    start = datetime.now(UTC)
    texts = list(events.events(RATE * SECONDS, 7, start, timedelta(seconds=SECONDS)))
    size = RATE // POSTS
    sent: dict[int, float] = {}
    begun = time.monotonic()
    for post in range(SECONDS * POSTS):
        time.sleep(max(0.0, begun + post / POSTS - time.monotonic()))
        body = texts[post * size : (post + 1) * size]
        if post % POSTS == 0:
            body.append(_marker(post // POSTS))
            sent[post // POSTS] = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/x-ndjson"}
        connection.request("POST", "/v1/logs", "\n".join(body).encode(), headers)
        answer = connection.getresponse()
        if answer.status != 202:
            raise RuntimeError(f"the listener answered {answer.status}")
        connection.close()
    late = time.monotonic() - begun - SECONDS
    if late > 1:
        print(f"  the sender was {late:.1f} s late in the end")
    return sent


def _marker(number: int) -> str:
    user = {"type": "IAMUser", "arn": f"arn:aws:iam::111122223333:user/marker-{number}", "accountId": "111122223333"}
    return json.dumps(
        {
            "eventVersion": "1.11",
            "userIdentity": user | {"userName": f"marker-{number}"},
            "eventTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": "cloudtrail.amazonaws.com",
            "eventName": "StopLogging",
            "awsRegion": "eu-west-1",
            "sourceIPAddress": "198.51.100.7",
            "requestParameters": {"name": "main"},
            "eventID": f"marker-{number}",
            "eventType": "AwsApiCall",
            "recipientAccountId": "111122223333",
        }
    )


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _until_listening(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the listener does not listen")


if __name__ == "__main__":
    main()
