"""Pages of long lists, by keyset: the next page starts after the last row of this one, however many came between."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Select, func, select, tuple_

from koban.ledger.errors import Invalid
from koban.ledger.schema import Moment

LIMIT_DEFAULT, LIMIT_MAX = 50, 500
COUNTED_MAX = 10_000  # a total is exact up to here

Row = TypeVar("Row")
Other = TypeVar("Other")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list.  `next` is the cursor of the page after, None on the last.

    `total` is exact, or None where there are more than `total_at_least` or nobody counted.
    """

    items: list[Row]
    next: str | None = None
    total: int | None = None
    total_at_least: int | None = None

    def map(self, change: Callable[[Row], Other]) -> Page[Other]:
        return Page([change(one) for one in self.items], self.next, self.total, self.total_at_least)


@dataclass(frozen=True)
class Ask:
    """Which page: how many rows, after which cursor, and whether the whole is counted."""

    limit: int = LIMIT_DEFAULT
    cursor: str = ""
    counted: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= LIMIT_MAX:
            raise Invalid("limit", f"from 1 to {LIMIT_MAX}")


FIRST = Ask()


@dataclass(frozen=True)
class Order:
    """The columns that a list is sorted by, all of them up or all down; the last is unique.  `name` marks cursors."""

    name: str
    columns: tuple[ColumnElement[Any], ...]
    down: bool = False

    def by(self, statement: Select[Any]) -> Select[Any]:
        return statement.order_by(*(one.desc() if self.down else one.asc() for one in self.columns))

    def after(self, cursor: str) -> ColumnElement[bool]:
        """The condition that holds for what comes after the cursor.  Raises Invalid for one of another order."""
        values = decode(cursor, self)
        if len(self.columns) == 1:
            column = self.columns[0]
            return column.__lt__(values[0]) if self.down else column.__gt__(values[0])
        left = tuple_(*self.columns)
        right = tuple_(*values, types=[one.type for one in self.columns])
        return left < right if self.down else left > right


def encode(order: Order, values: Sequence[Any], counts: tuple[int | None, int | None] | None = None) -> str:
    """The cursor of the row with these values in the order's columns; with `counts`, which need not be made again."""
    plain = [
        f"@{one.astimezone(UTC).isoformat()}" if isinstance(one, datetime) else one.isoformat() if isinstance(one, date)
        else one
        for one in values
    ]  # fmt: skip
    text = json.dumps(
        [order.name, order.down, list(counts) if counts else None, *plain], separators=(",", ":"), ensure_ascii=False
    )
    return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode().rstrip("=")


def total_of(cursor: str) -> tuple[int | None, int | None] | None:
    """The counts that a cursor carries along: (exact, at least); None where nobody counted."""
    counts = _opened(cursor)[2]
    if counts is None:
        return None
    if not (isinstance(counts, list) and len(counts) == 2 and all(one is None or type(one) is int for one in counts)):
        raise Invalid("cursor", "not one that was given out")
    return counts[0], counts[1]


def decode(cursor: str, order: Order) -> list[Any]:
    name, down, _, *values = _opened(cursor)
    if name != order.name or down is not order.down or len(values) != len(order.columns):
        raise Invalid("cursor", "it is of another order: start again without it")
    return [_value(one, column) for one, column in zip(values, order.columns, strict=True)]


def _opened(cursor: str) -> list[Any]:
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        found = json.loads(text)
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise Invalid("cursor", "not one that was given out") from None
    if not isinstance(found, list) or len(found) < 4:
        raise Invalid("cursor", "not one that was given out")
    return found


def _value(value: Any, column: ColumnElement[Any]) -> Any:
    wanted: type[Any] = datetime if isinstance(column.type, Moment) else column.type.python_type
    try:
        if issubclass(wanted, datetime):
            made = datetime.fromisoformat(value.removeprefix("@"))
            if made.tzinfo is not None:
                return made
        elif issubclass(wanted, date):
            return date.fromisoformat(value)
        elif wanted is int and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
            return value
        elif wanted is str and isinstance(value, str) and "\0" not in value:
            value.encode()
            return value
    except (AttributeError, TypeError, ValueError, OverflowError):
        pass
    raise Invalid("cursor", "not one that was given out")


def paged(connection: Connection, statement: Select[Any], order: Order, ask: Ask = FIRST) -> Page[Any]:
    """One page of a statement, which selects the order's columns under their names and has no order of its own."""
    asked = order.by(statement).limit(ask.limit + 1)
    if ask.cursor:
        asked = asked.where(order.after(ask.cursor))
    rows = connection.execute(asked).all()
    more = len(rows) > ask.limit
    rows = rows[: ask.limit]
    cursor = encode(order, [getattr(rows[-1], _name(one)) for one in order.columns]) if more else None
    if not ask.counted:
        return Page(list(rows), cursor)
    if not ask.cursor and not more:
        return Page(list(rows), None, len(rows))
    return Page(list(rows), cursor, *total(connection, statement))


def every(page: Callable[[str], Page[Row]]) -> Iterator[Row]:
    """All rows of a list, page by page; `page` gives the one of a cursor."""
    cursor: str | None = ""
    while cursor is not None:
        found = page(cursor)
        yield from found.items
        cursor = found.next


def total(connection: Connection, statement: Select[Any]) -> tuple[int | None, int | None]:
    """How many rows a statement has: exactly up to COUNTED_MAX; else None, and at least so many."""
    counted = statement.with_only_columns(*_least(statement)).order_by(None).limit(COUNTED_MAX + 1).subquery()
    found = int(connection.execute(select(func.count()).select_from(counted)).scalar_one())
    return (None, COUNTED_MAX) if found > COUNTED_MAX else (found, None)


def _least(statement: Select[Any]) -> list[ColumnElement[Any]]:
    return [next(iter(statement.selected_columns))]


def _name(column: ColumnElement[Any]) -> str:
    assert isinstance(column, Column) or hasattr(column, "key")
    return str(column.key)
