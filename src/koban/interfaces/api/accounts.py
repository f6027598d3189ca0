"""The accounts that scans saw."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from koban.interfaces.api.etags import IfMatch, etag, unchanged
from koban.interfaces.api.problems import problems
from koban.interfaces.api.security import Admin, Caller, Here
from koban.interfaces.api.shapes.accounts import Account, AccountPatch
from koban.interfaces.api.shapes.kinds import Page
from koban.ledger import accounts
from koban.ledger.database import hold

router = APIRouter(prefix="/accounts", tags=["accounts"])

AccountId = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]


@router.get("")
def list_accounts(state: Here, actor: Caller) -> Page[Account]:
    """The accounts that the caller may see."""
    with state.ledger.reading() as connection:
        found = accounts.every(connection, actor.sight)
    return Page(items=[_shape(one) for one in found], next=None, total=len(found))


@router.patch("/{id}", responses=problems(412))
def change_account(id: AccountId, body: AccountPatch, state: Here, actor: Admin, if_match: IfMatch = None) -> Account:
    """Name an account, or say which environment it is; `environment` null: none."""
    given = body.model_dump(exclude_unset=True)
    values = {name: value for name, value in given.items() if value is not None or name == "environment"}
    if "environment" in values:
        values["environment"] = values["environment"] or None
    with state.ledger.writing() as connection:
        hold(connection, "accounts", id)
        unchanged(if_match, _shape(accounts.get(connection, actor.sight, id)))
        return _shape(accounts.change(connection, actor, id, values))


def _shape(one: accounts.Account) -> Account:
    edited = etag(one.id, one.name, one.environment)
    return Account(id=one.id, name=one.name, ou=one.ou, environment=one.environment, etag=edited)
