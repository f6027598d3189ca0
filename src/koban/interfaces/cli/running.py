"""Runs a scan to its end: feeds the reports, says what was not read, and decides the exit code."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

import koban
from koban.app.earlier import FINDINGS
from koban.app.reports import SUFFIXES, Context, Tally, report, write
from koban.app.reports.table import named_gaps
from koban.app.scan import Scan
from koban.interfaces.cli.options import flat
from koban.interfaces.cli.output import ascii_only, check_writable, colour_wanted, output, say, width_of
from koban.interfaces.cli.plan import Plan, plan
from koban.interfaces.cli.progress import Bar
from koban.model.rule import SEVERITIES

FOUND, NOTHING, UNREAD = 1, 2, 3
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


def judge(
    start: Callable[[Plan, Bar], Scan],
    *,
    kind: str,
    options: Mapping[str, Any],
    framework_ids: tuple[tuple[str, ...], ...],
    rule_directories: tuple[Path, ...],
    rule_patterns: tuple[tuple[str, ...], ...],
    severities: tuple[tuple[str, ...], ...],
    baseline_files: tuple[Path, ...],
    no_baseline: bool,
    only: tuple[tuple[str, ...], ...],
    fail_on: str | None,
    formats: tuple[tuple[str, ...], ...],
    outputs: tuple[str, ...],
    no_color: bool,
    quiet: bool,
    verbose: bool,
    kept: bool = False,
    target: str = "",
    with_code: bool = False,
) -> int:
    """Do what `koban scan` was asked for; `start` begins the scan.  Returns the exit code.

    `kind` and `options` are what the ledger keeps of it, so that it can be scanned again.
    """
    reports = destinations(tuple(one for group in formats for one in group), outputs)
    made = plan(
        framework_ids=flat(framework_ids),
        rule_directories=rule_directories,
        rule_patterns=flat(rule_patterns),
        severities=flat(severities),
        baseline_files=baseline_files,
        no_baseline=no_baseline,
        fail_on=fail_on,
        with_code=with_code,
    )
    bar = Bar(not quiet, no_color)
    if target and not kept:
        raise click.UsageError("--target names what --ledger keeps: give both")
    keeping = _keeping(made) if kept else None
    made.watcher = keeping
    try:
        scan = start(made, bar)
        scan.earlier = made.earlier
        if keeping is not None:
            name = target or (f"templates in {', '.join(options['paths'])}" if kind == "iac" else scan.title)
            keeping.begin(name[:200], kind, {k: v for k, v in options.items() if v}, _who(), scan.title)
            scan.results = keeping.results(scan, scan.results)
        scan.results = bar.until_done(scan.results)
        detail = -1 if quiet else int(verbose)
        return finish(
            scan, made, reports, only=flat(only), severities=flat(severities), no_color=no_color, detail=detail
        )
    finally:
        bar.stop()
        if keeping is not None:
            keeping.ledger.close()


def _keeping(asked: Plan) -> Any:
    """What lands the scan in the ledger.  Raises click.ClickException where the ledger cannot be opened."""
    from koban.app.ledger.keeping import Keeping
    from koban.ledger.database import Ledger, data_directory
    from koban.ledger.errors import LedgerError

    try:
        ledger = Ledger.open(data_directory())
    except LedgerError as error:
        raise click.ClickException(str(error)) from error
    return Keeping(ledger, asked.rules, asked.use.baseline if asked.use is not None else None)


def _who() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "the command line"


def finish(
    scan: Scan,
    asked: Plan,
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
                rules={one.id: one for one in asked.rules},
                frameworks=asked.frameworks,
                known=asked.known if format_name == "html" else {},
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
    _say_what_is_new(scan, tally)
    for name in (name for _, name in reports if name != STANDARD_OUTPUT):
        say(f"koban: wrote {name}")
    return _exit_code(scan, asked, tally)


def _say_what_was_not_read(scan: Scan, on_screen: bool) -> None:
    for note in scan.notes:
        say(f"koban: {note}")
    if on_screen:
        return
    for what, where, why in named_gaps(scan.gaps):
        say(f"koban: not read: {what}{f' of {where}' if where else ''}: {why}")


def _say_what_is_new(scan: Scan, tally: Tally) -> None:
    for one in scan.earlier:
        stays = len(one.again)
        gone = sum(1 for _ in one.gone())
        how = "gone or not read" if scan.gaps else "gone"
        if one.listed:
            new = sum(tally.verdicts[verdict] - tally.known[verdict] for verdict in FINDINGS)
            say(f"koban: {new:,} new, {gone:,} {how}, {stays:,} as before ({one.name})")
            continue
        aside = "" if scan.scoped else f", {gone:,} {how}"
        say(f"koban: {stays:,} known from {one.name} and left out{aside}")


def _exit_code(scan: Scan, asked: Plan, tally: Tally) -> int:
    ours = {one.id for one in asked.rules}
    beside = [one for one in tally.rules.values() if one.rule not in ours]  # about files, not about what is in them
    if scan.gaps:
        nothing_read = len(beside) == len(tally.rules) and not any(one.counts["fail"] for one in beside)
        return NOTHING if nothing_read else UNREAD
    if asked.fail_on == "none":
        return 0
    if not asked.fails_by_place:
        return FOUND if tally.fails(asked.fail_on) else 0
    worst = SEVERITIES[: SEVERITIES.index(asked.fail_on) + 1]
    return FOUND if asked.failed or any(one.failures and one.severity in worst for one in beside) else 0
