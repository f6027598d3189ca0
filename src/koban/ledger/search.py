"""Search by words: which resources have them, which rules are called so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    false,
    func,
    literal_column,
    or_,
    select,
    table,
    text,
)

from koban.ledger import schema
from koban.ledger.errors import Invalid
from koban.ledger.text import among, clean

WORDS_MAX = 10
QUERY_MAX = 300
LETTERS = 3  # a word of fewer is not found by the index, and every text is looked through
FEW = 500  # resources whose findings are looked up one by one


def words_of(q: str) -> list[str]:
    """The words of a search, lower case.  Raises Invalid for too many."""
    if len(q) > QUERY_MAX:
        raise Invalid("q", f"longer than {QUERY_MAX} characters")
    found = list(dict.fromkeys(clean(q).lower().split()))
    if len(found) > WORDS_MAX:
        raise Invalid("q", f"more than {WORDS_MAX} words")
    return found


def _index(connection: Connection) -> bool:
    """Whether SQLite has the index over three letters each, which needs its FTS5."""
    kept: dict[Any, Any] = connection.info
    if "text_index" not in kept:
        asked = text("SELECT count(*) FROM sqlite_master WHERE name = 'text_index'")
        kept["text_index"] = bool(connection.execute(asked).scalar_one())
    return bool(kept["text_index"])


def having(connection: Connection, words: Sequence[str]) -> ColumnElement[bool]:
    """The condition on `schema.texts` (in lower case) that every word is there, wherever."""
    columns = schema.texts.c
    if connection.dialect.name != "sqlite":
        return and_(*(columns.words.contains(one, autoescape=True) for one in words))  # by pg_trgm, where it is
    indexed = [one for one in words if len(one) >= LETTERS] if _index(connection) else []
    conditions: list[ColumnElement[bool]] = [func.instr(columns.words, one) > 0 for one in words if one not in indexed]
    if indexed:
        query = " AND ".join('"{}"'.format(one.replace('"', '""')) for one in indexed)
        found: Select[Any] = select(literal_column("rowid")).select_from(table("text_index"))
        conditions.append(columns.id.in_(found.where(literal_column("text_index").op("MATCH")(query))))
    return and_(*conditions)


def rules_of(connection: Connection, frameworks: Sequence[str], controls: Sequence[str]) -> list[str]:
    """The rules that speak to one of the controls, or to any control of one of the frameworks."""
    columns = schema.finding_controls.c
    wanted: list[ColumnElement[bool]] = [columns.control.startswith(f"{one}:", autoescape=True) for one in frameworks]
    if controls:
        wanted.append(columns.control.in_(controls))
    return sorted(connection.scalars(select(columns.rule).where(or_(*wanted)).distinct())) if wanted else []


def has_words(connection: Connection, column: ColumnElement[Any], words: Sequence[str]) -> ColumnElement[bool]:
    """That the resource whose key a column holds has every word."""
    found = select(schema.texts.c.resource).where(having(connection, words))
    keys = list(connection.scalars(found.limit(FEW + 1)))
    if len(keys) <= FEW:
        return column.in_(keys) if keys else false()
    return among(column, found)


def ids_with(connection: Connection, words: Sequence[str]) -> Select[Any]:
    """The ids of the resources that have every word."""
    return select(schema.texts.c.id).where(having(connection, words))


def rules_and_resources(connection: Connection, q: str) -> ColumnElement[bool]:
    """The condition on findings: every word is in what the resource is found by, or in the rule's name.

    Of several words those that are in the rule's name need not be in the resource's words.
    """
    words = words_of(q)
    findings = schema.findings.c
    rules = connection.scalars(select(schema.rule_tallies.c.rule).distinct()).all()
    in_rules = [one for one in words if any(one in rule for rule in rules)]
    named = [rule for rule in rules if in_rules and all(one in rule for one in in_rules)]
    rest = [one for one in words if one not in in_rules]
    if not named:
        return has_words(connection, findings.resource, words)
    by_rule = findings.rule.in_(named)
    if not rest:
        return or_(by_rule, has_words(connection, findings.resource, words))
    narrow = and_(by_rule, has_words(connection, findings.resource, rest))
    return or_(narrow, has_words(connection, findings.resource, words))
