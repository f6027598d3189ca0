"""Rows for a spreadsheet, one per result."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from csv import writer
from datetime import date, datetime
from typing import Any, TextIO

from koban.app.reports.report import Context, moment
from koban.app.reports.tally import Tally
from koban.app.scan import Scan
from koban.model.result import Result

COLUMNS = (
    "rule",
    "verdict",
    "severity",
    "uid",
    "type",
    "name",
    "account",
    "region",
    "address",
    "file",
    "line",
    "message",
    "because",
    "controls",
    "fix",
    "fingerprint",
)


class Csv:
    def __init__(self, stream: TextIO) -> None:
        self._row = writer(stream, lineterminator="\n").writerow
        self._row(COLUMNS)

    def add(self, result: Result) -> None:
        r = result.resource
        values = (
            result.rule,
            result.verdict,
            result.severity,
            r.uid,
            r.type,
            r.name,
            r.account,
            r.region,
            r.address,
            r.file,
            r.line,
            result.message,
            "; ".join(result.because),
            " ".join(result.controls),
            result.fix,
            result.fingerprint,
        )
        self._row(tuple(map(cell, values)))

    def finish(self, scan: Scan, tally: Tally) -> None:
        """Every row is written already."""


FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # wide ones count in Japanese spreadsheets


def cell(value: str | int | None) -> str:
    """A cell that a spreadsheet shows and never runs: what could start a formula gets an apostrophe."""
    if value is None:
        return ""
    text = str(value)
    return f"'{text}" if text[:1] in FORMULA else text


BOM = "\ufeff"  # without it a spreadsheet takes UTF-8 for something else
PIECE = 60_000  # letters


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """A table in pieces, as they come: the names of the columns, then the rows."""
    buffer = io.StringIO()
    write = writer(buffer, lineterminator="\r\n").writerow
    write(columns)
    for row in rows:
        write([cell(_plain(one)) for one in row])
        if buffer.tell() > PIECE:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _plain(value: Any) -> str | int | None:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    if isinstance(value, dict):
        return "; ".join(f"{name}={one}" for name, one in value.items())
    return value if value is None or isinstance(value, str | int) else str(value)


def report(stream: TextIO, context: Context) -> Csv:
    return Csv(stream)
