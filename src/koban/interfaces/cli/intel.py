"""`koban intel`: threat intelligence of others, kept in the lake and matched with its events."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from koban.interfaces.cli.listing import write_list
from koban.interfaces.cli.options import Words, debug, example, formats_of, lake_option
from koban.interfaces.cli.output import output, say

if TYPE_CHECKING:
    from koban.app.intelligence import LeftOuts

KINDS = ("ip", "cidr", "domain", "url", "hash", "ja3", "ja4")
LEVELS = ("informational", "low", "medium", "high", "critical")
COLUMNS = ("source", "indicators", "new", "gone", "left_out")


@click.group(epilog=example("koban intel add feed.txt --kind ip --confidence 80", "koban intel match --since 24h"))
def intel() -> None:
    """Threat intelligence: take feeds in, match events with them."""


def _lake(root: str | None) -> Any:
    from koban.app.logs.place import lake_at

    return lake_at(root)


@contextlib.contextmanager
def _left_outs(name: str | None) -> Iterator[LeftOuts]:
    """What was left out: counted, and written to file `name` where there is one."""
    from koban.app.intelligence import LeftOuts

    if name is None:
        yield LeftOuts()
        return
    with output(name) as stream:
        yield LeftOuts(lambda one: print(json.dumps(asdict(one), ensure_ascii=False), file=stream))


confidence_option = click.option(
    "--confidence",
    type=click.IntRange(0, 100),
    metavar="0-100",
    help="How sure entries are that do not say it.  Default: 50.",
)
expires_option = click.option(
    "--expires",
    "expires_days",
    type=click.FloatRange(0, min_open=True),
    metavar="DAYS",
    help="When entries end that do not say it: so many days from now.  Default: never.",
)
name_option = click.option("--as", "name", default="", metavar="NAME", help="The feed's name.  Default: the file's.")
left_out_option = click.option(
    "--left-out", "left_out_name", metavar="FILE", help="Write each entry that was left out to FILE, as JSON lines."
)


@intel.command(
    epilog=example(
        "koban intel add blocklist.txt --as blocklist --expires 30",
        "koban intel add bundle.json feeds/misp/ https://feeds.example.com/urls.csv",
    )
)
@click.argument("locations", metavar="SOURCE...", nargs=-1, required=True)
@name_option
@click.option("--kind", type=click.Choice(KINDS), help="What a list or table holds.  Default: what it looks like.")
@click.option("--columns", type=Words(), metavar="A,B,..", help="Names of a table's columns, such as value,confidence.")
@confidence_option
@expires_option
@left_out_option
@lake_option
@formats_of("table", "jsonl")
def add(
    locations: tuple[str, ...],
    name: str,
    kind: str | None,
    columns: tuple[str, ...] | None,
    confidence: int | None,
    expires_days: float | None,
    left_out_name: str | None,
    lake_root: str | None,
    format_name: str | None,
    output: str | None,
) -> int:
    """Take feeds in: STIX bundles, MISP events and feeds, CSV, plain lists; also gzip or zip, from files, directories,
    web addresses or standard input (-).

    A feed that is read again replaces what it said before.  Exits with 3 where entries are broken: the others are kept.
    """
    from koban.app.intelligence import IntelligenceError, LeftOuts
    from koban.app.intelligence import add as take_in

    if name and len(locations) > 1:
        raise click.UsageError("--as names one feed; add several one by one")
    lake = _lake(lake_root)
    rows: list[dict[str, Any]] = []
    broken = failed = 0
    with _left_outs(left_out_name) as every:
        for location in locations:
            left = LeftOuts(every.write)
            try:
                kept = take_in(
                    lake,
                    location,
                    left,
                    name=name,
                    kind=kind or "",
                    columns=columns or (),
                    confidence=confidence,
                    expires_days=expires_days,
                )
            except IntelligenceError as error:
                say(f"koban: {error}")
                failed += 1
                continue
            rows.append(_kept(kept, left))
            broken += left.broken
    if rows:
        write_list(rows, COLUMNS, format_name, output)
    return 2 if failed == len(locations) else 3 if broken or failed else 0


def _kept(kept: Any, left: LeftOuts) -> dict[str, Any]:
    for line in left.lines():
        say(f"koban: {kept.source}: {line}")
    return {**asdict(kept), "left_out": sum(left.reasons.values()), "broken": left.broken}


@intel.command(
    epilog=example(
        "koban intel taxii https://taxii.example.com/api/ --collection high-confidence",
        "KOBAN_TAXII_USER=me KOBAN_TAXII_PASSWORD=... koban intel taxii https://taxii.example.com/taxii2/",
    )
)
@click.argument("url")
@click.option("--collection", default="", metavar="ID", help="Which collection: its id, alias or title.")
@name_option
@click.option("--all", "everything", is_flag=True, help="Read all of it anew, not what is new since the last time.")
@click.option(
    "--auth",
    "prefix",
    default="KOBAN_TAXII",
    metavar="PREFIX",
    help="Where the credentials are: PREFIX_USER and PREFIX_PASSWORD, PREFIX_TOKEN, or PREFIX_HEADER ('Name: value')"
    " of the environment.  Default: KOBAN_TAXII.",
)
@confidence_option
@expires_option
@left_out_option
@lake_option
@formats_of("table", "jsonl")
def taxii(
    url: str,
    collection: str,
    name: str,
    everything: bool,
    prefix: str,
    confidence: int | None,
    expires_days: float | None,
    left_out_name: str | None,
    lake_root: str | None,
    format_name: str | None,
    output: str | None,
) -> int:
    """Take in the indicators of a TAXII 2.1 collection: those that are new since the last time."""
    from koban.app.intelligence import add_taxii

    with _left_outs(left_out_name) as left:
        kept = add_taxii(
            _lake(lake_root),
            url,
            left,
            collection=collection,
            name=name,
            everything=everything,
            prefix=prefix,
            confidence=confidence,
            expires_days=expires_days,
        )
        row = _kept(kept, left)
    write_list([row], COLUMNS, format_name, output)
    return 3 if left.broken else 0


@intel.command("list", epilog=example("koban intel list"))
@lake_option
@formats_of("table", "jsonl")
def list_feeds(lake_root: str | None, format_name: str | None, output: str | None) -> int:
    """List the feeds and the allow-lists: how many entries, how many past their end, when last read."""
    from koban.app.intelligence import listed

    rows = [
        {
            **one,
            "name": one.get("source") or one["allow_list"],
            "count": one.get("indicators") or one.get("entries"),
            "holds": [f"{kind}:{count}" for kind, count in one["kinds"].items()] if "kinds" in one else "allow-list",
        }
        for one in listed(_lake(lake_root))
    ]
    write_list(rows, ("name", "count", "expired", "last_read", "holds"), format_name, output)
    return 0


@intel.command(epilog=example("koban intel remove blocklist"))
@click.argument("name")
@lake_option
@debug
def remove(name: str, lake_root: str | None) -> int:
    """Take a feed or an allow-list away."""
    from koban.app.intelligence import remove as take_away

    count = take_away(_lake(lake_root), name)
    say(f"koban: removed {name}: {count:,} entries")
    return 0


@intel.command(epilog=example("koban intel allow lists/public-dns-v4/list.json"))
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--as", "name", default="", metavar="NAME", help="The list's name.  Default: what it says itself.")
@lake_option
@formats_of("table", "jsonl")
def allow(files: tuple[str, ...], name: str, lake_root: str | None, format_name: str | None, output: str | None) -> int:
    """Keep what is known to be harmless from matching: files in the format of MISP's warning lists."""
    from koban.app.intelligence import LeftOuts
    from koban.app.intelligence import allow as keep

    if name and len(files) > 1:
        raise click.UsageError("--as names one list; add several one by one")
    lake = _lake(lake_root)
    rows, broken = [], 0
    for file in files:
        left = LeftOuts()
        rows.append(keep(lake, file, left, name))
        broken += left.broken
        for line in left.lines():
            say(f"koban: {file}: {line}")
    write_list(rows, ("allow_list", "type", "entries", "for"), format_name, output)
    return 3 if broken else 0


