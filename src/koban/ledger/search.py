"""Search by words: which resources have them, which rules are called so."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select

from koban.ledger import schema
from koban.ledger.errors import Invalid
from koban.ledger.text import clean

WORDS_MAX = 10
QUERY_MAX = 300
LISTED_MAX = 2_000  # resources found by a search; where there are more, each finding's is looked at instead


def words_of(q: str) -> list[str]:
    """The words of a search, lower case.  Raises Invalid for too many."""
    if len(q) > QUERY_MAX:
        raise Invalid("q", f"longer than {QUERY_MAX} characters")
    found = list(dict.fromkeys(clean(q).lower().split()))
    if len(found) > WORDS_MAX:
        raise Invalid("q", f"more than {WORDS_MAX} words")
    return found


def has(connection: Connection, column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """That a text (lower case) has the word in it, wherever."""
    if connection.dialect.name == "sqlite":
        return func.instr(column, word) > 0
    return column.contains(word, autoescape=True)


def rules_of(connection: Connection, frameworks: Sequence[str], controls: Sequence[str]) -> list[str]:
    """The rules that speak to one of the controls, or to any control of one of the frameworks."""
    columns = schema.finding_controls.c
    wanted: list[ColumnElement[bool]] = [columns.control.startswith(f"{one}:", autoescape=True) for one in frameworks]
    if controls:
        wanted.append(columns.control.in_(controls))
    return sorted(connection.scalars(select(columns.rule).where(or_(*wanted)).distinct())) if wanted else []


def resources_with(connection: Connection, words: Sequence[str]) -> ColumnElement[bool]:
    """The condition on `schema.words` that every word is there."""
    return and_(*(has(connection, schema.words.c.words, one) for one in words))


def rules_and_resources(connection: Connection, q: str) -> ColumnElement[bool]:
    """The condition on findings: every word is in what the resource is found by, or in the rule's name.

    Of several words those that are in the rule's name need not be in the resource's words.
    """
    words = words_of(q)
    rules = connection.scalars(select(schema.tallies.c.rule).distinct()).all()
    in_rules = [one for one in words if any(one in rule for rule in rules)]
    named = [rule for rule in rules if in_rules and all(one in rule for one in in_rules)]
    rest = [one for one in words if one not in in_rules]
    made = [_of_resources(connection, words)]
    if named:
        by_rule = schema.findings.c.rule.in_(named)
        made.append(and_(by_rule, _of_resources(connection, rest)) if rest else by_rule)
    return or_(*made)


def _of_resources(connection: Connection, words: Sequence[str]) -> ColumnElement[bool]:
    found = schema.words.c
    findings = schema.findings.c
    condition = resources_with(connection, words)
    keys = connection.scalars(select(found.resource).where(condition).limit(LISTED_MAX + 1)).all()
    if not keys:
        return false()
    if len(keys) <= LISTED_MAX:
        return findings.resource.in_(keys)
    return select(found.resource).where(found.resource == findings.resource, condition).exists()
