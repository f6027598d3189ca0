"""What the ledger holds, in the formats that other programs read; in pieces, as it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, cast

from koban import __version__
from koban.app import rulebook
from koban.app.reports import ocsf
from koban.app.reports.csv import BOM, table
from koban.app.reports.report import Context, compact
from koban.ledger.findings import Finding
from koban.ledger.resources import Resource
from koban.model.result import Result, Subject, Verdict
from koban.model.rule import Severity

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
    "critical",
    "high",
    "medium",
    "low",
    "info",
)


def findings_csv(found: Iterable[Finding]) -> Iterator[str]:
    """A row for each finding."""
    named = (name for name in FINDINGS if name not in ("title", "assignee"))
    plain = tuple(named)

    def row(one: Finding) -> list[Any]:
        values = {name: getattr(one, name) for name in plain}
        values |= {"title": rulebook.title(one.rule, one.message), "assignee": one.assignee_name}
        return [values[name] for name in FINDINGS]

    yield BOM
    yield from table(FINDINGS, map(row, found))


def findings_ocsf(found: Iterable[Finding]) -> Iterator[str]:
    """OCSF Compliance Findings: one JSON array, one event a line."""
    context = Context(rules=rulebook.rules(), version=__version__)
    before = "[\n"
    for one in found:
        yield before + compact(as_ocsf(one, context))
        before = ",\n"
    yield "[\n]\n" if before == "[\n" else "\n]\n"


def as_ocsf(one: Finding, context: Context) -> dict[str, Any]:
    """A finding as an event, with its life: when it was first and last seen, and how it stands."""
    subject = Subject(one.uid, one.type, one.name, one.account, one.region, one.address, one.file, one.line)
    result = Result(
        one.rule,
        cast(Verdict, one.verdict),
        cast(Severity, one.severity),
        subject,
        one.message,
        tuple(one.because),
        tuple(one.controls),
        one.fix,
    )
    seen = one.last_seen or one.first_seen
    made = ocsf.event(result, context, _milliseconds(seen))
    made["status_id"], made["status"] = {
        "excepted": ocsf.STATUS_SUPPRESSED,
        "resolved": ocsf.STATUS_RESOLVED,
        "passed": ocsf.STATUS_RESOLVED,
    }.get(one.status, ocsf.STATUS_NEW)
    made["finding_info"] |= {
        "uid": one.fingerprint,
        "created_time": _milliseconds(one.first_seen),
        "first_seen_time": _milliseconds(one.first_seen),
        "last_seen_time": _milliseconds(seen),
        "modified_time": _milliseconds(one.resolved or seen),
    }
    if one.account and one.account_name and "cloud" in made:
        made["cloud"]["account"]["name"] = one.account_name
    made["unmapped"] |= {"id": one.id, "target": one.target, "reopened": one.reopened, "not_read": one.not_read}
    return made


def resources_csv(found: Iterable[Resource]) -> Iterator[str]:
    """A row for each resource, with how many findings are open."""
    counts = ("critical", "high", "medium", "low", "info")
    rows = ([getattr(one.findings if name in counts else one, name) for name in RESOURCES] for one in found)
    yield BOM
    yield from table(RESOURCES, rows)


def _milliseconds(when: datetime) -> int:
    return int(when.timestamp() * 1000)
