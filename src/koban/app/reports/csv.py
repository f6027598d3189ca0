"""Rows for a spreadsheet, one per result."""

from __future__ import annotations

from csv import writer
from typing import TextIO

from koban.app.reports.report import Context
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


def report(stream: TextIO, context: Context) -> Csv:
    return Csv(stream)
