"""Exceptions: asked for by analysts, decided by approvers, over on their day."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from koban.interfaces.api import shown
from koban.interfaces.api.etags import IfMatch, unchanged
from koban.interfaces.api.findings import tell_of_exception
from koban.interfaces.api.problems import problems
from koban.interfaces.api.security import Analyst, Approver, Caller, Here, State
from koban.interfaces.api.shapes.exceptions import Decision, ExceptionAsk, ExceptionItem, ExceptionQuery
from koban.interfaces.api.shapes.kinds import Page
from koban.interfaces.api.values import Id
from koban.ledger import exceptions
from koban.ledger.database import hold
from koban.ledger.who import Sight

router = APIRouter(prefix="/exceptions", tags=["exceptions"])


@router.get("")
def list_exceptions(state: Here, actor: Caller, asked: Annotated[ExceptionQuery, Query()]) -> Page[ExceptionItem]:
    """Exceptions, the newest first."""
    filters = exceptions.Filters(state=tuple(asked.state))
    with state.ledger.reading() as connection:
        found = exceptions.page(connection, actor.sight, filters, shown.ask(asked))
    return Page(**shown.page(found, shown.exception))


@router.post("", status_code=201)
def ask_for_exception(body: ExceptionAsk, state: Here, actor: Analyst) -> ExceptionItem:
    """Ask for an exception.  An approver decides; nobody needs to where an approver asks through `/findings/bulk`."""
    with state.ledger.writing() as connection:
        id = exceptions.ask(
            connection,
            actor,
            reason=body.reason,
            expires=body.expires,
            rule=body.rule,
            account=body.account,
            uid=body.uid,
            fingerprints=body.fingerprints,
            today=state.clock().date(),
        )
        tell_of_exception(connection, actor, id, "asked")
        return shown.exception(exceptions.get(connection, Sight(), id))


@router.get("/{id}")
def get_exception(id: Id, state: Here, actor: Caller) -> ExceptionItem:
    """One exception."""
    return _one(state, actor.sight, id)


@router.post("/{id}/approve", responses=problems(409, 412))
def approve_exception(id: Id, body: Decision, state: Here, actor: Approver, if_match: IfMatch = None) -> ExceptionItem:
    """Put it in force: its findings are excepted until its day."""
    with state.ledger.writing() as connection:
        hold(connection, "exceptions", id)
        unchanged(if_match, shown.exception(exceptions.get(connection, actor.sight, id)))
        exceptions.approve(connection, actor, id, body.reason, state.clock().date())
        tell_of_exception(connection, actor, id, "approved", body.reason)
    return _one(state, actor.sight, id)


@router.post("/{id}/reject", responses=problems(409, 412))
def reject_exception(id: Id, body: Decision, state: Here, actor: Approver, if_match: IfMatch = None) -> ExceptionItem:
    """Decline it."""
    with state.ledger.writing() as connection:
        hold(connection, "exceptions", id)
        unchanged(if_match, shown.exception(exceptions.get(connection, actor.sight, id)))
        exceptions.reject(connection, actor, id, body.reason)
        tell_of_exception(connection, actor, id, "rejected", body.reason)
    return _one(state, actor.sight, id)


@router.post("/{id}/revoke", responses=problems(409, 412))
def revoke_exception(id: Id, body: Decision, state: Here, actor: Analyst, if_match: IfMatch = None) -> ExceptionItem:
    """End it before its day: its findings are open again.  Who asked may take back what nobody has approved."""
    with state.ledger.writing() as connection:
        hold(connection, "exceptions", id)
        unchanged(if_match, shown.exception(exceptions.get(connection, actor.sight, id)))
        exceptions.revoke(connection, actor, id, body.reason)
        tell_of_exception(connection, actor, id, "revoked", body.reason)
    return _one(state, actor.sight, id)


def _one(state: State, sight: Sight, id: int) -> ExceptionItem:
    with state.ledger.reading() as connection:
        return shown.exception(exceptions.get(connection, sight, id))
