"""One HTML page that needs nothing else: no server, no request to anywhere, safe to mail.

The page holds what did not pass, worst first, and counts of the rest; its script (html.js) does the searching.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from html import escape
from importlib import resources
from typing import IO, Any, TextIO

from koban.app.reports.report import Context, moment
from koban.app.reports.table import named_gaps
from koban.app.reports.tally import STANDINGS, Tally
from koban.app.scan import Scan
from koban.model.result import VERDICTS, Result
from koban.model.rule import SEVERITIES
from koban.rules.framework import FUNCTIONS, Framework

ROWS_MAX = 50_000  # beyond this a browser gets slow; the page says how many more there are
UNSAFE = str.maketrans({one: f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"})


class Html:
    """Results wait in temporary files, one for each verdict and severity, so that the worst come first."""

    def __init__(self, stream: TextIO, context: Context) -> None:
        self.stream = stream
        self.context = context
        self.waiting: dict[tuple[int, int], IO[str]] = {}
        self.counts: dict[tuple[int, int], int] = {}
        self.rules: dict[str, int] = {}

    def add(self, result: Result) -> None:
        if result.verdict == "pass" and "pass" not in self.context.only:
            return
        key = VERDICTS.index(result.verdict), SEVERITIES.index(result.severity)
        if key not in self.waiting:
            made = tempfile.TemporaryFile("w+", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115  lives on
            self.waiting[key] = made
            self.counts[key] = 0
        if self.counts[key] < ROWS_MAX:
            r = result.resource
            rule = self.rules.setdefault(result.rule, len(self.rules))
            row = [rule, key[0], r.name or r.address or r.uid, r.uid, r.type, r.account, r.region, r.file, r.line]
            row.append(list(result.because))
            self.waiting[key].write(("," if self.counts[key] else "") + safe_json(row) + "\n")
        self.counts[key] += 1

    def finish(self, scan: Scan, tally: Tally) -> None:
        style, script = _part("html.css"), _part("html.js")
        policy = (
            f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
            "base-uri 'none'; form-action 'none'"
        )
        write = self.stream.write
        write('<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n')
        write(f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n')
        write('<meta name="viewport" content="width=device-width, initial-scale=1">\n')
        write('<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n')
        write(f"<title>Koban: {escape(scan.title)}</title>\n<style>{style}</style>\n</head>\n<body>\n")
        write('<div id="app"></div>\n')
        for line in _without_script(scan, tally):
            write(line + "\n")
        write('<script type="application/json" id="rows">[')
        left_out = self._write_rows()
        write(f']</script>\n<script type="application/json" id="about">{safe_json(self._about(scan, tally, left_out))}')
        write(f"</script>\n<script>{script}</script>\n</body>\n</html>\n")

    def _write_rows(self) -> int:
        """Write the worst rows; returns how many were left out."""
        room, left_out, written = ROWS_MAX, 0, False
        for key in sorted(self.waiting):
            file, count = self.waiting[key], self.counts[key]
            file.seek(0)
            if count <= room:
                self.stream.write("," if written else "")
                shutil.copyfileobj(file, self.stream)
                written = True
                room -= count
            else:
                left_out += count - room
                for at, line in enumerate(file):
                    if at >= room:
                        break
                    self.stream.write(line if at or not written else "," + line)
                    written = True
                room = 0
            file.close()
        return left_out

    def _about(self, scan: Scan, tally: Tally, left_out: int) -> dict[str, Any]:
        ids = self.rules
        for name in tally.rules:
            ids.setdefault(name, len(ids))
        return {
            "title": scan.title,
            "started": moment(scan.started),
            "version": self.context.version,
            "notes": scan.notes,
            "gaps": list(named_gaps(scan.gaps)),
            "leftOut": left_out,
            "verdicts": [tally.verdicts[one] for one in VERDICTS],
            "failed": [tally.failed[one] for one in SEVERITIES],
            "rules": [self._rule(name, tally) for name in ids],
            "frameworks": [self._framework(one, tally) for one in self._frameworks(tally)],
        }

    def _rule(self, name: str, tally: Tally) -> dict[str, Any]:
        one, known = tally.rules[name], self.context.rules.get(name)
        return {
            "id": name,
            "severity": SEVERITIES.index(one.severity),
            "summary": one.summary,
            "why": known.why if known is not None else "",
            "fix": one.fix,
            "controls": one.controls,
            "counts": [one.counts[verdict] for verdict in VERDICTS],
        }

    def _frameworks(self, tally: Tally) -> Iterator[Framework]:
        """Those asked for; where none is, all of which something was judged."""
        if self.context.frameworks:
            yield from self.context.frameworks
            return
        for one in self.context.known.values():
            if any(control.counts for control in tally.controls(one)):
                yield one

    def _framework(self, one: Framework, tally: Tally) -> dict[str, Any]:
        controls = tally.controls(one)
        functions = list(FUNCTIONS.values())
        return {
            "id": one.id,
            "title": one.title,
            "version": one.version,
            "publisher": one.publisher,
            "functions": functions,
            "controls": [
                [
                    each.control.id,
                    each.control.title,
                    each.control.responsibility,
                    functions.index(each.control.function) if each.control.function in functions else -1,
                    STANDINGS.index(each.standing),
                    [each.counts[verdict] for verdict in VERDICTS],
                    [self.rules[rule] for rule in each.rules if rule in self.rules],
                ]
                for each in controls
            ],
        }


def _without_script(scan: Scan, tally: Tally) -> Iterator[str]:
    """What a reader sees whose browser runs no scripts."""
    yield "<noscript><main><h1>Koban</h1>"
    yield f"<p>{escape(scan.title)}, {moment(scan.started)}</p>"
    yield f"<p>{', '.join(f'{tally.verdicts[one]:,} {one}' for one in VERDICTS)}</p>"
    yield "<p>Searching and the single resources need JavaScript.</p><table>"
    yield "<tr><th>Severity</th><th>Rule</th><th>Failed</th><th>What</th><th>Fix</th></tr>"
    for one in tally.failing():
        cells = (one.severity, one.rule, f"{one.failures:,}", one.summary, one.fix)
        yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
    yield "</table>"
    if scan.gaps:
        yield "<h2>Not read</h2><ul>"
        for what, where, why in named_gaps(scan.gaps):
            yield f"<li>{escape(what)} {escape(where)}: {escape(why)}</li>"
        yield "</ul>"
    yield "</main></noscript>"


def safe_json(value: Any) -> str:
    """JSON that may stand inside a script element: it cannot end it, nor begin a comment."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(UNSAFE)


def _part(name: str) -> str:
    return "\n" + resources.files("koban.app.reports").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def report(stream: TextIO, context: Context) -> Html:
    return Html(stream, context)
