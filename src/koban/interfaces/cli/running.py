"""Runs a scan to its end: feeds the reports, says what was not read, and decides the exit code."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

import click

import koban
from koban.app.reports import SUFFIXES, Context, Tally, report, write
from koban.app.reports.table import named_gaps
from koban.app.scan import Scan
from koban.interfaces.cli.output import ascii_only, check_writable, colour_wanted, output, say, width_of
from koban.interfaces.cli.plan import Plan

FOUND, UNREAD = 1, 3
STANDARD_OUTPUT = "-"


def destinations(formats: Sequence[str], outputs: Sequence[str]) -> list[tuple[str, str]]:
    """(format, file) of every report; file ``-`` is standard output.  Raises click.UsageError.

    Formats go to outputs in order; an output beyond them tells its format by its ending.
    """
    if len(formats) > len(outputs) + 1:
        raise click.UsageError(f"{len(formats)} formats need {len(formats) - 1} --output; one goes to standard output")
    made = list(zip(formats, outputs, strict=False))
    for name in outputs[len(formats) :]:
        suffix = Path(name).suffix.lower()
        if name != STANDARD_OUTPUT and suffix not in SUFFIXES:
            raise click.UsageError(f"{name}: its ending tells no format; say --format beside --output")
        made.append((SUFFIXES.get(suffix, _default()), name))
    if len(formats) > len(outputs):
        made.append((formats[-1], STANDARD_OUTPUT))
    if not made:
        made.append((_default(), STANDARD_OUTPUT))
    names = [name for _, name in made]
    for name in names:
        if names.count(name) > 1:
            raise click.UsageError(f"two reports cannot both go to {name}")
        if name != STANDARD_OUTPUT:
            check_writable(name)
    if STANDARD_OUTPUT not in names and sys.stdout.isatty():
        made.append(("table", STANDARD_OUTPUT))
    return made


def _default() -> str:
    return "table" if sys.stdout.isatty() else "jsonl"


def finish(
    scan: Scan,
    plan: Plan,
    reports: Sequence[tuple[str, str]],
    *,
    only: Sequence[str] = (),
    severities: Sequence[str] = (),
    no_color: bool = False,
    detail: int = 0,
) -> int:
    """Run the scan, write its reports, say on standard error what was not read; returns the exit code."""
    with contextlib.ExitStack() as stack:
        made = []
        for format_name, name in reports:
            stream = stack.enter_context(output(name))
            terminal = name == STANDARD_OUTPUT and sys.stdout.isatty()
            context = Context(
                title=scan.title,
                started=scan.started,
                rules={one.id: one for one in plan.rules},
                frameworks=plan.frameworks,
                known=plan.known if format_name == "html" else {},
                only=frozenset(only),
                severities=frozenset(severities),
                version=koban.__version__,
                colour=terminal and colour_wanted(sys.stdout, no_color),
                width=width_of(sys.stdout) if terminal else 100,
                ascii=terminal and ascii_only(sys.stdout),
                detail=detail,
            )
            made.append(report(format_name, stream, context))
        tally = write(scan, context, made)
    on_screen = ("table", STANDARD_OUTPUT) in reports and sys.stdout.isatty() and sys.stderr.isatty() and detail >= 0
    _say_what_was_not_read(scan, on_screen)
    for name in (name for _, name in reports if name != STANDARD_OUTPUT):
        say(f"koban: wrote {name}")
    return _exit_code(scan, plan, tally)


def _say_what_was_not_read(scan: Scan, on_screen: bool) -> None:
    for note in scan.notes:
        say(f"koban: {note}")
    if on_screen:
        return
    for what, where, why in named_gaps(scan.gaps):
        say(f"koban: not read: {what}{f' in {where}' if where else ''}: {why}")


def _exit_code(scan: Scan, plan: Plan, tally: Tally) -> int:
    if scan.gaps:
        return UNREAD
    if plan.fail_on == "none":
        return 0
    return FOUND if (plan.failed if plan.fails_by_place else tally.fails(plan.fail_on)) else 0
