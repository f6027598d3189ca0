"""What several tables make of arguments: texts, mappings of named blocks, and whether an argument is there at all."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from koban.model.unknown import Maybe, Unknown
from koban.sources.terraform.mapping import ABSENT, Body, Entry, argument_at, made
from koban.sources.terraform.values import text_of


def given(value: Any) -> bool:
    """Whether an argument is set, known or not; state spells what is not set as an empty text, list or mapping."""
    return isinstance(value, Unknown) or (
        value is not None and not (isinstance(value, str | list | dict) and not value)
    )


def filled(value: Any) -> Any:
    """The value, or ABSENT for what is empty; for use in :func:`~koban.sources.terraform.mapping.first`."""
    return value if given(value) else ABSENT


def doubtful(gap: Unknown) -> Unknown:
    """The same unknown as a value of which nothing is sure, neither what kind it is nor what it refers to."""
    return gap._child("")


def lower(value: Any) -> Any:
    """A text in lower case, where the provider takes either."""
    return value.lower() if isinstance(value, str) else value


def texts(value: Any) -> Any:
    """A mapping whose values are texts, as the provider declares it: ``true`` without quotes is one, too."""
    if not isinstance(value, dict):
        return value
    return {key: text_of(one) if isinstance(one, bool | int | Decimal) else one for key, one in value.items()}


def by_name(blocks: str, key: str, one: Callable[[Body], Any]) -> Entry:
    """Nested blocks as a mapping: the argument `key` of each is its name there, `one` makes what it says.

    Where the name of one is not known the mapping is not known; where a block is there or not, what it says is not.
    """

    def mapping(body: Body) -> Any:
        found = argument_at(body, blocks)
        if isinstance(found, Unknown):
            return doubtful(found)
        named: dict[str, Any] = {}
        for block in found or ():
            for inside in block._values if isinstance(block, Maybe) else (block,):
                name = inside if isinstance(inside, Unknown) else inside.get(key)
                if isinstance(name, Unknown):
                    return doubtful(name)
                named[str(name)] = block._child(f".{name}") if isinstance(block, Maybe) else one(inside)
        return named or ABSENT

    return made(mapping, blocks, careful=True)
