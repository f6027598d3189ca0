"""Reads and writes ``koban.yaml``; every complaint names its line."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterable
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any, cast

import yaml

from koban.model.baseline import Baseline, Environment, Match, RuleOff, Waiver
from koban.model.rule import Rule, Severity
from koban.rules.framework import frameworks

FILE = "koban.yaml"
BYTES_MAX = 1_000_000
VALUES_MAX = 100_000  # what aliases stand for counts each time
Where = tuple[str | int, ...]


class BaselineError(Exception):
    """A baseline that cannot be used; `problems` are lines of the form ``koban.yaml:12: what is wrong``."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def schema_text() -> str:
    """The JSON Schema of the file, for editors."""
    return resources.files("koban.app.baseline").joinpath("schema.json").read_text(encoding="utf-8")


def load(path: Path, rules: Iterable[Rule] = ()) -> Baseline:
    """The baseline in a file; `rules` let thresholds and rule ids be checked.  Raises BaselineError."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # to read a pipe would wait for ever
            raise BaselineError([f"{path}: not a regular file; move it away, or name another with --baseline"])
        if status.st_size > BYTES_MAX:
            raise BaselineError([f"{path}: larger than {BYTES_MAX:,} bytes; a baseline is a short file"])
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        todo = "name another file, or write one with `koban baseline init`"
        raise BaselineError([f"{path}: {error.strerror}; {todo}"]) from None
    except UnicodeDecodeError:
        raise BaselineError([f"{path}: not a text file in UTF-8"]) from None
    return parse(text, str(path), rules)


def parse(text: str, name: str = FILE, rules: Iterable[Rule] = ()) -> Baseline:
    """The baseline in a text.  Raises BaselineError with every problem found, by line."""
    lines: dict[Where, int] = {}
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        raw = _plain(node, (), lines, depth=0) if node is not None else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise BaselineError([f"{name}:{line}: not YAML: {getattr(error, 'problem', error)}"]) from None
    except ValueError as error:
        raise BaselineError([f"{name}:{error}"]) from None
    problems = list(dict.fromkeys(_problems(raw, lines, name, list(rules))))
    if problems:
        raise BaselineError(problems)
    return _baseline(cast("dict[str, Any]", raw), lines)


def _plain(node: yaml.Node, where: Where, lines: dict[Where, int], depth: int) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(where, line)
    if len(lines) > VALUES_MAX:
        raise ValueError(f"{line}: its aliases stand for more than {VALUES_MAX:,} values")
    if depth > 40:
        raise ValueError(f"{line}: nested too deeply")
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(getattr(key_node, "value", ""))
            if key in found:
                raise ValueError(f"{key_node.start_mark.line + 1}: {key!r} stands twice")
            lines[(*where, key)] = key_node.start_mark.line + 1
            found[key] = _plain(value_node, (*where, key), lines, depth + 1)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(one, (*where, i), lines, depth + 1) for i, one in enumerate(node.value)]
    kind, value = node.tag.rsplit(":", 1)[-1], node.value
    if kind == "bool" and value.lower() in ("true", "false"):  # "no" and "on" stay the words that they are
        return value.lower() == "true"
    if kind == "int" and where and where[-1] not in ("account",) and "match" not in where:
        try:
            return int(value.replace("_", ""), 10)
        except ValueError:
            return value
    if kind == "float":
        return float(value)
    return None if kind == "null" else value


def _problems(raw: Any, lines: dict[Where, int], name: str, rules: list[Rule]) -> Iterable[str]:
    import jsonschema

    def at(where: Where, text: str) -> str:
        line = next((lines[where[:end]] for end in range(len(where), -1, -1) if where[:end] in lines), 1)
        path = ".".join(map(str, where))
        return f"{name}:{line}: {path + ': ' if path else ''}{text}"

    validator = jsonschema.Draft202012Validator(json.loads(schema_text()))
    errors = sorted(validator.iter_errors(raw if raw is not None else {}), key=lambda e: [str(p) for p in e.path])
    for error in errors:
        yield at(tuple(error.absolute_path), _in_words(error))
    if errors:
        return
    for where, text in _dates(raw):
        try:
            date.fromisoformat(text)
        except ValueError:
            yield at(where, f"{text} is no date of the calendar (YYYY-MM-DD)")
    known = frameworks()
    for where, one in _framework_ids(raw):
        if one not in known:
            yield at(where, f"no framework {one!r}; there are: {', '.join(known)}")
    names = list(raw.get("environments", {}))
    for rule_id, off in raw.get("rules_off", {}).items():
        for environment in off.get("environments", ()):
            if environment not in names:
                yield at(("rules_off", rule_id, "environments"), f"no environment {environment!r} is declared here")
    ids = [one["id"] for one in raw.get("exceptions", ())]
    for i, one in enumerate(ids):
        if one in ids[:i]:
            yield at(("exceptions", i, "id"), f"{one!r} is used twice")
    if rules:
        yield from (at(where, text) for where, text in _rule_problems(raw, rules))


def _in_words(error: Any) -> str:
    if error.validator == "additionalProperties":
        known = sorted(error.schema.get("properties", ()))
        extra = sorted(set(error.instance) - set(known))
        return f"unknown key {', '.join(map(repr, extra))}; there are: {', '.join(known)}"
    if error.validator == "required":
        missing = [one for one in error.validator_value if one not in error.instance]
        return f"{', '.join(missing)} must be given"
    if error.validator == "enum":
        return f"{error.instance!r} is none of: {', '.join(map(str, error.validator_value))}"
    if error.validator == "pattern" and "YYYY" in str(error.schema.get("description", "")):
        return f"{error.instance!r} is not a date (YYYY-MM-DD)"
    if error.validator == "type":
        return f"{error.instance!r} is not of type {error.validator_value}"
    if error.validator in ("minLength", "minItems", "minProperties"):
        return "must not be empty"
    if error.validator == "oneOf":
        return f"{error.instance!r} is neither a text nor a list of texts"
    return str(error.message)


def _dates(raw: dict[str, Any]) -> Iterable[tuple[Where, str]]:
    if "review" in raw:
        yield ("review", "last"), raw["review"]["last"]
    for i, one in enumerate(raw.get("exceptions", ())):
        yield ("exceptions", i, "expires"), one["expires"]


def _framework_ids(raw: dict[str, Any]) -> Iterable[tuple[Where, str]]:
    for i, one in enumerate(raw.get("frameworks", ())):
        yield ("frameworks", i), one
    for name, environment in raw.get("environments", {}).items():
        for i, one in enumerate(environment.get("frameworks", ())):
            yield ("environments", name, "frameworks", i), one


def _rule_problems(raw: dict[str, Any], rules: list[Rule]) -> Iterable[tuple[Where, str]]:
    from fnmatch import filter as matching

    by_id = {one.id: one for one in rules}
    tables: list[tuple[Where, dict[str, Any]]] = [(("thresholds",), raw.get("thresholds", {}))]
    for name, environment in raw.get("environments", {}).items():
        tables.append((("environments", name, "thresholds"), environment.get("thresholds", {})))
    for where, table in tables:
        for rule_id, limits in table.items():
            if rule_id not in by_id:
                yield (*where, rule_id), f"no rule {rule_id!r}; see `koban rules list`"
                continue
            try:
                by_id[rule_id].with_limits(limits)
            except ValueError as error:
                yield (*where, rule_id), str(error)
    for rule_id in raw.get("rules_off", {}):
        if not matching(by_id, rule_id):
            yield ("rules_off", rule_id), f"no rule {rule_id!r}; see `koban rules list`"
    for i, one in enumerate(raw.get("exceptions", ())):
        for rule_id in one["rule"] if isinstance(one["rule"], list) else [one["rule"]]:
            if not matching(by_id, rule_id):
                yield ("exceptions", i, "rule"), f"no rule {rule_id!r}; see `koban rules list`"


def _baseline(raw: dict[str, Any], lines: dict[Where, int]) -> Baseline:
    environments = tuple(
        Environment(
            name,
            Match(one["match"]),
            tuple(one.get("frameworks", ())),
            cast("Severity | None", one.get("fail_on")),
            one.get("thresholds", {}),
        )
        for name, one in raw.get("environments", {}).items()
    )
    exceptions = tuple(
        Waiver(
            one["id"],
            tuple(one["rule"] if isinstance(one["rule"], list) else [one["rule"]]),
            Match(one["match"]),
            one["owner"],
            one["reason"],
            date.fromisoformat(one["expires"]),
            lines.get(("exceptions", i), 0),
        )
        for i, one in enumerate(raw.get("exceptions", ()))
    )
    review = raw.get("review", {})
    incident = raw.get("incident", {})
    return Baseline(
        tuple(raw.get("frameworks", ())),
        cast("Severity | None", raw.get("fail_on")),
        raw.get("thresholds", {}),
        environments,
        tuple(
            RuleOff(rule_id, one["reason"], tuple(one.get("environments", ())))
            for rule_id, one in raw.get("rules_off", {}).items()
        ),
        exceptions,
        tuple(incident.get("contacts", ())),
        incident.get("plan", ""),
        date.fromisoformat(review["last"]) if review else None,
        review.get("owner", ""),
    )


def starter(today: date) -> str:
    """A first ``koban.yaml``, to be made one's own: it is valid as it stands."""
    return f"""\
# The security baseline: what we have agreed our estate must look like, and where we allow otherwise.
# `koban baseline check` says when it needs a look.  `koban baseline schema` prints the schema for your editor.
version: 1

# Security and operations go through this file together, at least every 6 months.
review:
  last: {today.isoformat()}
  owner: security@example.com

# What the whole estate answers to; `koban frameworks list` shows them all.
frameworks: [cis-aws-7.0, aws-fsbp]

# A scan exits with 1 for findings of this severity or worse.
fail_on: high

# Thresholds that differ from a rule's own; `koban rules show ID` names them.
thresholds: {{}}

# Parts of the estate, told apart by account (id or name), ou, tag, region, type, uid or path of the template.
# Keys of one mapping all hold; of a list, one; any, all and not combine.  The first that matches counts.
environments:
  production:
    match:
      any:
        - tag: {{environment: [prod, production]}}
        - account: ["*-prod", "*-production"]
        - path: ["*prod*"]
    fail_on: medium
  staging:
    match: {{any: [{{tag: {{environment: staging}}}}, {{account: "*-staging"}}, {{path: "*staging*"}}]}}
  test:
    match: {{}}  # everything else
    fail_on: critical

# Rules that we do not judge by, with the reason; `environments: [test]` limits that to some.
rules_off: {{}}

# Findings that we accept until a date.
exceptions: []
#  - id: EX-1
#    rule: s3-bucket-public
#    match: {{uid: "arn:aws:s3:::www.example.com"}}
#    owner: web@example.com
#    reason: The public web site is served from here.
#    expires: {today.replace(year=today.year + 1, day=min(today.day, 28)).isoformat()}

# Whom to call, and by which plan, when something has happened.
incident:
  plan: https://example.com/incident-response-plan
  contacts:
    - name: Security on call
      role: incident lead
      email: security@example.com
      phone: "+1 555 0100"
"""
