"""Reads plans (``terraform show -json plan``) and states (``terraform.tfstate``, ``terraform show -json``)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from koban.model.unknown import NON_EMPTY_SHAPE, Partial, Unknown
from koban.sources.cloudformation.intrinsics import ARN_REST_SHAPE
from koban.sources.reading import Problem, Read
from koban.sources.terraform.aws import tables_of
from koban.sources.terraform.bodies import written_body
from koban.sources.terraform.configuration import Configuration, Declared
from koban.sources.terraform.documents import Thing, made, resource
from koban.sources.terraform.library import Library
from koban.sources.terraform.mapping import Table
from koban.sources.terraform.module import quoted

REFERENCES_MAX = 30  # outputs and variables that one reference goes through
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\"(?:[^\"\\]|\\.)*\"|\d+)\]")


def kind_of_json(data: bytes) -> str:
    """``plan`` or ``state`` where the bytes look like one of Terraform's; empty otherwise."""
    head = data[:4096].lstrip()
    if not head.startswith(b"{"):
        return ""
    if b'"resource_changes"' in data and b'"format_version"' in data:
        return "plan"
    if b'"format_version"' in head and b'"terraform_version"' in head and b'"values"' in data:
        return "state"
    if b'"terraform_version"' in head and b'"lineage"' in data and b'"resources"' in data:
        return "state"
    return ""


def read_json(
    data: bytes, name: str, wanted: Callable[[str], bool] | None = None, source: Library | None = None
) -> Read:
    """The resources of a plan or a state; `source` are the files that it was made of, for files and lines."""
    result = Read(name)
    try:
        document = json.loads(data)
        things = list(things_of(document, name, Sources(source)))
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        why = f"it is no plan or state of Terraform: {type(error).__name__}: {error}"[:200]
        result.problems.append(Problem(name, line, why))
        return result
    tables: dict[str, list[Table]] = {
        kind: [one for one in mine if wanted is None or wanted(one.cls.type)] for kind, mine in tables_of().items()
    }
    result.resources += [resource(one, name) for one in made(things, tables)]
    if document.get("errored"):
        result.problems.append(Problem(name, None, "the plan ended with an error, so part of it is missing"))
    return result


def things_of(document: dict[str, Any], name: str, sources: Sources) -> Iterator[Thing]:
    if "resource_changes" in document:
        yield from _Plan(document, name, sources).things()
    elif "values" in document:
        root = (document["values"] or {}).get("root_module") or {}
        yield from _shown(root, name, sources)
    else:
        yield from _stored(document, name, sources)


# States


def _shown(module: dict[str, Any], name: str, sources: Sources) -> Iterator[Thing]:
    for one in module.get("resources", ()):
        if one.get("mode") == "managed":
            hidden = one.get("sensitive_values", {})
            body = _without_secrets(one.get("values") or {}, hidden, one["address"])
            yield sources.thing(one["type"], one["address"], body, name)
    for inner in module.get("child_modules", ()):
        yield from _shown(inner, name, sources)


def _stored(document: dict[str, Any], name: str, sources: Sources) -> Iterator[Thing]:
    for one in document.get("resources", ()):
        if one.get("mode") != "managed":
            continue
        base = f"{one['module']}.{one['type']}.{one['name']}" if one.get("module") else f"{one['type']}.{one['name']}"
        for instance in one.get("instances", ()):
            if instance.get("deposed"):
                continue
            address = base + _key(instance.get("index_key"))
            body = instance.get("attributes") or {}
            for path in instance.get("sensitive_attributes", ()):
                body = _hide(body, [step.get("value") for step in path if isinstance(step, dict)], address)
            yield sources.thing(one["type"], address, _settled(body), name)


def _key(index: Any) -> str:
    if index is None:
        return ""
    return f"[{index}]" if isinstance(index, int) else f"[{quoted(str(index))}]"


def _hide(body: Any, path: list[Any], address: str) -> Any:
    if not path:
        return _secret(address)
    if isinstance(body, dict) and path[0] in body:
        return {**body, path[0]: _hide(body[path[0]], path[1:], address)}
    if isinstance(body, list) and isinstance(path[0], int) and path[0] < len(body):
        return [_hide(one, path[1:], address) if i == path[0] else one for i, one in enumerate(body)]
    return body


def _secret(path: str) -> Unknown:
    return Unknown(path, "it is marked sensitive, so its value is not looked at")


def _settled(value: Any) -> Any:
    """A state writes what is not set as null, an empty text or an empty list: all of it is left out."""
    if isinstance(value, dict):
        return {key: _settled(one) for key, one in value.items() if _is_set(one)}
    if isinstance(value, list):
        return [_settled(one) for one in value]
    return value


def _is_set(value: Any) -> bool:
    return isinstance(value, Unknown) or (value is not None and value not in ("", []))


