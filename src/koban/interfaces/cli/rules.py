"""`koban rules`: list, show and test the rules."""

from __future__ import annotations

import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from koban.interfaces.cli.listing import PAGE_WIDTH, SEVERITY_COLOURS, labelled, painter, write_list
from koban.interfaces.cli.options import SEVERITIES, Words, example, flat, formats_of, rules_directory
from koban.interfaces.cli.output import colour_wanted, output, say
from koban.interfaces.cli.plan import chosen, every_rule, known_rules, one_rule
from koban.model.rule import Rule
from koban.rules.iac import CODE_RULES

PLACES = {"Koban::AWS::Account", "Koban::AWS::Region"}  # a scan of any service makes them
KINDS = ("posture", "detection", "behaviour")
SERVICES_HELP = "Rules of these services, by the names that scan's --services takes."


@click.group(epilog=example("koban rules list --framework cis-aws-7.0", "koban rules show s3-bucket-public"))
def rules() -> None:
    """List, show and test the rules."""


@rules.command("list", epilog=example("koban rules list --service s3,iam --severity critical,high"))
@click.option("--framework", "framework_ids", type=Words(), multiple=True, help="Rules that answer these frameworks.")
@click.option("--severity", "severities", type=Words(*SEVERITIES), multiple=True, help="Rules of these severities.")
@click.option("--service", "services", type=Words(), multiple=True, help=SERVICES_HELP)
@click.option("--kind", "kinds", type=Words(*KINDS), multiple=True, help="Rules of these kinds.")
@rules_directory
@formats_of("table", "jsonl")
def list_rules(
    framework_ids: tuple[tuple[str, ...], ...],
    severities: tuple[tuple[str, ...], ...],
    services: tuple[tuple[str, ...], ...],
    kinds: tuple[tuple[str, ...], ...],
    rule_directories: tuple[Path, ...],
    format_name: str | None,
    output: str | None,
) -> int:
    """List the rules, worst first, with the controls that they answer.

    Posture rules judge what is; detections (Sigma) judge what happens, and behaviour what is unlike what was normal.
    All are listed, unless --kind says which, or --framework or --service, which only posture rules have.
    """
    wanted, severity_names = flat(services), flat(severities)
    kind_names = flat(kinds) or (("posture",) if wanted or framework_ids else KINDS)
    rows: list[dict[str, Any]] = []
    if "posture" in kind_names:
        rows += _posture_rows(flat(framework_ids), severity_names, wanted, rule_directories)
    if "detection" in kind_names:
        from koban.interfaces.cli.detections import rows_of

        rows += rows_of(severity_names, rule_directories)
    if "behaviour" in kind_names:
        from koban.interfaces.cli import behaviours

        rows += behaviours.rows_of(severity_names)
    rows.sort(key=lambda row: (SEVERITIES.index(row["severity"]), row["rule"]))
    write_list(rows, ("severity", "rule", "summary"), format_name, output)
    if sys.stdout.isatty() and output is None:
        counts: Counter[str] = Counter(row["severity"] for row in rows)
        totals = ", ".join(f"{counts[one]} {one}" for one in SEVERITIES if counts[one])
        say(f"{len(rows)} rules: {totals}.  `koban rules show ID` says all about one.")
    return 0


def _posture_rows(
    framework_ids: tuple[str, ...],
    severities: tuple[str, ...],
    services: tuple[str, ...],
    rule_directories: tuple[Path, ...],
) -> Iterator[dict[str, Any]]:
    from koban.interfaces.cli.plan import plan

    found = plan(
        framework_ids=framework_ids,
        rule_directories=rule_directories,
        severities=severities,
        no_baseline=True,
        with_code=not framework_ids,
    ).rules
    yield from map(_row, _of_services(found, services) if services else found)


def _of_services(rules: list[Rule], services: tuple[str, ...]) -> list[Rule]:
    """The rules about services by any name that a scan takes.  Raises click.UsageError for no service."""
    from koban.app.aws import service_names, types_of

    own = {one.service for one in rules}
    scanned = service_names()
    for service in services:
        if service not in own | scanned:
            known = ", ".join(sorted(own | scanned))
            raise click.UsageError(f"there is no service {service!r}; there are: {known}")
    types = {name for service in services if service in scanned for name in types_of(service)} - PLACES
    return [one for one in rules if one.service in services or any(cls.type in types for cls in one.types)]


def _row(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "kind": "posture",
        "severity": rule.severity,
        "service": rule.service,
        "types": [one.type for one in rule.types if one.type],
        "summary": rule.summary,
        "controls": list(rule.controls),
        "thresholds": rule.limits,
        "only": rule.only or None,
    }


@rules.command("show", epilog=example("koban rules show s3-bucket-public"))
@click.argument("rule_id", metavar="ID")
@rules_directory
@formats_of("table", "jsonl", default="a page to read")
def show_rule(rule_id: str, rule_directories: tuple[Path, ...], format_name: str | None, output: str | None) -> int:
    """Show all about a rule: what it finds, why that is bad, how to mend it, and what it answers."""
    from koban.interfaces.cli import behaviours
    from koban.interfaces.cli.detections import detection_of, page, whole_row

    if behaviour := behaviours.behaviour_of(rule_id):
        if format_name == "jsonl":
            write_list([behaviours.whole_row(behaviour)], (), "jsonl", output)
        else:
            _write_page(lambda paint: behaviours.page(behaviour, paint), output)
        return 0
    if detection := detection_of(rule_id, rule_directories):
        if format_name == "jsonl":
            write_list([whole_row(detection)], (), "jsonl", output)
        else:
            _write_page(lambda paint: page(detection, paint), output)
        return 0
    rule = one_rule(rule_id, every_rule(rule_directories))
    if format_name == "jsonl":
        row = {**_row(rule), "why": rule.why, "fix": rule.fix, "mended": bool(_mended(rule)), "rows": _rows(rule)}
        write_list([row], (), "jsonl", output)
        return 0
    _write_page(lambda paint: _page(rule, paint), output)
    return 0


