"""Cases: findings that somebody works on together."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import Connection

from koban.interfaces.api import shown
from koban.interfaces.api.etags import IfMatch, unchanged
from koban.interfaces.api.findings import who
from koban.interfaces.api.problems import problems
from koban.interfaces.api.security import Analyst, Caller, Here
from koban.interfaces.api.shapes.cases import CaseAsk, CaseDetail, CaseFindings, CaseItem, CasePatch, CaseQuery
from koban.interfaces.api.shapes.findings import BulkDone, Comment, CommentAsk
from koban.interfaces.api.shapes.kinds import Page
from koban.interfaces.api.values import Id
from koban.ledger import cases, notifications
from koban.ledger.database import hold
from koban.ledger.paging import Ask
from koban.ledger.who import Actor

router = APIRouter(prefix="/cases", tags=["cases"])

FINDINGS = 500


@router.get("")
def list_cases(state: Here, actor: Caller, asked: Annotated[CaseQuery, Query()]) -> Page[CaseItem]:
    """Cases, the newest first."""
    owner = () if asked.owner is None else (who(actor, asked.owner),)
    filters = cases.Filters(state=tuple(asked.state), owner=owner)
    with state.ledger.reading() as connection:
        found = cases.page(connection, actor.sight, filters, shown.ask(asked))
    return Page(**shown.page(found, shown.case))


@router.post("", status_code=201)
def create_case(body: CaseAsk, state: Here, actor: Analyst) -> CaseDetail:
    """Open a case, with findings in it if there are any."""
    with state.ledger.writing() as connection:
        id = cases.create(
            connection,
            actor,
            title=body.title,
            severity=body.severity,
            owner=body.owner,
            summary=body.summary,
            findings=body.findings,
        )
        told = {"title": f"case {id} was opened: {body.title}", "text": body.summary, "path": f"/cases/{id}"}
        notifications.put(connection, "case.opened", {**told, "case": id}, body.severity)
        return _detail(connection, actor, id)


@router.get("/{id}")
def get_case(id: Id, state: Here, actor: Caller) -> CaseDetail:
    """One case with its findings and comments."""
    with state.ledger.reading() as connection:
        return _detail(connection, actor, id)


@router.patch("/{id}", responses=problems(412))
def change_case(id: Id, body: CasePatch, state: Here, actor: Analyst, if_match: IfMatch = None) -> CaseDetail:
    """Change what is said of a case; what is left out stays.  `owner` null: nobody's."""
    given = body.model_dump(exclude_unset=True)
    values = {name: value for name, value in given.items() if value is not None or name == "owner"}
    with state.ledger.writing() as connection:
        hold(connection, "cases", id)
        unchanged(if_match, _detail(connection, actor, id))
        cases.edit(connection, actor, id, **values)
        return _detail(connection, actor, id)


@router.post("/{id}/findings")
def put_into_case(id: Id, body: CaseFindings, state: Here, actor: Analyst) -> BulkDone:
    """Put findings into a case."""
    with state.ledger.writing() as connection:
        return shown.bulk(cases.put(connection, actor, id, body.ids))


@router.post("/{id}/findings/remove")
def take_out_of_case(id: Id, body: CaseFindings, state: Here, actor: Analyst) -> BulkDone:
    """Take findings out of a case."""
    with state.ledger.writing() as connection:
        return shown.bulk(cases.take(connection, actor, id, body.ids))


@router.post("/{id}/comments", status_code=201)
def comment_on_case(id: Id, body: CommentAsk, state: Here, actor: Analyst) -> Comment:
    """Write a comment."""
    with state.ledger.writing() as connection:
        return shown.comment(cases.comment(connection, actor, id, body.text))


def _detail(connection: Connection, actor: Actor, id: int) -> CaseDetail:
    one = cases.get(connection, actor.sight, id)
    found = cases.findings(connection, actor.sight, id, Ask(FINDINGS, counted=False))
    comments = cases.comments(connection, actor.sight, id)
    return shown.case_detail(
        one,
        items=[shown.finding(each) for each in found.items],
        comments=[shown.comment(each) for each in comments],
    )
