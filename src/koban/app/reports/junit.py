"""JUnit XML: each rule and resource is a test case, which every CI server shows."""

from __future__ import annotations

import re
import shutil
import tempfile
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

from koban.app.reports.report import Context, moment
from koban.app.reports.tally import Tally
from koban.app.scan import Scan
from koban.model.result import Result

# XML 1.0 has no way to write these characters.
UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Junit:
    """Cases wait in a temporary file, for the counts stand before them."""

    def __init__(self, stream: TextIO, context: Context) -> None:
        self.stream = stream
        self.context = context
        self.counts = {"fail": 0, "unknown": 0, "excepted": 0, "pass": 0}
        self.cases = tempfile.TemporaryFile("w+", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115  lives on

    def add(self, result: Result) -> None:
        self.counts[result.verdict] += 1
        r = result.resource
        where = f" file={_attribute(r.file)}" if r.file else ""
        where += f' line="{r.line}"' if r.file and r.line else ""
        name = r.uid if r.file is None or r.account else f"{r.file}#{r.address or r.name or r.uid}"
        opened = f"    <testcase classname={_attribute(result.rule)} name={_attribute(name)}{where}"
        inside = _inside(result)
        self.cases.write(f"{opened}>{inside}</testcase>\n" if inside else f"{opened}/>\n")

    def finish(self, scan: Scan, tally: Tally) -> None:
        counts = self.counts
        numbers = (
            f'tests="{sum(counts.values())}" failures="{counts["fail"]}" errors="{counts["unknown"]}" '
            f'skipped="{counts["excepted"]}"'
        )
        self.stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        self.stream.write(f'<testsuites name="koban" {numbers} time="0">\n')
        title = _attribute(scan.title)
        self.stream.write(f'  <testsuite name={title} {numbers} time="0" timestamp="{moment(scan.started)[:-1]}">\n')
        self.cases.seek(0)
        shutil.copyfileobj(self.cases, self.stream)
        self.cases.close()
        gaps = "\n".join(f"not read: {gap.type} {gap.account} {gap.region}: {gap.why}" for gap in scan.gaps)
        if gaps:
            self.stream.write(f"    <system-err>{_text(gaps)}</system-err>\n")
        self.stream.write("  </testsuite>\n</testsuites>\n")


def _inside(result: Result) -> str:
    message = _attribute(result.message)
    if result.verdict == "fail":
        text = "\n".join((*((result.fix,) if result.fix else ()), *result.because))
        return f"<failure type={_attribute(result.severity)} message={message}>{_text(text)}</failure>"
    if result.verdict == "unknown":
        return f'<error type="unknown" message={message}>{_text("; ".join(result.because))}</error>'
    if result.verdict == "excepted":
        return f"<skipped message={_attribute('; '.join(result.because))}/>"
    return ""


def _attribute(value: str) -> str:
    return quoteattr(UNWRITABLE.sub("\ufffd", value))


def _text(value: str) -> str:
    return escape(UNWRITABLE.sub("\ufffd", value))


def report(stream: TextIO, context: Context) -> Junit:
    return Junit(stream, context)
