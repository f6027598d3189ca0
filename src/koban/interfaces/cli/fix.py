"""`koban fix`: mend what a scan of templates finds."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from koban.interfaces.cli.lazy import Lazy
from koban.interfaces.cli.options import SEVERITIES, Words, debug, example, flat, rules_directory, values

if TYPE_CHECKING:
    from koban.app.fix.run import Proposal
    from koban.model.result import Result

NOTHING, UNREAD = 2, 3
EXIT_CODES = """\b
Exit codes:
  0  nothing to mend, or what can be mended is shown (or written)
  2  bad usage, input that could not be read at all, or files that could not
     be written (nothing is changed then)
  3  part of the input could not be read: each part is named on standard error"""


@click.group(
    cls=Lazy,
    commands_at={"iac": ("fix:iac", "Mend CloudFormation, Terraform and OpenTofu.")},
    epilog=example("koban fix iac .", "koban fix iac infra/ --rule 's3-*' --write"),
)
def fix() -> None:
    """Mend what a scan finds, and prove it."""


@click.command(
    epilog=EXIT_CODES
    + "\n\n"
    + example(
        "koban fix iac .",
        "koban fix iac infra/ --rule 's3-*' --severity critical,high --write",
        "koban fix iac infra/ --var-file prod.tfvars > fixes.patch",
    )
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--write", "writing", is_flag=True, help="Write the files, and scan them again.  Default: show the diff.")
@click.option(
    "--replace",
    "replacing",
    is_flag=True,
    help="With --write, also where the resource is made anew: what is in it is lost, or to be moved first.",
)
@click.option(
    "--rule",
    "rule_patterns",
    type=Words(),
    multiple=True,
    help="Only findings of these rules (wildcards: 's3-*'); with ! before it, all but this.",
)
@click.option("--severity", "severities", type=Words(*SEVERITIES), multiple=True, help="Only of these severities.")
@rules_directory
@click.option(
    "--baseline",
    "baseline_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The baseline that your organisation agreed on.  Default: koban.yaml here, where there is one.",
)
@click.option("--no-baseline", is_flag=True, help="Leave koban.yaml aside.")
@values
@click.option(
    "-f", "--format", "format_name", type=click.Choice(("diff", "json")), default="diff", help="Default: diff."
)
@click.option("-o", "--output", "output_name", metavar="FILE", help="Write to FILE in place of standard output.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, and of what is not offered the number alone.")
@debug
def iac(
    paths: tuple[str, ...],
    writing: bool,
    replacing: bool,
    rule_patterns: tuple[tuple[str, ...], ...],
    severities: tuple[tuple[str, ...], ...],
    rule_directories: tuple[Path, ...],
    baseline_file: Path | None,
    no_baseline: bool,
    parameter_files: tuple[str, ...],
    variables: tuple[str, ...],
    variable_files: tuple[str, ...],
    workspace: str,
    vendored: tuple[str, ...],
    format_name: str,
    output_name: str | None,
    quiet: bool,
) -> int:
    """Mend findings in CloudFormation, Terraform and OpenTofu: an edit of the source that keeps all the rest of it.

    Each edit that is shown is proven: with it made, the finding is gone, and no other verdict is worse.  What cannot
    be proven is not offered, and why is said.
    """
    from koban.app.fix.run import Asked, propose
    from koban.app.fix.write import WriteError, write
    from koban.app.iac import Variables
    from koban.interfaces.cli.output import check_writable, output
    from koban.interfaces.cli.plan import chosen, plan
    from koban.interfaces.cli.progress import Bar, counted
    from koban.interfaces.cli.scan_iac import assigned
    from koban.rules.fixes import every_fix

    if "-" in paths:
        raise click.UsageError("standard input cannot be mended; name the file")
    if replacing and not writing:
        raise click.UsageError("--replace goes with --write; the diff shows everything anyway")
    if output_name is not None:
        check_writable(output_name)
    agreed = () if baseline_file is None else (baseline_file,)
    asked = plan(rule_directories=rule_directories, baseline_files=agreed, no_baseline=no_baseline)
    if asked.earlier:
        raise click.UsageError(f"--baseline {baseline_file}: what an earlier scan found says nothing of how to mend it")
    picked = {one.id for one in chosen(asked.rules, flat(rule_patterns), flat(severities))}
    fixes = {rule: one for rule, one in every_fix().items() if rule in picked}
    bar = Bar(not quiet, False)
    wanted = Asked(
        paths,
        asked.rules,
        fixes,
        parameter_files,
        asked.amend if asked.use is not None else None,
        Variables(assigned(variables), variable_files, os.environ, workspace, vendored),
        replacing=replacing or not writing,
        picked=frozenset(picked),
        progress=counted(bar, "templates"),
    )
    try:
        proposal = propose(wanted)
        if writing and proposal.changes:
            try:
                write(wanted, proposal)
            except WriteError as error:
                raise click.ClickException(str(error)) from error
    finally:
        bar.stop()
    with output(output_name) as stream:
        stream.write(_as_json(proposal, writing) if format_name == "json" else _as_diff(proposal))
    _say(proposal, writing, quiet)
    if not proposal.gaps:
        return 0
    return UNREAD if proposal.judged.read_something else NOTHING


def _as_diff(proposal: Proposal) -> str:
    """The diff of each file, after lines that say what each edit is for (which a patch's reader passes over)."""
    said: dict[str, list[str]] = {}
    for offer in proposal.offers:
        for path in offer.paths:
            said.setdefault(path, []).append(f"# {_place(offer.result)}: {offer.result.rule}{offer.fix.remark}\n")
    return "".join("".join(said.get(one.path, ())) + one.diff() for one in proposal.changes)


def _place(result: Result) -> str:
    return result.resource.address or result.resource.name or result.resource.uid


def _as_json(proposal: Proposal, written: bool) -> str:
    def brief(result: Result) -> dict[str, Any]:
        line = result.as_json()
        return {key: line[key] for key in ("rule", "severity", "resource", "message", "fingerprint")}

    names = {change.path: change.name for change in proposal.changes}
    made = {
        "offered": [
            {
                **brief(one.result),
                "replaces": one.fix.replaces,
                "note": one.fix.note,
                "files": sorted(names[path] for path in one.paths if path in names),
            }
            for one in proposal.offers
        ],
        "not_offered": [{**brief(result), "why": why} for result, why in proposal.refused],
        "without_fix": proposal.without,
        "files": [{"file": one.name, "diff": one.diff()} for one in proposal.changes],
        "written": written and bool(proposal.changes),
    }
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def _say(proposal: Proposal, written: bool, quiet: bool) -> None:
    from koban.app.reports.table import named_gaps
    from koban.interfaces.cli.output import say

    for note in proposal.notes:
        say(f"koban: {note}")
    for what, where, why in named_gaps(proposal.gaps):
        say(f"koban: not read: {what}{f' of {where}' if where else ''}: {why}")
    replaced = sum(one.fix.replaces for one in proposal.offers)
    verb = "mended" if written else "can be mended"
    beside = f" ({replaced} by replacing the resource)" if replaced else ""
    say(f"koban: {_count(len(proposal.offers), 'finding')} {verb}{beside} in {_count(len(proposal.changes), 'file')}")
    if proposal.refused:
        say(f"koban: {_count(len(proposal.refused), 'finding')} with a fix that is not offered:")
        if not quiet:
            for why, count in Counter(why for _, why in proposal.refused).most_common():
                say(f"  {count} x {why}")
    if proposal.without:
        say(f"koban: {_count(proposal.without, 'finding')} without a fix; `koban scan iac` shows what to do")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
