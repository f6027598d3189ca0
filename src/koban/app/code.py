"""The code that made an estate, in memory: templates, configurations of Terraform, and its states."""

from __future__ import annotations

import os
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from koban.model.resource import Resource
from koban.model.unknown import Unknown
from koban.sources.cloudformation.files import CLOUDFORMATION
from koban.sources.cloudformation.library import Library as Templates
from koban.sources.cloudformation.reader import declared
from koban.sources.cloudformation.template import Stack, Template
from koban.sources.files import STDIN, search, starts
from koban.sources.reading import Problem, Read, TooLarge
from koban.sources.terraform.configuration import is_configuration
from koban.sources.terraform.library import Library, Options
from koban.sources.terraform.plan import kind_of_json
from koban.sources.terraform.reader import read as read_terraform
from koban.sources.terraform.state import State, StateError, load_state, read_state, states_beside

SAMCONFIG = "samconfig.toml"

# What a template calls one type and the API another.
SAME_TYPE = {
    "AWS::DynamoDB::GlobalTable": "AWS::DynamoDB::Table",
    "AWS::Elasticsearch::Domain": "AWS::OpenSearchService::Domain",
    "AWS::KMS::ReplicaKey": "AWS::KMS::Key",
}
# What code writes beside a resource and the API shows inside it: (type beside, property naming the resource, list).
BESIDE = {
    "AWS::EC2::SecurityGroup": (
        ("AWS::EC2::SecurityGroupIngress", "GroupId", "SecurityGroupIngress"),
        ("AWS::EC2::SecurityGroupEgress", "GroupId", "SecurityGroupEgress"),
    ),
    "AWS::IAM::Role": (
        ("AWS::IAM::Policy", "Roles", "Policies"),
        ("AWS::IAM::RolePolicy", "RoleName", "Policies"),
        ("AWS::IAM::ManagedPolicy", "Roles", "ManagedPolicyArns"),
    ),
    "AWS::IAM::User": (
        ("AWS::IAM::Policy", "Users", "Policies"),
        ("AWS::IAM::UserPolicy", "UserName", "Policies"),
        ("AWS::IAM::ManagedPolicy", "Users", "ManagedPolicyArns"),
    ),
    "AWS::IAM::Group": (
        ("AWS::IAM::Policy", "Groups", "Policies"),
        ("AWS::IAM::GroupPolicy", "GroupName", "Policies"),
        ("AWS::IAM::ManagedPolicy", "Groups", "ManagedPolicyArns"),
    ),
}
CHILDREN: dict[str, tuple[str, ...]] = {}
for _rows in BESIDE.values():
    for _kind, _naming, _ in _rows:
        CHILDREN[_kind] = (*CHILDREN.get(_kind, ()), _naming)


def where(code: Resource) -> str:
    """Which code: ``aws_s3_bucket.logs in infra/main.tf line 12``."""
    line = f" line {int(code.line)}" if code.line else ""
    return f"{code.address} in {code.file}{line}" if code.file else code.address


def is_type(code: str, live: str) -> bool:
    return SAME_TYPE.get(code, code) == live


@dataclass(eq=False)
class Source:
    """A template among the code: the types of its resources by logical id, and the stacks that are named for it."""

    template: Template
    types: dict[str, str]
    stacks: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return self.template.name

    @property
    def stem(self) -> str:
        return os.path.basename(self.name).split(".", 1)[0]

    def spelled(self, logical_id: str, live: str) -> str:
        """The logical id of a resource of the live type `live`, of which perhaps only the small letters are known."""
        if is_type(self.types.get(logical_id, ""), live):
            return logical_id
        alike = [one for one, kind in self.types.items() if one.lower() == logical_id and is_type(kind, live)]
        return alike[0] if len(alike) == 1 else ""

    def named_for(self, stack: str) -> int:
        """How well the name of a stack fits: 3 a configuration says so, 2 it is the file's, 1 it ends or begins so."""
        if stack in self.stacks:
            return 3
        if stack == self.stem:
            return 2
        return int(bool(self.stem) and (stack.endswith(f"-{self.stem}") or stack.startswith(f"{self.stem}-")))


