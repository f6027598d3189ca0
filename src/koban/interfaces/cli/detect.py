"""`koban detect`: what the logs say that somebody should look at."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from koban.interfaces.cli.lazy import Lazy
from koban.interfaces.cli.logs import explained, on_spark
from koban.interfaces.cli.options import engine_options, example, formats_of, lake_option, period
from koban.interfaces.cli.output import colour_wanted, output, say, width_of

if TYPE_CHECKING:
    from koban.app.detect.run import Detector, Outcome
    from koban.lake.spark import SparkLake
    from koban.model.alert import Alert

COMMANDS = {
    "timeline": ("detect:timeline", "Who did what, in order: an entity's story."),
    "alerts": ("detect:alerts", "The alerts that were kept, as stories."),
    "replay": ("detect:replay", "What rules would have alerted, over history."),
    "sql": ("detect:sql", "The rules as SQL for Trino and Athena, Spark or DuckDB."),
    "risk": ("detect:risk", "The entities with the highest risk."),
    "suppress": ("detect:suppress", "Leave a rule's alerts out for a while, with a reason."),
}
LEVEL_WORDS = ("informational", "low", "medium", "high", "critical")


rules_option = click.option(
    "--rules",
    "directories",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="DIR",
    help="Also use the Sigma rules in DIR.",
)
own_option = click.option("--own/--no-own", default=True, show_default=True, help="Use Koban's own detections.")
rule_option = click.option("--rule", "only", multiple=True, metavar="ID", help="Only this rule, by its id or name.")


@click.group(
    cls=Lazy,
    commands_at=COMMANDS,
    invoke_without_command=True,
    epilog=example(
        "koban detect --since 24h",
        "koban detect --rules sigma/rules/cloud --no-own --format jsonl",
        "koban detect --follow --webhook https://alerts.example.com/koban",
        "koban detect timeline --entity ana --since 7d --format html --output ana.html",
    ),
)
@lake_option
@period
@rules_option
@own_option
@rule_option
@click.option("--follow", is_flag=True, help="Judge each commit as it lands, until stopped.")
@click.option(
    "--behaviour/--no-behaviour", default=True, show_default=True, help="Also judge what is unlike what was normal."
)
@click.option("--intelligence/--no-intelligence", default=True, show_default=True, help="Also match known indicators.")
@click.option("--geoip", multiple=True, type=click.Path(exists=True), metavar="FILE", help="A MaxMind-format database.")
@click.option(
    "--thresholds",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Thresholds of behaviour, in YAML (docs/behaviour.md).",
)
@click.option(
    "--fail-on",
    type=click.Choice([*LEVEL_WORDS, "never"]),
    default="high",
    show_default=True,
    help="Exit 1 from there on.",
)
@click.option("--webhook", metavar="URL", help="Post each new alert there, signed with $KOBAN_WEBHOOK_SECRET.")
@click.option("--allow-private-webhook", is_flag=True, help="The webhook may be at a private address.")
@click.option("-v", "--verbose", is_flag=True, help="Name the rules that could not be used.")
@engine_options
@formats_of("table", "jsonl", "ocsf")
@click.pass_context
def detect(
    ctx: click.Context,
    lake_root: str | None,
    since: str,
    until: str,
    directories: tuple[Path, ...],
    own: bool,
    only: tuple[str, ...],
    follow: bool,
    behaviour: bool,
    intelligence: bool,
    geoip: tuple[str, ...],
    thresholds: Path | None,
    fail_on: str,
    webhook: str | None,
    allow_private_webhook: bool,
    verbose: bool,
    engine: str,
    spark_master: str,
    format_name: str | None,
    output: str | None,
) -> int:
    """Judge the logs in the lake: Sigma rules, behaviour, threat intelligence, and what other products found.

    Alerts are kept in the lake; each is said once, and again when there is more to it.
    """
    if ctx.invoked_subcommand is not None:
        return 0
    from koban.app.detect.others import behaviours, indicators
    from koban.app.detect.output import BadWebhook, check_webhook
    from koban.app.detect.run import Detector, detected, suppressions_of
    from koban.app.logs.place import instant, lake_at
    from koban.engines.detection.rules import undisturbed

    lake = lake_at(lake_root)
    with undisturbed(for_good=True):
        detector = Detector(lake, directories, own, only)
    _problems(detector, verbose)
    spark = on_spark(lake, spark_master) if engine == "spark" else None
    detector.engine = spark
    if not detector.rules and only:
        raise click.UsageError(f"no rule is {' or '.join(only)}; see: koban rules list")
    try:
        if webhook:
            check_webhook(webhook, allow_private=allow_private_webhook)
        settings, geo = _normal(geoip, thresholds) if behaviour and not only else (None, None)
        if follow:
            from koban.app.detect.beside import Behaviour, Intelligence

            beside: list[Any] = [] if settings is None else [Behaviour(detector, settings, geo)]
            beside += [Intelligence(detector)] if intelligence and not only else []
            return _follow(detector, spark, beside, format_name, output, webhook, allow_private_webhook)
        with explained():
            begin, end = instant(since), instant(until)
            found = detector.of_time(begin, end)
            if intelligence and not only:
                found += indicators(lake, begin, end, spark)
            normal = nullcontext(()) if settings is None else behaviours(lake, begin, end, settings, geo, spark)
            with normal as unlike:
                outcome = detected(detector, [*found, *unlike], suppressions=suppressions_of(lake))
        _write(outcome, format_name, output)
        if webhook:
            _call(webhook, outcome.alerts, allow_private_webhook)
    except BadWebhook as error:
        raise click.UsageError(str(error)) from error
    if outcome.hidden:
        say(f"{outcome.hidden} alerts are suppressed")
    worst = max((LEVEL_WORDS.index(a.level) for a in outcome.alerts), default=-1)
    if fail_on != "never" and worst >= LEVEL_WORDS.index(fail_on):
        return 1
    return 3 if detector.problems and not own else 0


def _normal(geoip: tuple[str, ...], limits: Path | None) -> tuple[Any, Any]:
    from koban.app.detect.others import normal
    from koban.engines.behaviour.settings import BadSettings
    from koban.engines.geo import BadDatabase

    try:
        settings, geo, off = normal(geoip, limits)
    except (BadDatabase, BadSettings) as error:
        raise click.UsageError(str(error)) from error
    for line in off:
        say(f"off: {line}")
    return settings, geo


def _problems(detector: Detector, verbose: bool) -> None:
    if detector.problems and verbose:
        for line in detector.problems:
            say(f"not used: {line}")
    elif detector.problems:
        say(f"{len(detector.problems)} rules cannot be used (--verbose names them)")


def _follow(
    detector: Detector,
    spark: SparkLake | None,
    beside: list[Any],
    format_name: str | None,
    output_name: str | None,
    webhook: str | None,
    allow_private: bool,
) -> int:
    from koban.app.detect.streaming import stream
    from koban.app.detect.watching import watch
    from koban.lake.spread import NoWorkers

    stopping = threading.Event()

    def stop(*_: Any) -> None:
        stopping.set()

    def heard(outcome: Outcome) -> None:
        _write(outcome, format_name or "jsonl", output_name)
        sys.stdout.flush()
        if webhook:
            _call(webhook, outcome.alerts, allow_private)

    before = {s: signal.signal(s, stop) for s in (signal.SIGINT, signal.SIGTERM)}
    say(f"judging what comes in with {detector.rules} rules")
    try:
        if spark is not None and spark.streams:
            stream(detector, spark, heard, stopping.wait, beside=beside)
        else:
            watch(detector, heard, stopping.wait, beside=beside)
    except NoWorkers as error:
        raise click.UsageError(str(error)) from error
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0


def _call(url: str, alerts: list[Alert], allow_private: bool) -> None:
    import os

    from koban.app.detect.output import BadWebhook, call

    try:
        call(url, alerts, secret=os.environ.get("KOBAN_WEBHOOK_SECRET", ""), allow_private=allow_private)
    except BadWebhook as error:
        say(f"webhook: {error}")


def _write(outcome: Outcome, format_name: str | None, output_name: str | None) -> None:
    import koban as package
    from koban.app.detect.output import write_jsonl, write_ocsf, write_stories

    to_screen = output_name in (None, "-")
    wanted = format_name or ("table" if to_screen and sys.stdout.isatty() else "jsonl")
    with output(output_name) as stream:
        if wanted == "jsonl":
            write_jsonl(stream, outcome.alerts)
        elif wanted == "ocsf":
            write_ocsf(stream, outcome.alerts, package.__version__)
        else:
            colour = to_screen and colour_wanted(sys.stdout)
            write_stories(stream, outcome.alerts, outcome.doubles, colour=colour, width=width_of(sys.stdout))
            if not outcome.alerts:
                stream.write("Nothing new.\n")


@click.command(
    epilog=example(
        "koban detect timeline --entity arn:aws:iam::111122223333:user/ana --since 7d",
        "koban detect timeline --entity 203.0.113.66 --from 2026-03-01 --format html --output story.html",
    )
)
@click.option("--entity", required=True, metavar="ARN|USER|IP|HOST|KEY", help="Whose story.")
@lake_option
@click.option("--from", "--since", "since", default="24h", show_default=True, metavar="TIME", help="From then on.")
@click.option("--to", "--until", "until", default="", metavar="TIME", help="Up to then.  Default: now.")
@click.option(
    "-n", "--limit", type=click.IntRange(1), default=100_000, show_default=True, help="At most so many events."
)
@formats_of("table", "jsonl", "html")
def timeline(
    entity: str, lake_root: str | None, since: str, until: str, limit: int, format_name: str | None, output: str | None
) -> int:
    """Who did what, in order, across sources; roles lead back to the person behind the session."""
    from datetime import UTC, datetime

    from koban.app.detect.timeline import moments, write_html, write_jsonl
    from koban.app.logs.place import instant, lake_at
    from koban.interfaces.cli.listing import write_list
    from koban.interfaces.cli.output import output as opened

    with explained():
        begin = instant(since)
        end = instant(until) or datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    found = moments(lake_at(lake_root), entity, begin, end, limit)
    wanted = format_name or ("table" if output in (None, "-") and sys.stdout.isatty() else "jsonl")
    if wanted == "table":
        rows = [
            {
                "time": m.time[:19].replace("T", " "),
                "who": m.who,
                "what": m.what,
                "target": m.target,
                "from": m.address,
                "outcome": m.outcome,
                "alert": "; ".join(m.alerts),
            }
            for m in found
        ]
        write_list(rows, ("time", "who", "what", "target", "from", "outcome", "alert"), "table", output)
        return 0
    with opened(output) as stream:
        if wanted == "html":
            write_html(stream, entity, begin[:19], end[:19], found)
        else:
            write_jsonl(stream, found)
    return 0


@click.command(
    epilog=example("koban detect alerts --since 7d", "koban detect alerts --format ocsf --output alerts.json")
)
@lake_option
@period
@click.option("--suppressed", is_flag=True, help="Also those that are suppressed.")
@formats_of("table", "jsonl", "ocsf")
def alerts(
    lake_root: str | None, since: str, until: str, suppressed: bool, format_name: str | None, output: str | None
) -> int:
    """The alerts that were kept, put together as stories."""
    from koban.app.detect.run import Outcome, known, suppressions_of
    from koban.app.logs.place import instant, lake_at
    from koban.engines.alerting.suppression import shown

    lake = lake_at(lake_root)
    with explained():
        found, doubles = known(lake, instant(since), instant(until))
    seen, _ = shown(found, () if suppressed else suppressions_of(lake))
    _write(Outcome(seen, doubles=doubles), format_name, output)
    return 0


@click.command(epilog=example("koban detect replay --rules new/ --no-own --since 30d"))
@lake_option
@period
@rules_option
@own_option
@rule_option
@formats_of("table", "jsonl")
def replay(
    lake_root: str | None,
    since: str,
    until: str,
    directories: tuple[Path, ...],
    own: bool,
    only: tuple[str, ...],
    format_name: str | None,
    output: str | None,
) -> int:
    """What rules would have alerted over a time, had they been there; nothing is kept."""
    from koban.app.detect.run import Detector
    from koban.app.detect.run import replay as replayed
    from koban.app.logs.place import instant, lake_at
    from koban.interfaces.cli.listing import write_list

    detector = Detector(lake_at(lake_root), directories, own, only)
    _problems(detector, True)
    with explained():
        rows = [
            {"alerts": count, "events": events, "rule": title}
            for title, count, events in replayed(detector, instant(since), instant(until))
        ]
    write_list(rows, ("alerts", "events", "rule"), format_name, output)
    return 0


@click.command(epilog=example("koban detect risk", "koban detect risk --since 30d --format jsonl"))
@lake_option
@click.option("--since", default="30d", show_default=True, metavar="TIME", help="Alerts from then on count.")
@formats_of("table", "jsonl")
def risk(lake_root: str | None, since: str, format_name: str | None, output: str | None) -> int:
    """The entities with the highest risk now: their alerts' points, halved every week."""
    from datetime import UTC, datetime

    from koban.app.detect.run import known, suppressions_of
    from koban.app.logs.place import instant, lake_at
    from koban.engines.alerting.stories import risk as scores
    from koban.engines.alerting.suppression import shown
    from koban.interfaces.cli.listing import write_list

    lake = lake_at(lake_root)
    with explained():
        seen, _ = shown(known(lake, instant(since))[0], suppressions_of(lake))
    now = datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    rows = [{"risk": score, "kind": e.kind, "entity": e.name} for e, score in scores(seen, now).items()]
    write_list(rows, ("risk", "kind", "entity"), format_name, output)
    return 0


