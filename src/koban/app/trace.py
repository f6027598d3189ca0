"""Follows live resources back to the code that made them: the file, the line and the address."""

from __future__ import annotations

import os
import re
import tomllib
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from koban.engines.drift import place_in
from koban.ledger.spool import Spool
from koban.model.aws.secret_names import PLAIN, SECRET
from koban.model.document import Path as DocumentPath
from koban.model.resource import Resource, partition_of, resource_class
from koban.model.result import MADE_BY
from koban.model.unknown import Maybe, Unknown
from koban.sources.cloudformation.files import STDIN, search, starts
from koban.sources.cloudformation.library import Library as Templates
from koban.sources.cloudformation.reader import Read, declared
from koban.sources.cloudformation.template import Problem, Stack, Template, TooLarge
from koban.sources.terraform.configuration import is_configuration
from koban.sources.terraform.library import Library, Options
from koban.sources.terraform.plan import kind_of_json
from koban.sources.terraform.reader import read as read_terraform
from koban.sources.terraform.state import State, StateError, load_state, read_state, states_beside

STACK_NAME, LOGICAL_ID, STACK_ID = (f"aws:cloudformation:{one}" for one in ("stack-name", "logical-id", "stack-id"))
STACK_TYPE = "AWS::CloudFormation::Stack"
STACKS_KEPT = 64  # evaluated stacks kept between one resource and the next
UNIQUE_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z]+)*-[0-9a-f]{8}(?:[0-9a-f]{9})?")  # vpc-0123456789abcdef0: AWS's own
SAMCONFIG = "samconfig.toml"
STARS = re.compile(r"\*+")
CANDIDATES_SHOWN = 4

# What a template calls one type and the API another.
SAME_TYPE = {
    "AWS::DynamoDB::GlobalTable": "AWS::DynamoDB::Table",
    "AWS::Elasticsearch::Domain": "AWS::OpenSearchService::Domain",
    "AWS::KMS::ReplicaKey": "AWS::KMS::Key",
}
# What has no name or tags of its own and is told by what it is on: the property that names that.
ON = {
    "AWS::S3::BucketPolicy": ("Bucket", "AWS::S3::Bucket"),
    "AWS::SNS::TopicPolicy": ("Topics", "AWS::SNS::Topic"),
    "AWS::SQS::QueuePolicy": ("Queues", "AWS::SQS::Queue"),
    "AWS::SecretsManager::ResourcePolicy": ("SecretId", "AWS::SecretsManager::Secret"),
    "AWS::SecretsManager::RotationSchedule": ("SecretId", "AWS::SecretsManager::Secret"),
}
# What has a name that nothing else of its type in the account and region has, though its ARN does not end with it.
NAMED = frozenset(
    (
        "AWS::AutoScaling::AutoScalingGroup",
        "AWS::AutoScaling::LaunchConfiguration",
        "AWS::EC2::KeyPair",
        "AWS::EC2::LaunchTemplate",
        "AWS::ElasticLoadBalancing::LoadBalancer",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "AWS::RDS::DBInstance",
        "AWS::RDS::DBCluster",
        "AWS::SecretsManager::Secret",
    )
)
ONE_SEGMENT = re.compile("(?:[A-Za-z-]+[:/])?")
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

Certainty = Literal["exact", "high", "medium"]


@dataclass(frozen=True, slots=True)
class Made:
    """A live resource and the code that made it.

    `how` says what the link rests on, and `certainty` how sure it is.  `beside` are elements that other code adds, by
    property.  `whole` says that the code's document holds all that was set.
    """

    code: Resource
    certainty: Certainty
    how: str
    beside: dict[str, list[Any]] = field(default_factory=dict)
    whole: bool = False
    stack: str = ""
    template: Source | None = None

    @property
    def said(self) -> str:
        """One line for people."""
        return f"{MADE_BY}{where(self.code)} ({self.certainty}: {self.how})"


