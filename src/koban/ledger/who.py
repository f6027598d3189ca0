"""Who asks the ledger for something, and what of it they may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import ColumnElement, FromClause, and_, or_, select, true

from koban.ledger import schema
from koban.ledger.text import among

Kind = Literal["user", "token", "scan", "system"]


@dataclass(frozen=True)
class Sight:
    """What of the estate somebody may see: all where both are left out.

    `accounts` are ids of accounts.  Each of `tags` must be on the resource, with one of its values.  With both, both
    must hold.  What has no account, or no resource with tags, is out of a limited sight.
    """

    accounts: frozenset[str] | None = None
    tags: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> Sight:
        """From the form in which users and tokens keep it: ``{"accounts": [...], "tags": {"team": ["shop"]}}``."""
        accounts = (stored or {}).get("accounts")
        tags = (stored or {}).get("tags") or {}
        return cls(
            None if accounts is None else frozenset(map(str, accounts)),
            {str(name): frozenset(map(str, values)) for name, values in tags.items()},
        )

    def stored(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        if self.accounts is not None:
            made["accounts"] = sorted(self.accounts)
        if self.tags:
            made["tags"] = {name: sorted(values) for name, values in sorted(self.tags.items())}
        return made

    @property
    def everything(self) -> bool:
        return self.accounts is None and not self.tags

    def narrowed(self, other: Sight) -> Sight:
        """What is in both sights: a token sees no more than its user."""
        accounts = self.accounts
        if other.accounts is not None:
            accounts = other.accounts if accounts is None else accounts & other.accounts
        tags = dict(self.tags)
        for name, values in other.tags.items():
            tags[name] = tags[name] & values if name in tags else values
        return Sight(accounts, tags)

    def where(self, table: FromClause) -> ColumnElement[bool]:
        """The condition on findings, resources, gaps, tallies or trends (or an alias of them) that shows no more.

        Tallies by scope tell a sight by tags only where :mod:`koban.ledger.scopes` knows them.
        """
        if self.everything:
            return true()
        if self.tags and "scope" in table.c and not _is(table, schema.resources):
            return self._scoped(table)
        conditions: list[ColumnElement[bool]] = []
        columns = table.c
        if self.accounts is not None:
            allowed: ColumnElement[bool] = columns.account.in_(sorted(self.accounts))
            if _is(table, schema.gaps):
                allowed = or_(allowed, columns.account == "")  # in all accounts, so in theirs
            conditions.append(allowed)
        if self.tags:
            conditions.append(self._tagged(table))
        return and_(*conditions)

    def _scoped(self, table: FromClause) -> ColumnElement[bool]:
        wanted = dict(self.tags)
        if self.accounts is not None:
            wanted[""] = self.accounts
        tags = schema.scope_tags.c
        return and_(
            *(
                table.c.scope.in_(select(tags.scope).where(tags.name == name, tags.value.in_(sorted(values))))
                for name, values in wanted.items()
            )
        )

    def _tagged(self, table: FromClause) -> ColumnElement[bool]:
        columns = table.c
        if _is(table, schema.gaps):
            seen = select(schema.resources.c.account).where(self.where(schema.resources))
            return or_(columns.account == "", columns.account.in_(seen))
        key = columns.key if _is(table, schema.resources) else columns.resource
        tags = schema.tags.alias()  # the question around it may be about tags itself
        return and_(
            *(
                among(key, select(tags.c.resource).where(tags.c.name == name, tags.c.value.in_(sorted(values))))
                for name, values in self.tags.items()
            )
        )


def _is(table: FromClause, wanted: FromClause) -> bool:
    return getattr(table, "element", table) is wanted


@dataclass(frozen=True)
class Actor:
    """Who does something: a person, a token of theirs, a scan, or Koban itself."""

    kind: Kind
    name: str
    user: int | None = None
    role: str = "viewer"
    sight: Sight = field(default_factory=Sight)
    address: str = ""

    def may(self, role: str) -> bool:
        """Whether the actor's role is at least `role`."""
        return schema.ROLES.index(self.role) >= schema.ROLES.index(role)


SYSTEM = Actor("system", "koban", role="admin")


def scanning(scan: int) -> Actor:
    """A scan as the actor of what it lands."""
    return Actor("scan", f"scan {scan}", role="admin")
