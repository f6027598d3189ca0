"""`koban logs`: every log kept safe, and searched."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from koban.interfaces.cli.lazy import Lazy
from koban.interfaces.cli.options import (
    Words,
    debug,
    engine_options,
    example,
    flat,
    formats_of,
    hint_options,
    hints_of,
    intake_options,
    lake_option,
    period,
)
from koban.interfaces.cli.output import say

if TYPE_CHECKING:
    from koban.lake.lake import Lake
    from koban.lake.query import Answer
    from koban.lake.spark import SparkLake

COMMANDS = {
    "ingest": ("logs:ingest", "Take logs into the lake, each file once."),
    "follow": ("follow:follow", "Take logs in as they come: syslog, HTTP, directories, new objects in S3."),
    "query": ("logs:query", "Ask the lake in SQL."),
    "search": ("logs:search", "Find events by field:value."),
    "validate": ("validate:validate", "Prove that CloudTrail's files are whole, from its digests."),
    "status": ("logs:status", "What the lake holds."),
    "quarantine": ("logs:quarantine", "What could not be read, and why; take it in after a fix."),
    "keep": ("logs:keep", "Set how long events are kept, and hold them for a case."),
    "maintain": ("logs:maintain", "Compact small files, remove what is over its time."),
}


@click.group(
    cls=Lazy,
    commands_at=COMMANDS,
    epilog=example(
        "koban logs ingest s3://trail-bucket/AWSLogs/", "koban logs search 'api.operation:Delete* -status_id:1'"
    ),
)
def logs() -> None:
    """Keep every log, and search it."""


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """What is wrong with a request, in one line and with exit code 2."""
    from koban.app.logs.ingest import BadSource
    from koban.app.logs.place import BadTime
    from koban.lake.query import BadQuery
    from koban.lake.search import BadSearch
    from koban.lake.spread import NoWorkers

    try:
        yield
    except (BadTime, BadQuery, BadSearch, BadSource, NoWorkers) as error:
        raise click.UsageError(str(error)) from error


@click.command(
    epilog=example(
        "koban logs ingest /var/log/auth.log logs/",
        "koban logs ingest s3://trail-bucket/AWSLogs/111122223333/CloudTrail/",
        "kubectl logs audit | koban logs ingest -",
        "koban logs ingest --flow-fields 'srcaddr dstaddr dstport start end action' flows.log",
    )
)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@lake_option
@intake_options
@click.option("--compact/--no-compact", default=True, show_default=True, help="Make few files of many at the end.")
@click.option("-q", "--quiet", is_flag=True, help="Say only what could not be read.")
@debug
def ingest(
    sources: tuple[str, ...],
    lake_root: str | None,
    flow_fields: str,
    dates: str | None,
    keep_hashes: bool,
    compact: bool,
    quiet: bool,
) -> int:
    """Take logs into the lake: files, directories, s3:// prefixes, or - for standard input.

    Formats are recognised by content.  A file that is there already is passed over, also after a crash; what cannot be
    read is kept in quarantine with the reason.
    """
    from koban.app.logs.ingest import Counts, ingested
    from koban.app.logs.place import lake_at
    from koban.interfaces.cli.progress import Bar

    hints = hints_of(flow_fields, dates)
    bar = Bar(not quiet)

    def show(counts: Counts) -> None:
        bar.show("taking in logs", f"{counts.events:,} events of {counts.inputs:,} files")

    with explained(), contextlib.closing(_Stopped(bar)):
        counts = ingested(lake_at(lake_root), sources, show, compact=compact, hints=hints, keep_hashes=keep_hashes)
    for line in counts.unreadable:
        say(f"not read: {line}")
    if counts.quarantined:
        say(f"{counts.quarantined:,} records could not be read and are in quarantine: koban logs quarantine")
    if not quiet:
        known = f"; {counts.inputs_known:,} files were there already" if counts.inputs_known else ""
        say(f"{counts.events:,} events of {counts.inputs:,} files{known}")
        for source, records in counts.by_source.most_common():
            say(f"  {records:>12,}  {source}")
    if not counts.inputs and not counts.inputs_known and counts.unreadable:
        return 2
    return 3 if counts.unreadable or counts.quarantined else 0


def on_spark(lake: Lake, master: str) -> SparkLake:
    """The lake through Spark; what is wrong with Spark in one line and with exit code 2."""
    from koban.lake.spark import NoSpark, SparkLake

    try:
        return SparkLake(lake, master)
    except NoSpark as error:
        raise click.UsageError(str(error)) from error


class _Stopped:
    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def close(self) -> None:
        self._bar.stop()


def _classes(groups: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    from koban.model.event import CLASSES

    for name in flat(groups):
        if name not in CLASSES:
            raise click.UsageError(f"{name!r} is no OCSF class: {', '.join(CLASSES)}")
    return flat(groups)


classes_option = click.option(
    "--class", "classes", type=Words(), multiple=True, help="Only events of these OCSF classes, such as api_activity."
)


@click.command(
    epilog=example(
        "koban logs query 'SELECT actor.user.name, count(*) FROM events GROUP BY 1 ORDER BY 2 DESC LIMIT 10'",
        "koban logs query --since 24h --format csv 'SELECT time, api_operation FROM events WHERE status_id = 2'",
        "koban logs query --save denied 'SELECT * FROM events WHERE status_id = 2'",
        "koban logs query --saved denied --since 1h",
    )
)
@click.argument("sql", required=False)
@lake_option
@period
@classes_option
@click.option("--save", metavar="NAME", help="Keep the query in the lake under NAME.")
@click.option("--saved", metavar="NAME", help="Ask the query that is kept under NAME.")
@engine_options
@formats_of("table", "jsonl", "csv")
def query(
    sql: str | None,
    lake_root: str | None,
    since: str,
    until: str,
    classes: tuple[tuple[str, ...], ...],
    save: str | None,
    saved: str | None,
    engine: str,
    spark_master: str,
    format_name: str | None,
    output: str | None,
) -> int:
    """Ask the lake in SQL: one SELECT over the tables `events`, `quarantine`, ...

    Columns are OCSF attributes, with dots or underscores (`src_endpoint.ip`); `record` holds the whole event as JSON.
    With --engine spark the SQL is Spark's.
    `koban logs query 'DESCRIBE events'` lists them.
    """
    from koban.app.logs.place import instant, lake_at
    from koban.lake.query import ask

    lake = lake_at(lake_root)
    if saved is not None:
        kept = lake.settings().get(f"query:{saved}")
        if kept is None:
            names = sorted(n.removeprefix("query:") for n in lake.settings() if n.startswith("query:"))
            raise click.UsageError(f"no query is kept as {saved!r}; there are: {', '.join(names) or 'none'}")
        sql = str(kept)
    if not sql:
        raise click.UsageError("say what to ask: koban logs query 'SELECT count(*) FROM events'")
    if save is not None:
        lake.set(f"query:{save}", sql)
    with explained():
        asking = on_spark(lake, spark_master).ask if engine == "spark" else partial(ask, lake)
        answer = asking(sql, since=instant(since), until=instant(until), classes=_classes(classes))
        write_answer(answer, format_name, output)
    return 0


@click.command(
    epilog=example(
        "koban logs search --since 7d 'api.operation:ConsoleLogin -actor.session.is_mfa:true'",
        "koban logs search 'src_endpoint.ip:198.51.100.0/24 requestParameters.bucketName:payroll*'",
        "koban logs search --format jsonl 'i-0abc1234'",
    )
)
@click.argument("line", nargs=-1)
@lake_option
@period
@classes_option
@click.option(
    "-n", "--limit", type=click.IntRange(1), default=1000, show_default=True, help="At most so many, the last ones."
)
@formats_of("table", "jsonl", "csv")
def search(
    line: tuple[str, ...],
    lake_root: str | None,
    since: str,
    until: str,
    classes: tuple[tuple[str, ...], ...],
    limit: int,
    format_name: str | None,
    output: str | None,
) -> int:
    """Find events: field:value, field:10.0.0.0/8, field>5, -field:value, words, OR, ( ).

    A field is an OCSF attribute or any field of the record under its own name.
    """
    from koban.app.logs.place import instant, lake_at
    from koban.lake.query import find

    wanted = format_name or ("table" if output in (None, "-") and sys.stdout.isatty() else "jsonl")
    with explained():
        answer = find(
            lake_at(lake_root),
            " ".join(line),
            since=instant(since),
            until=instant(until),
            classes=_classes(classes),
            limit=limit,
            short=wanted == "table",
        )
        write_answer(answer, wanted, output)
    return 0


def write_answer(answer: Answer, format_name: str | None, output_name: str | None) -> None:
    """The rows of an answer, as they come."""
    import csv

    from koban.interfaces.cli.listing import write_list
    from koban.interfaces.cli.output import output as opened

    to_screen = output_name in (None, "-")
    wanted = format_name or ("table" if to_screen and sys.stdout.isatty() else "jsonl")
    rows = ([readable(value) for value in row] for row in answer.rows)
    if wanted == "csv":
        with opened(output_name) as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(answer.columns)
            for row in rows:
                writer.writerow(["" if v is None else json.dumps(v) if isinstance(v, list | dict) else v for v in row])
        return
    dicts = (dict(zip(answer.columns, row, strict=True)) for row in rows)
    if wanted == "jsonl":
        dicts = ({n: v for n, v in row.items() if v is not None} for row in dicts)
    write_list(dicts, answer.columns, wanted, output_name)


def readable(value: Any) -> Any:
    """A value of DuckDB as JSON has it."""
    import datetime
    import decimal

    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z") if value.tzinfo else value.isoformat()
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return str(value)
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [readable(one) for one in value]
    if isinstance(value, dict):
        return {str(k): readable(v) for k, v in value.items()}
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


@click.command(epilog=example("koban logs status", "koban logs status --format jsonl"))
@lake_option
@formats_of("table", "jsonl")
def status(lake_root: str | None, format_name: str | None, output: str | None) -> int:
    """What the lake holds: events, days and size by class, and what is in quarantine."""
    from koban.app.logs.place import lake_at
    from koban.app.logs.upkeep import holdings
    from koban.interfaces.cli.listing import write_list

    rows = holdings(lake_at(lake_root))
    write_list(rows, ("table", "class", "rows", "files", "mebibytes", "first", "last"), format_name, output)
    return 0


@click.command(
    epilog=example(
        "koban logs quarantine", "koban logs quarantine --replay", "koban logs quarantine --replay --dates day"
    )
)
@lake_option
@click.option("--replay", is_flag=True, help="Read it again; what can be read now becomes events.")
@hint_options
@formats_of("table", "jsonl")
def quarantine(
    lake_root: str | None,
    replay: bool,
    flow_fields: str,
    dates: str | None,
    format_name: str | None,
    output: str | None,
) -> int:
    """What could not be read: how much, from where, why.  Nothing of it is lost."""
    from koban.app.logs.place import lake_at
    from koban.app.logs.upkeep import replayed
    from koban.interfaces.cli.listing import write_list
    from koban.lake.query import ask

    if (flow_fields or dates) and not replay:
        raise click.UsageError("--flow-fields and --dates are for --replay")
    lake = lake_at(lake_root)
    if replay:
        done = replayed(lake, hints_of(flow_fields, dates))
        say(f"{done.events:,} events out of quarantine; {done.left:,} records stay")
        return 3 if done.left else 0
    if not lake.quarantine.exists():
        return 0
    answer = ask(
        lake,
        "SELECT origin, reason, count(*) AS records, min(origin_line) AS line, max(time) AS last,"
        " decode(min(data)[1:200]::BLOB) AS example FROM quarantine GROUP BY ALL ORDER BY records DESC",
    )
    rows = [dict(zip(answer.columns, map(readable, row), strict=True)) for row in answer.rows]
    write_list(rows, ("records", "line", "origin", "reason"), format_name, output)
    return 0


@click.command(
    epilog=example(
        "koban logs keep",
        "koban logs keep --class network_activity --days 90",
        "koban logs keep --hold case-7 --since 2026-03-01 --until 2026-03-31",
        "koban logs keep --release case-7",
    )
)
@lake_option
@classes_option
@click.option("--days", type=click.IntRange(1), help="Keep events (of those classes) so many days.")
@click.option(
    "--hold", metavar="NAME", help="Keep what happened from the day of --since to that of --until, both included."
)
@click.option("--release", metavar="NAME", help="End a hold.")
@period
@formats_of("table", "jsonl")
def keep(
    lake_root: str | None,
    classes: tuple[tuple[str, ...], ...],
    days: int | None,
    hold: str | None,
    release: str | None,
    since: str,
    until: str,
    format_name: str | None,
    output: str | None,
) -> int:
    """Show or set how long events are kept (400 days where nothing is said), and legal holds."""
    from koban.app.logs.place import instant, lake_at
    from koban.interfaces.cli.listing import write_list
    from koban.lake.lake import RETENTION_DAYS

    lake = lake_at(lake_root)
    names = _classes(classes)
    with explained():
        if days:
            for name in names or ("",):
                lake.set(f"retention:{name}" if name else "retention", days)
        if hold:
            if not since or not until:
                raise click.UsageError("a hold needs --since and --until")
            lake.set(f"hold:{hold}", {"since": instant(since)[:10], "until": instant(until)[:10], "classes": names})
        if release:
            if release not in [h.name for h in lake.holds()]:
                raise click.UsageError(f"there is no hold {release!r}")
            lake.set(f"hold:{release}", None)
    settings = lake.settings()
    rows: list[dict[str, Any]] = [
        {"what": "every class", "days": settings.get("retention", RETENTION_DAYS), "detail": ""}
    ]
    rows += [
        {"what": name.removeprefix("retention:"), "days": value, "detail": ""}
        for name, value in sorted(settings.items())
        if name.startswith("retention:")
    ]
    rows += [
        {
            "what": f"hold {h.name}",
            "days": None,
            "detail": f"{h.since} to {h.until} {' '.join(h.classes) or 'all classes'}",
        }
        for h in lake.holds()
    ]
    write_list(rows, ("what", "days", "detail"), format_name, output)
    return 0


@click.command(epilog=example("koban logs maintain", "koban logs maintain --no-expire"))
@lake_option
@click.option("--expire/--no-expire", default=True, show_default=True, help="Remove events that are over their time.")
@engine_options
@debug
def maintain(lake_root: str | None, expire: bool, engine: str, spark_master: str) -> int:
    """Compact small files, remove events that are over their time, and files that no version names any more."""
    from koban.app.logs.place import lake_at

    lake = lake_at(lake_root)
    done = on_spark(lake, spark_master).compact() if engine == "spark" else lake.compact()
    say(f"{done.files_before:,} files are {done.files_after:,} now, in {done.partitions:,} partitions")
    if expire:
        for name, rows in lake.expire().items():
            say(f"{rows:,} events of {name} were over their time")
    say(f"{lake.vacuum():,} files that nothing names were removed")
    return 0
