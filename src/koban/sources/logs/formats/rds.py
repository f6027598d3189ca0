"""Audit logs of Amazon RDS and Aurora: MariaDB's audit plugin, PostgreSQL with pgaudit, database activity streams."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from koban.sources.logs.format import (
    Inside,
    Lines,
    Read,
    Record,
    Rejected,
    Sample,
    as_json,
    envelope,
    json_records,
    text_lines,
)
from koban.sources.logs.layout import Layout, csv_values

MYSQL = Layout(
    "timestamp serverhost username host connectionid queryid operation database object retcode connection_type"
    " tls_version".split(),
    least=10,
)
_MYSQL_LINE = re.compile(
    r"((?:\d{8} \d\d:\d\d:\d\d|\d{16})),([^,]*),([^,]*),([^,]*),(\d*),(\d*),"
    r"((?:FAILED_)?CONNECT|DISCONNECT|QUERY[A-Z_]*|READ|WRITE|CREATE|ALTER|RENAME|DROP|CHANGEUSER|TABLE),([^,]*),"
)
_MYSQL_REST = re.compile(r"(?:'(.*)'|([^,]*)),(-?\d*)(?:,([^']*))?\s*\Z", re.DOTALL)


@text_lines("aws-rds-mysql-audit", lambda s: any(map(_MYSQL_LINE.match, s.lines[:5])))
def mysql_audit(lines: Lines, sample: Sample) -> Read:
    for number, line in lines:
        start = _MYSQL_LINE.match(line)
        rest = _MYSQL_REST.match(line, start.end()) if start else None
        if start and rest:
            values = [*start.groups(), rest[1] or rest[2] or "", rest[3], *(rest[4] or "").split(",")]
            yield Record("aws-rds-mysql-audit", MYSQL.record([v.strip() for v in values]), number, line)
        elif line.strip():
            yield Rejected("not a line of the audit plugin", line.encode(), number)


_PG_LINE = re.compile(
    r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [A-Z]{2,5}):([^@(\s]*?)(?:\((\d+)\))?:([^@:]*)@([^:]*):\[(\d+)\]:"
    r"([A-Z0-9]+): +"
)
_PG_NAMES = (
    "log_time",
    "remote_host",
    "remote_port",
    "user_name",
    "database_name",
    "process_id",
    "error_severity",
)
_PG_AUDIT = "audit_type statement_id substatement_id class command object_type object_name statement parameter".split()
_PG_PREFIX_MAX = 1024
_PG_MESSAGE_MAX = 16 << 20


@text_lines("aws-rds-postgresql", lambda s: any(_PG_LINE.match(line[:_PG_PREFIX_MAX]) for line in s.lines[:20]))
def postgresql(lines: Lines, sample: Sample) -> Read:
    """PostgreSQL's log with the prefix of RDS.  A line without the prefix goes on with the message before it."""
    number, held, size, start = 0, list[str](), 0, None
    for at, line in lines:
        found = _PG_LINE.match(line[:_PG_PREFIX_MAX])
        if found is None and held and size + len(line) < _PG_MESSAGE_MAX:
            held.append(line)
            size += len(line)
            continue
        if start is not None:
            yield _pg_record(start, "\n".join(held), number)
        number, held, size, start = at, [line] if found else [], len(line), found
        if found is None and line.strip():
            yield Rejected("a line without the prefix of RDS", line.encode(), at)
    if start is not None:
        yield _pg_record(start, "\n".join(held), number)


def _pg_record(start: re.Match[str], text: str, number: int) -> Record:
    fields: dict[str, Any] = {
        name: value
        for name, value in zip(_PG_NAMES, start.groups(), strict=True)
        if value not in (None, "", "[unknown]")
    }
    message = text[start.end() :].rstrip("\n")
    fields["message"] = message
    if message.startswith("AUDIT: "):
        for name, value in zip(_PG_AUDIT, csv_values(message[7:].strip()), strict=False):
            if value and value not in ("<not logged>", "<none>"):
                fields[name] = value
    return Record("aws-rds-postgresql", as_json(fields), number, text)


@json_records("aws-rds-activity")
def activity(record: dict[str, Any]) -> bool:
    return "dbUserName" in record and "commandText" in record and "logTime" in record


@envelope("aws-rds-activity-stream", lambda r: isinstance(r.get("databaseActivityEventList"), list))
def activities(record: dict[str, Any]) -> Iterator[Any]:
    """The events of a record of a database activity stream; its heartbeats say nothing and are passed over."""
    about = {f"_{key}": record[key] for key in ("clusterId", "instanceId") if key in record}
    for event in record["databaseActivityEventList"]:
        if not isinstance(event, dict):
            yield Rejected("an activity that is no object", as_json({"event": event}).encode(), 0)
        elif event.get("type") != "heartbeat":
            yield Inside(event, about)


@envelope("aws-rds-activity-records", lambda r: r.get("type") == "DatabaseActivityMonitoringRecords")
def activity_records(record: dict[str, Any]) -> Iterator[Any]:
    inner = record.get("databaseActivityEvents")
    if isinstance(inner, dict):
        yield inner
    else:
        yield Rejected("a database activity stream that is still encrypted", as_json(record).encode(), 0)
