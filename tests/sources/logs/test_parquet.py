from __future__ import annotations

import json
import random
import tracemalloc
from pathlib import Path

import duckdb
import pytest
from tests.sources.logs.events import events, rejected, results

from koban.sources.logs.split import split

FLOWS = """SELECT 5 AS version, '111122223333' AS account_id, 'eni-0a' AS interface_id, '192.0.2.1' AS srcaddr,
 '198.51.100.7' AS dstaddr, 443 AS srcport, 50000 AS dstport, 6 AS protocol, 10::BIGINT AS packets,
 840::BIGINT AS bytes,
 1772359200::BIGINT AS "start", 1772359260::BIGINT AS "end", 'REJECT' AS action, 'OK' AS log_status,
 'egress' AS flow_direction, NULL::VARCHAR AS reject_reason, 'vpc-0a' AS vpc_id"""


def parquet(folder: Path, sql: str, options: str = "") -> bytes:
    path = folder / "x.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet{options})")
    return path.read_bytes()


def test_flow_logs_bear_the_names_of_the_text(tmp_path: Path) -> None:
    (event,) = events(parquet(tmp_path, FLOWS))
    assert event["source"] == "aws-vpc-flow"
    assert event["time"] == "2026-03-01T10:00:00.000000Z"
    assert (event["src_endpoint_ip"], event["dst_endpoint_port"], event["traffic_bytes"]) == ("192.0.2.1", 50000, 840)
    assert (event["cloud_account_uid"], event["src_endpoint_vpc_uid"]) == ("111122223333", "vpc-0a")
    assert json.loads(event["record"])["account-id"] == "111122223333"
    assert "raw_data" not in event


def test_columns_with_hyphens_are_the_same(tmp_path: Path) -> None:
    hyphens = FLOWS.replace("account_id", '"account-id"').replace("log_status", '"log-status"')
    (event,) = events(parquet(tmp_path, hyphens))
    assert event["cloud_account_uid"] == "111122223333"


def test_rows_are_numbered_over_batches(tmp_path: Path) -> None:
    data = parquet(tmp_path, FLOWS.replace("443", "i % 60000") + " FROM range(5000) t(i)")
    found = results(data)
    assert [r.line for r in found] == list(range(1, 5001))


def test_cloudfront(tmp_path: Path) -> None:
    (event,) = events(
        parquet(
            tmp_path,
            "SELECT '2026-03-01' AS date, '10:00:00' AS time, 'FRA50-C1' AS x_edge_location, '192.0.2.1' AS c_ip,"
            " 'GET' AS cs_method, 'd1.cloudfront.net' AS cs_host, '/a' AS cs_uri_stem, '200' AS sc_status,"
            " 'curl%2F8' AS cs_user_agent, 'www.example.com' AS x_host_header, 'https' AS cs_protocol",
        )
    )
    assert event["source"] == "aws-cloudfront"
    assert event["http_request_user_agent"] == "curl/8"
    assert event["http_request_url_url_string"] == "https://www.example.com/a"
    assert json.loads(event["record"])["cs(Host)"] == "d1.cloudfront.net"


def test_rows_of_no_known_source_are_rejected_each(tmp_path: Path) -> None:
    found = rejected(parquet(tmp_path, "SELECT 1 AS a, 'x' AS b FROM range(2)"))
    assert [(r.reason, r.line, r.data) for r in found] == [
        ("Parquet of no known source", n, b'{"a":1,"b":"x"}') for n in (1, 2)
    ]


@pytest.mark.parametrize("data", [b"PAR1", b"PAR1" + b"x" * 100 + b"PAR1", b"PAR1\x00"])
def test_what_is_no_parquet_is_rejected(data: bytes) -> None:
    (bad,) = rejected(data, "flows.parquet")
    assert bad.reason.startswith("Parquet that cannot be read")
    assert "/tmp" not in bad.reason


def test_any_damage_is_rejected_and_never_raises(tmp_path: Path) -> None:
    whole = parquet(tmp_path, FLOWS + " FROM range(300)")
    chance = random.Random(7)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 8)):
            data[chance.randrange(4, len(data))] = chance.randrange(256)
        results(bytes(data[: chance.randrange(4, len(data) + 1)]))


def test_memory_stays_flat(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    parquet(tmp_path, FLOWS.replace("443", "(i * 7919) % 60000") + " FROM range(300000) t(i)")
    tracemalloc.start()
    with path.open("rb") as stream:
        count = sum(1 for _ in split(stream, "x.parquet"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 300000
    assert peak < 32 << 20
