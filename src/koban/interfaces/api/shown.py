"""What the ledger holds, in the shapes that the API gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

from koban.app import rulebook
from koban.interfaces.api import shapes
from koban.ledger import audit, cases, exceptions, findings, resources, trends
from koban.ledger.paging import Ask, Page

SEVERITIES = ("critical", "high", "medium", "low", "info")
DOCUMENT_MAX = 400_000  # letters of JSON
NONE = "none"  # how a filter asks for what has no account, region or environment
T = TypeVar("T")
U = TypeVar("U")


def page(found: Page[T], shape: Callable[[T], U]) -> dict[str, Any]:
    """The fields of a `shapes.Page`."""
    return {
        "items": [shape(one) for one in found.items],
        "next": found.next,
        "total": found.total,
        "total_at_least": found.total_at_least,
    }


def ask(paging: shapes.Paging) -> Ask:
    return Ask(paging.limit, paging.cursor or "")


def person(id: int | None, name: str | None) -> shapes.Person | None:
    return None if id is None else shapes.Person(id=id, name=name or "")


def finding(one: findings.Finding) -> shapes.Finding:
    return shapes.Finding(**_finding(one))


def _finding(one: findings.Finding) -> dict[str, Any]:
    resource = shapes.FindingResource(
        key=one.resource,
        uid=one.uid,
        type=one.type,
        name=one.name,
        account=one.account,
        account_name=one.account_name or None,
        region=one.region,
        address=one.address,
        file=one.file,
        line=one.line,
        environment=one.environment,
    )
    exception = None
    if one.exception is not None and one.exception_expires is not None:
        exception = shapes.FindingException(id=one.exception, expires=one.exception_expires)
    return {
        "id": one.id,
        "fingerprint": one.fingerprint,
        "target": one.target,
        "rule": one.rule,
        "title": rulebook.title(one.rule, one.message),
        "verdict": one.verdict,
        "status": one.status,
        "severity": one.severity,
        "resource": resource,
        "message": one.message,
        "because": one.because,
        "not_read": one.not_read,
        "controls": one.controls,
        "first_seen": one.first_seen,
        "last_seen": one.last_seen or one.first_seen,
        "resolved": one.resolved,
        "reopened": one.reopened,
        "assignee": person(one.assignee, one.assignee_name),
        "exception": exception,
    }


def finding_detail(one: findings.Finding, **more: Any) -> shapes.FindingDetail:
    return shapes.FindingDetail(**_finding(one), **more)


def change(one: findings.Change) -> shapes.Change:
    return shapes.Change(**vars(one))


def comment(one: findings.Comment) -> shapes.Comment:
    return shapes.Comment(
        id=one.id,
        at=one.at,
        author=person(one.author, one.author_name),
        author_name=one.author_name,
        text=one.text,
    )


def bulk(one: findings.Changed, exception: int | None = None) -> shapes.BulkDone:
    skipped = [shapes.Skipped(id=id, why=why) for id, why in one.skipped]
    return shapes.BulkDone(changed=one.changed, skipped=skipped, exception=exception)


def group(one: findings.Group, by: str) -> shapes.Group:
    values = vars(one)
    if by == "rule":
        values = {**values, "label": rulebook.title(one.key)}
    return shapes.Group(**{**values, "key": one.key or NONE})


def facet(one: findings.Group, by: str = "") -> shapes.Facet:
    label = rulebook.title(one.key) if by == "rule" else one.label
    return shapes.Facet(key=one.key or NONE, label=label, count=one.count)


def _resource(one: resources.Resource) -> dict[str, Any]:
    return {
        "key": one.key,
        "uid": one.uid,
        "type": one.type,
        "name": one.name,
        "account": one.account,
        "account_name": one.account_name or None,
        "region": one.region,
        "environment": one.environment,
        "tags": one.tags,
        "file": one.file,
        "line": one.line,
        "target": one.target,
        "first_seen": one.first_seen,
        "last_seen": one.last_seen or one.first_seen,
        "gone": one.gone,
    }


def resource(one: resources.Resource) -> shapes.Resource:
    return shapes.Resource(**_resource(one), findings=counts(one.findings))


def resource_detail(one: resources.Resource, **more: Any) -> shapes.ResourceDetail:
    return shapes.ResourceDetail(**_resource(one), digest=one.digest, counts=counts(one.findings), **more)


def counts(one: Any) -> shapes.Counts:
    """By severity, of whatever has a number for each."""
    return shapes.Counts(**{name: getattr(one, name) for name in SEVERITIES})


def slice_of(key: str, label: str, one: trends.Counts) -> shapes.Slice:
    return shapes.Slice(
        key=key or NONE,
        label=label or "",
        open=one.open,
        unknown=one.unknown,
        passed=one.passed,
        score=one.score,
        **{name: getattr(one, name) for name in SEVERITIES},
    )


def exception(one: exceptions.Exception_) -> shapes.ExceptionItem:
    return shapes.ExceptionItem(
        id=one.id,
        state=cast(Any, one.state),
        rule=one.rule,
        account=one.account,
        uid=one.uid,
        fingerprints=one.fingerprints,
        reason=one.reason,
        expires=one.expires,
        asked_by=person(one.asked_by, one.asked_by_name),
        asked_at=one.asked,
        decided_by=person(one.decided_by, one.decided_by_name),
        decided_at=one.decided,
        decision=one.decision,
        findings=one.findings,
    )


def _case(one: cases.Case) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "state": one.state,
        "severity": one.severity,
        "owner": person(one.owner, one.owner_name),
        "summary": one.summary,
        "created": one.created,
        "updated": one.updated,
        "closed": one.closed,
        "findings": one.findings,
        "open": one.open,
    }


def case(one: cases.Case) -> shapes.CaseItem:
    return shapes.CaseItem(**_case(one))


def case_detail(one: cases.Case, **more: Any) -> shapes.CaseDetail:
    return shapes.CaseDetail(**_case(one), **more)


def audit_filters(asked: shapes.AuditFilter) -> audit.Filters:
    return audit.Filters(asked.actor or "", asked.action or "", asked.object or "", asked.since, asked.until)


def audit_entry(one: audit.Entry) -> shapes.AuditEntry:
    return shapes.AuditEntry(**vars(one))


def bounded(document: Any) -> tuple[Any, bool]:
    """A document that is not too large to give: else its properties until it is; and whether some are left out."""
    if len(json.dumps(document, default=str)) <= DOCUMENT_MAX:
        return document, False
    if not isinstance(document, dict):
        return None, True
    return dict(_until_full(document)), True


def _until_full(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    room = DOCUMENT_MAX
    for name, value in document.items():
        room -= len(json.dumps(value, default=str))
        if room >= 0:
            yield name, value