@dataclass(frozen=True, slots=True)
class NotMade:
    """A live resource without one piece of code that made it.

    `why` says why that does not mean that none did; empty: none of the code did.  `candidates` could each have.
    """

    why: str = ""
    candidates: tuple[Resource, ...] = ()
    by_service: bool = False  # something that the code made has made it in turn

    @property
    def said(self) -> str:
        shown = " or ".join(where(one) for one in self.candidates[:CANDIDATES_SHOWN])
        more = len(self.candidates) - CANDIDATES_SHOWN
        return f"{MADE_BY}one of {shown}{f' or {more} more' if more > 0 else ''} (low: {self.why})"


def where(code: Resource) -> str:
    """Which code: ``aws_s3_bucket.logs in infra/main.tf line 12``."""
    line = f" line {int(code.line)}" if code.line else ""
    return f"{code.address} in {code.file}{line}" if code.file else code.address


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
        if _is_type(self.types.get(logical_id, ""), live):
            return logical_id
        alike = [one for one, kind in self.types.items() if one.lower() == logical_id and _is_type(kind, live)]
        return alike[0] if len(alike) == 1 else ""

    def named_for(self, stack: str) -> int:
        """How well the name of a stack fits: 3 a configuration says so, 2 it is the file's, 1 it ends or begins so."""
        if stack in self.stacks:
            return 3
        if stack == self.stem:
            return 2
        return int(bool(self.stem) and (stack.endswith(f"-{self.stem}") or stack.startswith(f"{self.stem}-")))


@dataclass
class _Shown:
    """What live resources show of a stack: how many they are, and for how many of them each template has a place."""

    name: str
    account: str
    region: str
    total: int = 0
    fits: Counter[int] = field(default_factory=Counter)
    hits: Counter[int] = field(default_factory=Counter)


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
        for prop, on in [(p, on) for p in CHILDREN.get(one.type_name, ()) for on in _references(one, p)]:
            if isinstance(on, str):
                self.children.setdefault((one.type_name, prop, on), []).append(one)
            elif on._target:
                self.targets.setdefault((unit, one.type_name, on._target), []).append(one)
            else:
                self.floating.setdefault(one.type_name, []).append(one)

    # CloudFormation

    def _add_templates(self, places: list[tuple[str, str]]) -> None:
        stacks: dict[str, dict[str, set[str]]] = {}
        for found in search(one for one in places if not is_configuration(os.path.basename(one[0]))):
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
            for prop, on in [(p, on) for p in CHILDREN[one.type_name] for on in _references(one, p)]:
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


def _references(one: Resource, prop: str) -> list[Any]:
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


