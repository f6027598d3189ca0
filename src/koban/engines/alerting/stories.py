"""Alerts put together: one story for what one actor did, rather than twenty alerts.

Two alerts belong together when they share an entity that tells somebody apart (a user, a session, an access key, a
host, an address, a resource) and no more than six hours lie between them.  Accounts do not tie, nor does a host that
half of all alerts name, or the address of a whole office.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from koban.model.alert import LEVELS, RISK, Alert, Entity

GAP = timedelta(hours=6)
TIES = ("session", "credential", "user", "host", "ip", "domain", "resource")
"""The kinds of entities that tie alerts together, the most telling first."""

COMMON_ALERTS_MIN = 20
COMMON_SHARE = 0.5
"""A host or resource that more than half of at least so many alerts name tells nobody apart."""

USERS_MAX = 12
"""An address of more users than this is an office's or a proxy's, and tells nobody apart."""

TACTICS = (
    "initial-access", "execution", "persistence", "privilege-escalation", "defense-evasion", "stealth",
    "credential-access", "discovery", "lateral-movement", "collection", "command-and-control", "exfiltration", "impact",
)  # fmt: skip


@dataclass(frozen=True)
class Story:
    """Alerts that belong together, oldest first."""

    alerts: tuple[Alert, ...]

    @property
    def uid(self) -> str:
        """Its first alert's fingerprint: stays while the story grows."""
        return self.alerts[0].fingerprint

    @property
    def level(self) -> str:
        """The highest of its alerts'."""
        return max((a.level for a in self.alerts), key=LEVELS.index)

    @property
    def entities(self) -> tuple[Entity, ...]:
        """Everything that it is about, what most of its alerts name first."""
        counts = Counter(e for a in self.alerts for e in a.entities)
        order = {kind: n for n, kind in enumerate(TIES)}
        return tuple(sorted(counts, key=lambda e: (-counts[e], order.get(e.kind, 99), e.name)))

    @property
    def tactics(self) -> tuple[str, ...]:
        """The ATT&CK tactics that it goes through, in the order of the matrix."""
        tags = {t.removeprefix("attack.").replace("_", "-") for a in self.alerts for t in a.tags}
        return tuple(t for t in TACTICS if t in tags)

    @property
    def time_first(self) -> str:
        return min(a.time_first for a in self.alerts)

    @property
    def time_last(self) -> str:
        return max(a.time_last for a in self.alerts)

    @property
    def risk(self) -> float:
        """Points: each rule counts once in full, again by half, then by a third, ..."""
        return sum(_points(Counter(a.rule for a in self.alerts), {a.rule: a.level for a in self.alerts}))


def stories(alerts: Iterable[Alert]) -> list[Story]:
    """Alerts put together, the riskiest story first."""
    ordered = sorted(alerts, key=lambda a: (a.time_first, a.rule, a.fingerprint))
    common = _common(ordered)
    parent = list(range(len(ordered)))

    def find(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    last: dict[Entity, tuple[int, datetime]] = {}
    for at, alert in enumerate(ordered):
        begins, ends = _instant(alert.time_first), _instant(alert.time_last)
        for entity in alert.entities:
            if entity.kind not in TIES or entity in common:
                continue
            before = last.get(entity)
            if before is not None and begins - before[1] <= GAP:
                # the earlier one stays the root, so that a story keeps its name as it grows
                one, other = sorted((find(before[0]), find(at)))
                parent[other] = one
                ends = max(ends, before[1])
            last[entity] = (at, ends)
    groups: dict[int, list[Alert]] = defaultdict(list)
    for at, alert in enumerate(ordered):
        groups[find(at)].append(alert)
    found = [Story(tuple(group)) for group in groups.values()]
    return sorted(found, key=lambda s: (-s.risk, s.time_first, s.uid))


def risk(alerts: Iterable[Alert], now: str, half_life_days: float = 7.0) -> dict[Entity, float]:
    """The risk score of each entity at a time: its alerts' points, halved every week, repeats of a rule for less."""
    moment = _instant(now)
    rules: dict[Entity, dict[str, list[Alert]]] = defaultdict(lambda: defaultdict(list))
    for alert in alerts:
        for entity in set(alert.entities):
            rules[entity][alert.rule].append(alert)
    scores: dict[Entity, float] = {}
    for entity, by_rule in rules.items():
        score = 0.0
        for group in by_rule.values():
            group.sort(key=lambda a: a.time_last, reverse=True)
            for n, alert in enumerate(group, 1):
                age_days = max(0.0, (moment - _instant(alert.time_last)).total_seconds() / 86400)
                score += RISK[alert.level] / n * 0.5 ** (age_days / half_life_days)
        scores[entity] = round(score, 1)
    return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0].kind, item[0].name)))


def _common(alerts: Sequence[Alert]) -> set[Entity]:
    """Entities that tell nobody apart: hosts and resources of half of all alerts, addresses that many users share."""
    mentions = Counter(e for a in alerts for e in set(a.entities))
    enough = max(COMMON_ALERTS_MIN, len(alerts)) * COMMON_SHARE
    users: dict[Entity, set[str]] = defaultdict(set)
    for alert in alerts:
        names = {e.name for e in alert.entities if e.kind == "user"}
        for entity in alert.entities:
            if entity.kind == "ip":
                users[entity] |= names
    shared = {e for e, names in users.items() if len(names) > USERS_MAX}
    return shared | {e for e, n in mentions.items() if n > enough and e.kind in ("resource", "host")}


def _points(counts: Mapping[str, int], levels: Mapping[str, str]) -> Iterable[float]:
    for rule, count in counts.items():
        yield sum(RISK[levels[rule]] / n for n in range(1, min(count, 50) + 1))


def _instant(text: str) -> datetime:
    value = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return value.replace(tzinfo=None) if value.tzinfo is None else (value - value.utcoffset()).replace(tzinfo=None)  # type: ignore[operator]
