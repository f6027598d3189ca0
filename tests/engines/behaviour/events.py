"""Events out of a few words, and what the detections say of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import duckdb

from koban.engines.behaviour.batch import Batch
from koban.engines.behaviour.detection import thresholds
from koban.engines.behaviour.evaluate import judge
from koban.engines.behaviour.settings import Thresholds
from koban.engines.geo import Geo
from koban.lake.rows import rows_relation
from koban.model.alert import Alert
from koban.model.event import CLASSES, COLUMNS

START = datetime(2026, 3, 1, tzinfo=UTC)
ACCOUNT = "111122223333"

Event = dict[str, Any]


def at(days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
    return START + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def call(time: datetime, who: str = "ann", operation: str = "GetCallerIdentity", **fields: Any) -> Event:
    """A call of CloudTrail that succeeded, by a user; fields are columns, `record` may be an object."""
    event: Event = {
        "time": time,
        "class": "api_activity",
        "source": "aws-cloudtrail",
        "status_id": 1,
        "activity_id": 2 if operation.startswith(("Get", "List", "Describe")) else 1,
        "cloud_account_uid": ACCOUNT,
        "cloud_region": "eu-west-1",
        "actor_user_name": who,
        "actor_user_type": "IAMUser",
        "actor_user_uid": f"arn:aws:iam::{ACCOUNT}:user/{who}",
        "actor_user_account_uid": ACCOUNT,
        "actor_user_credential_uid": f"AKIA{who.upper()}",
        "api_operation": operation,
        "api_service_name": "sts.amazonaws.com",
        "src_endpoint_ip": "198.51.100.7",
        "http_request_user_agent": "aws-cli/2.15.0 Python/3.11",
    }
    return event | fields


def session(time: datetime, role: str, name: str, operation: str = "GetObject", **fields: Any) -> Event:
    """A call by a session of a role."""
    return call(
        time,
        role,
        operation,
        **{
            "actor_user_type": "AssumedRole",
            "actor_user_uid": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}",
            "actor_session_uid": name,
            "actor_session_issuer": f"arn:aws:iam::{ACCOUNT}:role/{role}",
            "actor_user_credential_uid": f"ASIA{role.upper()}{name.upper()}"[:20],
        }
        | fields,
    )


def denied(time: datetime, who: str = "ann", operation: str = "ListBuckets", **fields: Any) -> Event:
    return call(time, who, operation, status_id=2, api_response_error="AccessDenied", **fields)


def flow(
    time: datetime, source: str, target: str, port: int, *, bytes: int = 500, packets: int = 10, **f: Any
) -> Event:
    event = {
        "time": time,
        "class": "network_activity",
        "source": "aws-vpc-flow",
        "status_id": 1,
        "src_endpoint_ip": source,
        "src_endpoint_port": 40000 + int(time.timestamp()) % 20000,
        "dst_endpoint_ip": target,
        "dst_endpoint_port": port,
        "connection_info_protocol_num": 6,
        "traffic_bytes": bytes,
        "traffic_packets": packets,
    }
    return event | f


def lookup(time: datetime, source: str, name: str, kind: str = "A", rcode: str | None = "NOERROR", **f: Any) -> Event:
    event = {
        "time": time,
        "class": "dns_activity",
        "source": "aws-route53-resolver",
        "src_endpoint_ip": source,
        "query_hostname": name,
        "query_type": kind,
        "rcode": rcode,
    }
    return event | f


def daily(days: int, per_day: int, make: Any, first: int = 0) -> list[Event]:
    """Events on each of so many days, between 8 and 18 o'clock."""
    return [make(at(first + d, 8 + 10 * n / per_day)) for d in range(days) for n in range(per_day)]


def rows_sql(connection: duckdb.DuckDBPyConnection, events: Sequence[Event]) -> str:
    """The SQL of events as the lake has them."""
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for number, event in enumerate(events):
        time = event["time"]
        given = {
            **event,
            "class_uid": CLASSES[event["class"]],
            "day": time.strftime("%Y-%m-%d"),
            "time": time.isoformat(),
            "origin": "test.log",
            "origin_line": event.get("line", number + 1),
            "metadata_uid": event.get("metadata_uid", f"{time.isoformat()}-{event.get('line', number + 1)}"),
            "ingested_time": event.get("ingested_time", time).isoformat(),
            "record": json.dumps(event.get("record", {})),
        }
        unknown = set(given) - set(COLUMNS) - {"class", "line"}
        assert not unknown, unknown
        for name, values in columns.items():
            value = given.get(name)
            values.append(None if value is None else str(value))
    used = {n: v for n, v in columns.items() if any(x is not None for x in v)}
    relation = rows_relation(connection, used)
    return (
        "SELECT "
        + ", ".join(f"CAST({n if n in used else 'NULL'} AS {c.sql_type}) AS {n}" for n, c in COLUMNS.items())
        + f" FROM {relation}"
    )


@cache
def connection() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect(config={"threads": 2})
    made.execute("SET TimeZone = 'UTC'")
    return made


def tuned(name: str, **values: Any) -> Mapping[str, Thresholds]:
    found = thresholds()
    return found | {name: replace(found[name], **values)}


def alerts(name: str, events: Sequence[Event], geo: Geo | None = None, **values: Any) -> list[Alert]:
    """What one detection says of events, all judged in one run from nothing, in the order of time."""
    sql = rows_sql(connection(), events)
    batch = Batch(connection(), f"({sql})", geo or Geo())
    found = list(judge(batch, tuned(name, **values), [name]))
    return sorted(found, key=lambda a: (a.time_first, a.key))
