"""`koban logs validate`."""

from __future__ import annotations

import json
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from koban.interfaces.cli.listing import painter, table_lines
from koban.interfaces.cli.options import Words, debug, example, flat, lake_option
from koban.interfaces.cli.output import colour_wanted, output, say, width_of
from koban.interfaces.cli.progress import Bar

if TYPE_CHECKING:
    from koban.app.validate import Problem, Source, Total, Validation

NOTHING, UNREAD = 2, 3
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
COLOURS = {"unknown": "33", "gap": "36"}
COLUMNS = ("account", "region", "trail", "digests", "log files", "gaps", "from", "to")
EXIT_CODES = """\b
Exit codes:
  0  all valid; times without digests (gap) are said, and do not count
  1  a file was altered, moved or deleted, or a signature is not right
  2  bad usage, or nothing there to validate
  3  part could not be read or proven: each part is named (this wins over 1)"""


class Duration(click.ParamType[timedelta]):
    """A length of time such as 90s, 15m, 1h or 2d."""

    name = "duration"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return "1h"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(\d{1,6})([smhd])", value)
        if found is None or int(found[1]) == 0:
            self.fail(f"{value!r} is no length of time such as 15m, 1h or 7d", param, ctx)
        return timedelta(seconds=int(found[1]) * UNITS[found[2]])


class Moment(click.ParamType[datetime]):
    """A time in ISO 8601, in UTC where it has no zone, or how long ago it was."""

    name = "moment"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        if re.fullmatch(r"\d+[smhd]", value):
            return datetime.now(UTC) - Duration().convert(value, param, ctx)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time such as 2026-11-01, 2026-11-01T14:00:00Z or 7d (ago)", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command(
    epilog=EXIT_CODES
    + "\n\n"
    + example(
        "koban logs validate --trail-arn arn:aws:cloudtrail:eu-west-1:111122223333:trail/main --start 7d",
        "koban logs validate s3://org-trail-bucket/prefix --accounts 111122223333 --format jsonl",
        "koban logs validate copy-of-bucket/ --public-keys keys.json",
        "koban logs validate s3://org-trail-bucket --every 1h --state validated.json",
        "koban logs validate s3://org-trail-bucket --trust-lake",
    )
)
@click.argument("places", metavar="[DIR | s3://BUCKET[/PREFIX]]...", nargs=-1)
@click.option("--trail-arn", default="", metavar="ARN", help="Only this trail's; without a place, where it writes to.")
@click.option("--start", type=Moment(), help="Digests of this time on: 2026-11-01, 2026-11-01T14:00:00Z, or 7d (ago).")
@click.option("--end", type=Moment(), help="Digests up to this time.")
@click.option("--accounts", type=Words(), multiple=True, help="Only these accounts, as 12 digits.")
@click.option("--regions", type=Words(), multiple=True, help="Only these regions.")
@click.option(
    "--public-keys",
    "key_files",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="CloudTrail's public keys in place of asking for them: DER, a directory of DER, or what `aws cloudtrail "
    "list-public-keys` prints (several times if you like).",
)
@click.option("--every", type=Duration(), help="Go on as a job: validate what is new each hour (1h), until SIGTERM.")
@click.option(
    "--state",
    "state_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where it is kept what is validated already: the next run validates only what is new since.",
)
@click.option(
    "--trust-ingested",
    "hashes_file",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Hashes taken when the log files were read before, as JSON lines of key, tag and sha256: a file whose tag "
    "(its ETag; for files size-mtime_ns) is still the same is not read again.  Off unless given.",
)
@click.option(
    "--trust-lake",
    is_flag=True,
    help="The same with the hashes that `koban logs ingest --keep-hashes` has kept in the lake.  Off unless given.",
)
@lake_option
@click.option("--profile", default="", help="The profile of your AWS configuration to ask with.")
@click.option("--role-arn", default="", metavar="ARN", help="The role to assume before anything is read.")
@click.option("--external-id", default="", metavar="ID", help="The external id that the role asks for.")
@click.option(
    "-f",
    "--format",
    "format_name",
    type=click.Choice(["table", "jsonl"]),
    help="How to write it.  Default: table on a terminal, else jsonl.",
)
@click.option("-o", "--output", "output_name", metavar="FILE", help="Write to FILE in place of standard output.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, and no last line on standard error.")
@click.option("--no-color", is_flag=True, help="No colours, as with NO_COLOR in the environment.")
@debug
def validate(
    places: tuple[str, ...],
    trail_arn: str,
    start: datetime | None,
    end: datetime | None,
    accounts: tuple[tuple[str, ...], ...],
    regions: tuple[tuple[str, ...], ...],
    key_files: tuple[Path, ...],
    every: timedelta | None,
    state_file: Path | None,
    hashes_file: Path | None,
    trust_lake: bool,
    lake_root: str | None,
    profile: str,
    role_arn: str,
    external_id: str,
    format_name: str | None,
    output_name: str | None,
    quiet: bool,
    no_color: bool,
) -> int:
    """Prove that CloudTrail's log files and digest files are as CloudTrail wrote them, in S3 or in a local copy.

    Checks each digest's signature, the chain from each digest to the one before, and the SHA-256 of every log file;
    all trails, accounts and regions below the places, organisation trails too.  Reads only.
    """
    if every is not None and output_name not in (None, "-"):
        raise click.UsageError("a job (--every) writes to standard output: send that where you want it")
    if start is not None and end is not None and start > end:
        raise click.UsageError("--start is after --end")
    from koban.app import validate as app
    from koban.app.validate_state import State, hashes_of

    wanted = app.Wanted(accounts=flat(accounts), regions=flat(regions), start=start, end=end)

    def opened() -> Source:
        return app.open_source(
            places,
            wanted,
            trail_arn=trail_arn,
            key_files=key_files,
            profile=profile,
            role_arn=role_arn,
            external_id=external_id,
        )

    if trust_lake and hashes_file is not None:
        raise click.UsageError("--trust-lake and --trust-ingested are two answers to one question: give one of them")
    known = hashes_of(hashes_file) if hashes_file is not None else None
    if trust_lake:
        from koban.app.logs.hashes import kept
        from koban.app.logs.place import lake_at

        known = kept(lake_at(lake_root))
    state = State.read(state_file) if state_file is not None else State() if every is not None else None
    to_screen = output_name in (None, "-")
    wants_table = (format_name or ("table" if to_screen and sys.stdout.isatty() else "jsonl")) == "table"

    def once(stream: TextIO, stopping: Callable[[], bool]) -> Validation:
        bar = Bar(not quiet, no_color)
        run = app.validate(
            opened(),
            state,
            known=known,
            stopping=stopping,
            heard=lambda what, done: bar.show(what, f"{done:,} files") if done else bar.show(what),
        )
        write = _as_table if wants_table else _as_lines
        colour = to_screen and colour_wanted(sys.stdout, no_color)
        for text in write(
            bar.until_done(run), run, colour, width_of(sys.stdout) if to_screen and sys.stdout.isatty() else 1000
        ):
            stream.write(text + "\n")
        if run.complete and state is not None:
            state.write()
        if not quiet and (run.totals or every is None):
            say(f"koban: {_summed(run.totals.values())}")
        return run

    with output(output_name) as stream:
        if every is None:
            run = once(stream, lambda: False)
            if run.totals or (run.passed and not run.unread):
                return run.exit_code
            say("koban: there is nothing to validate: no digest files of CloudTrail for what was asked")
            return NOTHING
        return _job(every, lambda stopping: once(stream, stopping), stream)


