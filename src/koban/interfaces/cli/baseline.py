"""`koban baseline`: what your organisation agreed on, as a file that scans obey."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from koban.interfaces.cli.listing import write_list
from koban.interfaces.cli.options import debug, example, formats_of, rules_directory
from koban.interfaces.cli.output import output, say
from koban.interfaces.cli.plan import BASELINE, BaselineProblems, every_rule


@click.group(epilog=example("koban baseline init", "koban baseline check", "koban baseline template s3-bucket"))
def baseline() -> None:
    """Write down what your organisation agreed on: frameworks, thresholds, environments, exceptions."""


def _today() -> date:
    return datetime.now(UTC).date()


def _loaded(file: Path, rule_directories: Iterable[Path] = ()) -> Any:
    from koban.app.baseline import BaselineError, load

    try:
        return load(file, every_rule(tuple(rule_directories)))
    except BaselineError as error:
        raise BaselineProblems(error.problems) from error


@baseline.command(epilog=example("koban baseline init", "koban baseline init --output security/koban.yaml"))
@click.option("-o", "--output", "name", metavar="FILE", default=str(BASELINE), help="Default: koban.yaml here.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@debug
def init(name: str, force: bool) -> int:
    """Write a first koban.yaml, to be made your own."""
    from koban.app.baseline import starter

    if name != "-" and Path(name).exists() and not force:
        raise click.UsageError(f"{name} is there already; --force writes over it")
    with output(name) as stream:
        stream.write(starter(_today()))
    if name != "-":
        say(f"koban: wrote {name}.  Go through it, then: koban baseline check")
    return 0


@baseline.command(
    epilog=example(
        "koban baseline check", "koban scan aws --format jsonl > last.jsonl; koban baseline check --results last.jsonl"
    )
)
@click.argument("file", type=click.Path(path_type=Path), default=BASELINE, required=False)
@click.option(
    "--results",
    "results_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Lines of --format jsonl of a scan: shows exceptions that match nothing, accounts in no environment.",
)
@rules_directory
@formats_of("table", "jsonl")
def check(
    file: Path,
    results_file: Path | None,
    rule_directories: tuple[Path, ...],
    format_name: str | None,
    output: str | None,
) -> int:
    """Say what about the baseline needs a look: a review that is due, exceptions past their date or of no use.

    Exits with 1 where there is anything, with 2 where the file has mistakes.
    """
    from koban.app.baseline import check as advise

    loaded = _loaded(file, rule_directories)
    if results_file is None:
        found = advise(loaded, _today())
    else:
        with results_file.open(encoding="utf-8") as lines:
            try:
                found = advise(loaded, _today(), lines)
            except ValueError as error:
                raise click.ClickException(f"{results_file}: {error}") from error
    if found:
        rows = [{"where": f"{file}:{one.line}" if one.line else str(file), "advice": one.text} for one in found]
        write_list(rows, ("where", "advice"), format_name, output)
    else:
        say(f"koban: {file} needs nothing")
    return 1 if found else 0


@baseline.command(epilog=example("git show main:koban.yaml > old.yaml; koban baseline diff old.yaml koban.yaml"))
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@formats_of("table", "jsonl", default="one line for each difference")
def diff(old: Path, new: Path, format_name: str | None, output: str | None) -> int:
    """Say what changed from one baseline to another: + added, - removed, ~ changed.

    Exits with 1 where anything did.
    """
    from koban.app.baseline import compare

    lines = compare(_loaded(old), _loaded(new))
    if format_name == "jsonl":
        write_list([{"change": line} for line in lines], ("change",), "jsonl", output)
    else:
        _write_text("".join(f"{line}\n" for line in lines), output)
    return 1 if lines else 0


@baseline.command(epilog=example("koban baseline template s3-bucket > bucket.yaml"))
@click.argument("kind", required=False)
@click.option("-o", "--output", "name", metavar="FILE", help="Write to FILE in place of standard output.")
@debug
def template(kind: str | None, name: str | None) -> int:
    """Write a hardened CloudFormation template for KIND; without KIND, list the kinds there are."""
    from koban.app.baseline import hardened, hardened_kinds

    if kind is None:
        _write_text("".join(f"{one}\n" for one in hardened_kinds()), name)
        return 0
    try:
        text = hardened(kind)
    except KeyError as error:
        raise click.UsageError(str(error.args[0])) from error
    _write_text(text, name)
    return 0


@baseline.command(epilog=example("koban baseline schema > koban.schema.json"))
@click.option("-o", "--output", "name", metavar="FILE", help="Write to FILE in place of standard output.")
@debug
def schema(name: str | None) -> int:
    """Write the JSON Schema of koban.yaml, for editors."""
    from koban.app.baseline import schema_text

    _write_text(schema_text(), name)
    return 0


def _write_text(text: str, name: str | None) -> None:
    with output(name) as stream:
        stream.write(text)