def _without_secrets(value: Any, hidden: Any, path: str) -> Any:
    if hidden is True:
        return _secret(path) if not isinstance(value, Unknown) and _is_set(value) else value
    if isinstance(value, dict):
        marks = hidden if isinstance(hidden, dict) else {}
        found = {key: _without_secrets(one, marks.get(key), f"{path}.{key}") for key, one in value.items()}
        return {key: one for key, one in found.items() if _is_set(one)}
    if isinstance(value, list):
        every = hidden if isinstance(hidden, list) else []
        return [
            _without_secrets(one, every[i] if i < len(every) else None, f"{path}[{i}]") for i, one in enumerate(value)
        ]
    return value


# Plans


class _Plan:
    """A plan: what each resource will be, with what is known only once it is applied."""

    def __init__(self, document: dict[str, Any], name: str, sources: Sources) -> None:
        self.name = name
        self.sources = sources
        self.changes = [one for one in document["resource_changes"] if one.get("mode") == "managed"]
        self.addresses = {one["address"] for one in self.changes}
        configuration = document.get("configuration") or {}
        self.root = configuration.get("root_module") or {}
        self.providers = configuration.get("provider_config") or {}

    def things(self) -> Iterator[Thing]:
        for one in self.changes:
            change = one.get("change") or {}
            after = change.get("after")
            if after is None:
                continue  # it goes
            address = one["address"]
            path, keys = _module_path(one.get("module_address", ""))
            configured = self._configured(path, one["type"], one["name"])
            expressions = configured.get("expressions", {}) if configured is not None else None
            body = self._body(after, change.get("after_unknown") or {}, expressions, address, (path, keys, one))
            body = _without_secrets(body, change.get("after_sensitive"), address)
            for name in ("id", "arn"):
                if not isinstance(body.get(name), str):
                    body[name] = _reference(address, name)
            thing = self.sources.thing(one["type"], address, body, self.name)
            said = body.get("region")
            thing.region = thing.region or (said if isinstance(said, str) else self._region(configured, one["type"]))
            thing.provider = str((configured or {}).get("provider_config_key") or "")
            yield thing

    def _configured(self, path: tuple[str, ...], kind: str, name: str) -> dict[str, Any] | None:
        module = self._module(path)
        for one in (module or {}).get("resources", ()):
            if one.get("type") == kind and one.get("name") == name and one.get("mode") == "managed":
                found: dict[str, Any] = one
                return found
        return None

    def _module(self, path: tuple[str, ...]) -> dict[str, Any] | None:
        module: Any = self.root
        for step in path:
            module = ((module or {}).get("module_calls") or {}).get(step, {}).get("module")
        return module if isinstance(module, dict) else None

    def _region(self, configured: dict[str, Any] | None, kind: str) -> str:
        key = (configured or {}).get("provider_config_key", kind.partition("_")[0]).rsplit(":", 1)[-1]
        expressions = self.providers.get(key, {}).get("expressions", {})
        region = expressions.get("region", {}).get("constant_value")
        return region if isinstance(region, str) else ""

    def _body(self, after: Any, unknown: Any, expressions: Any, path: str, where: Any) -> Any:
        """What is known, with :class:`Unknown` where the configuration says something that is not known yet.

        What the configuration does not set and the provider makes up is left out, as it is in configurations.
        """
        body: dict[str, Any] = {key: one for key, one in after.items() if one is not None}
        for key, open_ in unknown.items():
            if not open_ or open_ in ({}, []):
                continue
            given = expressions
            if isinstance(expressions, dict) and not _is_expression(expressions):
                given = expressions.get(key)
                if given is None:
                    continue
            body[key] = self._open(body.get(key), open_, given, f"{path}.{key}", where)
        return body

    def _open(self, value: Any, open_: Any, given: Any, path: str, where: Any) -> Any:
        if open_ is True:
            return self._referred(given, path, where)
        if isinstance(open_, dict) and isinstance(value, dict):
            return self._body(value, open_, given if isinstance(given, dict) else {}, path, where)
        if isinstance(open_, list) and isinstance(value, list):
            every = given if isinstance(given, list) else []
            made_: list[Any] = []
            for position, one in enumerate(value):
                hole = open_[position] if position < len(open_) else False
                inner = every[min(position, len(every) - 1)] if every else given
                made_.append(self._open(one, hole, inner, f"{path}[{position}]", where) if hole else one)
            return made_
        return value if value is not None else Unknown(path, "it is known only when it is applied")

    def _referred(self, given: Any, path: str, where: Any) -> Unknown:
        """What stands for a value that refers to something that is not made yet."""
        module, keys, one = where
        references = given.get("references", []) if isinstance(given, dict) else []
        found = self._targets(references, module, keys, one.get("index"), 0)
        if len(found) == 1:
            address, attribute = found.pop()
            return _reference(address, attribute or "id", path)
        return Unknown(path, "it is known only when it is applied")

    def _targets(
        self, references: list[str], module: tuple[str, ...], keys: dict[int, str], index: Any, depth: int
    ) -> set[tuple[str, str]]:
        """(address, attribute) of each resource that references lead to, through variables and outputs."""
        found: set[tuple[str, str]] = set()
        if depth > REFERENCES_MAX:
            return found
        chosen = [
            one
            for one in references
            if not any(other != one and other.startswith((one + ".", one + "[")) for other in references)
        ]
        for one in chosen:
            head, _, rest = one.partition(".")
            if head == "var" and module:
                parent = self._module(module[:-1]) or {}
                call = (parent.get("module_calls") or {}).get(module[-1], {})
                inner = (call.get("expressions") or {}).get(rest.partition(".")[0], {})
                inner_references = inner.get("references", []) if isinstance(inner, dict) else []
                found |= self._targets(inner_references, module[:-1], keys, index, depth + 1)
            elif head == "module":
                steps = _STEP.findall(one)
                called = (*module, steps[1][0]) if len(steps) > 1 else module
                key = next((f"[{b}]" for _, b in steps[2:3] if b), "")
                outputs = (self._module(called) or {}).get("outputs") or {}
                name = next((step for step, _ in steps[2:] if step in outputs), "")
                expression = outputs.get(name, {}).get("expression", {})
                if isinstance(expression, dict):
                    inner_keys = {**keys, len(module): key}
                    found |= self._targets(expression.get("references", []), called, inner_keys, index, depth + 1)
            elif head not in ("var", "local", "data", "each", "count", "path", "terraform", "self"):
                found |= self._addresses(one, module, keys, index)
        return found

    def _addresses(
        self, reference: str, module: tuple[str, ...], keys: dict[int, str], index: Any
    ) -> set[tuple[str, str]]:
        steps = _STEP.findall(reference)
        names = [a for a, _ in steps if a]
        if len(names) < 2:
            return set()
        prefix = "".join(f"module.{step}{keys.get(i, '')}." for i, step in enumerate(module))
        base = f"{prefix}{names[0]}.{names[1]}"
        attribute = names[2] if len(names) > 2 else ""
        written = next((b for _, b in steps if b), "")
        for address in (f"{base}[{written}]" if written else base, base + _key(index)):
            if address in self.addresses:
                return {(address, attribute)}
        several = {(one, attribute) for one in self.addresses if one.startswith(base + "[")}
        return several if len(several) == 1 else set()


