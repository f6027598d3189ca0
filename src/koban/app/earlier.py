"""What an earlier scan found, so that a scan can tell what is new since, what stays and what is gone."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from koban.model.result import Result, Verdict

SARIF_BYTES_MAX = 1_000_000_000  # read as a whole; jsonl is read line by line, however long it is
LINE_BYTES_MAX = 1_000_000
HEAD_BYTES = 65_536
ENDINGS = (".jsonl", ".ndjson", ".sarif")
FINDINGS: tuple[Verdict, ...] = ("fail", "unknown")


class EarlierError(ValueError):
    """A file of earlier results that cannot be used; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A failure or an unknown of an earlier scan; `what` and `where` are for people."""

    rule: str
    verdict: str
    severity: str = ""
    what: str = ""
    where: str = ""


def fingerprint(result: Result) -> str:
    return result.fingerprint


@dataclass
class Earlier:
    """The findings of an earlier scan, by what makes one the same again.

    `again` are those that this scan finds again; `seen` also those that it finds worse.
    What could not be told then and fails now is new: nobody has looked at the failure yet.
    """

    name: str
    key: Callable[[Result], str] = fingerprint
    findings: dict[str, Finding] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    again: set[str] = field(default_factory=set)
    listed: bool = False  # whether reports tell which are gone and which stay
    not_run: Collection[str] = ()  # rules that this scan leaves out, so that nobody knows of their findings

    def add(self, key: str, finding: Finding) -> None:
        """One finding; of several with the same key the worst counts."""
        before = self.findings.get(key)
        if before is None or before.verdict != "fail":
            self.findings[key] = finding

    def holds(self, result: Result) -> bool:
        """Whether a result is a finding that was there before."""
        if result.verdict not in FINDINGS:
            return False
        key = self.key(result)
        before = self.findings.get(key)
        if before is None:
            return False
        self.seen.add(key)
        if before.verdict == "unknown" and result.verdict == "fail":
            return False
        self.again.add(key)
        return True

    def gone(self) -> Iterator[Finding]:
        """The findings that are no longer there."""
        return (one for key, one in self.findings.items() if key not in self.seen and one.rule not in self.not_run)

    def stays(self) -> Iterator[Finding]:
        """The findings that are there again."""
        return (one for key, one in self.findings.items() if key in self.again)


def known(earlier: Iterable[Earlier], result: Result) -> bool:
    """Whether any of several earlier scans had a finding already; each of them gets to see it."""
    return any([one.holds(result) for one in earlier])  # noqa: C419  each must see it


def found(result: Result) -> Finding:
    """A result as the finding that a later scan compares with."""
    r = result.resource
    where = f"{r.file}:{r.line}" if r.file and r.line else r.file or " ".join(filter(None, (r.account, r.region)))
    return Finding(result.rule, result.verdict, result.severity, r.address or r.name or r.uid, where)


# Files


def is_earlier(path: Path) -> bool:
    """Whether a file is, or claims to be, the result of an earlier scan rather than a baseline of the organisation."""
    if path.suffix.lower() in ENDINGS:
        return True
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return False
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError:
        return False
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith((b"{", b"[")):
        return False
    first = head.split(b"\n", 1)[0]
    return (b'"rule"' in first and b'"verdict"' in first) or (b'"runs"' in head and b"sarif" in head.lower())


def read_earlier(path: Path) -> Earlier:
    """The findings in a file of jsonl or SARIF that Koban wrote.  Raises EarlierError."""
    made = Earlier(os.fspath(path))
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise EarlierError(f"{path}: not a regular file")
        with path.open("rb") as stream:
            start = stream.read(HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
            stream.seek(0)
            if start.startswith(b"{") and b'"verdict"' not in start.split(b"\n", 1)[0]:
                if path.stat().st_size > SARIF_BYTES_MAX:
                    raise EarlierError(f"{path}: larger than {SARIF_BYTES_MAX:,} bytes; jsonl may have any size")
                _add_sarif(made, stream.read())
            else:
                _add_lines(made, stream)
    except OSError as error:
        raise EarlierError(f"{path}: {error.strerror}") from None
    return made


def _add_lines(made: Earlier, lines: Any) -> None:
    number = 0
    while line := lines.readline(LINE_BYTES_MAX + 1):
        number += 1
        where = f"{made.name}:{number}"
        if len(line) > LINE_BYTES_MAX:
            raise EarlierError(f"{where}: the line is longer than {LINE_BYTES_MAX:,} bytes; Koban writes none like it")
        line = line.removeprefix(b"\xef\xbb\xbf").strip()
        if line:
            _add(made, _parsed(line, where), where)


def _add(made: Earlier, one: Any, where: str) -> None:
    rule, verdict, mark = (one.get(name) for name in ("rule", "verdict", "fingerprint")) if _is_object(one) else [0] * 3
    if not (isinstance(rule, str) and isinstance(verdict, str) and isinstance(mark, str)):
        raise EarlierError(f"{where}: not a result of Koban: it lacks rule, verdict or fingerprint")
    if verdict in FINDINGS:
        made.add(mark, Finding(rule, verdict))


def _add_sarif(made: Earlier, data: bytes) -> None:
    document = _parsed(data, made.name)
    runs = document.get("runs") if _is_object(document) else None
    if not isinstance(runs, list):
        raise EarlierError(f"{made.name}: neither jsonl nor SARIF of Koban")
    for run in runs:
        try:
            tool = run["tool"]["driver"]["name"]
            results = run.get("results") or []
            if tool != "Koban":
                raise EarlierError(f"{made.name}: written by {str(tool)[:60]!r}, not by Koban")
            for one in results:
                verdict = one["properties"]["verdict"]
                if verdict in FINDINGS:
                    made.add(str(one["partialFingerprints"]["koban/v1"]), Finding(str(one["ruleId"]), verdict))
        except (KeyError, TypeError, AttributeError) as error:
            raise EarlierError(f"{made.name}: not SARIF as Koban writes it: {type(error).__name__} {error}") from None


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _parsed(data: bytes, where: str) -> Any:
    try:
        return json.loads(data)
    except UnicodeDecodeError:
        raise EarlierError(f"{where}: not a text in UTF-8") from None
    except json.JSONDecodeError as error:
        line = f" (line {error.lineno})" if error.lineno > 1 else ""
        raise EarlierError(f"{where}: not JSON: {error.msg}{line}") from None
    except RecursionError:
        raise EarlierError(f"{where}: it nests too deeply") from None
