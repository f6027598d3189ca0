"""Alerts that are known and accepted for a while: kept, but not shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from koban.model.alert import Alert


class BadSuppression(ValueError):
    """A suppression that says too little; the message says what is missing."""


@dataclass(frozen=True)
class Suppression:
    """Which alerts, until when, and why.  Patterns with * and ?; what is empty matches all."""

    rule: str
    """Name, id or title of the rule."""
    until: str
    """The day (ISO) from which on the alerts are shown again."""
    reason: str
    entity: str = ""
    """Name of an entity of the alert."""
    account: str = ""

    def covers(self, alert: Alert) -> bool:
        """Whether it is about this alert; when the alert's last event happened decides, not when it is looked at."""
        return (
            (alert.time_last[:10] < self.until)
            and any(fnmatchcase(t, self.rule) for t in (alert.details.get("rule_name", ""), alert.rule, alert.title))
            and (not self.account or fnmatchcase(alert.account, self.account))
            and (not self.entity or any(fnmatchcase(e.name, self.entity) for e in alert.entities))
        )


def suppression(table: dict[str, Any]) -> Suppression:
    """A suppression out of its table.  Raises `BadSuppression`."""
    for name in ("rule", "until", "reason"):
        if not table.get(name):
            raise BadSuppression(f"a suppression needs {name}: say which rule, until which day and why")
    if set(table["rule"]) <= set("*?") and not table.get("entity"):
        raise BadSuppression("a suppression of every rule needs an entity")
    return Suppression(**{k: str(v or "") for k, v in table.items()})


def shown(alerts: Iterable[Alert], suppressions: Iterable[Suppression]) -> tuple[list[Alert], list[Alert]]:
    """The alerts that are shown, and those that a suppression covers."""
    standing = tuple(suppressions)
    seen: list[Alert] = []
    hidden: list[Alert] = []
    for alert in alerts:
        (hidden if any(s.covers(alert) for s in standing) else seen).append(alert)
    return seen, hidden