@intel.command(
    epilog=example("koban intel match --since 24h", "koban intel match --new", "koban intel match --feed blocklist")
)
@click.option("--since", default="", metavar="TIME", help="Events from then on: 24h, 30d, 2026-03-01.  Default: all.")
@click.option("--until", default="", metavar="TIME", help="Events before then.  Default: now.")
@click.option("--new", is_flag=True, help="Only indicators that came since the last whole run with --new.")
@click.option("--feed", "feeds", multiple=True, metavar="NAME", help="Only indicators of this feed (several times).")
@click.option("--reserved", is_flag=True, help="Let private, loopback, link-local and documentation addresses match.")
@click.option(
    "--fail-on",
    type=click.Choice([*LEVELS, "none"]),
    default="high",
    show_default=True,
    help="Exit with 1 where an alert is of this level or above.",
)
@lake_option
@formats_of("table", "jsonl")
def match(
    since: str,
    until: str,
    new: bool,
    feeds: tuple[str, ...],
    reserved: bool,
    fail_on: str,
    lake_root: str | None,
    format_name: str | None,
    output: str | None,
) -> int:
    """Match the lake's events with the indicators: one alert for an indicator, an entity and a day.

    With --new, what came into the feeds since the last time is looked for in all of the past.
    """
    from koban.app.intelligence import as_row, moment
    from koban.app.intelligence import match as matched

    try:
        run = matched(_lake(lake_root), moment(since), moment(until), new=new, reserved=reserved, sources=feeds)
    except ValueError as error:
        if type(error) is ValueError:
            raise click.UsageError(f"{error}; write a time as 24h, 30d or 2026-03-01T10:00") from error
        raise
    levels: list[str] = []

    def rows() -> Iterator[dict[str, Any]]:
        for alert in run.alerts():
            levels.append(alert.level)
            yield {**as_row(alert), "entity": f"{alert.entities[0].kind} {alert.entities[0].name}"}

    write_list(rows(), ("time_first", "level", "count", "entity", "title"), format_name, output)
    which = f" that came after revision {run.new_since}" if run.new_since else ""
    span = f"from {run.since or 'the first'} to {run.until or 'now'}"
    say(f"koban: {run.indicators:,} indicators{which} against the events {span}: {len(levels):,} alerts")
    for name, count in run.matches.kept_out.items():
        say(f"koban: the allow-list {name} kept {count:,} matches out")
    worst = LEVELS[LEVELS.index(fail_on) :] if fail_on != "none" else ()
    return 1 if any(level in worst for level in levels) else 0
