"""Follows live resources back to the code that made them: the file, the line and the address."""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from koban.app.code import BESIDE, Code, Source, is_type, open_parameters, own_names, references, where
from koban.engines.drift import place_in
from koban.ledger.spool import Spool
from koban.model.aws.secret_names import PLAIN, SECRET
from koban.model.document import Path
from koban.model.resource import Resource, partition_of, resource_class
from koban.model.result import MADE_BY
from koban.model.unknown import Maybe, Unknown
from koban.sources.cloudformation.template import Stack
from koban.sources.reading import TooLarge
from koban.sources.terraform.state import State

STACK_NAME, LOGICAL_ID, STACK_ID = (f"aws:cloudformation:{one}" for one in ("stack-name", "logical-id", "stack-id"))
STACK_TYPE = "AWS::CloudFormation::Stack"
STACKS_KEPT = 64  # evaluated stacks kept between one resource and the next
UNIQUE_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z]+)*-[0-9a-f]{8}(?:[0-9a-f]{9})?")  # vpc-0123456789abcdef0: AWS's own
STARS = re.compile(r"\*+")
CANDIDATES_SHOWN = 4

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


@dataclass
class _Shown:
    """What live resources show of a stack: how many they are, and for how many of them each template has a place."""

    name: str
    account: str
    region: str
    total: int = 0
    fits: Counter[int] = field(default_factory=Counter)
    hits: Counter[int] = field(default_factory=Counter)


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
                if is_type(self.code.templates[number].types[logical_id], live.type_name):
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
        if not is_type(kind, live.type_name):
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
        names = [one for one in references(live, on[0]) if isinstance(one, str)]
        owner = self.spool.named(resource_class(on[1]), names[0], live) if len(names) == 1 else None
        made = self.trace(owner) if isinstance(owner, Resource) else None
        if not isinstance(made, Made) or made.template is None:
            return None
        found = []
        for logical_id, kind in made.template.types.items():
            if kind == live.type_name:
                one = self.in_stack(made.stack, made.template, logical_id)
                targets = references(one, on[0]) if one is not None else []
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
            in_stack = self._in_stack(live, keys[0], source, code.address, "high", how)
            if in_stack is not None:
                return in_stack
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
        for properties in [each for name in names for each in self.code.apart.get((live.type_name, name), ())]:
            for prop, value in properties.items():
                if isinstance(value, list):
                    found.setdefault(prop, []).extend(value)
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
                for on in references(one, naming) if one is not None else ():
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


class Written(dict[Path, int]):
    """The lines of the code for the paths of the live resource that it made."""

    def __init__(self, code: Resource, live: Resource) -> None:
        super().__init__()
        self.code = code
        self.live = live

    def _place(self, path: Path) -> Path | None:
        return place_in(self.code, self.live, path) if any(isinstance(one, int) for one in path) else path

    def __contains__(self, path: object) -> bool:
        if not isinstance(path, tuple):
            return False
        place = self._place(path)
        return place is not None and place in self.code.lines

    def __missing__(self, path: Path) -> int:
        place = self._place(path)
        if place is None:
            raise KeyError(path)
        return self.code.lines[place]
