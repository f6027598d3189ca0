"""One line of JSON per result: the contract that other programs rely on (result.schema.json)."""

from __future__ import annotations

from typing import TextIO

from koban.app.reports.report import Context, compact
from koban.app.reports.tally import Tally
from koban.app.scan import Scan
from koban.model.result import Result, Subject

KEPT_MAX = 4096  # what rules say is much the same for each resource; unknown verdicts differ more


class Jsonl:
    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._subject: Subject | None = None
        self._resource = ""
        self._around: dict[tuple[object, ...], tuple[str, str]] = {}

    def add(self, result: Result) -> None:
        # The results of a resource come one after the other and share its subject; those of a rule share the rest.
        if result.resource is not self._subject:
            self._subject = result.resource
            self._resource = compact(result.as_json()["resource"])
        key = (
            result.rule,
            result.verdict,
            result.severity,
            result.message,
            result.because,
            result.controls,
            result.fix,
        )
        around = self._around.get(key)
        if around is None:
            if len(self._around) >= KEPT_MAX:
                self._around.clear()
            around = self._around[key] = _around(result)
        before, after = around
        self.stream.write(f'{before}{self._resource}{after}"{result.fingerprint}"}}\n')

    def finish(self, scan: Scan, tally: Tally) -> None:
        """Every line is written already."""


def _around(result: Result) -> tuple[str, str]:
    """What a line has before its resource, and between that and its fingerprint."""
    whole = result.as_json()
    names = list(whole)
    position = names.index("resource")
    before = compact({name: whole[name] for name in names[:position]})
    after = compact({name: whole[name] for name in names[position + 1 : -1]})
    return f'{before[:-1]},"resource":', f',{after[1:-1]},"fingerprint":'


def report(stream: TextIO, context: Context) -> Jsonl:
    return Jsonl(stream)
