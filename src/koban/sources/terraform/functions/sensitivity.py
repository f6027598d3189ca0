"""Marks of secrets: what is marked is not looked at, so that it is never printed."""

from __future__ import annotations

from typing import Any

from koban.model.unknown import Unknown
from koban.sources.terraform.functions.conversion import ANY
from koban.sources.terraform.functions.function import NotKnown, function, nullable

SENSITIVE = "it is marked sensitive, so its value is not looked at"


@function(nullable(ANY), partly=True)
def sensitive(value: Any) -> Any:
    hole = value if isinstance(value, Unknown) else None
    return Unknown(f"sensitive({hole._path if hole is not None else '..'})", SENSITIVE)


@function(nullable(ANY), partly=True)
def nonsensitive(value: Any) -> Any:
    return value


@function(nullable(ANY), partly=True)
def issensitive(value: Any) -> Any:
    if not isinstance(value, Unknown):
        return False
    if value._why == SENSITIVE:
        return True
    raise NotKnown(value)


@function(nullable(ANY), partly=True)
def ephemeralasnull(value: Any) -> Any:
    return value