def _is_expression(given: dict[str, Any]) -> bool:
    """Whether it is an expression, and not a block of them."""
    return "references" in given or "constant_value" in given


def _reference(address: str, attribute: str, path: str = "") -> Unknown:
    """An attribute of a resource that is not made yet."""
    path = path or f"{address}.{attribute}"
    why = f"{address} gets its {attribute} when it is applied"
    if attribute == "arn":
        rest = Unknown(path, why, shape=ARN_REST_SHAPE, target=address)
        return Partial(path, ("arn:", rest), target=address)
    return Unknown(path, why, shape=NON_EMPTY_SHAPE, target=address)


def _module_path(address: str) -> tuple[tuple[str, ...], dict[int, str]]:
    """The names of the modules in ``module.a["x"].module.b``, and the key of each that has one."""
    names: list[str] = []
    keys: dict[int, str] = {}
    for name, key in _STEP.findall(address):
        if key:
            keys[len(names) - 1] = f"[{key}]"
        elif name != "module" or (names and names[-1] == "\0"):
            names.append(name)
    return tuple(names), keys


# Where it is written


class Sources:
    """The files that a plan or state was made of; `roots` are those configurations that it may be of (None: all)."""

    def __init__(self, library: Library | None, roots: list[Configuration] | None = None) -> None:
        self.library = library
        self.roots = roots if roots is not None else list(library.roots()) if library is not None else []

    def thing(self, kind: str, address: str, body: dict[str, Any], name: str) -> Thing:
        """The resource, with the file and line where its block stands if that is found."""
        thing = Thing(kind, address, body, name)
        found = self.declared(address)
        if found is not None:
            declared, thing.chain = found
            thing.file, thing.line = declared.file.name, declared.block.line
            thing.written = written_body(declared.body, declared)
        return thing

    def declared(self, address: str) -> tuple[Declared, tuple[str, ...]] | None:
        """What declares the resource at an address, and how the configuration comes to it."""
        steps = [name for name, _ in _STEP.findall(address) if name]
        modules: list[str] = []
        while len(steps) > 2 and steps[0] == "module":
            modules.append(steps[1])
            steps = steps[2:]
        if len(steps) != 2 or self.library is None:
            return None
        for root in self.roots:
            here: Configuration | None = root
            chain: list[str] = []
            for depth, name in enumerate(modules):
                call = here.calls.get(name) if here is not None else None
                if here is None or call is None:
                    here = None
                    break
                key = ".".join(modules[: depth + 1])
                chain.append(f"module.{key} is called at {call.file.name} line {call.block.line}")
                here = self.library.callee(here, root.directory, name, call.text_of("source") or "", key)
            if here is not None and (steps[0], steps[1]) in here.resources:
                return here.resources[steps[0], steps[1]], tuple(chain)
        return None
