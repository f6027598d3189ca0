"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

VERDICTS = ("fail", "unknown", "excepted", "pass")
SEVERITIES = ("critical", "high", "medium", "low", "info")


class Words(click.ParamType[tuple[str, ...]]):
    """Words separated by commas, each one of `choices` where there are any."""

    name = "words"

    def __init__(self, *choices: str) -> None:
        self.choices = choices

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return ",".join(self.choices[:2]) + ",.." if self.choices else "A,B,.."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        words = tuple(one.strip() for one in value.split(",") if one.strip())
        for one in words:
            if self.choices and one not in self.choices:
                self.fail(f"{one!r} is none of {', '.join(self.choices)}", param, ctx)
        return words


def flat(groups: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """Every word once, of an option that may come several times."""
    return tuple(dict.fromkeys(one for group in groups for one in group))


def example(*lines: str) -> str:
    """The last part of a help text."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def together(*options: Callable[[F], F]) -> Callable[[F], F]:
    """One decorator of several."""

    def add(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return add


def formats_of(*names: str, default: str = "table on a terminal, else jsonl") -> Callable[[F], F]:
    """`--format` and `--output` of commands that print one list."""
    return together(
        click.option(
            "-f", "--format", "format_name", type=click.Choice(names), help=f"How to write it.  Default: {default}."
        ),
        click.option("-o", "--output", metavar="FILE", help="Write to FILE in place of standard output."),
        debug,
    )


debug = click.option("--debug", is_flag=True, expose_value=False, help="Show tracebacks of errors.")

rules_directory = click.option(
    "--rules",
    "rule_directories",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Also use the rules in the Python files of DIR (several times if you like).",
)


def values(function: F) -> F:
    """The options with which parameters and variables of code get their values."""
    return together(
        click.option(
            "--parameters",
            "parameter_files",
            metavar="FILE",
            multiple=True,
            help="Values of the templates' parameters, as `aws cloudformation deploy` takes them (several times if you "
            "like).",
        ),
        click.option(
            "--var",
            "variables",
            metavar="NAME=VALUE",
            multiple=True,
            help="The value of a variable of Terraform, as `terraform plan` takes it (several times if you like).",
        ),
        click.option(
            "--var-file",
            "variable_files",
            metavar="FILE",
            multiple=True,
            type=click.Path(exists=True, dir_okay=False),
            help="A file with values of Terraform's variables, beside terraform.tfvars and *.auto.tfvars.",
        ),
        click.option(
            "--workspace", default="", metavar="NAME", help="The workspace of Terraform.  Default: not known."
        ),
        click.option(
            "--vendored",
            metavar="DIR",
            multiple=True,
            type=click.Path(exists=True, file_okay=False),
            help="Where Terraform's modules are that come from a registry or git.  Default: where `terraform init` "
            "puts them, then vendor/modules and vendor beside the caller.",
        ),
    )(function)


lake_option = click.option(
    "--lake",
    "lake_root",
    metavar="DIR|s3://..",
    envvar="KOBAN_LAKE",
    help="Where the logs are kept.  Default: $KOBAN_LAKE, else lake under $KOBAN_DATA_DIR or ~/.local/share/koban.",
)


def hint_options(function: F) -> F:
    """What logs do not say themselves: `--flow-fields` and `--dates`."""
    return together(
        click.option(
            "--flow-fields",
            metavar="FIELDS",
            default="",
            help="The fields of VPC flow logs without a header, in order: 'srcaddr dstaddr start end action'.",
        ),
        click.option(
            "--dates",
            type=click.Choice(["day", "month"]),
            help="What dates such as 03/04/2026 begin with, in text of `ausearch -i`.",
        ),
    )(function)


def intake_options(function: F) -> F:
    """How logs are taken in: `--flow-fields`, `--dates` and `--keep-hashes`."""
    return together(
        hint_options,
        click.option(
            "--keep-hashes",
            is_flag=True,
            help="Keep the hashes of CloudTrail's log files, for `koban logs validate --trust-lake`.",
        ),
    )(function)


def hints_of(flow_fields: str, dates: str | None) -> Any:
    """The hints of these options; what is wrong with them in one line."""
    from koban.app.logs.place import BadHint, hints

    try:
        return hints(flow_fields, dates)
    except BadHint as error:
        raise click.UsageError(f"--flow-fields: {error}") from error


def engine_options(function: F) -> F:
    """`--engine` and `--spark-master`."""
    return together(
        click.option(
            "--engine",
            type=click.Choice(["embedded", "spark"]),
            default="embedded",
            show_default=True,
            help="What does the work: this process, or Spark.",
        ),
        click.option(
            "--spark-master",
            envvar="KOBAN_SPARK",
            default="local[2]",
            show_default=True,
            metavar="URL",
            help="Spark's master (spark://host:7077) or Spark Connect server (sc://host:15002).",
        ),
    )(function)


def period(function: F) -> F:
    """`--since` and `--until`, as ISO times or ages: 2026-03-01, 2026-03-01T10:00:00Z, 24h, 7d."""
    return together(
        click.option("--since", default="", metavar="TIME", help="From then on: 2026-03-01T10:00:00Z, 24h."),
        click.option("--until", default="", metavar="TIME", help="Up to then, which is not included."),
    )(function)
