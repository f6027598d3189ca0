"""Writes the reference pages from the code; with --check, says which are out of date.

Run by `make docs` and `make check`.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
NOTE = "<!-- Written by `make docs` from the code; change it there. -->\n\n"


def pages() -> dict[Path, str]:
    """Every generated page: path below docs/, and text."""
    made = rule_pages()
    made |= {Path("terraform.md"): terraform_page()}
    made |= {Path("logs-sources.md"): log_sources_page(), Path("logs-mapping.md"): log_mapping_page()}
    made |= {Path("behaviour-detections.md"): behaviour_page()}
    made |= {Path("model.md"): model_page(), Path("frameworks.md"): framework_page(), Path("cli.md"): cli_page()}
    return made


def rule_pages() -> dict[Path, str]:
    from koban.rules.catalog import catalog
    from koban.rules.commands import every_command
    from koban.rules.fixes import every_fix
    from koban.rules.iac import CODE_RULES

    fixes, commands = every_fix(), every_command()
    by_module = defaultdict(list)
    for rule in (*catalog(), *CODE_RULES):
        by_module[rule.module.rsplit(".", 1)[-1].strip("_")].append(rule)
    made: dict[Path, str] = {}
    index = f"{NOTE}# Rules\n\n{sum(map(len, by_module.values()))} rules.\n\n| service | rules |\n|---|---|\n"
    for module, rules in sorted(by_module.items()):
        index += f"| [{module}](rules/{module}.md) | {len(rules)} |\n"
        text = f"{NOTE}# Rules: {module}\n"
        for rule in rules:
            limits = ", ".join(f"`{name}` ({value!r})" for name, value in rule.limits.items())
            text += f"\n## {rule.id}\n\n{rule.summary}\n\n- severity: {rule.severity}\n"
            types = ", ".join(f"`{cls.type}`" for cls in rule.types if cls.type)
            text += f"- judges: {types or 'what code makes, where `koban scan aws` is given the code'}\n"
            text += f"- why: {rule.why}\n- fix: {rule.fix}\n- controls: {', '.join(rule.controls) or 'none'}\n"
            text += f"- thresholds: {limits}\n" if limits else ""
            if rule.id in fixes:
                text += f"- in code: `koban fix iac` mends it{fixes[rule.id].remark}\n"
            if rule.id in commands:
                text += f"- in the account: `{commands[rule.id].template}`{commands[rule.id].remark}\n"
        made[Path("rules") / f"{module}.md"] = text
    made[Path("rules.md")] = index
    return made


def model_page() -> str:
    import koban.model.aws
    from koban.model.document import fields_of
    from koban.model.resource import known_classes

    for module in iter_modules(koban.model.aws.__path__):
        import_module(f"koban.model.aws.{module.name}")
    classes = list(known_classes())
    text = f"{NOTE}# Resource types\n\n{len(classes)} types. A field's path is that of the CloudFormation schema; "
    text += "*fact* marks what only the live API tells.\n"
    for cls in classes:
        doc = (cls.__doc__ or "").strip().splitlines()[0]
        text += f"\n## {cls.type}\n\n{doc}\n"
        fields = list(fields_of(cls))
        if fields:
            text += "\n| field | path | default | meaning |\n|---|---|---|---|\n"
        for field in fields:
            path = f"`{field.path}`" + (" *fact*" if field.is_fact else "")
            text += f"| {field.name} | {path} | `{field.default!r}` | {cell(field.doc)} |\n"
    return text


def terraform_page() -> str:
    from koban.sources.terraform.aws import tables_of
    from koban.sources.terraform.awscc import Identity
    from koban.sources.terraform.mapping import provider_defaults

    every = {name: [t for t in mine if not isinstance(t, Identity)] for name, mine in sorted(tables_of().items())}
    every = {name: mine for name, mine in every.items() if mine}
    text = f"{NOTE}# Terraform\n\nWhat {len(every)} types of the `aws` provider become, and which arguments are read. "
    text += "Where an "
    text += "argument is not set and that means something else to the provider than to CloudFormation, the provider's "
    text += "default counts; where the provider cannot set what rules read, that is said. Types of `awscc` become the "
    text += "CloudFormation type of their name, argument by argument.\n"
    for name, mine in every.items():
        text += f"\n## {name}\n\n"
        for table in mine:
            how = table.cls.type
            if table.by:
                how = f"sets properties of the {how} that `{table.by}` names"
            elif table.gathers:
                how = f"part of the one {how} of its {'account' if table.near else 'account and region'}"
            arguments = dict.fromkeys(one for entry in table.entries.values() for one in entry.arguments())
            text += f"- {how}: {', '.join(f'`{one}`' for one in arguments) or 'no arguments'}\n"
            for path, value in provider_defaults(table.entries):
                text += f"  - default of the provider: {path} is `{value!r}`\n"
            for path, reason in table.lacks.items():
                text += f"  - not settable: {path}: {reason}\n"
    return text


def log_sources_page() -> str:
    from koban.model.event import CLASSES
    from koban.sources.logs import format as log_format
    from koban.sources.logs.mapping import mappings

    json_formats, _, _ = log_format.load()
    tables = mappings()
    text = (
        f"{NOTE}# Sources of logs\n\n{len(tables)} sources. A format is recognised by content, never by the name of a "
    )
    text += "file; JSON may be lines, an array, or an object with the array under a key. What the columns hold is in "
    text += "[the mapping](logs-mapping.md).\n\n"
    text += "| source | title | recognised as | array under | OCSF classes | Sigma logsources |\n"
    text += "|---|---|---|---|---|---|\n"
    for table in tables:
        mine = [f for f in json_formats if f.source == table.source]
        keys = sorted({key for f in mine for key in f.wrappers})
        told = " ".join(dict.fromkeys(filter(None, (first_line(f.claims.__doc__) for f in mine))))
        classes = ", ".join(f"{name} ({CLASSES[name]})" for name in dict.fromkeys(c.name for c in table.classes))
        if "class_uid" in table.columns:
            classes = "the event's own"
        asked = (" / ".join(filter(None, (s.product, s.category, s.service))) for s in table.logsources)
        text += f"| {table.source} | {cell(table.title)} | {cell(told or family_of(table.source))} | "
        text += f"{', '.join(f'`{key}`' for key in keys)} | {classes} | {', '.join(dict.fromkeys(asked))} |\n"
    text += "\n## What wraps records\n\nThe records inside are recognised one by one.\n\n"
    for one in json_formats:
        if one.unwrap is not None:
            text += f"- {one.source}: {first_line(one.unwrap.__doc__) or family_of(one.source)}\n"
    return text


def first_line(docstring: str | None) -> str:
    return " ".join((docstring or "").strip().split("\n\n")[0].split())


def family_of(source: str) -> str:
    """What the file of formats that reads a source says of itself."""
    folder = import_module("koban.sources.logs.formats")
    for found in sorted(m.name for m in iter_modules(folder.__path__)):
        module = import_module(f"{folder.__name__}.{found}")
        if f'"{source}"' in Path(str(module.__file__)).read_text(encoding="utf-8"):
            return first_line(module.__doc__)
    return ""


def log_mapping_page() -> str:
    from koban.model.event import COLUMNS
    from koban.sources.logs.mapping import mappings

    text = f"{NOTE}# What the columns of events hold\n\nA column is an OCSF attribute with its dots as underscores. A "
    text += (
        "path is a field of the record, word for word; an expression is DuckDB's SQL over `{paths}`. Columns that a "
    )
    text += "source leaves out are empty; the whole record is kept beside them.\n\n"
    text += "| column | OCSF attribute | type | meaning |\n|---|---|---|---|\n"
    for name, column in COLUMNS.items():
        text += f"| {name} | {column.ocsf} | {column.type} | {cell(column.meaning)} |\n"
    for table in mappings():
        text += f"\n## {table.source}\n\n{table.title}.\n"
        text += f"\n{first_line(table.notes)}\n" if table.notes else ""
        text += "\n| column | from |\n|---|---|\n"
        for rule in table.classes:
            if "class_uid" not in table.columns:
                text += f"| class: {rule.name} | {code(rule.when) if rule.when else 'otherwise'} |\n"
        for name, expression in table.columns.items():
            text += f"| {name} | {code(expression)} |\n"
        fields = {k: v for one in table.logsources for k, v in one.fields.items()}
        if fields:
            text += "\n| field of Sigma's rules | from |\n|---|---|\n"
            text += "".join(f"| {code(name)} | {code(value)} |\n" for name, value in fields.items())
    return text


def code(text: str) -> str:
    return f"`{cell(text)}`"


def behaviour_page() -> str:
    from koban.engines.behaviour.detection import detections
    from koban.engines.behaviour.settings import documented

    found = detections().values()
    text = f"{NOTE}# Behavioural detections\n\n{len(found)} detections; how they work stands in "
    text += "[behaviour.md](behaviour.md).\n\n| detection | level | what |\n|---|---|---|\n"
    for one in found:
        text += f"| [{one.name}](#{one.name}) | {one.level} | {cell(one.title)} |\n"
    for one in found:
        text += f"\n## {one.name}\n\n{one.title}. {one.description}\n\n"
        text += f"- level: {one.level}; {', '.join(one.tags)}\n"
        if one.needs:
            text += f"- needs: {one.needs}\n"
        text += f"- false positives: {one.false_positives}\n- response: {'; '.join(one.response)}.\n"
        text += "\n| threshold | default | meaning |\n|---|---|---|\n"
        for name, value, meaning in documented(one.thresholds):
            said = ", ".join(value) or "none" if isinstance(value, tuple) else f"{value:,}"
            text += f"| `{name}` | {str(value).lower() if isinstance(value, bool) else said} | {cell(meaning)} |\n"
    return text


def framework_page() -> str:
    from koban.rules.catalog import catalog
    from koban.rules.framework import frameworks

    rules = catalog()
    text = f"{NOTE}# Frameworks\n\nTitles are in our own words; ids are the publishers'.\n"
    for one in frameworks().values():
        found = one.rules_by_control(rules)
        answered = sum(bool(ids) for ids in found.values())
        text += f"\n## {one.id}\n\n{one.title} {one.version}, {one.publisher}. "
        text += f"{len(one.controls)} controls, {answered} answered by rules.\n\n"
        text += "| control | asks for | whose duty | rules |\n|---|---|---|---|\n"
        for control in one.controls.values():
            ids = found[control.id]
            by = ", ".join(ids[:6]) + (f" and {len(ids) - 6} more" if len(ids) > 6 else "")
            text += f"| {control.id} | {cell(control.title)} | {control.responsibility} | {by or '(people)'} |\n"
    return text


def cli_page() -> str:
    import click

    from koban.interfaces.cli.root import koban

    text = f"{NOTE}# The command line\n"

    def describe(one: click.Command, name: str) -> None:
        nonlocal text
        context = click.Context(one, info_name=name, terminal_width=100, max_content_width=100)
        text += f"\n## {name}\n\n```text\n{one.get_help(context).strip()}\n```\n"
        if isinstance(one, click.Group):
            for child in one.list_commands(context):
                made = one.get_command(context, child)
                if made is not None and not made.hidden:
                    describe(made, f"{name} {child}")

    describe(koban, "koban")
    return text


def cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def broken_links() -> list[str]:
    """Relative links in the hand-written pages that lead nowhere."""
    found = []
    for page in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]:
        prose = re.sub(r"`[^`\n]*`", "", page.read_text(encoding="utf-8"))
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", prose):
            if "://" not in target and not (page.parent / target).exists():
                found.append(f"{page.relative_to(ROOT)}: {target} is not there")
    return found


def main() -> int:
    check = "--check" in sys.argv
    stale = []
    wanted = pages()
    for path, text in wanted.items():
        file = DOCS / path
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        stale.append(str(path))
        if not check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    for file in (DOCS / "rules").glob("*.md"):
        if file.relative_to(DOCS) not in wanted:
            stale.append(f"{file.relative_to(DOCS)} (no longer wanted)")
            if not check:
                file.unlink()
    links = broken_links()
    for one in links:
        print(one, file=sys.stderr)
    if check and stale:
        print(f"out of date: {', '.join(stale)}; run `make docs`", file=sys.stderr)
    return 1 if links or (check and stale) else 0


if __name__ == "__main__":
    sys.exit(main())
