"""What rules matched, as alerts: one for each rule, actor and day, with the events that show it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from koban.engines.detection.dialect import quoted
from koban.engines.detection.evaluate import Correlated, Evaluation
from koban.engines.detection.rules import Detection
from koban.engines.evidence import event
from koban.model.alert import EVENTS_MAX, EVIDENCE_MAX, Alert, Entity, Evidence

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ACTOR = (
    "coalesce(e.actor_user_uid, e.actor_user_name, e.device_hostname, e.src_endpoint_ip, e.resources_uid[1],"
    " e.cloud_account_uid, '')"
)
SUMMARY = (
    "concat_ws(' ', coalesce(e.actor_user_name, e.actor_user_uid, e.user_name),"
    " coalesce(e.api_operation, e.query_hostname, e.process_cmd_line, e.http_request_url_url_string, e.message),"
    " coalesce(e.resources_uid[1], e.dst_endpoint_ip, e.file_path),"
    " CASE WHEN e.src_endpoint_ip IS NOT NULL THEN 'from ' || e.src_endpoint_ip END,"
    " CASE e.status_id WHEN 2 THEN coalesce(e.status_code, 'failed') END)"
)
RESOURCES_MAX = 10
AROUND_MAX = 3
AROUND = ("time", "src_endpoint_ip", "actor_user_credential_uid", "device_hostname", "observables")
"""The columns of events that tell what a group did."""

LEVELS = {"info": "informational"}


def correlations(connection: DuckDBPyConnection, relation: str, found: Sequence[Correlated]) -> Iterator[Alert]:
    """The alerts of correlations that hold, with what the group did around them in a relation of events."""
    around = _around(connection, relation, found)
    for at, correlated in enumerate(found):
        alert = _correlation(correlated)
        yield replace(alert, entities=tuple(dict.fromkeys((*alert.entities, *around.get(at, ())))))


def singles(connection: DuckDBPyConnection, relation: str, evaluation: Evaluation) -> Iterator[Alert]:
    """The alerts of rules of single events."""
    half = EVIDENCE_MAX // 2
    iso = "strftime({} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ')"
    same = " AND ".join(
        f"e.{c} IS NOT DISTINCT FROM m.{c}" for c in ("time", "origin", "origin_line", "source", "metadata_uid")
    )
    evidence = (
        f"{{'time': {iso.format('time')}, 'source': source, 'origin': coalesce(origin, ''),"
        " 'origin_line': coalesce(origin_line, 0), 'uid': coalesce(metadata_uid, ''), 'summary': summary[1:300]}"
    )
    cursor = connection.execute(
        f"WITH hit AS (SELECT m.rule, e.time, e.source, e.origin, e.origin_line, e.metadata_uid, {ACTOR} AS actor,"
        f" {SUMMARY} AS summary, e.actor_user_uid, e.actor_user_name, e.actor_session_uid,"
        " e.actor_user_credential_uid, e.user_name, e.src_endpoint_ip, e.dst_endpoint_ip, e.device_hostname,"
        " e.resources_uid, e.query_hostname, e.cloud_account_uid, e.cloud_region,"
        f" {event('e')} AS event FROM {relation} AS e JOIN {evaluation.table} AS m ON {same}),"
        " ordered AS (SELECT *,"
        "  row_number() OVER (PARTITION BY rule, actor, day ORDER BY time, origin, origin_line) AS n,"
        "  count(*) OVER (PARTITION BY rule, actor, day) AS total"
        "  FROM (SELECT *, CAST(time AT TIME ZONE 'UTC' AS DATE) AS day FROM hit))"
        f" SELECT rule, actor, CAST(day AS VARCHAR), any_value(total), {iso.format('min(time)')},"
        f" {iso.format('max(time)')},"
        f" list({evidence} ORDER BY n) FILTER (n <= {half} OR n > total - {half}),"
        f" list(event ORDER BY n) FILTER (n <= {EVENTS_MAX}),"
        " list(DISTINCT actor_user_uid), list(DISTINCT actor_user_name), list(DISTINCT actor_user_credential_uid),"
        " list(DISTINCT src_endpoint_ip), list(DISTINCT device_hostname), list(DISTINCT user_name),"
        f" flatten(list(resources_uid) FILTER (n <= {half})), list(DISTINCT query_hostname),"
        " any_value(cloud_account_uid), any_value(cloud_region)"
        " FROM ordered GROUP BY rule, actor, day ORDER BY 5, rule, actor"
    )
    while rows := cursor.fetchmany(500):
        for row in rows:
            yield _single(evaluation.rules[row[0]], *row[1:])


def _single(
    rule: Detection, actor: str, day: str, count: int, first: str, last: str, evidence: list[dict[str, Any]],
    events: list[str], users: list[str], names: list[str], keys: list[str], addresses: list[str], hosts: list[str],
    targets: list[str], resources: list[str] | None, queries: list[str], account: str | None, region: str | None,
) -> Alert:  # fmt: skip
    entities = [Entity("user", u) for u in _some(users)] or [Entity("user", u) for u in _some(names)]
    entities += [Entity("credential", k) for k in _some(keys)]
    entities += [Entity("host", h) for h in _some(hosts)]
    entities += [Entity("ip", a) for a in _some(addresses) if is_address(a)]
    entities += [Entity("user", t) for t in _some(targets)]
    entities += [Entity("domain", q) for q in _some(queries)]
    entities += [Entity("resource", r) for r in list(dict.fromkeys(_some(resources or ())))[:RESOURCES_MAX]]
    return Alert(
        rule=rule.id,
        title=rule.title,
        kind="sigma",
        level=level_of(rule),
        time_first=first,
        time_last=last,
        entities=tuple(dict.fromkeys(entities)),
        evidence=tuple(Evidence(**e) for e in evidence),
        count=count,
        why=rule.description,
        tags=tuple(rule.tags),
        account=account or "",
        region=region or "",
        key=f"{actor}|{day}",
        details={"rule_name": rule.name},
        events=tuple(events),
    )


def _correlation(found: Correlated) -> Alert:
    rule = found.detection
    first, last = iso(found.time_first), iso(found.time_last)
    group = {field: value for field, value in found.group if value not in ("", "None")}
    said = ", ".join(f"{field} {value}" for field, value in group.items())
    kind = str(rule.sigma.type).rpartition(".")[2].lower()
    return Alert(
        rule=rule.id,
        title=rule.title,
        kind="correlation",
        level=level_of(rule),
        time_first=first,
        time_last=last,
        entities=tuple(Entity(entity_kind(field, value), value) for field, value in group.items()),
        evidence=tuple(
            Evidence(
                iso(one.time),
                one.source,
                one.origin or "",
                one.origin_line or 0,
                one.metadata_uid or "",
                one.detection.title,
            )
            for one in found.events
        ),
        count=found.count,
        why=f"{rule.description} ({kind}: {found.measure:g} within {rule.sigma.timespan}{'; ' + said if said else ''})",
        tags=tuple(rule.tags),
        account=next((v for f, v in group.items() if f in ("recipientAccountId", "userIdentity.accountId")), ""),
        key="|".join((*group.values(), last[:10])),
        details={"rule_name": rule.name, **group},
        events=found.names,
    )


def of_groups(found: Sequence[Correlated]) -> str:
    """SQL of which events may say what the groups did: all others need not be looked at."""
    values = sorted({value for one in found for _, value in one.group if value not in ("", "None")})
    listed = ", ".join(map(quoted, values))
    first, last = min(one.time_first for one in found), max(one.time_last for one in found)
    return (
        f"time BETWEEN TIMESTAMPTZ '{first.isoformat()}' AND TIMESTAMPTZ '{last.isoformat()}'"
        f" AND list_has_any(observables, CAST([{listed}] AS VARCHAR[]))"
    )


def _around(
    connection: DuckDBPyConnection, relation: str, found: Sequence[Correlated]
) -> dict[int, tuple[Entity, ...]]:
    """Addresses, keys and hosts of what each group did in that time, where they are few: they tie a story together."""
    values = {at: [value for _, value in one.group if value not in ("", "None")] for at, one in enumerate(found)}
    asked = [at for at, of_group in values.items() if of_group]
    if not asked:
        return {}
    columns = {"ip": "src_endpoint_ip", "credential": "actor_user_credential_uid", "host": "device_hostname"}
    lists = ", ".join(f"list(DISTINCT {c}) FILTER ({c} IS NOT NULL)" for c in columns.values())
    rows = connection.execute(
        "WITH asked AS (SELECT unnest($1::INTEGER[]) AS at_, unnest($2::TIMESTAMPTZ[]) AS first_,"
        " unnest($3::TIMESTAMPTZ[]) AS last_, unnest($4::VARCHAR[][]) AS values_)"
        f" SELECT at_, {lists} FROM (SELECT time, {', '.join(columns.values())}, observables,"
        f" unnest(observables) AS one FROM {relation} WHERE time BETWEEN $5 AND $6)"
        " JOIN asked ON one = values_[1] AND time BETWEEN first_ AND last_"
        " WHERE list_has_all(observables, values_) GROUP BY at_",
        [
            asked,
            [found[at].time_first for at in asked],
            [found[at].time_last for at in asked],
            [values[at] for at in asked],
            min(found[at].time_first for at in asked),
            max(found[at].time_last for at in asked),
        ],
    ).fetchall()
    entities: dict[int, tuple[Entity, ...]] = {}
    for at, *lists_of in rows:
        few = [(kind, names) for kind, names in zip(columns, lists_of, strict=True) if len(names or ()) <= AROUND_MAX]
        entities[at] = tuple(
            Entity(kind, n) for kind, names in few for n in sorted(names or ()) if kind != "ip" or is_address(n)
        )
    return entities


def level_of(rule: Detection) -> str:
    """The level as Sigma says it."""
    return LEVELS.get(rule.severity, rule.severity)


def entity_kind(field: str, value: str) -> str:
    """What kind of entity a field that events are grouped by names."""
    name = field.lower()
    if is_address(value):
        return "ip"
    if "accesskey" in name or "credential" in name:
        return "credential"
    if "accountid" in name or "subscription" in name or "project" in name:
        return "account"
    if "host" in name or "computer" in name or "instance" in name:
        return "host"
    if "query" in name or "domain" in name:
        return "domain"
    if any(part in name for part in ("user", "identity", "principal", "actor", "caller", "email", "arn")):
        return "user"
    return "resource"


def is_address(text: str) -> bool:
    """Whether a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def iso(value: datetime) -> str:
    """A time of DuckDB as alerts write it."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _some(values: Any) -> list[str]:
    return sorted(v for v in values if v)[:RESOURCES_MAX] if not isinstance(values, tuple) else list(values)