def _job(every: timedelta, once: Callable[[Callable[[], bool]], Validation], stream: TextIO) -> int:
    """Validate again and again until asked to stop; the worst exit code of all runs, 3 over 1."""
    from koban.app.validate import FAILURES

    worst, first = 0, True
    with _stop_signal() as stop:
        while not stop.is_set():
            began = time.monotonic()
            try:
                worst = max(worst, once(stop.is_set).exit_code)
            except FAILURES as error:
                if first:
                    raise
                say(f"koban: {error}")
                worst = UNREAD
            stream.flush()
            first = False
            stop.wait(max(0.0, every.total_seconds() - (time.monotonic() - began)))
    return worst


@contextmanager
def _stop_signal() -> Iterator[threading.Event]:
    """Set by SIGTERM and Ctrl-C: what is under way ends where it may end."""
    stop = threading.Event()
    before = {one: signal.signal(one, lambda *_: stop.set()) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _as_lines(problems: Iterator[Problem], run: Validation, colour: bool, width: int) -> Iterator[str]:
    for problem in problems:
        yield json.dumps(problem.as_json(), ensure_ascii=False)
    for total in _sorted(run):
        yield json.dumps(total.as_json(), ensure_ascii=False)


def _as_table(problems: Iterator[Problem], run: Validation, colour: bool, width: int) -> Iterator[str]:
    paint = painter(colour)
    for problem in problems:
        file = problem.file
        if problem.since is not None:
            file = f"{_minute(problem.since)} to {_minute(problem.until)}, beside {file}"
        kind = paint(COLOURS.get(problem.kind, "31"), f"{problem.kind:<17}")
        yield f"{kind}  {problem.what:<8}  {file}"
        yield paint("2", f"{'':29}{problem.because}")
    rows = [_row(one) for one in _sorted(run)]
    if rows:
        yield ""
        yield from (line.rstrip() for line in table_lines(rows, COLUMNS, width, paint))


def _sorted(run: Validation) -> list[Total]:
    return [run.totals[key] for key in sorted(run.totals)]


def _row(total: Total) -> dict[str, Any]:
    return {
        "account": total.account,
        "region": total.region,
        "trail": total.trail,
        "digests": _counts(total.digests),
        "log files": _counts(total.logs),
        "gaps": total.gaps,
        "from": _minute(total.since),
        "to": _minute(total.until),
    }


def _counts(counts: Any) -> str:
    """``23/24 valid``, and what is not."""
    others = [f"{counts[one]:,} {one}" for one in ("invalid", "unknown") if counts[one]]
    return ", ".join([f"{counts['valid']:,}/{sum(counts.values()):,} valid", *others])


def _minute(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def _summed(totals: Any) -> str:
    totals = list(totals)
    digests = sum((one.digests for one in totals), type(totals[0].digests)()) if totals else {}
    logs = sum((one.logs for one in totals), type(totals[0].logs)()) if totals else {}
    gaps, trusted = sum(one.gaps for one in totals), sum(one.trusted for one in totals)
    if not totals:
        return "nothing new since the last run"
    aside = f"; {gaps:,} gaps" if gaps else ""
    aside += f"; {trusted:,} log files by the hash from when they were ingested, not read" if trusted else ""
    return f"digests {_counts(digests)}; log files {_counts(logs)}{aside}"
