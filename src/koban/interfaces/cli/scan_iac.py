"""`koban scan iac`."""

from __future__ import annotations

from typing import Any

import click

from koban.interfaces.cli.options import example
from koban.interfaces.cli.scan import EXIT_CODES, common


@click.command(
    epilog=EXIT_CODES
    + "\n\n"
    + example(
        "koban scan iac templates/",
        "koban scan iac . --framework cis-aws-7.0 --output report.html",
        "cat template.yaml | koban scan iac - --format jsonl --only fail,unknown",
    )
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option(
    "--parameters",
    "parameter_files",
    metavar="FILE",
    multiple=True,
    help="Values of the templates' parameters, as `aws cloudformation deploy` takes them (several times if you like).",
)
@common
def iac(paths: tuple[str, ...], parameter_files: tuple[str, ...], **asked: Any) -> int:
    """Judge CloudFormation and SAM templates.

    PATH is a directory, a file, a glob in quotes, or - for standard input.  Other files are passed over.
    """
    from koban.interfaces.cli.progress import Bar, counted
    from koban.interfaces.cli.running import judge

    def start(plan: Any, bar: Bar) -> Any:
        from koban.app.iac import scan_iac

        amend = plan.amend if plan.use is not None else None
        return scan_iac(paths, plan.rules, parameter_files, amend, progress=counted(bar, "templates"))

    return judge(start, **asked)
