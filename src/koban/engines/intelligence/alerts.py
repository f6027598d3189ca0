"""What the events that match are told as: one alert for an indicator, an entity and a day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from koban.engines.evidence import event as named
from koban.engines.intelligence.columns import SHOWN, URL
from koban.model.alert import EVENTS_MAX, EVIDENCE_MAX, LEVELS, Alert, Entity, Evidence

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


LEVEL_BY_CONFIDENCE = ((80, "high"), (50, "medium"), (25, "low"), (0, "informational"))

TITLES = {
    "ip": "Contact with a listed address",
    "cidr": "Contact with an address of a listed network",
    "domain": "Contact with a listed domain",
    "url": "Request for a listed URL",
    "hash": "Listed file",
    "ja3": "TLS client with a listed JA3 fingerprint",
    "ja4": "TLS client with a listed JA4 fingerprint",
}

_FROM_OUTSIDE = "list_has_any(columns, ['src_endpoint_ip', 'src_endpoint_hostname'])"
_HOST = "coalesce(src_endpoint_instance_uid, device_hostname, device_uid)"
_USER = "coalesce(actor_user_uid, actor_user_name)"
_TARGET = "coalesce(dst_endpoint_hostname, dst_endpoint_ip)"
_LAST = "resources_uid[1], cloud_account_uid, seen"
_ENTITY = (
    f"CASE WHEN {_FROM_OUTSIDE} THEN CASE WHEN {_USER} IS NOT NULL THEN 'user\x1f' || {_USER}"
    " WHEN coalesce(device_hostname, device_uid) IS NOT NULL THEN 'host\x1f' || coalesce(device_hostname, device_uid)"
    " WHEN dst_endpoint_ip IS NOT NULL AND NOT list_contains(columns, 'dst_endpoint_ip')"
    " THEN 'ip\x1f' || dst_endpoint_ip"
    " WHEN dst_endpoint_hostname IS NOT NULL AND NOT list_contains(columns, 'dst_endpoint_hostname')"
    " THEN 'host\x1f' || dst_endpoint_hostname END"
    f" ELSE CASE WHEN {_HOST} IS NOT NULL THEN 'host\x1f' || {_HOST}"
    " WHEN src_endpoint_ip IS NOT NULL THEN 'ip\x1f' || src_endpoint_ip"
    " WHEN src_endpoint_hostname IS NOT NULL THEN 'host\x1f' || src_endpoint_hostname"
    f" WHEN {_USER} IS NOT NULL THEN 'user\x1f' || {_USER} END END"
)
_OTHER_ENTITY = (
    "CASE WHEN resources_uid[1] IS NOT NULL THEN 'resource\x1f' || resources_uid[1]"
    " WHEN cloud_account_uid IS NOT NULL THEN 'account\x1f' || cloud_account_uid ELSE kind || '\x1f' || value END"
)


def told(connection: DuckDBPyConnection) -> Iterator[Alert]:
    """One alert for an indicator, an entity and a day."""
    run = connection.execute
    shown = ", ".join(SHOWN)
    run(
        f"CREATE OR REPLACE TEMP TABLE intel_rows AS SELECT f.kind, f.value, f.columns, f.seen, coalesce({_ENTITY},"
        f" {_OTHER_ENTITY}) AS entity, CAST(time AT TIME ZONE 'UTC' AS DATE) AS of_day, event, {shown},"
        f" {named()} AS name,"
        " strftime(time AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ') AS moment"
        " FROM intel_found f JOIN intel_hits USING (event)"
    )
    feeds = _feeds(connection)
    overall = {
        (kind, value): (count, entities, first, last)
        for kind, value, count, entities, first, last in run(
            "SELECT kind, value, count(*), count(DISTINCT entity), min(moment), max(moment)"
            " FROM intel_rows GROUP BY kind, value"
        ).fetchall()
    }
    group = "kind, value, entity, of_day"
    places = (
        f"SELECT *, row_number() OVER (PARTITION BY {group} ORDER BY time, origin, origin_line, event)"
        f" AS place, count(*) OVER (PARTITION BY {group}) AS many, min(moment) OVER (PARTITION BY {group}) AS first_at,"
        f" max(moment) OVER (PARTITION BY {group}) AS last_at,"
        f" count(*) FILTER (status_id = 2) OVER (PARTITION BY {group})"
        f" AS refused FROM intel_rows"
    )
    cursor = run(
        f"SELECT p.*, n.names FROM ({places}) p LEFT JOIN (SELECT {group}, 1 AS place,"
        f" list(name ORDER BY time, origin, origin_line, event)[:{EVENTS_MAX}] AS names FROM intel_rows"
        f" GROUP BY {group}) n USING ({group}, place)"
        f" WHERE place <= {EVIDENCE_MAX // 2} OR place > many - {EVIDENCE_MAX // 2}"
        f" ORDER BY first_at, {group}, place"
    )
    names = [one[0] for one in cursor.description]
    rows = (dict(zip(names, row, strict=True)) for row in _fetched(cursor))
    for (kind, value, _, _), members in groupby(rows, lambda r: (r["kind"], r["value"], r["entity"], r["of_day"])):
        yield _alert(list(members), feeds[kind, value], overall[kind, value])


def _fetched(cursor: Any) -> Iterator[tuple[Any, ...]]:
    while batch := cursor.fetchmany(10_000):
        yield from batch


def _feeds(connection: DuckDBPyConnection) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """What the feeds say of the indicators that were seen, the surest first."""
    cursor = connection.execute(
        "SELECT kind, value, source, confidence, labels, description,"
        " strftime(valid_from AT TIME ZONE 'UTC', '%Y-%m-%d') AS valid_from,"
        " strftime(first_seen AT TIME ZONE 'UTC', '%Y-%m-%d') AS first_seen,"
        " strftime(valid_until AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS valid_until FROM intel_indicators"
        " SEMI JOIN intel_found USING (kind, value) ORDER BY confidence DESC, source, uid"
    )
    names = [one[0] for one in cursor.description]
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in cursor.fetchall():
        one = dict(zip(names, row, strict=True))
        found.setdefault((one["kind"], one["value"]), []).append(one)
    return found


def _alert(rows: list[dict[str, Any]], feeds: list[dict[str, Any]], overall: tuple[int, int, str, str]) -> Alert:
    first = rows[0]
    kind, value = first["kind"], first["value"]
    feeds = [one for one in feeds if not one["valid_until"] or one["valid_until"] > first["first_at"]] or feeds
    entity_kind, _, entity_name = first["entity"].partition("\x1f")
    entity = Entity(_entity_kind(entity_kind), entity_name)
    other = Entity(_entity_kind(kind), _seen_name(first) if kind in ("cidr", "domain", "ip") else value)
    entities = dict.fromkeys([entity, other])
    if first["cloud_account_uid"]:
        entities[Entity("account", first["cloud_account_uid"])] = None
    columns = sorted({column for row in rows for column in row["columns"]})
    refused = first["refused"] == first["many"]
    confidence = max(one["confidence"] for one in feeds)
    return Alert(
        rule=f"intelligence-{kind}",
        title=f"{TITLES[kind]}: {value}",
        kind="intelligence",
        level=_level(confidence, refused),
        time_first=first["first_at"],
        time_last=first["last_at"],
        entities=tuple(entities),
        evidence=tuple(_evidence(row) for row in rows),
        count=first["many"],
        why=_why(first, columns, feeds, overall, entity, refused),
        tags=tuple(sorted({label for one in feeds for label in one["labels"] or () if _attack(label)})),
        account=first["cloud_account_uid"] or "",
        region=first["cloud_region"] or "",
        key=f"{kind}:{value}|{entity.kind}:{entity.name}|{first['of_day']}",
        details={
            "indicator": value,
            "indicator_kind": kind,
            "seen": first["seen"],
            "columns": ",".join(columns),
            "feeds": ",".join(dict.fromkeys(one["source"] for one in feeds)),
            "confidence": str(confidence),
            "labels": ",".join(dict.fromkeys(label for one in feeds for label in one["labels"] or ())),
            "events_all": str(overall[0]),
            "entities_all": str(overall[1]),
            "first_sighting": overall[2],
            "last_sighting": overall[3],
        },
        events=tuple(first["names"]),
    )


def _entity_kind(kind: str) -> str:
    return {"cidr": "ip", "url": "url", "hash": "hash", "ja3": "fingerprint", "ja4": "fingerprint"}.get(kind, kind)


def _seen_name(row: dict[str, Any]) -> str:
    return str(row["seen"]).lower().rstrip(".")


def _attack(label: str) -> bool:
    return re.fullmatch(r"attack\.t\d{4}(\.\d{3})?", label) is not None


def _level(confidence: int, refused: bool) -> str:
    """By how sure the surest feed is; one lower where all that happened was refused."""
    level = next(name for least, name in LEVEL_BY_CONFIDENCE if confidence >= least)
    return LEVELS[max(0, LEVELS.index(level) - 1)] if refused else level


def _why(
    row: dict[str, Any],
    columns: list[str],
    feeds: list[dict[str, Any]],
    overall: tuple[int, int, str, str],
    entity: Entity,
    refused: bool,
) -> str:
    kind, value = row["kind"], row["value"]
    seen = row["seen"]
    what = f"{kind} {value}" if _seen_name(row) == value else f"{seen}, of {kind} {value}"
    listed = "; ".join(_said(one, row["first_at"]) for one in feeds[:5])
    more = f" and {len(feeds) - 5} more" if len(feeds) > 5 else ""
    many = "1 event" if row["many"] == 1 else f"{row['many']:,} events"
    why = f"{what} was seen in {', '.join(columns)}. Listed by {listed}{more}."
    why += f" {many} of {entity.kind} {entity.name} on {row['of_day']}{', all refused' if refused else ''};"
    why += f" in all {overall[0]:,} of {overall[1]:,} from {overall[2]} to {overall[3]}."
    said = next((one["description"] for one in feeds if one["description"]), "")
    return f"{why} {said}".strip()


def _said(feed: dict[str, Any], at: str) -> str:
    since = feed["valid_from"] or feed["first_seen"]
    later = ", after it was seen here" if since > at[:10] else ""
    ended = f", until {feed['valid_until'][:10]}" if feed["valid_until"] else ""
    return f"{feed['source']} (confidence {feed['confidence']}, since {since}{later}{ended})"


def _evidence(row: dict[str, Any]) -> Evidence:
    return Evidence(
        row["moment"],
        row["source"] or "",
        row["origin"] or "",
        row["origin_line"] or 0,
        row["metadata_uid"] or "",
        _summary(row),
    )


def _summary(row: dict[str, Any]) -> str:
    """Who, what, on what: the first of each that the event tells."""
    who = row["actor_user_name"] or row["actor_user_uid"] or row["device_hostname"] or row["src_endpoint_ip"] or ""
    did = row["api_operation"] or row["http_request_http_method"] or ("asked for" if row["query_hostname"] else "")
    port = f":{row['dst_endpoint_port']}" if row["dst_endpoint_port"] else ""
    to = row[URL] or row["query_hostname"] or row["process_cmd_line"] or (row["dst_endpoint_ip"] or "") + port
    outcome = "refused" if row["status_id"] == 2 else ""
    return " ".join(one for one in (who, did or ("->" if to else ""), to[:200], outcome) if one)
