"""Findings of other products, as alerts of ours; and those that say what a detection of ours says already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from koban.model.alert import Alert, Entity, Evidence

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SAME_FACTS = timedelta(hours=1)
FINDING_CLASSES = (2002, 2003, 2004, 2006)
FINDINGS = f"(class_uid IN {FINDING_CLASSES} AND finding_info_uid IS NOT NULL)"
"""Which events are findings, in any SQL."""
LEVEL_OF_SEVERITY = {1: "informational", 2: "low", 3: "medium", 4: "high", 5: "critical", 6: "critical"}

TACTIC_OF_PURPOSE = {
    "Backdoor": "command-and-control",
    "Behavior": "initial-access",
    "CredentialAccess": "credential-access",
    "CryptoCurrency": "impact",
    "DefenseEvasion": "defense-evasion",
    "Discovery": "discovery",
    "Execution": "execution",
    "Exfiltration": "exfiltration",
    "Impact": "impact",
    "InitialAccess": "initial-access",
    "PenTest": "execution",
    "Persistence": "persistence",
    "Policy": "defense-evasion",
    "PrivilegeEscalation": "privilege-escalation",
    "Recon": "discovery",
    "Stealth": "defense-evasion",
    "Trojan": "command-and-control",
    "UnauthorizedAccess": "initial-access",
}
"""ATT&CK tactic of the threat purpose that a GuardDuty finding type begins with."""


def findings(connection: DuckDBPyConnection, relation: str) -> Iterator[Alert]:
    """The alerts that GuardDuty, Security Hub, Macie, Inspector and their like put into the log."""
    rows = connection.execute(
        "SELECT strftime(time AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ'), source, origin, origin_line, metadata_uid,"
        " finding_info_uid, finding_info_title, finding_info_types, severity_id, message, cloud_account_uid,"
        " cloud_region, actor_user_name, actor_user_uid, actor_user_credential_uid, src_endpoint_ip, device_hostname,"
        f" resources_uid FROM {relation} WHERE {FINDINGS}"
        " ORDER BY time, origin, origin_line"
    )
    while chunk := rows.fetchmany(1000):
        for row in chunk:
            yield _alert(*row)


def _alert(
    time: str, source: str, origin: str, line: int | None, uid: str | None, finding: str, title: str | None,
    types: list[str] | None, severity: int | None, message: str | None, account: str | None, region: str | None,
    user: str | None, user_uid: str | None, key: str | None, ip: str | None, host: str | None,
    resources: list[str] | None,
) -> Alert:  # fmt: skip
    pairs = [("user", user_uid or user), ("credential", key), ("host", host), ("ip", ip)]
    entities = [Entity(kind, name) for kind, name in pairs if name]
    entities += [Entity("resource", r) for r in (resources or ())[:10]]
    types = types or []
    purpose = types[0].partition(":")[0] if types else ""
    tactic = TACTIC_OF_PURPOSE.get(purpose)
    return Alert(
        rule=types[0] if types else source,
        title=title or finding,
        kind="product",
        level=LEVEL_OF_SEVERITY.get(severity or 0, "medium"),
        time_first=time,
        time_last=time,
        entities=tuple(entities),
        evidence=(Evidence(time, source, origin or "", line or 0, uid or finding, (message or title or "")[:300]),),
        why=(message or "")[:1000],
        tags=(f"attack.{tactic}",) if tactic else (),
        account=account or "",
        region=region or "",
        key=finding,
        details={"product": source},
    )


def without_doubles(ours: Iterable[Alert], theirs: Iterable[Alert]) -> tuple[list[Alert], dict[str, list[Alert]]]:
    """What products say that we do not say ourselves; and, by our alert's fingerprint, those that say the same.

    The same facts are: an entity in common that tells somebody apart, the same tactic, no more than an hour apart.
    Alerts of products among `ours` do not count.
    """
    by_entity: dict[Entity, list[Alert]] = {}
    for alert in ours:
        if alert.kind == "product":
            continue
        for entity in alert.entities:
            if entity.kind != "account":
                by_entity.setdefault(entity, []).append(alert)
    alone: list[Alert] = []
    doubles: dict[str, list[Alert]] = {}
    for alert in theirs:
        match = next((o for e in alert.entities for o in by_entity.get(e, ()) if _same(o, alert)), None)
        if match is None:
            alone.append(alert)
        else:
            doubles.setdefault(match.fingerprint, []).append(alert)
    return alone, doubles


def _same(one: Alert, other: Alert) -> bool:
    tactics = [{t for t in a.tags if not t.startswith("attack.t")} for a in (one, other)]
    if not tactics[0] & tactics[1]:
        return False
    first, last = _instant(one.time_first) - SAME_FACTS, _instant(one.time_last) + SAME_FACTS
    return first <= _instant(other.time_last) and _instant(other.time_first) <= last


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
