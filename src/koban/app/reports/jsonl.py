"""One line of JSON per result: the contract that other programs rely on (result.schema.json)."""

from __future__ import annotations

from typing import TextIO

from koban.app.reports.report import Context, compact
from koban.app.reports.tally import Tally
from koban.app.scan import Scan
from koban.model.result import Result


class Jsonl:
    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def add(self, result: Result) -> None:
        self.stream.write(compact(result.as_json()) + "\n")

    def finish(self, scan: Scan, tally: Tally) -> None:
        """Every line is written already."""


def report(stream: TextIO, context: Context) -> Jsonl:
    return Jsonl(stream)