def _write_page(page: Callable[[Any], Iterator[str]], output_name: str | None) -> None:
    paint = painter(output_name is None and colour_wanted(sys.stdout))
    with output(output_name) as stream:
        for line in page(paint):
            stream.write(line.rstrip() + "\n")


def _page(rule: Rule, paint: Any) -> Iterator[str]:
    yield f"{paint('1', rule.id)}   {paint(SEVERITY_COLOURS[rule.severity], rule.severity)}"
    yield ""
    yield from textwrap.wrap(rule.summary, PAGE_WIDTH)
    for heading, text in (("Why", rule.why), ("Fix", rule.fix)):
        yield ""
        yield from labelled(heading, [text[:1].upper() + text[1:]], paint)
    mended = _mended(rule)
    if mended:
        yield ""
        yield from labelled("In code", [mended], paint)
    typed = _typed(rule)
    if typed:
        yield ""
        yield from labelled("By hand", [typed], paint)
    yield ""
    yield from labelled("Type", [", ".join(one.type for one in rule.types if one.type) or "any that code makes"], paint)
    where = {"live": "live accounts only", "code": "templates only"}.get(rule.only, "live accounts and templates")
    if rule in CODE_RULES:
        where = "live accounts beside the code that made them: koban scan aws with --iac or --state"
    yield from labelled("Judges", [where], paint)
    yield from labelled("Controls", _controls(rule) or ["none"], paint)
    limits = [f"{name} = {value!r}" for name, value in rule.limits.items()]
    yield from labelled("Thresholds", limits or ["none"], paint)
    rows = ", ".join(f"{count} {kind}" for kind, count in _rows(rule).items() if count)
    yield from labelled("Table", [f"{rows} (`koban rules test {rule.id}` runs it)" if rows else "none"], paint)
    yield from labelled("Leave out", [f"--rule '!{rule.id}', or an exception in koban.yaml"], paint)


def _mended(rule: Rule) -> str:
    """What `koban fix` does about it; empty where it does nothing."""
    from koban.rules.fixes import every_fix

    found = every_fix().get(rule.id)
    return "" if found is None else f"`koban fix iac` mends it{found.remark}"


def _typed(rule: Rule) -> str:
    """The command of the AWS CLI that mends it in an account; empty where no single one does."""
    from koban.rules.commands import every_command

    found = every_command().get(rule.id)
    return "" if found is None else f"{found.template}{found.remark}"


def _controls(rule: Rule) -> list[str]:
    from koban.rules.framework import frameworks

    found = []
    for framework in frameworks().values():
        for control, ids in framework.rules_by_control([rule]).items():
            if ids:
                found.append(f"{framework.id}:{control}  {framework.controls[control].title}")
    known = {one.split("  ", maxsplit=1)[0] for one in found}
    return [*found, *(one for one in rule.controls if one not in known)]


def _rows(rule: Rule) -> dict[str, int]:
    return {
        kind: sum(len(getattr(table, kind)) for table in rule.table) for kind in ("bad", "good", "unknown", "skipped")
    }


@rules.command("test", epilog=example("koban rules test", "koban rules test my-own-rule --rules my-rules/"))
@click.argument("rule_ids", metavar="[ID]...", nargs=-1)
@rules_directory
@formats_of("table", "jsonl")
def test_rules(
    rule_ids: tuple[str, ...], rule_directories: tuple[Path, ...], format_name: str | None, output: str | None
) -> int:
    """Run each rule's own table, and each detection's own tests.

    A rule without a bad and a good row fails too, and so does a detection without a test in which it fires and one in
    which it does not.  Exits with 1 where any rule judges otherwise than its table says.
    """
    from koban.engines.tables import failures
    from koban.interfaces.cli.detections import chosen_detections, failures_in

    detections = chosen_detections(rule_ids, rule_directories)
    found = known_rules(rule_directories)
    posture_ids = [one for one in rule_ids if one not in detections.names]
    picked = chosen(found, posture_ids) if posture_ids or not rule_ids else []
    bad: list[dict[str, Any]] = []
    rows = 0
    for rule in picked:
        counts = _rows(rule)
        rows += sum(counts.values())
        bad += [{"rule": rule.id, "failure": line} for line in failures(rule)]
        for kind in ("bad", "good"):
            if not counts[kind]:
                bad.append({"rule": rule.id, "failure": f"{rule.id}: its table has no {kind} row"})
    rows += sum(len(one.tests) for one in detections.picked)
    bad += failures_in(detections)
    if bad:
        write_list(bad, ("failure",), format_name, output)
    failed = len({one["rule"] for one in bad})
    said = f"koban: {len(picked) + len(detections.picked)} rules, {rows} rows: "
    say(said + (f"{failed} rules fail" if failed else "all as their tables say"))
    return 1 if bad else 0
