"""Search by words: which resources have them, which rules are called so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Connection, Text, and_, any_, cast, false, func, or_, select

from koban.ledger import schema
from koban.ledger.errors import Invalid
from koban.ledger.text import NOTHING, clean

WORDS_MAX = 10
QUERY_MAX = 300
LISTED_MAX = 20_000  # resources found by a search; where there are more, each finding's is looked at instead
FEW = 500


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


def keys_with(connection: Connection, words: Sequence[str]) -> list[str] | None:
    """The keys of the resources that have every word; None where there are more than LISTED_MAX."""
    asked = select(schema.words.c.resource).where(resources_with(connection, words)).limit(LISTED_MAX + 1)
    keys = list(connection.scalars(asked))
    return keys if len(keys) <= LISTED_MAX else None


def one_of(connection: Connection, column: ColumnElement[Any], keys: Sequence[str]) -> ColumnElement[bool]:
    """That a column is one of many texts, which go to the database as one value."""
    if len(keys) <= FEW:
        return column.in_(keys) if keys else false()
    # Not the bare column, for that would be looked up by its index, one by one: thousands go quicker along the page's.
    column = func.coalesce(column, NOTHING)
    if connection.dialect.name == "sqlite":
        listed = func.json_each(json.dumps(keys)).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(cast(list(keys), ARRAY(Text)))


def has_words(connection: Connection, column: ColumnElement[Any], words: Sequence[str]) -> ColumnElement[bool]:
    """That the resource whose key a column holds has every word."""
    keys = keys_with(connection, words)
    if keys is not None:
        return one_of(connection, column, keys)
    found = schema.words.c
    condition = resources_with(connection, words)
    return select(found.resource).where(found.resource == column, condition).exists()


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
    # One search is enough: those that have all words are among those that have the rest.
    keys = keys_with(connection, rest)
    if keys is None:
        return or_(
            and_(by_rule, has_words(connection, findings.resource, rest)),
            has_words(connection, findings.resource, words),
        )
    both = _among(connection, keys, in_rules)
    narrow = and_(by_rule, one_of(connection, findings.resource, keys))
    return or_(narrow, one_of(connection, findings.resource, both)) if both else narrow


def _among(connection: Connection, keys: Sequence[str], words: Sequence[str]) -> list[str]:
    if not keys:
        return []
    found = schema.words.c
    asked = select(found.resource).where(one_of(connection, found.resource, keys), resources_with(connection, words))
    return list(connection.scalars(asked))
