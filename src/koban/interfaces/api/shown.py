"""What the ledger holds, in the shapes that the API gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

from koban.app import rulebook
from koban.interfaces.api.etags import etag
from koban.interfaces.api.shapes.audit import AuditEntry, AuditFilter
from koban.interfaces.api.shapes.cases import CaseDetail, CaseItem
from koban.interfaces.api.shapes.exceptions import ExceptionItem
from koban.interfaces.api.shapes.findings import (
    BulkDone,
    Change,
    Comment,
    Facet,
    Finding,
    FindingDetail,
    FindingException,
    FindingResource,
    Group,
    Skipped,
)
from koban.interfaces.api.shapes.kinds import Counts, Paging, Person
from koban.interfaces.api.shapes.overview import Slice
from koban.interfaces.api.shapes.resources import Resource, ResourceDetail
from koban.ledger import audit, cases, decisions, exceptions, findings, resources, trends
from koban.ledger.paging import Ask, Page

SEVERITIES = ("critical", "high", "medium", "low", "info")
DOCUMENT_MAX = 400_000  # letters of JSON
NONE = "none"  # how a filter asks for what has no account, region or environment
T = TypeVar("T")
U = TypeVar("U")


def page(found: Page[T], shape: Callable[[T], U]) -> dict[str, Any]:
    """The fields of a page as the API gives it."""
    return {
        "items": [shape(one) for one in found.items],
        "next": found.next,
        "total": found.total,
        "total_at_least": found.total_at_least,
    }


def ask(paging: Paging) -> Ask:
    return Ask(paging.limit, paging.cursor or "")


def person(id: int | None, name: str | None) -> Person | None:
    return None if id is None else Person(id=id, name=name or "")


def finding(one: findings.Finding) -> Finding:
    return Finding(**_finding(one))


def _finding(one: findings.Finding) -> dict[str, Any]:
    resource = FindingResource(
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
        exception = FindingException(id=one.exception, expires=one.exception_expires)
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


def finding_detail(one: findings.Finding, **more: Any) -> FindingDetail:
    return FindingDetail(**_finding(one), **more)


def change(one: findings.Change) -> Change:
    return Change(**vars(one))


def comment(one: findings.Comment) -> Comment:
    return Comment(
        id=one.id,
        at=one.at,
        author=person(one.author, one.author_name),
        author_name=one.author_name,
        text=one.text,
    )


def bulk(one: decisions.Changed, exception: int | None = None) -> BulkDone:
    skipped = [Skipped(id=id, why=why) for id, why in one.skipped]
    return BulkDone(changed=one.changed, skipped=skipped, exception=exception)


def group(one: findings.Group, by: str) -> Group:
    values = vars(one)
    if by == "rule":
        values = {**values, "label": rulebook.title(one.key)}
    return Group(**{**values, "key": one.key or NONE})


def facet(one: findings.Group, by: str = "") -> Facet:
    label = rulebook.title(one.key) if by == "rule" else one.label
    return Facet(key=one.key or NONE, label=label, count=one.count)


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


def resource(one: resources.Resource) -> Resource:
    return Resource(**_resource(one), findings=counts(one.findings))


def resource_detail(one: resources.Resource, **more: Any) -> ResourceDetail:
    return ResourceDetail(**_resource(one), digest=one.digest, counts=counts(one.findings), **more)


def counts(one: Any) -> Counts:
    """By severity, of whatever has a number for each."""
    return Counts(**{name: getattr(one, name) for name in SEVERITIES})


def slice_of(key: str, label: str, one: trends.Counts) -> Slice:
    return Slice(
        key=key or NONE,
        label=label or "",
        open=one.open,
        unknown=one.unknown,
        passed=one.passed,
        score=one.score,
        **{name: getattr(one, name) for name in SEVERITIES},
    )


def exception(one: exceptions.Exception_) -> ExceptionItem:
    return ExceptionItem(
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
        etag=etag(one.id, one.state, one.expires, one.decided, one.decision),
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
        "etag": etag(one.id, one.title, one.state, one.severity, one.summary, one.owner),
    }


def case(one: cases.Case) -> CaseItem:
    return CaseItem(**_case(one))


def case_detail(one: cases.Case, **more: Any) -> CaseDetail:
    return CaseDetail(**_case(one), **more)


def audit_filters(asked: AuditFilter) -> audit.Filters:
    return audit.Filters(asked.actor or "", asked.action or "", asked.object or "", asked.since, asked.until)


def audit_entry(one: audit.Entry) -> AuditEntry:
    return AuditEntry(**vars(one))


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