class Tracer:
    """Tells of each live resource which code made it.  `survey` first: it finds which template each stack has."""

    def __init__(self, code: Code, spool: Spool) -> None:
        self.code = code
        self.spool = spool
        self.stacks: dict[str, _Shown] = {}  # by stack id, else by place and name
        self.of: dict[str, tuple[Source, Certainty]] = {}
        self.several: dict[str, list[Source]] = {}
        self.by_stack_name: dict[tuple[str, str], list[str]] = {}
        self.stacks_of: dict[str, list[str]] = {}  # by the name of their template
        self.seen: set[int] = set()  # resources of states that are there, by identity
        self.seen_in: dict[str, set[str]] = {}  # logical ids that are there, by stack
        self.tagged: set[str] = set()  # types of which resources carry the tags of their stack
        self.proven: set[str] = set()  # types of which a state and the API write the same ARN
        self._evaluated: OrderedDict[str, Stack] = OrderedDict()
        self._last: tuple[str, Made | NotMade] | None = None

    # Which template each stack has

    def survey(self) -> None:
        """Look at every live resource that names its stack."""
        if not self.code.templates:
            return
        having: dict[str, list[int]] = {}
        for number, source in enumerate(self.code.templates):
            for logical_id in source.types:
                having.setdefault(logical_id, []).append(number)
        for live in self.spool.stream([STACK_TYPE]):
            name, stack_id = live.document.get("StackName"), live.document.get("StackId")
            if isinstance(name, str) and isinstance(stack_id, str):
                self.stacks.setdefault(stack_id, _Shown(name, live.account, live.region))
        for live in self.spool.mentioning(LOGICAL_ID):
            mark = _mark(live)
            if mark is None:
                continue
            key, name, logical_id, region = mark
            shown = self.stacks.setdefault(key, _Shown(name, live.account, region))
            shown.total += 1
            self.tagged.add(live.type_name)
            for number in having.get(logical_id, ()):
                shown.fits[number] += 1
                if _is_type(self.code.templates[number].types[logical_id], live.type_name):
                    shown.hits[number] += 1
        for key, shown in self.stacks.items():
            self._match(key, shown)
            if key in self.of:
                self.by_stack_name.setdefault((shown.account, shown.name.lower()), []).append(key)
                self.stacks_of.setdefault(self.of[key][0].name, []).append(key)

    def _match(self, key: str, shown: _Shown) -> None:
        templates = self.code.templates
        fitting = [n for n, fits in shown.fits.items() if fits == shown.total and shown.hits[n]]
        if not shown.total:
            fitting = [n for n, one in enumerate(templates) if one.named_for(shown.name)]
        if not fitting:  # the template has changed since: its name tells, if half of the stack is still in it
            fitting = [
                n for n, fits in shown.fits.items() if 2 * fits >= shown.total and templates[n].named_for(shown.name)
            ]
        best = max((templates[n].named_for(shown.name) for n in fitting), default=0)
        chosen = [n for n in fitting if templates[n].named_for(shown.name) == best]
        if len(chosen) > 1 and best == 1:
            longest = max(len(templates[n].stem) for n in chosen)
            chosen = [n for n in chosen if len(templates[n].stem) == longest]
        if best == 0:
            chosen = [n for n in chosen if self._mostly_there(templates[n], shown.hits[n])]
        if len(chosen) == 1:
            sure: Certainty = "exact" if best or shown.hits[chosen[0]] > 1 else "medium"
            if not shown.total:  # nothing but the name tells
                sure = "high" if best > 1 else "medium"
            self.of[key] = templates[chosen[0]], sure
        elif chosen:
            self.several[key] = [templates[n] for n in chosen]

    def _mostly_there(self, source: Source, hits: int) -> bool:
        """Whether a stack whose name says nothing shows at least half of what the template makes."""
        return 2 * hits >= sum(kind in self.tagged for kind in source.types.values())

    def tells(self, live: Resource) -> bool:
        """Whether the tags of a resource would name its stack if it had one: others of its type have such tags."""
        return live.type_name in self.tagged and has_tags(live)

    # Which code made a resource

    def trace(self, live: Resource) -> Made | NotMade:
        """The code that made a live resource."""
        if self._last is not None and self._last[0] == f"{live.type_name} {live.uid} {live.account} {live.region}":
            return self._last[1]
        found = self._by_state(live) or self._by_stack(live) or self._by_what_it_is_on(live) or self._by_name(live)
        if isinstance(found, NotMade) and not found.why and not found.candidates:
            found = NotMade(self._may_be(live))
        self._last = f"{live.type_name} {live.uid} {live.account} {live.region}", found
        return found

    def _by_state(self, live: Resource) -> Made | NotMade | None:
        found: dict[int, tuple[Resource, State, bool]] = {}
        names = live_names(live)
        for name in names:
            exact = name.startswith("arn:") or UNIQUE_ID.fullmatch(name) is not None or is_global(live)
            if not exact and not identifies(live, name):
                continue
            for one, state in self.code.by_state.get((live.type_name, name), ()):
                if _may_be_at(one, live):
                    sure = exact or (bool(one.account) and bool(one.region or not live.region))
                    found[id(one)] = one, state, sure or found.get(id(one), (one, state, False))[2]
                    if name.startswith("arn:"):
                        self.proven.add(live.type_name)
        if not found and live.uid.startswith("arn:"):
            for one, state in self.code.by_state.get(("", live.uid), ()):
                if type(one) is Resource:
                    found[id(one)] = one, state, True
        chosen = list(found.values())
        if len(chosen) > 1:
            chosen = [one for one in chosen if one[2]] or chosen
            chosen = [one for one in chosen if id(one[0]) in one[1].own] or chosen
        if not chosen:
            return None
        for one, _, sure in chosen:
            if sure or len(chosen) == 1:
                self.seen.add(id(one))
        if len(chosen) > 1:
            return NotMade("more than one of them names it", tuple(one[0] for one in chosen))
        code, state, sure = chosen[0]
        certainty: Certainty = "exact" if sure else "medium"
        return Made(code, certainty, f"Terraform state {state.name}", self._beside(live, code, names), whole=True)

    def _by_stack(self, live: Resource) -> Made | NotMade | None:
        mark = _mark(live)
        if mark is None:
            return self._by_generated_name(live)
        key, name, logical_id, _ = mark
        found = self.of.get(key)
        if found is None:
            if self.several.get(key):
                listed = ", ".join(one.name for one in self.several[key][:CANDIDATES_SHOWN])
                return NotMade(f"the CloudFormation stack {name} made it, as {logical_id}, from one of {listed}")
            return NotMade(
                f"the CloudFormation stack {name} made it, as {logical_id}; its template is not among the code"
            )
        source, certainty = found
        kind = source.types.get(logical_id)
        if kind is None:
            return NotMade(f"the CloudFormation stack {name} made it, and {source.name} has no {logical_id} any more")
        if not _is_type(kind, live.type_name):
            return NotMade(f"{logical_id} of the CloudFormation stack {name} ({kind}) made it", by_service=True)
        return self._in_stack(live, key, source, logical_id, certainty, f"CloudFormation stack {name}")

    def _in_stack(
        self, live: Resource, key: str, source: Source, logical_id: str, certainty: Certainty, how: str
    ) -> Made | None:
        code = self.in_stack(key, source, logical_id)
        if code is None:
            return None
        if key:
            self.seen_in.setdefault(key, set()).add(logical_id)
        beside = self._beside_in_stack(live, key, source, logical_id)
        return Made(code, certainty, how, beside, stack=key, template=source)

    def _by_generated_name(self, live: Resource) -> Made | None:
        """By the name that CloudFormation gives: stack, logical id, and letters that nobody chose."""
        if not self.by_stack_name or self.tells(live):
            return None
        for name in live_names(live):
            stack, dash, logical = name.rpartition("-")[0].rpartition("-")
            keys = [
                key
                for key in self.by_stack_name.get((live.account, stack.lower()), ())
                if not live.region or self.stacks[key].region in ("", live.region)
            ]
            if not dash or name.startswith("arn:") or len({id(self.of[key][0]) for key in keys}) != 1:
                continue
            source, _ = self.of[keys[0]]
            logical_id = source.spelled(logical, live.type_name)
            if logical_id:
                how = f"the name that the CloudFormation stack {self.stacks[keys[0]].name} gave it"
                key = keys[0] if len(keys) == 1 else ""  # stacks of one name in two regions: nobody knows which
                return self._in_stack(live, key, source, logical_id, "high", how)
        return None

    def _by_what_it_is_on(self, live: Resource) -> Made | None:
        on = ON.get(live.type_name)
        if on is None or not self.of:
            return None
        names = [one for one in _references(live, on[0]) if isinstance(one, str)]
        owner = self.spool.named(resource_class(on[1]), names[0], live) if len(names) == 1 else None
        made = self.trace(owner) if isinstance(owner, Resource) else None
        if not isinstance(made, Made) or made.template is None:
            return None
        found = []
        for logical_id, kind in made.template.types.items():
            if kind == live.type_name:
                one = self.in_stack(made.stack, made.template, logical_id)
                targets = _references(one, on[0]) if one is not None else []
                if any(isinstance(each, Unknown) and each._target == made.code.address for each in targets) or any(
                    each in own_names(made.code) for each in targets if isinstance(each, str)
                ):
                    found.append(logical_id)
        if len(found) != 1:
            return None
        return self._in_stack(live, made.stack, made.template, found[0], made.certainty, made.how)

    def _by_name(self, live: Resource) -> Made | NotMade:
        found: dict[str, tuple[Resource, Source | None]] = {}
        tagged = self.tells(live)
        for name in live_names(live):
            if not is_global(live) and not name.startswith("arn:") and not identifies(live, name):
                continue
            for one in self.code.by_name.get((live.type_name, name), ()):
                if isinstance(one, Resource):
                    if _may_be_at(one, live):
                        found[one.uid] = one, None
                elif not tagged:  # what CloudFormation makes has its tags
                    made = self.in_stack("", one[0], one[1])
                    if made is not None:
                        found[made.uid] = made, one[0]
        if not found:
            return NotMade()
        if len(found) > 1:
            return NotMade("each has its name", tuple(one for one, _ in found.values()))
        ((code, source),) = found.values()
        certainty: Certainty = "high" if is_global(live) else "medium"
        if source is None:
            return Made(code, certainty, "the same name", self._beside(live, code, live_names(live)))
        keys = [
            key
            for key in self.stacks_of.get(source.name, ())
            if self.stacks[key].account == live.account
            and self.stacks[key].region in (live.region or self.stacks[key].region, "")
        ]
        if len(keys) == 1:  # its stack is there, too
            how = f"the same name, in CloudFormation stack {self.stacks[keys[0]].name}"
            made = self._in_stack(live, keys[0], source, code.address, "high", how)
            if made is not None:
                return made
        beside = self._beside_in_stack(live, "", source, code.address)
        return Made(code, certainty, "the same name", beside, template=source)

    def _may_be(self, live: Resource) -> str:
        """Why a resource that nothing names may still be made by the code; empty: it is not."""
        kind = live.type_name
        for may, why in (
            (self.code.open_configurations.get(kind), "give the state with --state"),
            (None if self.tells(live) else self.code.open_templates.get(kind), "it has no tags that name its stack"),
        ):
            if may:
                more = f" and {len(may) - 1} more" if len(may) > 1 else ""
                return f"{may[0]}{more} may have made it, under a name that the code does not tell: {why}"
        return self.code.broken

    # Stacks, evaluated when they are needed

    def stack(self, key: str, source: Source) -> Stack:
        """The template of a live stack under the stack's own parameters, as far as they are known."""
        kept = f"{key}#{source.name}"
        made = self._evaluated.get(kept)
        if made is None:
            made = Stack(source.template, self.code.stack_library, dict(self._parameters(key, source)))
            shown = self.stacks.get(key)
            if shown is not None:
                told = {"AWS::Region": shown.region, "AWS::AccountId": shown.account, "AWS::StackName": shown.name}
                told["AWS::Partition"] = partition_of(shown.region)
                told["AWS::StackId"] = key if key.startswith("arn:") else ""
                made.parameters.update({name: value for name, value in told.items() if value})
            self._evaluated[kept] = made
            if len(self._evaluated) > STACKS_KEPT:
                self._evaluated.popitem(last=False)
        else:
            self._evaluated.move_to_end(kept)
        return made

    def _parameters(self, key: str, source: Source) -> Iterator[tuple[str, Any]]:
        yield from open_parameters(source.template)
        shown = self.stacks.get(key)
        if shown is None or not key.startswith("arn:"):
            return
        near = Resource({}, account=shown.account, region=shown.region)
        live = self.spool.named(resource_class(STACK_TYPE), key, near)
        given = live.document.get("Parameters") if isinstance(live, Resource) else None
        for name, value in given.items() if isinstance(given, dict) else ():
            if isinstance(value, str) and value not in (PLAIN, SECRET) and not STARS.fullmatch(value):
                yield name, value

    def in_stack(self, key: str, source: Source, logical_id: str) -> Resource | None:
        """A resource of a stack, as its template declares it."""
        try:
            return self.stack(key, source).resource(logical_id)
        except (TooLarge, RecursionError):
            return None

    # What is written beside

    def _beside(self, live: Resource, code: Resource, names: Iterable[str]) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        unit = self.code.unit.get(id(code), "")
        for kind, naming, prop in BESIDE.get(live.type_name, ()):
            mine = [*self.code.targets.get((unit, kind, code.address), ())]
            mine += [one for name in names for one in self.code.children.get((kind, naming, name), ())]
            elements = [*_elements(mine), *self._floating(kind)]
            if elements:
                found.setdefault(prop, []).extend(elements)
        return found

    def _beside_in_stack(self, live: Resource, key: str, source: Source, logical_id: str) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for kind, naming, prop in BESIDE.get(live.type_name, ()):
            mine = [one for name in live_names(live) for one in self.code.children.get((kind, naming, name), ())]
            for name, its in source.types.items():
                one = self.in_stack(key, source, name) if its == kind else None
                for on in _references(one, naming) if one is not None else ():
                    if isinstance(on, Unknown) and on._target == logical_id and one is not None:
                        mine.append(one)
            elements = [*_elements(mine), *self._floating(kind)]
            if elements:
                found.setdefault(prop, []).extend(elements)
        return found

    def _floating(self, kind: str) -> list[Any]:
        """What may be written beside any resource, as elements that are there or not."""
        return [
            Maybe(one.address, "nobody knows what it is on", (element,))
            for one in self.code.floating.get(kind, ())
            for element in _elements([one])
        ]


