"""The kinds of values that requests carry, with their limits."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from koban.ledger.who import Sight

ID_MAX = 2**53 - 1  # what JavaScript counts to

Role = Literal["viewer", "analyst", "approver", "admin"]


def _plain(text: str) -> str:
    if any((letter < " " and letter not in "\n\t") or letter == "\x7f" for letter in text):
        raise ValueError("it holds control characters")
    return text


def _line(text: str) -> str:
    if "\n" in text:
        raise ValueError("it is more than one line")
    return _plain(text)


def _email(text: str) -> str:
    name, at, host = text.partition("@")
    if not (name and at and host) or "@" in host or any(letter.isspace() for letter in text):
        raise ValueError("it is not an e-mail address")
    return _plain(text).lower()


Id = Annotated[int, Path(ge=1, le=ID_MAX)]
IdValue = Annotated[int, Field(ge=1, le=ID_MAX)]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_line)
]  # one line
Note = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_plain)]  # several lines
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=320), AfterValidator(_email)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=1024)]  # a password, a code, a link's secret
AccountId = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_line)]
TagText = Annotated[str, StringConstraints(max_length=300), AfterValidator(_line)]


class Body(BaseModel):
    """A request's body: what is not known is refused, so that a slip of the pen is not overlooked."""

    model_config = ConfigDict(extra="forbid")


class SightShape(BaseModel):
    """What of the estate somebody sees; both left out: all."""

    model_config = ConfigDict(extra="forbid")

    accounts: Annotated[list[AccountId], Field(max_length=5000)] | None = Field(
        None, description="Ids of accounts; null: all"
    )
    tags: dict[TagText, Annotated[list[TagText], Field(max_length=500)]] = Field(
        default_factory=dict, max_length=50, description="Each tag must be on the resource with one of these values"
    )

    def sight(self) -> Sight:
        return Sight.of(self.model_dump())

    @classmethod
    def of(cls, stored: dict[str, object]) -> SightShape:
        return cls.model_validate(Sight.of(stored).stored())
