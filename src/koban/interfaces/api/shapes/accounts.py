"""The accounts that scans saw."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from koban.interfaces.api.etags import ETag
from koban.interfaces.api.shapes.kinds import NO_NUL, Ask, Shape


class Account(Shape):
    id: str
    name: str
    ou: str = Field(description="The path of its organisational unit")
    environment: str | None = None
    etag: ETag


class AccountPatch(Ask):
    name: Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL, strip_whitespace=True)] | None = None
    environment: Annotated[str, StringConstraints(max_length=100, pattern=NO_NUL, strip_whitespace=True)] | None = None
