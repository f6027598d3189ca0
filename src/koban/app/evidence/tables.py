"""An evidence pack as tables for spreadsheets: no cell is ever run as a formula."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

from koban.app.evidence.pack import Pack
from koban.app.evidence.standing import Standing
from koban.app.reports.csv import BOM, table

EVIDENCE = (
    "control",
    "control_title",
    "control_state",
    "responsibility",
    "rule",
    "rule_title",
    "state",
    "severity",
    "uid",
    "name",
    "type",
    "account",
    "region",
    "environment",
    "file",
    "line",
    "message",
    "because",
    "first_seen",
    "last_seen",
    "exception",
    "fingerprint",
)
CONTROLS = (
    "control",
    "title",
    "section",
    "function",
    "responsibility",
    "state",
    "failed",
    "unknown",
    "excepted",
    "passed",
    "rules",
)


def evidence_csv(pack: Pack) -> Iterator[str]:
    """All evidence in one table; a control without any has a line of its own."""
    yield BOM
    yield from table(EVIDENCE, _evidence(pack))


def write_zip(pack: Pack, stream: IO[bytes]) -> None:
    """A table for each thing, packed."""
    scope: list[tuple[Any, ...]] = [("account", one.account, one.name, one.environment, "") for one in pack.places]
    scope += [("target", one.name, one.kind, "", one.finished) for one in pack.scanned]
    gaps = ((one.type, one.account, one.region, one.why) for one in pack.not_read)
    accepted = (
        (
            one.id,
            one.rule,
            one.account,
            one.uid,
            one.reason,
            one.asked_by,
            one.decided_by,
            one.decided,
            one.expires,
        )
        for one in pack.exceptions
    )
    about = [
        ("framework", f"{pack.framework.id} {pack.framework.version}"),
        ("title", pack.framework.title),
        ("publisher", pack.framework.publisher),
        ("made", pack.made),
        ("made_by", pack.made_by),
        ("koban", pack.version),
        ("limited_to", pack.limited),
    ]
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        _add(made, pack, "about.csv", table(("what", "value"), about))
        _add(made, pack, "controls.csv", table(CONTROLS, map(_control, pack.standings)))
        _add(made, pack, "evidence.csv", table(EVIDENCE, _evidence(pack)))
        names = ("exception", "rule", "account", "uid", "reason", "asked_by", "decided_by", "decided", "expires")
        _add(made, pack, "exceptions.csv", table(names, accepted))
        _add(made, pack, "scope.csv", table(("kind", "id", "name", "environment", "last_scan"), scope))
        _add(made, pack, "not-read.csv", table(("type", "account", "region", "why"), gaps))


def _add(made: zipfile.ZipFile, pack: Pack, name: str, lines: Iterable[str]) -> None:
    info = zipfile.ZipInfo(name, pack.made.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    with made.open(info, "w") as file:
        file.write(BOM.encode())
        for line in lines:
            file.write(line.encode("utf-8", "replace"))


def _control(one: Standing) -> tuple[Any, ...]:
    control, tally = one.control, one.tally
    return (
        control.id,
        control.title,
        one.section,
        control.function,
        control.responsibility,
        one.state,
        tally.open,
        tally.unknown,
        tally.excepted,
        tally.passed,
        " ".join(one.rules),
    )


def _evidence(pack: Pack) -> Iterator[tuple[Any, ...]]:
    for standing in pack.standings:
        control = standing.control
        about = (control.id, control.title, standing.state, control.responsibility)
        none = True
        for one in pack.evidence(standing.rules, None) if standing.tally.judged else ():
            none = False
            yield (
                *about,
                one.rule,
                pack.titles.get(one.rule, ""),
                one.state,
                one.severity,
                one.uid,
                one.name,
                one.type,
                one.account,
                one.region,
                one.environment,
                one.file,
                one.line,
                one.message,
                one.because,
                one.first_seen,
                one.last_seen,
                one.exception,
                one.fingerprint,
            )
        if none:
            yield (*about, *[""] * (len(EVIDENCE) - len(about)))
