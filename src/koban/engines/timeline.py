"""Who did what, in order, across sources: the events about one entity, and the person behind each session.

An entity is an ARN, a user, an access key, an address, a host or a resource.  Its timeline holds the events that name
it, and those of the sessions that it (or its sessions) began: AWS says at `AssumeRole` which temporary access key it
gave to whom, so a chain of roles leads back to the user or the person at the identity provider who began it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CHAIN_MAX = 6
"""Roles may assume roles; AWS ends a chain's credentials after an hour, so more than this is a loop of ours."""

SESSION_HOURS = 36
"""A session may have begun so long before what is looked at: AWS's longest session."""

ISSUING = (
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "AssumeRoot",
    "GetSessionToken",
    "GetFederationToken",
    "GetRoleCredentials",
    "CreateAccessKey",
)
"""The operations that answer with credentials for somebody."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One event of a timeline."""

    time: str
    who: str
    """The person, user or workload behind it, as far back as the log tells."""
    via: tuple[str, ...]
    """The sessions between that person and the event, first one first."""
    what: str
    target: str
    address: str
    outcome: str
    account: str
    region: str
    source: str
    uid: str
    origin: str
    origin_line: int
    alerts: tuple[str, ...] = ()
    """Titles of the alerts that rest on this event."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Issued:
    """Credentials that somebody was given."""

    key: str
    session: str
    giver_key: str
    giver: str


def timeline(
    connection: DuckDBPyConnection,
    relation: str,
    entity: str,
    since: str,
    until: str,
    *,
    before: str = "",
    alerts: dict[tuple[str, int, str], tuple[str, ...]] | None = None,
    limit: int = 100_000,
) -> Iterator[Moment]:
    """The moments of an entity between two times (ISO, UTC), oldest first, at most `limit` of them.

    `relation` holds the events of that time; `before` those from `SESSION_HOURS` earlier on, which began the sessions.
    `alerts` gives titles for (origin, line, the event's own id).
    """
    before = before or relation
    names = _names(connection, before, entity)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE timeline_names AS SELECT unnest(?::VARCHAR[]) AS name", [list(names)]
    )
    rows = connection.execute(
        "SELECT strftime(time AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ'),"
        " coalesce(actor_user_name, actor_user_uid, user_name, ''), coalesce(actor_user_credential_uid, ''),"
        " coalesce(actor_user_uid, ''), coalesce(actor_session_uid, ''),"
        " coalesce(api_operation, query_hostname, process_cmd_line, http_request_url_url_string, finding_info_title,"
        "  message, ''),"
        " coalesce(resources_uid[1], dst_endpoint_ip, file_path, user_name, ''),"
        " coalesce(src_endpoint_ip, device_hostname, ''),"
        " CASE status_id WHEN 2 THEN coalesce(status_code, 'failed') WHEN 1 THEN 'ok' ELSE '' END,"
        " coalesce(cloud_account_uid, ''), coalesce(cloud_region, ''), source, coalesce(metadata_uid, ''),"
        " coalesce(origin, ''), coalesce(origin_line, 0)"
        f" FROM {relation} WHERE time >= ?::TIMESTAMPTZ AND time < ?::TIMESTAMPTZ"
        "  AND list_has_any(observables, (SELECT list(name) FROM timeline_names))"
        f" ORDER BY time, origin, origin_line LIMIT {int(limit)}",
        [since, until],
    ).fetchall()
    chains = _chains(connection, before, {row[2] for row in rows if row[2]})
    for (
        time,
        who,
        key,
        arn,
        session,
        what,
        target,
        address,
        outcome,
        account,
        region,
        source,
        uid,
        origin,
        line,
    ) in rows:
        person, via = _behind(chains, key, who, arn, session)
        yield Moment(
            time, person, via, what, target, address, outcome, account, region, source, uid, origin, line,
            (alerts or {}).get((origin, line, uid), ()),
        )  # fmt: skip


def _names(connection: DuckDBPyConnection, relation: str, entity: str) -> set[str]:
    """The entity, and the access keys of the sessions that it began, and that those began."""
    names = {entity}
    frontier = {entity}
    for _ in range(CHAIN_MAX):
        issued = _issued(
            connection,
            relation,
            "list_has_any(list_filter([actor_user_uid, actor_user_name, actor_user_credential_uid,"
            " actor_session_uid, src_endpoint_ip, user_name], lambda x: x IS NOT NULL), ?::VARCHAR[])",
            frontier,
        )
        frontier = {i.key for i in issued} - names
        if not frontier:
            break
        names |= frontier
    return names


def _chains(connection: DuckDBPyConnection, relation: str, keys: set[str]) -> dict[str, _Issued]:
    """How each temporary key came to be, back to keys that nobody gave."""
    known: dict[str, _Issued] = {}
    wanted = set(keys)
    for _ in range(CHAIN_MAX):
        found = _issued(connection, relation, "list_contains(?::VARCHAR[], given_key)", wanted)
        for one in found:
            known.setdefault(one.key, one)
        wanted = {one.giver_key for one in found if one.giver_key} - set(known)
        if not wanted:
            break
    return known


def _issued(connection: DuckDBPyConnection, relation: str, where: str, values: set[str]) -> list[_Issued]:
    operations = ", ".join(f"'{o}'" for o in ISSUING)
    rows = connection.execute(
        "SELECT given_key, coalesce(session, ''), coalesce(actor_user_credential_uid, ''),"
        " coalesce(actor_user_name, provider_user, actor_user_uid, actor_invoked_by, '') FROM (SELECT *,"
        " coalesce(json_extract_string(record, '$.responseElements.credentials.accessKeyId'),"
        "  json_extract_string(record, '$.responseElements.accessKey.accessKeyId')) AS given_key,"
        " json_extract_string(record, '$.responseElements.assumedRoleUser.arn') AS session,"
        " coalesce(json_extract_string(record, '$.userIdentity.userName'),"
        "  json_extract_string(record, '$.userIdentity.principalId')) AS provider_user"
        f" FROM {relation} WHERE api_operation IN ({operations}))"
        f" WHERE given_key IS NOT NULL AND {where} ORDER BY time",
        [sorted(values)],
    ).fetchall()
    return [_Issued(*row) for row in rows]


def _behind(chains: dict[str, _Issued], key: str, who: str, arn: str, session: str) -> tuple[str, tuple[str, ...]]:
    """The person behind a key, and the sessions on the way."""
    via: list[str] = []
    person = who
    seen: set[str] = set()
    while key in chains and key not in seen:
        seen.add(key)
        issued = chains[key]
        if issued.session:
            via.insert(0, issued.session)
        person, key = issued.giver or person, issued.giver_key
    if not via and session:
        # nobody saw how it began: the session's own name often says who (an address, an instance)
        return f"{session} ({who})" if who and session != who else session or who, (arn,) if arn else ()
    return person, tuple(via)
