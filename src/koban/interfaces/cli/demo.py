"""`koban demo`: the real commands, run on an emulated AWS organisation."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import click

from koban.interfaces.cli.options import debug, example
from koban.interfaces.cli.output import say


@click.command(epilog=example("koban demo", "koban demo --directory /tmp/koban-demo"))
@click.option(
    "--directory",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("koban-demo"),
    show_default=True,
    help="Where the HTML reports go.",
)
@debug
def demo(directory: Path) -> int:
    """See it all on an emulated AWS organisation.

    Starts an emulated AWS on this machine, builds the estate of an ordinary company in three accounts and three
    regions, and scans the accounts and the templates that made them into a ledger.  Some of what was found is then
    mended, something new breaks, and both are scanned again.  A day of that company's logs, with an intrusion in it,
    goes into a lake, is judged, and becomes a timeline.  At the end the console shows the ledger: on a terminal until
    Ctrl-C, elsewhere just long enough to prove that it answers.  It needs no AWS account and no network.
    """
    from koban.app.demo import DemoError, changes, emulated

    started = time.monotonic()
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"{directory}: {error.strerror}; name another --directory") from None
    reports = [directory / name for name in ("aws.html", "templates.html", "timeline.html")]
    state = directory / "state"
    shutil.rmtree(state, ignore_errors=True)
    step("Starting an emulated AWS on loopback, and building an ordinary company's estate in it")
    try:
        with emulated(lambda text: say(f"   {text}"), {"KOBAN_DATA_DIR": str(state.resolve())}) as made:
            code = changes.own_templates(directory)
            step("Scanning the organisation: every account, three regions")
            estate = ["scan", "aws", "--org", "--no-baseline", "--regions", ",".join(made.regions)]
            estate += ["--ledger", "--target", "Example organisation"]
            earlier = [str(directory / name) for name in ("aws.jsonl", "templates.jsonl")]
            run([*estate, "-f", "html,jsonl,table", "-o", str(reports[0]), "-o", earlier[0]])
            click.echo("\n   What the emulated AWS does not answer is unknown: never a pass, never a fail.")
            step("Scanning the CloudFormation templates that made it, by the same rules")
            written = ["scan", "iac", str(code), "--no-baseline", "--ledger", "--target", "Its templates"]
            run([*written, "-f", "html,jsonl,table", "-o", str(reports[1]), "-o", earlier[1]])
            step("Time goes by: some of it is mended, in code and in the accounts, and something new breaks")
            run(["fix", "iac", str(code), "--no-baseline", "--rule", ",".join(changes.MENDED_IN_CODE), "--write", "-q"])
            changes.mend(made.accounts, lambda text: say(f"   {text}"))
            changes.break_anew(made.accounts, code, lambda text: say(f"   {text}"))
            step("Scanning both again: what was mended is resolved on record, and only what is new is listed")
            run([*estate, "--baseline", earlier[0], "-f", "table"])
            run([*written, "--baseline", earlier[1], "-f", "table"])
            logs(directory, reports[2])
            step(f"Done in {time.monotonic() - started:.0f} seconds; the reports stay")
            for report in reports:
                click.echo(f"   {report.resolve().as_uri()}")
            click.echo("\nTry next (after: source .venv/bin/activate):")
            click.echo("   koban scan iac PATH                # your own CloudFormation, SAM or Terraform")
            click.echo(
                "   koban scan aws --profile NAME      # your own account; `koban aws policy` says what it may need"
            )
            click.echo("   koban logs ingest s3://BUCKET      # your own trail's bucket, then: koban detect")
            click.echo("   koban baseline init                # write down what your organisation agrees on")
            step("The console, over the ledger of all scans")
            console()
    except DemoError as error:
        raise click.ClickException(str(error)) from None
    return 0


def console() -> None:
    """The console: on a terminal until it is stopped, elsewhere until it has answered."""
    from koban.app.demo.console import Console

    with Console() as one:
        for line in one.said:
            click.echo(f"   {line}")
        if sys.stdout.isatty():
            click.echo("   Ctrl-C stops it, and the emulated AWS with it.")
            one.wait()
        else:
            for line in one.proof():
                click.echo(f"   {line}")


def logs(directory: Path, timeline: Path) -> None:
    """A day of logs, into a lake of its own and judged."""
    import tempfile

    from koban.app.demo import intrusion

    lake = directory / "lake"
    shutil.rmtree(lake, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="koban-demo-") as scratch:
        step("Making up a day of logs: CloudTrail, VPC flows, DNS and a host, 200,000 records, with an intrusion in it")
        intrusion.write(Path(scratch), intrusion.DAY)
        step("Taking them into the lake")
        run(["logs", "ingest", scratch, "--lake", str(lake)])
    step("Judging them: rules, behaviour, threat intelligence")
    run(["detect", "--lake", str(lake), "--fail-on", "never", "--format", "table"])
    step("The intruder's story, as a page")
    since, until = intrusion.DAY.isoformat()[:10], (intrusion.DAY + timedelta(days=1)).isoformat()[:10]
    whole = ("--from", since, "--to", until, "--format", "html", "--output", str(timeline))
    run(["detect", "timeline", "--lake", str(lake), "--entity", intrusion.INTRUDER, *whole])


def step(text: str) -> None:
    """Say what comes now."""
    click.echo(f"\n== {text}")


def run(arguments: Sequence[str]) -> None:
    """Show a command line, then run it as a user would.  Findings are what the demo is for: any verdict is fine."""
    from koban.interfaces.cli.root import koban

    click.echo(f"   $ koban {' '.join(arguments)}\n")
    koban.main(args=list(arguments), prog_name="koban", standalone_mode=False)
