"""CloudTrail in gzipped S3 layout to committed rows with the record kept, beside bare DuckDB writing Parquet of it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks import events
from benchmarks.measure import KOBAN, Taken, alternate, median, report, run

EVENTS = int(os.environ.get("KOBAN_BENCH_EVENTS", "300000"))
TURNS = int(os.environ.get("KOBAN_BENCH_TURNS", "5"))
SHARE_WANTED = 0.9

BARE = """
import sys, duckdb
source, target = sys.argv[1:]
fields = {'eventTime': 'TIMESTAMPTZ', 'userIdentity': {'type': 'VARCHAR', 'arn': 'VARCHAR', 'accountId': 'VARCHAR',
  'accessKeyId': 'VARCHAR', 'userName': 'VARCHAR', 'invokedBy': 'VARCHAR', 'sessionContext': {'sessionIssuer':
  {'arn': 'VARCHAR', 'userName': 'VARCHAR'}, 'attributes': {'mfaAuthenticated': 'VARCHAR'}}},
  **{name: 'VARCHAR' for name in ('eventID', 'eventSource', 'eventName', 'awsRegion', 'sourceIPAddress', 'userAgent',
  'requestID', 'errorCode', 'errorMessage', 'recipientAccountId', 'vpcEndpointId')}}
import json
connection = duckdb.connect()
connection.execute("SET threads = 2; SET preserve_insertion_order = false; SET TimeZone = 'UTC'")
connection.execute(f'''COPY (SELECT f.* EXCLUDE (userIdentity), f.userIdentity.type, f.userIdentity.arn,
  f.userIdentity.accountId, f.userIdentity.accessKeyId, f.userIdentity.userName, f.userIdentity.invokedBy,
  f.userIdentity.sessionContext.sessionIssuer.arn AS issuer, f.userIdentity.sessionContext.sessionIssuer.userName AS
  issuer_name, f.userIdentity.sessionContext.attributes.mfaAuthenticated, record FROM (SELECT record,
  json_transform(record, '{json.dumps(fields)}') AS f FROM (SELECT unnest(Records) AS record FROM
  read_json('{source}/**/*.json.gz', columns = {{Records: 'JSON[]'}}, maximum_object_size = 67108864))))
  TO '{target}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3)''')
"""


def main() -> None:
    """Print what both take, in turns, and the ratio of their speeds."""
    with tempfile.TemporaryDirectory() as place:
        logs, lake, bare = Path(place) / "logs", Path(place) / "lake", Path(place) / "bare.parquet"
        size = sum(one.stat().st_size for one in events.write(logs, EVENTS))

        def koban() -> Taken:
            shutil.rmtree(lake, ignore_errors=True)
            return run([*KOBAN, "logs", "ingest", "--lake", str(lake), str(logs)])

        def duckdb() -> Taken:
            return run([sys.executable, "-c", BARE, str(logs), str(bare)])

        taken = alternate({"koban logs ingest": koban, "bare DuckDB": duckdb}, TURNS)
        report(f"ingest: {EVENTS:,} CloudTrail events, {size / 1e6:.0f} MB gzipped", taken)
        ours, theirs = taken["koban logs ingest"], taken["bare DuckDB"]
        for figure in ("cpu", "wall"):
            mine = EVENTS / median(ours, figure)
            share = median(theirs, figure) / median(ours, figure)
            print(f"  {mine:,.0f} events a second of {figure}: {share:.2f} of bare DuckDB, wanted {SHARE_WANTED:g}")
        kept = sum(one.stat().st_size for one in lake.rglob("*.parquet"))
        print(f"  kept in {kept / 1e6:.0f} MB; bare DuckDB's file has {bare.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
