"""What a scan looks like to those who read it: one module per format, all fed in one pass over the results."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TextIO

from koban.app.earlier import FINDINGS, known
from koban.app.reports.report import Context, Report
from koban.app.reports.tally import Tally
from koban.app.scan import Scan

__all__ = ["FORMATS", "SUFFIXES", "Context", "Report", "Tally", "report", "write"]

# Each name is a module here; its `report(stream, context)` makes the report.
FORMATS = ("table", "jsonl", "csv", "html", "sarif", "junit", "codequality", "ocsf", "asff")
SUFFIXES = {".txt": "table", ".jsonl": "jsonl", ".csv": "csv", ".html": "html", ".sarif": "sarif", ".xml": "junit"}


def report(name: str, stream: TextIO, context: Context) -> Report:
    """The report of format `name` onto `stream`, a text stream in UTF-8."""
    made: Report = import_module(f"{__name__}.{name}").report(stream, context)
    return made


def write(scan: Scan, context: Context, reports: Sequence[Report]) -> Tally:
    """Run the scan to its end, feeding every report.  Returns the counts of everything, shown or not.

    Where there is an earlier scan to compare with, reports get what is new of the findings.
    """
    tally = Tally(context)
    add = [one.add for one in reports]
    for result in scan.results:
        before = bool(scan.earlier) and known(scan.earlier, result)
        tally.add(result, before)
        if before or not context.shows(result):
            continue
        if not scan.earlier or context.only or result.verdict in FINDINGS:
            for each in add:
                each(result)
    for one in reports:
        one.finish(scan, tally)
    return tally
