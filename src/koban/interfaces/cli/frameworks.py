"""`koban frameworks`: what is asked of an estate, and which rules answer it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from koban.interfaces.cli.listing import write_list
from koban.interfaces.cli.options import example, formats_of, rules_directory
from koban.interfaces.cli.plan import known_rules
from koban.model.rule import Rule
from koban.rules.framework import Framework, framework
from koban.rules.framework import frameworks as all_frameworks


@click.group(epilog=example("koban frameworks list", "koban frameworks show cis-aws-7.0"))
def frameworks() -> None:
    """List the frameworks and what they ask for."""


@frameworks.command("list", epilog=example("koban frameworks list --format jsonl"))
@rules_directory
@formats_of("table", "jsonl")
def list_frameworks(rule_directories: tuple[Path, ...], format_name: str | None, output: str | None) -> int:
    """List the frameworks, and how many of their controls the rules answer."""
    rules = known_rules(rule_directories)
    rows = [_row(one, rules) for one in all_frameworks().values()]
    write_list(rows, ("framework", "version", "controls", "answered", "title"), format_name, output)
    return 0


def _row(one: Framework, rules: list[Rule]) -> dict[str, Any]:
    answers = one.rules_by_control(rules)
    return {
        "framework": one.id,
        "title": one.title,
        "version": one.version,
        "publisher": one.publisher,
        "controls": len(one.controls),
        "answered": sum(1 for ids in answers.values() if ids),
    }


@frameworks.command("show", epilog=example("koban frameworks show cis-aws-7.0"))
@click.argument("framework_id", metavar="ID")
@rules_directory
@formats_of("table", "jsonl")
def show_framework(
    framework_id: str, rule_directories: tuple[Path, ...], format_name: str | None, output: str | None
) -> int:
    """Show a framework's controls: whose duty each is, and which rules answer it."""
    try:
        found = framework(framework_id)
    except KeyError as error:
        raise click.UsageError(str(error.args[0])) from error
    rows = _controls(found, known_rules(rule_directories))
    write_list(rows, ("control", "duty", "function", "answered_by", "title"), format_name, output)
    return 0


def _controls(found: Framework, rules: list[Rule]) -> Iterator[dict[str, Any]]:
    for control_id, ids in found.rules_by_control(rules).items():
        control = found.controls[control_id]
        yield {
            "control": control_id,
            "title": control.title,
            "duty": control.responsibility,
            "function": control.function,
            "answered_by": (f"{len(ids)} rules" if len(ids) > 1 else "1 rule") if ids else "people",
            "rules": list(ids),
        }
