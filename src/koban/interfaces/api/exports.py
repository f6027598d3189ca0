"""Lists as files: exceptions, cases, scans and the audit log.  Findings and assets have theirs beside their lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy import Connection
from starlette.responses import StreamingResponse

from koban.app.exports import events, tables
from koban.interfaces.api import shown
from koban.interfaces.api.files import attachment, streamed
from koban.interfaces.api.findings import who
from koban.interfaces.api.scans import State_, scan_shape
from koban.interfaces.api.security import Admin, Caller, Here, State
from koban.interfaces.api.shapes.audit import AuditFilter
from koban.interfaces.api.shapes.cases import Owner
from koban.interfaces.api.shapes.exceptions import ExceptionState
from koban.interfaces.api.shapes.kinds import Ask as AskShape
from koban.interfaces.api.shapes.kinds import CaseState, Id, Several
from koban.ledger import audit, cases, exceptions, scans
from koban.ledger.paging import LIMIT_MAX, Ask, Page, every

router = APIRouter()

T = TypeVar("T")
Pieces = Callable[[Iterable[T]], Iterator[str]]

CSV, JSON, LINES = "text/csv", "application/json", "application/x-ndjson"


class ExportExceptions(AskShape):
    state: Several[ExceptionState] = []
    format: Literal["csv", "jsonl"] = "csv"


class ExportCases(AskShape):
    state: Several[CaseState] = []
    owner: Owner | None = None
    format: Literal["csv", "ocsf", "jsonl"] = "csv"


class ExportScans(AskShape):
    target: Several[Id] = []
    state: Several[State_] = []
    format: Literal["csv", "ocsf", "jsonl"] = "csv"


class ExportAudit(AuditFilter):
    format: Literal["csv", "ocsf", "jsonl"] = "csv"


@router.get("/exceptions/export", response_class=StreamingResponse, responses=streamed(CSV, LINES), tags=["exceptions"])
def export_exceptions(state: Here, actor: Caller, asked: Annotated[ExportExceptions, Query()]) -> StreamingResponse:
    """All of them, as a table (CSV) or as JSON lines.  OCSF tells them with the findings that they hold."""
    filters = exceptions.Filters(state=tuple(asked.state))
    rows = _rows(state, lambda connection, ask: exceptions.page(connection, actor.sight, filters, ask))
    return _file("exceptions", asked.format, rows, tables.exceptions, None, shown.exception)


@router.get("/cases/export", response_class=StreamingResponse, responses=streamed(CSV, JSON, LINES), tags=["cases"])
def export_cases(state: Here, actor: Caller, asked: Annotated[ExportCases, Query()]) -> StreamingResponse:
    """All of them, as a table (CSV), as OCSF Incident Findings, or as JSON lines."""
    owner = () if asked.owner is None else (who(actor, asked.owner),)
    filters = cases.Filters(state=tuple(asked.state), owner=owner)
    rows = _rows(state, lambda connection, ask: cases.page(connection, actor.sight, filters, ask))
    return _file("cases", asked.format, rows, tables.cases, events.cases, shown.case)


@router.get("/scans/export", response_class=StreamingResponse, responses=streamed(CSV, JSON, LINES), tags=["scans"])
def export_scans(state: Here, actor: Caller, asked: Annotated[ExportScans, Query()]) -> StreamingResponse:
    """All of them, as a table (CSV), as OCSF Scan Activity, or as JSON lines."""
    target, states = tuple(asked.target), tuple(asked.state)
    rows = _rows(state, lambda connection, ask: scans.page(connection, target=target, state=states, ask=ask))
    seen = (scans.as_seen(one, actor.sight) for one in rows)
    return _file("scans", asked.format, seen, tables.scans, events.scans, lambda one: scan_shape(one, actor.sight))


@router.get("/audit/export", response_class=StreamingResponse, responses=streamed(CSV, JSON, LINES), tags=["audit"])
def export_audit(state: Here, actor: Admin, asked: Annotated[ExportAudit, Query()]) -> StreamingResponse:
    """All entries, as a table (CSV), as OCSF Authentication and Entity Management, or as JSON lines."""
    filters = shown.audit_filters(asked)
    rows = _rows(state, lambda connection, ask: audit.page(connection, filters, ask))
    return _file("audit", asked.format, rows, tables.audit, events.audit, shown.audit_entry)


def _rows(state: State, page: Callable[[Connection, Ask], Page[T]]) -> Iterator[T]:
    """Every row of a list, a page at a time in memory."""
    with state.ledger.reading() as connection:
        yield from every(lambda cursor: page(connection, Ask(LIMIT_MAX, cursor, counted=False)))


def _file(
    name: str,
    format: str,
    rows: Iterator[T],
    table: Pieces[T],
    ocsf: Pieces[T] | None,
    shape: Callable[[T], BaseModel],
) -> StreamingResponse:
    if format == "csv":
        return attachment(table(rows), CSV, f"koban-{name}.csv")
    if format == "ocsf" and ocsf is not None:
        return attachment(ocsf(rows), JSON, f"koban-{name}.ocsf.json")
    return attachment((shape(one).model_dump_json() + "\n" for one in rows), LINES, f"koban-{name}.jsonl")