def _elements(children: Iterable[Resource]) -> Iterator[Any]:
    for one in children:
        if one.type_name == "AWS::IAM::ManagedPolicy":
            arn = one.document.get("PolicyArn") or one.document.get("Arn")
            yield arn if isinstance(arn, str) else Unknown(one.address, "it gets its ARN when it is made")
        else:
            yield one.document


def live_names(live: Resource) -> tuple[str, ...]:
    """The names, ids and ARNs of a live resource."""
    names = live.names
    if live.uid.startswith("arn:") and live.uid.split(":", 3)[2] == "iam":
        name = live.uid.rsplit("/", 1)[-1]
        return names if name in names else (*names, name)
    return names


def has_tags(live: Resource) -> bool:
    """Whether the tags of a live resource were read, so that it is known which there are not."""
    return isinstance(live.document, dict) and isinstance(live.document.get("Tags"), list | dict)


def identifies(live: Resource, name: str) -> bool:
    """Whether no two things of a type in one account and region have this name: it is what their ARN ends with.

    A name inside something else (a route of a table, a service of a cluster) is none such.
    """
    if live.type_name in ON or live.type_name in NAMED or name.startswith("alias/"):
        return True
    if not live.uid.startswith("arn:"):
        return False
    service, rest = live.uid.split(":", 5)[2], live.uid.split(":", 5)[-1]
    if not rest.endswith(name):
        return False
    before = rest[: -len(name)]
    return ONE_SEGMENT.fullmatch(before) is not None or (service == "iam" and before.endswith("/"))


