"""How fast the behavioural detections judge: a million generated events from nothing, then ten thousand more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import ROOT
from koban.engines.behaviour.detection import detections, thresholds
from koban.engines.behaviour.evaluate import evaluate, judge
from koban.engines.geo import Geo
from koban.lake.lake import Lake
from koban.model.event import CLASSES, COLUMNS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EVENTS = 1_000_000
MORE = 10_000
DAYS = 30
RECORD = '\'{"eventVersion": "1.08", "requestParameters": {"key": "\' || repeat(md5(n::VARCHAR), 20) || \'"}}\''


def main() -> None:
    """Seven calls in ten by 500 principals, two flows, one lookup; over thirty days, then one hour."""
    with tempfile.TemporaryDirectory(prefix="koban-bench-") as folder:
        lake = Lake(folder)
        fill(lake, lake.connection(), EVENTS, "make_timestamptz(2026, 3, 1, 0, 0, 0)", DAYS * 86400)
        print(f"\nBehaviour: {len(detections())} detections")
        one_by_one(lake)
        report(folder, "from nothing", EVENTS)
        fill(lake, lake.connection(), MORE, "make_timestamptz(2026, 3, 31, 0, 0, 0)", 3600)
        report(folder, "the next run", MORE)


def report(folder: str, what: str, events: int) -> None:
    """One run as a user has it, in a process of its own: judged, and folded into the baselines."""
    command = [sys.executable, "-m", "benchmarks.behaviour", folder]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    said = json.loads(subprocess.run(command, check=True, capture_output=True, env=environment, cwd=ROOT).stdout)
    wall, cpu = said["wall"], said["cpu"]
    print(
        f"  {what:14}{events:10,} events {wall:7.2f} s {cpu:7.2f} CPU s {events / wall:10,.0f} events/s"
        f" {events / cpu:10,.0f} events/CPU s {said['memory']:6,.0f} MiB"
    )


def once(folder: str) -> None:
    """One run; its figures as JSON.  The memory is the process's own, which `wait4` mixes up with its parent's."""
    wall, cpu = time.perf_counter(), time.process_time()
    alerts = sum(1 for _ in evaluate(Lake(folder), geo=Geo()))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(json.dumps({"wall": wall, "cpu": cpu, "memory": int(peak.split()[1]) / 1024, "alerts": alerts}))


def one_by_one(lake: Lake) -> None:
    """What each detection takes by itself, the slowest first."""
    from koban.engines.behaviour.batch import Batch

    connection = lake.connection()
    batch = Batch(connection, lake.relation(), Geo())
    taken = []
    for name in detections():
        cpu = time.process_time()
        list(judge(batch, thresholds(), [name]))
        taken.append((time.process_time() - cpu, name))
    for cpu, name in sorted(taken, reverse=True)[:8]:
        print(f"    {name:32}{cpu:8.2f} CPU s")
    connection.close()


def fill(lake: Lake, connection: DuckDBPyConnection, count: int, begin: str, seconds: int) -> None:
    """Events drawn by hash, so that every run has the same."""
    calls, flows, lookups = (CLASSES[c] for c in ("api_activity", "network_activity", "dns_activity"))
    kind = f"CASE WHEN n % 10 < 7 THEN {calls} WHEN n % 10 < 9 THEN {flows} ELSE {lookups} END"
    call, flow, lookup = (f"class_uid = {uid}" for uid in (calls, flows, lookups))

    def draw(salt: int, values: int) -> str:
        return f"(hash(n * 31 + {salt}) % {values})::BIGINT"

    made = {
        "source": f"CASE WHEN {call} THEN 'aws-cloudtrail' WHEN {flow} THEN 'aws-vpc-flow' ELSE 'aws-dns' END",
        "status_id": f"CASE WHEN {draw(1, 50)} = 0 THEN 2 ELSE 1 END",
        "activity_id": f"1 + {draw(2, 2)}",
        "api_response_error": f"CASE WHEN {call} AND {draw(1, 50)} = 0 THEN 'AccessDenied' END",
        "cloud_account_uid": "'111122223333'",
        "cloud_region": f"['eu-west-1', 'eu-central-1'][1 + {draw(3, 2)}]",
        "actor_user_uid": f"CASE WHEN {call} THEN 'arn:aws:iam::111122223333:user/u' || {draw(4, 500)} END",
        "actor_user_name": f"CASE WHEN {call} THEN 'u' || {draw(4, 500)} END",
        "actor_user_credential_uid": f"CASE WHEN {call} THEN 'AKIA' || {draw(4, 500)} END",
        "api_service_name": f"CASE WHEN {call} THEN 's' || {draw(5, 20)} || '.amazonaws.com' END",
        "api_operation": f"CASE WHEN {call} THEN 'Put' || {draw(6, 40)} END",
        "http_request_user_agent": f"CASE WHEN {call} THEN 'tool' || {draw(4, 500)} % 4 || '/1.2 x' END",
        "src_endpoint_location_country": f"CASE WHEN {call} THEN ['DE', 'NL'][1 + {draw(4, 500)} % 2] END",
        "src_endpoint_ip": f"CASE WHEN {call} THEN '198.51.' || {draw(4, 500)} % 100 || '.' || {draw(7, 250)}"
        f" ELSE '10.0.' || {draw(8, 4)} || '.' || {draw(9, 250)} END",
        "src_endpoint_port": f"CASE WHEN {flow} THEN 32768 + {draw(10, 28000)} END",
        "dst_endpoint_ip": f"CASE WHEN {flow} THEN '203.0.113.' || {draw(11, 250)} END",
        "dst_endpoint_port": f"CASE WHEN {flow} THEN [443, 80, 53, 22][1 + {draw(12, 4)}] END",
        "traffic_bytes": f"CASE WHEN {flow} THEN {draw(13, 100000)} END",
        "traffic_packets": f"CASE WHEN {flow} THEN 5 + {draw(14, 100)} END",
        "query_hostname": f"CASE WHEN {lookup} THEN 'h' || {draw(15, 50)} || '.site' || {draw(16, 3000)} || '.com' END",
        "query_type": f"CASE WHEN {lookup} THEN 'A' END",
        "rcode": f"CASE WHEN {lookup} THEN 'NOERROR' END",
        "metadata_uid": "md5(n::VARCHAR)",
        "origin": "'bench.json.gz'",
        "origin_line": "n",
        "record": RECORD,
        "ingested_time": "time",
    }
    columns = ", ".join(
        name if name in ("class_uid", "day", "time") else f"CAST({made.get(name, 'NULL')} AS {c.sql_type}) AS {name}"
        for name, c in COLUMNS.items()
    )
    rows = (
        f"(SELECT *, CAST(time AT TIME ZONE 'UTC' AS DATE) AS day FROM (SELECT n, CAST({kind} AS INTEGER) AS class_uid,"
        f" {begin} + to_seconds(n * {seconds} / {count}) AS time FROM range({count}) r(n)))"
    )
    lake.events.append(connection, f"SELECT {columns} FROM {rows}")


if __name__ == "__main__":
    once(sys.argv[1])
