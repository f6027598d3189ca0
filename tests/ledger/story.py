"""Scans told in a few words, for the tests of the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update

from koban.ledger.database import Ledger
from koban.ledger.findings import Filters, Finding, page
from koban.ledger.landing import Counts, Coverage, land
from koban.ledger.paging import Ask
from koban.ledger.running import begin
from koban.ledger.schema import scans
from koban.ledger.staging import stage
from koban.ledger.targets import target_named
from koban.ledger.who import Sight
from koban.model.resource import Resource, link
from koban.model.result import Gap, Result, Subject

ALL = Sight()
RULES = ("bucket-public", "bucket-unencrypted")
START = datetime(2026, 1, 1, tzinfo=UTC)


class Shelf(Resource, type="Test::Shelf", ids="ShelfName"):
    """A thing that boxes stand on."""


class Box(Resource, type="Test::Box", ids="BoxName"):
    """A thing with a link."""

    shelf = link("Shelf", "Test::Shelf")


def box(name: str, account: str = "1", region: str = "r1", **document: Any) -> Box:
    return Box({"BoxName": name, **document}, account=account, region=region)


def result(name: str, verdict: str = "fail", rule: str = RULES[0], severity: str = "high", **subject: Any) -> Result:
    account, region = subject.pop("account", "1"), subject.pop("region", "r1")
    one = Subject(
        subject.pop("uid", f"Test::Box/{account}/{region}/{name}"), "Test::Box", name, account, region, **subject
    )
    return Result(rule, verdict, severity, one, f"{rule} it is", ("because",), ("cis:1.1",), "mend it")  # type: ignore[arg-type]


def read_all(type: str, account: str, region: str, file: str) -> str | None:
    return None


def without(*gaps: Gap) -> Callable[[str, str, str, str], str | None]:
    def unread(type: str, account: str, region: str, file: str) -> str | None:
        return next((gap.why for gap in gaps if gap.covers(type, account, region)), None)

    return unread


class Story:
    """One target, scanned again and again: each scan an hour after the one before."""

    def __init__(self, ledger: Ledger, name: str = "estate") -> None:
        self.ledger = ledger
        self.moment = START
        with ledger.writing() as connection:
            self.target = target_named(connection, name, "aws", {})

    def begin(self) -> int:
        scan = begin(self.ledger, self.target, "somebody")
        self.moment += timedelta(hours=1)
        with self.ledger.writing() as connection:
            connection.execute(update(scans).where(scans.c.id == scan).values(started=self.moment))
        return scan

    def scan(
        self,
        results: Iterable[Result],
        resources: Sequence[Resource] = (),
        gaps: Sequence[Gap] = (),
        rules: Sequence[str] = RULES,
        environment: Callable[[Resource], str | None] | None = None,
    ) -> Counts:
        scan = self.begin()
        stage(self.ledger, scan, results, resources, environment)
        return land(self.ledger, scan, self.coverage(gaps, rules))

    def coverage(self, gaps: Sequence[Gap] = (), rules: Sequence[str] = RULES) -> Coverage:
        return Coverage(rules, without(*gaps), gaps, {rule: ["cis:1.1", "nist:PR.AA-01"] for rule in rules})

    def findings(self, **filters: Any) -> dict[str, Finding]:
        """By the name of the resource and the rule's last word."""
        with self.ledger.reading() as connection:
            found = page(connection, ALL, Filters(**{"status": (), **filters}), Ask(500)).items
        return {f"{one.name} {one.rule.rsplit('-', 1)[1]}": one for one in found}