class Code:
    """Everything that is code among what the user gave, in memory: templates, configurations, states.

    Raises PathError and StateError for what is not there or is no state.
    """

    def __init__(self, paths: Sequence[str | os.PathLike[str]] = (), states: Sequence[str | os.PathLike[str]] = ()):
        places = [one for one in starts(paths) if one[0] != STDIN]
        self.library = Library(places, Options(environment=os.environ))
        self.problems: list[Problem] = []
        self.states: list[State] = []
        self.templates: list[Source] = []
        self.stack_library = Templates({}, declared)
        self.by_name: dict[tuple[str, str], list[Resource | tuple[Source, str]]] = {}
        self.by_state: dict[tuple[str, str], list[tuple[Resource, State]]] = {}
        self.open_templates: dict[str, list[str]] = {}  # type: what may have made one whose name nobody knows
        self.open_configurations: dict[str, list[str]] = {}
        self.children: dict[tuple[str, str, str], list[Resource]] = {}  # (type beside, property, name of what it is on)
        self.targets: dict[tuple[str, str, str], list[Resource]] = {}  # the same by (unit, type beside, address)
        self.apart: dict[tuple[str, str], list[dict[str, Any]]] = {}  # what states set of (type, name) elsewhere
        self.floating: dict[str, list[Resource]] = {}  # those of which nobody knows what they are on
        self.unit: dict[int, str] = {}  # the unit (state or configuration) of a resource, by identity
        given = [(os.fspath(one), os.fspath(one), "") for one in states]
        seen = {os.path.realpath(one[0]) for one in given}
        given += [one for one in states_beside(self.library) if os.path.realpath(one[0]) not in seen]
        for path, name, directory in given:
            try:
                data = load_state(path)
            except StateError as error:
                if not directory:
                    raise
                self.problems.append(Problem(name, None, str(error).removeprefix(f"{path}: ")))
                continue
            self._add_state(read_state(data, name, self.library, directory or self._directory_of(path), declared))
        self._add_configurations()
        self._add_templates(places)

    @property
    def broken(self) -> str:
        """Why part of the code is not known; empty: all of it was read."""
        if not self.problems:
            return ""
        first = self.problems[0]
        return f"{first.file}{f' line {first.line}' if first.line else ''} could not be read: {first.why}"

    # Terraform

    def _directory_of(self, state: str) -> str:
        here = os.path.dirname(os.path.abspath(state))
        if os.path.basename(os.path.dirname(here)) == "terraform.tfstate.d":
            here = os.path.dirname(os.path.dirname(here))
        return here if here in self.library.found else ""

    def _add_state(self, state: State) -> None:
        self.states.append(state)
        self.problems += state.problems
        for kind, name, properties in state.apart:
            self.apart.setdefault((kind, name), []).append(properties)
        for one in state.resources:
            self.unit[id(one)] = state.name
            for name in own_names(one):
                self.by_state.setdefault((_type(one), name), []).append((one, state))
                if name.startswith("arn:"):
                    self.by_state.setdefault(("", name), []).append((one, state))
            self._add_child(one, state.name)

    def _add_configurations(self) -> None:
        covered = {self.library.shown.get(one.directory, one.directory) for one in self.states if one.directory}
        known: dict[str, tuple[tuple[str, ...], bool]] = {}
        for read in read_terraform(self.library, declared):
            self.problems += read.problems
            for one in (*read.resources, *read.beside):
                known[one.uid] = own_names(one), read.file in covered
        if not known:
            return
        # What follows from a default names a thing well enough; what it is set to may differ.
        self.library.options = Options(environment=os.environ, defaults_open=True)
        left = dict(known)
        for read in read_terraform(self.library, declared):
            self._add_configuration(read, known, left)
        for uid, (names, _) in left.items():
            file, _, address = uid.partition("#")
            self._name(Resource({}, uid=uid, address=address, file=file), names)

    def _add_configuration(
        self, read: Read, known: dict[str, tuple[tuple[str, ...], bool]], left: dict[str, Any]
    ) -> None:
        for one in (*read.resources, *read.beside):
            names, covered = known.get(one.uid, ((), False))
            left.pop(one.uid, None)
            self.unit[id(one)] = read.file
            self._name(one, names)
            if not covered:
                self._add_child(one, read.file)
                if not names:
                    self.open_configurations.setdefault(_type(one), []).append(where(one))

    def _name(self, one: Resource, names: Iterable[str]) -> None:
        for name in names:
            self.by_name.setdefault((_type(one), name), []).append(one)

    def _add_child(self, one: Resource, unit: str) -> None:
        """Keep what is written beside another resource under what it is on."""
        for prop, on in [(p, on) for p in CHILDREN.get(one.type_name, ()) for on in references(one, p)]:
            if isinstance(on, str):
                self.children.setdefault((one.type_name, prop, on), []).append(one)
            elif on._target:
                self.targets.setdefault((unit, one.type_name, on._target), []).append(one)
            else:
                self.floating.setdefault(one.type_name, []).append(one)

    # CloudFormation

    def _add_templates(self, places: list[tuple[str, str]]) -> None:
        stacks: dict[str, dict[str, set[str]]] = {}
        named = (one for one in places if not is_configuration(os.path.basename(one[0])))
        for found in search(named, (CLOUDFORMATION,)):
            if found.data and kind_of_json(found.data):
                if found.named and kind_of_json(found.data) == "state":
                    self._add_state(read_state(found.data, found.name, self.library, "", declared))
                continue
            made = self.stack_library.template(found)
            if isinstance(made, Problem):
                self.problems.append(made)
            elif made is not None:
                directory = os.path.dirname(os.path.abspath(found.path))
                if directory not in stacks:
                    stacks[directory] = _sam_stacks(directory)
                names = stacks[directory].get(os.path.basename(found.path), set())
                self._add_template(made, frozenset(names))

    def _add_template(self, template: Template, stacks: frozenset[str]) -> None:
        try:
            stack = Stack(template, self.stack_library, {})
            types = {
                name: body["Type"]
                for name, body in stack.bodies.items()
                if isinstance(body, dict) and isinstance(body.get("Type"), str)
            }
            source = Source(template, types, stacks)
            for logical_id, kind in types.items():
                self._name_in_template(source, stack, logical_id, SAME_TYPE.get(kind, kind))
            self._add_floating(source)
        except (TooLarge, RecursionError) as error:
            self.problems.append(Problem(template.name, None, str(error) or "its values nest too deeply"))
            return
        self.problems += template.problems
        self.templates.append(source)

    def _name_in_template(self, source: Source, stack: Stack, logical_id: str, kind: str) -> None:
        one = stack.resource(logical_id) if declared(kind) and stack.makes(logical_id) is not False else None
        if one is None:
            return
        names = own_names(one)
        for name in names:
            self.by_name.setdefault((kind, name), []).append((source, logical_id))
        if not names:
            self.open_templates.setdefault(kind, []).append(where(one))

    def _add_floating(self, source: Source) -> None:
        mine = [name for name, kind in source.types.items() if kind in CHILDREN]
        if not mine:
            return
        stack = Stack(source.template, self.stack_library, dict(open_parameters(source.template)))
        for logical_id in mine:
            one = stack.resource(logical_id)
            if one is None:
                continue
            for prop, on in [(p, on) for p in CHILDREN[one.type_name] for on in references(one, p)]:
                if isinstance(on, str):
                    self.children.setdefault((one.type_name, prop, on), []).append(one)
                elif on._target not in source.types:
                    self.floating.setdefault(one.type_name, []).append(one)


