"""GitLab's Code Quality: one array of JSON, which merge requests show beside the changed lines.

Only what needs a look is in it: failures, and as ``info`` what could not be told.  A finding in no file (of a live
account) stands under its uid, for GitLab asks for a path.
"""

from __future__ import annotations

import hashlib
from typing import Any, TextIO

from koban.app.earlier import FINDINGS
from koban.app.reports.report import Context, compact
from koban.app.reports.tally import Tally
from koban.app.scan import Scan
from koban.model.result import Result
from koban.model.rule import Severity

SEVERITIES: dict[Severity, str] = {
    "critical": "blocker",
    "high": "critical",
    "medium": "major",
    "low": "minor",
    "info": "info",
}


class CodeQuality:
    """Entries are written as they come."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.written = 0
        stream.write("[")

    def add(self, result: Result) -> None:
        if result.verdict in FINDINGS:
            self.stream.write(("," if self.written else "") + "\n" + compact(_entry(result)))
            self.written += 1

    def finish(self, scan: Scan, tally: Tally) -> None:
        self.stream.write("\n]\n")


def _entry(result: Result) -> dict[str, Any]:
    r = result.resource
    about = f"{r.address or r.name or r.uid}: {result.message}"
    because = f" Because of {'; '.join(result.because)}." if result.because else ""
    return {
        "description": about + because,
        "check_name": result.rule,
        "fingerprint": _fingerprint(result),
        "severity": SEVERITIES[result.severity] if result.verdict == "fail" else "info",
        "location": {"path": _path(r.file) if r.file else r.uid, "lines": {"begin": r.line or 1}},
    }


def _fingerprint(result: Result) -> str:
    """GitLab takes entries with the same fingerprint for one; a file may have several parts that cannot be read."""
    if result.resource.address or not result.resource.file:
        return result.fingerprint
    text = "\0".join((result.fingerprint, *result.because))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _path(file: str) -> str:
    """Relative to the repository, where the scan ran at its top; without ``./``, which GitLab does not match."""
    return file.removeprefix("./")


def report(stream: TextIO, context: Context) -> CodeQuality:
    return CodeQuality(stream)
