"""Tables (CSV) of what the ledger holds; in pieces, as it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from koban.app import rulebook
from koban.app.reports.csv import BOM, table
from koban.ledger.audit import Entry
from koban.ledger.cases import Case
from koban.ledger.exceptions import Exception_
from koban.ledger.findings import Finding
from koban.ledger.resources import Resource
from koban.ledger.scans import Scan

COUNTS = ("critical", "high", "medium", "low", "info")
FINDINGS = (
    "id",
    "fingerprint",
    "status",
    "verdict",
    "severity",
    "rule",
    "title",
    "uid",
    "type",
    "name",
    "account",
    "account_name",
    "region",
    "environment",
    "address",
    "file",
    "line",
    "message",
    "because",
    "controls",
    "fix",
    "first_seen",
    "last_seen",
    "resolved",
    "reopened",
    "not_read",
    "assignee",
    "exception",
    "exception_expires",
)
RESOURCES = (
    "key",
    "uid",
    "type",
    "name",
    "account",
    "account_name",
    "region",
    "environment",
    "tags",
    "address",
    "file",
    "line",
    "first_seen",
    "last_seen",
    "gone",
    *COUNTS,
)
EXCEPTIONS = (
    "id",
    "state",
    "rule",
    "account",
    "uid",
    "fingerprints",
    "reason",
    "expires",
    "asked_by_name",
    "asked",
    "decided_by_name",
    "decided",
    "decision",
    "findings",
)
CASES = (
    "id",
    "title",
    "state",
    "severity",
    "owner_name",
    "summary",
    "created",
    "updated",
    "closed",
    "findings",
    "open",
)
SCANS = (
    "id",
    "target",
    "target_name",
    "target_kind",
    "state",
    "asked_by",
    "queued",
    "started",
    "finished",
    "counts",
    "error",
)
AUDIT = ("id", "at", "actor_kind", "actor", "action", "object", "detail", "address")


def findings(found: Iterable[Finding]) -> Iterator[str]:
    """A row for each finding."""
    plain = tuple(name for name in FINDINGS if name not in ("title", "assignee"))

    def row(one: Finding) -> list[Any]:
        values = {name: getattr(one, name) for name in plain}
        values |= {"title": rulebook.title(one.rule, one.message), "assignee": one.assignee_name}
        return [values[name] for name in FINDINGS]

    return _table(FINDINGS, map(row, found))


def resources(found: Iterable[Resource]) -> Iterator[str]:
    """A row for each resource, with how many findings are open."""
    return _table(
        RESOURCES, ([getattr(one.findings if name in COUNTS else one, name) for name in RESOURCES] for one in found)
    )


def exceptions(found: Iterable[Exception_]) -> Iterator[str]:
    """A row for each exception."""
    return _of_fields(EXCEPTIONS, found)


def cases(found: Iterable[Case]) -> Iterator[str]:
    """A row for each case."""
    return _of_fields(CASES, found)


def scans(found: Iterable[Scan]) -> Iterator[str]:
    """A row for each scan."""
    return _of_fields(SCANS, found)


def audit(found: Iterable[Entry]) -> Iterator[str]:
    """A row for each entry of the audit log."""
    return _of_fields(AUDIT, found)


def _of_fields(names: tuple[str, ...], found: Iterable[Any]) -> Iterator[str]:
    return _table(names, ([getattr(one, name) for name in names] for one in found))


def _table(names: tuple[str, ...], rows: Iterable[list[Any]]) -> Iterator[str]:
    yield BOM
    yield from table(names, rows)
