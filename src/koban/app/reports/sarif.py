"""SARIF 2.1.0, which code hosts and editors show beside the lines.

What passes is left out unless it is asked for by name: most readers of SARIF show every entry as an alert.
"""

from __future__ import annotations

from typing import Any, TextIO
from urllib.parse import quote

from koban.app.reports.report import Context, calls, compact, moment
from koban.app.reports.tally import Tally
from koban.app.scan import Scan
from koban.model.result import MADE_BY, Gap, Result
from koban.model.rule import Severity

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS: dict[Severity, str] = {
    "critical": "error",
    "high": "error",
    "medium": "warning",
    "low": "note",
    "info": "note",
}
SCORES: dict[Severity, str] = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0", "info": "1.0"}


class Sarif:
    """Results are written as they come; the tool and its rules, of which JSON asks no order, after them."""

    def __init__(self, stream: TextIO, context: Context) -> None:
        self.stream = stream
        self.context = context
        self.rules: dict[str, Result] = {}
        self.positions: dict[str, int] = {}
        self.written = 0
        stream.write(f'{{"$schema":"{SCHEMA}","version":"2.1.0","runs":[{{"results":[')

    def add(self, result: Result) -> None:
        if result.verdict == "pass" and "pass" not in self.context.only:
            return
        position = self.positions.setdefault(result.rule, len(self.positions))
        self.rules.setdefault(result.rule, result)
        self.stream.write(("," if self.written else "") + "\n" + compact(_entry(result, position)))
        self.written += 1

    def finish(self, scan: Scan, tally: Tally) -> None:
        driver = {
            "name": "Koban",
            "semanticVersion": self.context.version or "0.0.0",
            "rules": [self._rule(result) for result in self.rules.values()],
        }
        invocation = {
            "executionSuccessful": True,
            "startTimeUtc": moment(scan.started),
            "toolExecutionNotifications": [_notification(gap) for gap in scan.gaps],
        }
        self.stream.write(f'],\n"tool":{{"driver":{compact(driver)}}},\n"invocations":[{compact(invocation)}],\n')
        self.stream.write('"columnKind":"unicodeCodePoints"}]}\n')

    def _rule(self, result: Result) -> dict[str, Any]:
        known = self.context.rules.get(result.rule)
        summary = self.context.summary(result)
        made: dict[str, Any] = {
            "id": result.rule,
            "shortDescription": {"text": summary},
            "fullDescription": {"text": known.why if known is not None else summary},
        }
        fix = known.fix if known is not None else result.fix
        if fix:
            made["help"] = {"text": f"Fix: {fix}"}
        made["defaultConfiguration"] = {"level": LEVELS[result.severity]}
        made["properties"] = {
            "security-severity": SCORES[result.severity],
            "tags": ["security", *(known.controls if known is not None else result.controls)],
        }
        return made


def _entry(result: Result, position: int) -> dict[str, Any]:
    fails = result.verdict in ("fail", "excepted")
    text = result.message
    if result.verdict == "unknown":
        text = f"{text} Because of {'; '.join(result.because)}."
    elif result.verdict == "fail" and result.fix:
        text = f"{text} Fix: {result.fix}"
    called = calls(result)
    reasons = [one for one in result.because if not one.startswith(MADE_BY)]
    if reasons and result.verdict == "fail":
        text = f"{text} Here because {', '.join(reasons)}."
    made: dict[str, Any] = {
        "ruleId": result.rule,
        "ruleIndex": position,
        "kind": "fail" if fails else {"pass": "pass"}.get(result.verdict, "open"),
        "level": LEVELS[result.severity] if fails else "none",
        "message": {"text": text},
        "locations": [_location(result)],
        "partialFingerprints": {"koban/v1": result.fingerprint},
    }
    if called:
        made["relatedLocations"] = [
            {"id": number, "message": {"text": f"{module} is called here"}, "physicalLocation": _physical(file, line)}
            for number, (module, file, line) in enumerate(called, 1)
        ]
    if result.verdict == "excepted":
        reason = "; ".join(result.because)
        # No status: it means accepted, and the schemas in use disagree on the name of that property.
        made["suppressions"] = [{"kind": "external", "justification": reason}]
    made["properties"] = {
        "verdict": result.verdict,
        "severity": result.severity,
        "account": result.resource.account,
        "region": result.resource.region,
        "because": list(result.because),
    }
    return made


def _location(result: Result) -> dict[str, Any]:
    r = result.resource
    logical = {"fullyQualifiedName": r.uid, "kind": "resource"}
    if r.address or r.name:
        logical = {"name": r.address or r.name or "", **logical}
    made: dict[str, Any] = {"logicalLocations": [logical]}
    if r.file:
        made["physicalLocation"] = _physical(r.file, r.line)
    return made


def _physical(file: str, line: int | None) -> dict[str, Any]:
    made: dict[str, Any] = {"artifactLocation": {"uri": _uri(file)}}
    if line:
        made["region"] = {"startLine": line}
    return made


def _uri(file: str) -> str:
    return quote(file.encode("utf-8", "surrogateescape"), safe="/-._~")


def _notification(gap: Gap) -> dict[str, Any]:
    place = " ".join(filter(None, (gap.account, gap.region)))
    return {
        "level": "warning",
        "message": {"text": f"Not read: {gap.type}{' in ' + place if place else ''}: {gap.why}"},
    }


def report(stream: TextIO, context: Context) -> Sarif:
    return Sarif(stream, context)
