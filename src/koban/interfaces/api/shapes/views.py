"""Saved filters."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from koban.interfaces.api.shapes.kinds import NO_NUL, Ask, Name, Person, Shape


class ViewQuery(Ask):
    page: Literal["findings", "assets"] | None = None


class ViewAsk(Ask):
    page: Literal["findings", "assets"]
    name: Name
    query: Annotated[str, StringConstraints(max_length=8_000, pattern=NO_NUL)] = Field(examples=["severity=critical"])
    shared: bool = False


class View(Shape):
    id: int
    page: Literal["findings", "assets"]
    name: str
    query: str
    shared: bool
    owner: Person | None = None
    own: bool = Field(description="Whether it is the caller's")
