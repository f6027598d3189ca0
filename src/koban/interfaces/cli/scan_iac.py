"""`koban scan iac`."""

from __future__ import annotations

import os
from typing import Any

import click

from koban.interfaces.cli.options import example, values
from koban.interfaces.cli.scan import EXIT_CODES, common


@click.command(
    epilog=EXIT_CODES
    + "\n\n"
    + example(
        "koban scan iac templates/",
        "koban scan iac . --framework cis-aws-7.0 --output report.html",
        "koban scan iac infra/ --var-file prod.tfvars --workspace prod",
        "terraform show -json plan.out | koban scan iac - --source .",
        "koban scan iac . --changed-since origin/main --baseline known.jsonl",
        "koban scan iac --diff old-plan.json new-plan.json",
        "cat template.yaml | koban scan iac - --format jsonl --only fail,unknown",
    )
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@values
@click.option(
    "--source",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False),
    help="The files that a plan or state given as PATH was made of, so that findings name their file and line.",
)
@click.option(
    "--changed-since",
    "since",
    metavar="REV",
    help="Only what depends on files that changed since REV of git, what is not committed included: whole templates, "
    "and whole roots of Terraform.",
)
@click.option(
    "--diff",
    "compared",
    is_flag=True,
    help="Compare two PATHs, OLD and NEW (plans, states, templates or directories): report what is new in NEW, and say "
    "what is gone.",
)
@common
def iac(
    paths: tuple[str, ...],
    parameter_files: tuple[str, ...],
    variables: tuple[str, ...],
    variable_files: tuple[str, ...],
    workspace: str,
    vendored: tuple[str, ...],
    source: str | None,
    since: str | None,
    compared: bool,
    **asked: Any,
) -> int:
    """Judge CloudFormation, SAM, Terraform and OpenTofu.

    PATH is a directory, a file, a glob in quotes, or - for standard input; also a plan (`terraform show -json`) or a
    state of Terraform.  Other files are passed over.
    """
    from koban.interfaces.cli.progress import Bar, counted
    from koban.interfaces.cli.running import judge

    def start(plan: Any, bar: Bar) -> Any:
        from koban.app.iac import Variables, scan_iac

        amend = plan.amend if plan.use is not None else None
        terraform = Variables(assigned(variables), variable_files, os.environ, workspace, vendored)
        heard = counted(bar, "templates")
        was = None
        if compared:
            from koban.app.iac_diff import earlier_of

            def before(path: str) -> Any:
                # Not the plan's own `amend`, which counts towards the exit code.
                own = plan.use.amend if plan.use is not None else None
                return scan_iac([path], plan.rules, parameter_files, own, progress=heard, terraform=terraform)

            earlier, was = earlier_of(paths[0], before, paths[1])
            earlier.not_run = plan.not_run
            plan.earlier.append(earlier)
        scan = scan_iac(
            paths[1:] if compared else paths,
            plan.rules,
            parameter_files,
            amend,
            progress=heard,
            terraform=terraform,
            source=source,
            since=since,
            watcher=plan.watcher,
        )
        if was is not None:
            scan.gaps += was.gaps
            scan.notes += was.notes
        return scan

    if compared:
        if len(paths) != 2:
            raise click.UsageError(f"--diff compares two paths, OLD and NEW; here {_are(len(paths))}")
        if paths == ("-", "-"):
            raise click.UsageError("--diff compares two paths, and standard input is one")
        if since is not None:
            raise click.UsageError("--diff and --changed-since do not go together: either says what is new")
    if asked["kept"] and (compared or since is not None or "-" in paths):
        raise click.UsageError("--ledger keeps a whole scan of files: leave out --diff, --changed-since and -")
    kept = {
        "paths": [os.path.abspath(one) for one in paths],
        "parameters": [os.path.abspath(one) for one in parameter_files],
        "source": os.path.abspath(source) if source else "",
        "baseline": os.path.abspath(asked["baseline_files"][0]) if len(asked["baseline_files"]) == 1 else "",
    }
    return judge(start, kind="iac", options=kept, **asked)


def _are(count: int) -> str:
    return f"{'is' if count == 1 else 'are'} {count}"


def assigned(variables: tuple[str, ...]) -> dict[str, str]:
    """The values given as ``NAME=VALUE``; raises click.UsageError."""
    values: dict[str, str] = {}
    for one in variables:
        name, equals, value = one.partition("=")
        if not equals or not name.strip():
            raise click.UsageError(f"--var {one}: write NAME=VALUE")
        values[name.strip()] = value
    return values