def _type(one: Resource) -> str:
    return SAME_TYPE.get(one.type_name, one.type_name)


def own_names(one: Resource) -> tuple[str, ...]:
    """The names, ids and ARNs of a resource that are known, but for what it is called in its file."""
    document = one.document if isinstance(one.document, dict) else {}
    found: dict[str, None] = {}
    for name in (*one.ids, "Arn"):
        value = document.get(name)
        if isinstance(value, str) and value:
            found[value] = None
    return tuple(found)


def references(one: Resource, prop: str) -> list[Any]:
    value = one.document.get(prop) if isinstance(one.document, dict) else None
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str | Unknown)]


def open_parameters(template: Template) -> Iterator[tuple[str, Unknown]]:
    """A template's parameters as nobody knows them."""
    for name in template.section("Parameters"):
        yield name, Unknown(f"Ref {name}", f"the stack's value of parameter {name} is not known")


def _sam_stacks(directory: str) -> dict[str, set[str]]:
    """The names of the stacks that a SAM configuration makes, by the file of their template."""
    try:
        with open(os.path.join(directory, SAMCONFIG), "rb") as stream:
            environments = tomllib.load(stream)
    except (OSError, ValueError):
        return {}
    found: dict[str, set[str]] = defaultdict(set)
    for commands in environments.values():
        settings: dict[str, Any] = {}
        for command in ("global", "build", "package", "deploy"):
            part = commands.get(command) if isinstance(commands, dict) else None
            part = part.get("parameters") if isinstance(part, dict) else None
            settings |= part if isinstance(part, dict) else {}
        if isinstance(settings.get("stack_name"), str):
            files = settings.get("template_file", settings.get("template"))
            for file in [files] if isinstance(files, str) else ["template.yaml", "template.yml", "template.json"]:
                found[os.path.basename(file)].add(settings["stack_name"])
    return found
