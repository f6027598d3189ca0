"""What shapes are made of: kinds of values with their bounds, pages, and what several subjects share."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.functional_serializers import PlainSerializer

LIMIT_DEFAULT, LIMIT_MAX = 50, 500
BULK_MAX = 10_000
ID_MAX = 2**53 - 1  # the largest whole number that every reader of JSON keeps
NO_NUL = r"^[^\u0000]*$"  # PostgreSQL keeps no NUL
Severity = Literal["critical", "high", "medium", "low", "info"]
CaseState = Literal["open", "working", "closed"]
Order = Literal["asc", "desc"]


def _in_range(value: datetime) -> datetime:
    """A moment that stays one in every zone."""
    if not 1970 <= value.year <= 9998:
        raise ValueError("a moment between 1970 and 9998")
    return value.astimezone(UTC)


def _zulu(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _in_years(value: date) -> date:
    if not 1970 <= value.year <= 9998:
        raise ValueError("a day between 1970 and 9998")
    return value


def _apart(value: Any) -> Any:
    """``?severity=high,critical`` is ``?severity=high&severity=critical``."""
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list):
        return found
    return [part.strip() if isinstance(part, str) else part for one in found for part in _parts(one) if part != ""]


def _parts(one: Any) -> list[Any]:
    return one.split(",") if isinstance(one, str) else [one]


Moment = Annotated[datetime, PlainSerializer(_zulu, return_type=str, when_used="json")]
When = Annotated[AwareDatetime, AfterValidator(_in_range)]
Day = Annotated[date, AfterValidator(_in_years)]
Id = Annotated[int, Field(ge=1, le=ID_MAX)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=NO_NUL)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=10_000, pattern=NO_NUL, strip_whitespace=True)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=NO_NUL, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=NO_NUL, strip_whitespace=True)]
Email = Annotated[
    str,
    StringConstraints(
        min_length=3,
        max_length=320,
        pattern=r"^[^@\s,;<>\u0000-\u001f\u007f]+@[^@\s,;<>\u0000-\u001f\u007f]+$",
        strip_whitespace=True,
    ),
]
ResourceKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Cursor = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=NO_NUL)]
T = TypeVar("T")
Several = Annotated[list[T], BeforeValidator(_apart), Field(max_length=100)]


class Shape(BaseModel):
    """What is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Ask(BaseModel):
    """What is taken: nothing but what is named here."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Page(Shape, Generic[T]):
    """A piece of a list.  `next` is the `cursor` of the piece after it, null at the end."""

    items: list[T]
    next: str | None = Field(default=None, description="The cursor of the next piece; null at the end")
    total: int | None = Field(
        default=None, description="How many there are; null where that was not counted to the end"
    )
    total_at_least: int | None = Field(default=None, description="Where `total` is null: there are at least so many")


class Paging(Ask):
    limit: int = Field(default=LIMIT_DEFAULT, ge=1, le=LIMIT_MAX, description="How many to give")
    cursor: Cursor | None = Field(default=None, description="`next` of the piece before")


class Person(Shape):
    id: int
    name: str = Field(examples=["Aiko Tanaka"])


class Counts(Shape):
    """Open failures by severity."""

    critical: int = 0
    high: int = 0
    medium: int = 0
    low: int = 0
    info: int = 0
