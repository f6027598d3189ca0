"""An evidence pack as tables for spreadsheets: no cell is ever run as a formula."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import IO, Any

from koban.app.evidence.pack import Pack
from koban.app.evidence.standing import Standing
from koban.app.reports.csv import cell
from koban.app.reports.report import moment

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
BOM = "\ufeff"  # without it a spreadsheet takes UTF-8 for something else


def rows_of(values: Iterable[Sequence[Any]], columns: Sequence[str]) -> Iterator[str]:
    """Lines of CSV, with the names of the columns first."""
    buffer = io.StringIO()
    write = csv.writer(buffer, lineterminator="\r\n").writerow
    write(columns)
    for row in values:
        write([cell(_text(one)) for one in row])
        if buffer.tell() > 60_000:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def evidence_csv(pack: Pack) -> Iterator[str]:
    """All evidence in one table; a control without any has a line of its own."""
    yield BOM
    yield from rows_of(_evidence(pack), EVIDENCE)


def write_zip(pack: Pack, stream: IO[bytes]) -> None:
    """A table for each thing, packed."""
    scope: list[tuple[Any, ...]] = [("account", one.account, one.name, one.environment, "") for one in pack.places]
    scope += [("target", one.name, one.kind, "", _text(one.finished)) for one in pack.scanned]
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
        _add(made, pack, "about.csv", rows_of(about, ("what", "value")))
        _add(made, pack, "controls.csv", rows_of(map(_control, pack.standings), CONTROLS))
        _add(made, pack, "evidence.csv", rows_of(_evidence(pack), EVIDENCE))
        names = ("exception", "rule", "account", "uid", "reason", "asked_by", "decided_by", "decided", "expires")
        _add(made, pack, "exceptions.csv", rows_of(accepted, names))
        _add(made, pack, "scope.csv", rows_of(scope, ("kind", "id", "name", "environment", "last_scan")))
        _add(made, pack, "not-read.csv", rows_of(gaps, ("type", "account", "region", "why")))


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
                "; ".join(one.because),
                one.first_seen,
                one.last_seen,
                one.exception,
                one.fingerprint,
            )
        if none:
            yield (*about, *[""] * (len(EVIDENCE) - len(about)))


def _text(value: Any) -> str | int | None:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int) else str(value)
