"""`koban scan`: judge live accounts, or templates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from koban.interfaces.cli.lazy import Lazy
from koban.interfaces.cli.options import SEVERITIES, VERDICTS, Words, debug, example, rules_directory, together

F = TypeVar("F", bound=Callable[..., Any])

FORMATS = ("table", "jsonl", "csv", "html", "sarif", "junit", "codequality", "ocsf", "asff")


@click.group(
    cls=Lazy,
    commands_at={
        "aws": ("scan_aws:aws", "Judge live AWS accounts: one, several, or an organisation."),
        "iac": ("scan_iac:iac", "Judge CloudFormation, SAM, Terraform and OpenTofu."),
    },
    epilog=example("koban scan aws --profile audit --regions eu-west-1", "koban scan iac templates/"),
)
def scan() -> None:
    """Judge live AWS accounts, or the templates that make them."""


def common(function: F) -> F:
    """The options that every scan has."""
    return together(
        click.option(
            "--framework",
            "framework_ids",
            type=Words(),
            multiple=True,
            help="Only the rules that answer a control of these frameworks, and a report by control.",
        ),
        rules_directory,
        click.option(
            "--rule",
            "rule_patterns",
            type=Words(),
            multiple=True,
            help="Only these rules (wildcards: 's3-*'); with ! before it, all but this: '!s3-bucket-untagged'.",
        ),
        click.option(
            "--severity",
            "severities",
            type=Words(*SEVERITIES),
            multiple=True,
            help="Only rules of these severities.",
        ),
        click.option(
            "--baseline",
            "baseline_files",
            metavar="FILE",
            multiple=True,
            type=click.Path(path_type=Path),
            help="The baseline that your organisation agreed on.  Default: koban.yaml here, where there is one.  "
            "Or an earlier result of Koban (jsonl or SARIF): only findings that are not in it are reported and count.  "
            "Both may be given.",
        ),
        click.option(
            "--no-baseline", is_flag=True, help="Leave koban.yaml aside; earlier results given with --baseline count."
        ),
        click.option("--only", type=Words(*VERDICTS), multiple=True, help="Only write results with these verdicts."),
        click.option(
            "--fail-on",
            type=click.Choice([*SEVERITIES, "none"]),
            help="The lowest severity of a finding that makes the exit code 1.  Default: the baseline's, else high.",
        ),
        click.option(
            "-f",
            "--format",
            "formats",
            type=Words(*FORMATS),
            multiple=True,
            help="table (default on a terminal), jsonl (default elsewhere), csv, html, sarif, junit, codequality "
            "(of GitLab), ocsf, asff.  "
            "Several formats go to several --output in the same order; one more may go to standard output.",
        ),
        click.option(
            "-o",
            "--output",
            "outputs",
            metavar="FILE",
            multiple=True,
            help="Write to FILE.  Without --format its ending tells the format (.html, .jsonl, .csv, .sarif, .xml).",
        ),
        click.option(
            "--ledger",
            "kept",
            is_flag=True,
            help="Also keep it in the ledger, where findings have a life: $KOBAN_DATABASE_URL, else koban.db in "
            "$KOBAN_DATA_DIR or ~/.local/share/koban.",
        ),
        click.option(
            "--target",
            default="",
            metavar="NAME",
            help="What the ledger calls what is scanned.  Default: made of the accounts or the paths.",
        ),
        click.option("--no-color", is_flag=True, help="No colours, as with NO_COLOR in the environment."),
        click.option("-q", "--quiet", is_flag=True, help="Totals alone, and no progress."),
        click.option("-v", "--verbose", is_flag=True, help="Show every rule with its resources, and every reason."),
        debug,
    )(function)


EXIT_CODES = """\b
Exit codes:
  0  nothing at or above --fail-on
  1  findings at or above it
  2  bad usage, or input that could not be read at all
  3  the run finished, but part could not be read: each part is named on
     standard error (this wins over 1, for what was not read may hide worse)"""