@click.command(
    epilog=example(
        "koban detect suppress 'iam-*' --entity build-role --until 2026-12-31 --reason 'its job, see ticket 42'",
        "koban detect suppress",
    )
)
@click.argument("rule", required=False)
@lake_option
@click.option("--entity", default="", metavar="NAME", help="Only for this entity (* and ? may stand in).")
@click.option("--account", default="", metavar="ID", help="Only in this account.")
@click.option("--until", default="", metavar="DATE", help="From that day on they are shown again.")
@click.option("--reason", default="", metavar="TEXT", help="Why.")
@formats_of("table", "jsonl")
def suppress(
    rule: str | None,
    lake_root: str | None,
    entity: str,
    account: str,
    until: str,
    reason: str,
    format_name: str | None,
    output: str | None,
) -> int:
    """Leave out the alerts of a rule (name, id or title) for a while; without a rule: what is left out now."""
    from dataclasses import asdict

    from koban.app.detect import run
    from koban.app.logs.place import instant, lake_at
    from koban.engines.alerting.suppression import BadSuppression
    from koban.interfaces.cli.listing import write_list

    lake = lake_at(lake_root)
    if rule:
        with explained():
            day = instant(until)[:10]
        try:
            run.suppress(lake, {"rule": rule, "entity": entity, "account": account, "until": day, "reason": reason})
        except BadSuppression as error:
            raise click.UsageError(str(error)) from error
    rows = [asdict(s) for s in run.suppressions_of(lake)]
    write_list(rows, ("rule", "entity", "account", "until", "reason"), format_name, output)
    return 0


@click.command(
    epilog=example(
        "koban detect sql --dialect trino --rule 9ff8bdff-85d4-4ab1-9335-7e6395c76db9",
        "koban detect sql --dialect spark --rules new/ --no-own",
    )
)
@click.option(
    "--dialect",
    type=click.Choice(["trino", "spark", "duckdb"]),
    default="trino",
    show_default=True,
    help="Whose SQL; Athena's is Trino's.",
)
@click.option("--table", default="events", show_default=True, metavar="NAME", help="What the events are called there.")
@rules_option
@own_option
@rule_option
def sql(dialect: str, table: str, directories: tuple[Path, ...], own: bool, only: tuple[str, ...]) -> int:
    """Print each rule as one query over the events table, to be run where the lake's tables are read by others."""
    from koban.app.detect.export import statements

    found = 0
    for one in statements(dialect, table, directories, own=own, only=only):
        found += 1
        click.echo(f"-- {one.title} ({one.id})\n{one.sql};\n")
    if not found:
        raise click.UsageError(f"no rule is {' or '.join(only)}; see: koban rules list" if only else "no rules")
    return 0