def is_global(live: Resource) -> bool:
    """Whether no two things of this type have the same name, in any account."""
    return live.arn.startswith("arn:") and "{account}" not in live.arn


def _may_be_at(code: Resource, live: Resource) -> bool:
    return (not code.account or code.account == live.account) and (
        not code.region or not live.region or code.region == live.region
    )


def _is_type(code: str, live: str) -> bool:
    return SAME_TYPE.get(code, code) == live


def _mark(live: Resource) -> tuple[str, str, str, str] | None:
    """(key, name, logical id, region) of the stack that tags say made a resource."""
    tags = live.tags
    logical_id = tags.get(LOGICAL_ID)
    name, stack_id = tags.get(STACK_NAME, ""), tags.get(STACK_ID, "")
    if not logical_id or not (name or stack_id):
        return None
    if stack_id.startswith("arn:"):
        pieces = stack_id.split(":", 5)
        return stack_id, name or pieces[-1].split("/")[1], logical_id, pieces[3]
    return f"{live.account}/{live.region}/{name}", name, logical_id, live.region


class Written(dict[DocumentPath, int]):
    """The lines of the code for the paths of the live resource that it made."""

    def __init__(self, code: Resource, live: Resource) -> None:
        super().__init__()
        self.code = code
        self.live = live

    def _place(self, path: DocumentPath) -> DocumentPath | None:
        return place_in(self.code, self.live, path) if any(isinstance(one, int) for one in path) else path

    def __contains__(self, path: object) -> bool:
        if not isinstance(path, tuple):
            return False
        place = self._place(path)
        return place is not None and place in self.code.lines

    def __missing__(self, path: DocumentPath) -> int:
        place = self._place(path)
        if place is None:
            raise KeyError(path)
        return self.code.lines[place]


__all__ = ["Code", "Made", "NotMade", "Tracer", "Written", "where"]
