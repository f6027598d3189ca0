"""`koban` itself: the list of its commands."""

from __future__ import annotations

import click

import koban as package
from koban.interfaces.cli.lazy import Lazy
from koban.interfaces.cli.options import example

COMMANDS = {
    "scan": ("scan:scan", "Judge live AWS accounts, or the templates that make them."),
    "fix": ("fix:fix", "Mend what a scan of templates finds, and prove it."),
    "rules": ("rules:rules", "List, show and test the rules."),
    "frameworks": ("frameworks:frameworks", "List the frameworks and what they ask for."),
    "baseline": ("baseline:baseline", "Write down what your organisation agreed on."),
    "intel": ("intel:intel", "Threat intelligence: take feeds in, match events with them."),
    "aws": ("aws:aws", "What AWS needs so that Koban can read."),
    "logs": ("logs:logs", "Keep every log, and search it."),
    "ledger": ("ledger:ledger", "Look after the ledger, where findings have a life."),
    "audit": ("audit:audit", "Prove that nobody altered or cut the audit log."),
    "detect": ("detect:detect", "Find in the logs what somebody should look at."),
    "serve": ("serve:serve", "The console and the API, for a team."),
    "demo": ("demo:demo", "See it all on an emulated AWS organisation."),
}


@click.group(
    cls=Lazy,
    commands_at=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog=example("koban scan iac .", "koban scan aws --profile audit", "koban rules show s3-bucket-public"),
)
@click.version_option(package.__version__, "-V", "--version", message="koban %(version)s")
@click.option("--debug", is_flag=True, expose_value=False, help="Show tracebacks of errors.")
def koban() -> None:
    """Secure cloud estates: one rule set over live accounts and the templates that made them.

    Exit codes: 0 nothing at or above --fail-on; 1 findings at or above it; 2 bad usage, or input that could not be read
    at all; 3 the run finished, but part could not be read (each part is named).
    """
