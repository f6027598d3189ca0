"""The drift engine: how a live resource differs from the code that made it.

Only what the code says is compared, only where both sides are known, and only what fields read.  An answer has three
values: the same, different, or open, because part of it is not known; what is open is never a difference.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from koban.model.aws.networks import network_of
from koban.model.aws.secret_names import ABOUT_A_SECRET, CREDENTIAL, PLAIN, SECRET, SECRET_NAME, masked
from koban.model.document import ABSENT, Field, Part, Path, fields_of, walk
from koban.model.resource import Link, Resource
from koban.model.unknown import Maybe, Several, Unknown

SHOWN_MAX = 120
DIFFERENCES_MAX = 20
NOTHING = "(nothing)"

# What a template sets and no API tells, by type: the live document never has it.
NOT_TOLD: dict[str, tuple[str, ...]] = {
    "AWS::AppSync::GraphQLApi": ("EnvironmentVariables",),
    "AWS::CertificateManager::Certificate": ("CertificateTransparencyLoggingPreference", "ValidationMethod"),
    "AWS::DMS::Endpoint": ("Password",),
    "AWS::DocDB::DBCluster": ("SnapshotIdentifier", "SourceDBClusterIdentifier", "DBClusterParameterGroupName"),
    "AWS::EC2::Instance": ("SecurityGroupIds", "SubnetId", "NetworkInterfaces", "LaunchTemplate"),
    "AWS::EFS::MountTarget": ("SecurityGroups",),
    "AWS::ElastiCache::ReplicationGroup": ("AuthToken",),
    "AWS::ElastiCache::User": ("NoPasswordRequired",),
    "AWS::ElasticBeanstalk::Environment": ("TemplateName",),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("SubnetMappings",),
    "AWS::GuardDuty::Detector": ("DataSources",),
    "AWS::IAM::ManagedPolicy": ("Users", "Groups", "Roles", "AttachmentCount"),
    "AWS::IAM::User": ("LoginProfile",),
    "AWS::Neptune::DBCluster": ("IamAuthEnabled", "SnapshotIdentifier", "SourceDBClusterIdentifier"),
    "AWS::RDS::DBCluster": ("MasterUserPassword", "SnapshotIdentifier", "SourceDBClusterIdentifier"),
    "AWS::RDS::DBInstance": ("MasterUserPassword", "DBSnapshotIdentifier"),
    "AWS::RDS::GlobalCluster": ("SourceDBClusterIdentifier",),
    "AWS::Route53::HostedZone": ("VPCs",),
    "AWS::S3::Bucket": ("AccessControl",),
    "AWS::SSM::Parameter": ("Value",),
    "AWS::SecretsManager::Secret": ("SecretString",),
}
# What changes by itself, so that it says nothing about anybody's change.
MOVING: dict[str, tuple[str, ...]] = {
    "AWS::EC2::Instance": ("State.Name",),
    "AWS::IAM::ManagedPolicy": ("AttachmentCount",),
}
# Lists of which AWS never makes an element itself: where the code has none, there is to be none.
NONE_IF_ABSENT: dict[str, tuple[str, ...]] = {
    "AWS::EC2::SecurityGroup": ("SecurityGroupIngress",),
    "AWS::IAM::Group": ("ManagedPolicyArns", "Policies"),
    "AWS::IAM::Role": ("ManagedPolicyArns", "Policies"),
    "AWS::IAM::User": ("ManagedPolicyArns", "Policies"),
}
# Parts whose properties AWS leaves as they are written: where one is absent, it is its default.
CLOSED = frozenset(("AclGrant", "Egress", "EmbeddedPolicy", "Ingress", "LifecycleRule", "ReplicationRule"))
PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
STATEMENT = ("Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition")
PRINCIPALS = ("Principal", "NotPrincipal")
KEYS = ("PolicyName", "Name", "Key", "Id")  # what tells the elements of a list apart, where they have it

Same = bool | None  # None: open


@dataclass(frozen=True, slots=True)
class Difference:
    """One property that is not as the code says; both values as people may see them, without secrets."""

    path: str
    code: str
    live: str

    def __str__(self) -> str:
        return f"{self.path}: {self.code} -> {self.live}"


@dataclass(frozen=True)
class Comparison:
    """`compared` are the properties of which both values are known."""

    compared: int = 0
    differences: tuple[Difference, ...] = ()


def compare(
    code: Resource, live: Resource, beside: Mapping[str, Sequence[Any]] | None = None, *, whole: bool = False
) -> Comparison:
    """How `live` differs from `code`.

    `beside` are elements that other code adds to the list at a path.  `whole` says that `code` has all that was set
    (a state), so that tags it does not have are somebody else's.
    """
    if not isinstance(code.document, dict) or not isinstance(live.document, dict) or type(code) is not type(live):
        return Comparison()
    found: list[Difference] = []
    compared = 0
    seen: set[str] = set()
    moving = MOVING.get(live.type, ())
    for field in sorted(fields_of(type(live)), key=lambda one: isinstance(one, Link)):
        if field.is_fact or not field.steps or field.kind is float or field.path in seen or field.path in moving:
            continue
        seen.add(field.path)
        answer = _field(field, code, live, (beside or {}).get(field.path, ()))
        if answer is not None:
            compared += 1
            found += answer
    tags = _tags(code, live, whole)
    if tags is not None:
        compared += 1
        found += tags
    return Comparison(compared, tuple(found[:DIFFERENCES_MAX]))


def _field(field: Field, code: Resource, live: Resource, beside: Sequence[Any]) -> list[Difference] | None:
    """The differences in one property; None where it is not compared."""
    given, _ = walk(code.document, field.steps, ())
    told, _ = walk(live.document, field.steps, ())
    if beside and isinstance(given, Unknown):
        return None
    if given is ABSENT:
        if not beside and field.path not in NONE_IF_ABSENT.get(live.type, ()):
            return None
        given = []
    if isinstance(given, Unknown) or isinstance(told, Unknown | Several) or told in (PLAIN, SECRET):
        return None
    if told is ABSENT and field.steps[0].removesuffix("[]") in NOT_TOLD.get(live.type, ()):
        return None
    return _values(field, given, told, code, live, beside)


def _values(
    field: Field, given: Any, told: Any, code: Part, live: Part, beside: Sequence[Any] = ()
) -> list[Difference] | None:
    path = field.path
    if field.of_part is not None and field.default == ():
        part = field.of_part
        elements = [*_listed(given), *beside]
        return _lists(path, elements, _listed(told), lambda a, b: same_part(part, a, b, live), part)
    if field.of_part is not None:
        return _parts(path, field.of_part, given, told, live)
    if isinstance(field, Link):
        answer = _same_link(field, given, told, live)
    elif field.read is not None:
        if told is ABSENT:
            told = {}
        answer = same_policy(given, told)
    else:
        if isinstance(given, list | tuple) or isinstance(told, list | tuple) or field.kind is tuple:
            default = field.default if isinstance(field.default, tuple) else ()
            ours = [*_listed(given), *beside]
            theirs = list(default) if told is ABSENT else _listed(told)
            return _lists(path, ours, theirs, same)
        if isinstance(given, dict) or field.kind is dict:
            return _mappings(path, given, {} if told is ABSENT else told)
        one, other = getattr(code, field.name), getattr(live, field.name)
        answer = _same_value(one, other)
        given, told = one, other
    if answer is None:
        return None
    return [] if answer else [_difference(path, given, told)]


def _listed(value: Any) -> list[Any]:
    if value is ABSENT:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


# Whether two values are the same


def same(code: Any, live: Any) -> Same:
    """Whether two plain values say the same; lists in any order, a list of one as its element."""
    if isinstance(code, Unknown | Several) or isinstance(live, Unknown | Several) or live in (PLAIN, SECRET):
        return None
    if isinstance(code, list | tuple) or isinstance(live, list | tuple):
        return _same_lists(_listed(code), _listed(live), same)
    if isinstance(code, dict) and isinstance(live, dict):
        return _every(same(code.get(key, ABSENT), live.get(key, ABSENT)) for key in {**code, **live})
    return _same_value(code, live)


def _same_value(code: Any, live: Any) -> Same:
    if isinstance(code, Unknown | Several) or isinstance(live, Unknown | Several) or live in (PLAIN, SECRET):
        return None
    if code is ABSENT or live is ABSENT:
        return code is live
    if isinstance(code, bool) or isinstance(live, bool):
        return str(code).lower() == str(live).lower()
    if isinstance(code, int | float) and isinstance(live, int | float):
        return code == live
    if isinstance(code, dict | list) != isinstance(live, dict | list):
        return False
    one, other = str(code), str(live)
    if one == other:
        return True
    if one[:1] in "{[" and other[:1] in "{[":
        try:
            return same(json.loads(one), json.loads(other))
        except ValueError:
            return False
    return _same_range(one, other)


def _same_range(one: str, other: str) -> bool:
    if not ("/" in one and "/" in other):
        return False
    network = network_of(one)
    return network is not None and network == network_of(other)


def _every(answers: Iterable[Same]) -> Same:
    """The same if all are; different if one is."""
    open_ = False
    for one in answers:
        if one is False:
            return False
        open_ = open_ or one is None
    return None if open_ else True


def _same_lists(code: list[Any], live: list[Any], alike: Callable[[Any, Any], Same]) -> Same:
    gone, added, is_open = _left(code, live, alike)
    if gone or added:
        return False
    return None if is_open else True


def _left(code: list[Any], live: list[Any], alike: Callable[[Any, Any], Same]) -> tuple[list[int], list[int], bool]:
    """The positions of elements that the other list surely does not have, and whether part of either is open."""
    theirs = list(range(len(live)))
    ours: list[int] = []
    for position, one in enumerate(code):
        if isinstance(one, Maybe):
            ours.append(position)
            continue
        match = next((there for there in theirs if alike(one, live[there]) is True), None)
        if match is None:
            ours.append(position)
        else:
            theirs.remove(match)
    if not ours and not theirs:
        return [], [], False
    # A list is a set: what stands twice in one of the two is no difference.
    gone = [here for here in ours if all(_alike(code[here], one, alike) is False for one in live)]
    added = [there for there in theirs if all(_alike(one, live[there], alike) is False for one in code)]
    left_open = any(
        _alike(code[here], live[there], alike) is None
        for here, there in [(here, there) for here in ours for there in range(len(live))]
    ) or any(isinstance(one, Maybe) for one in code)
    gone = [here for here in gone if not isinstance(code[here], Maybe)]
    return gone, added, left_open


def _alike(code: Any, live: Any, alike: Callable[[Any, Any], Same]) -> Same:
    if isinstance(code, Maybe):
        answers = [alike(one, live) for one in code._values]
        return None if not answers or any(one is not False for one in answers) else False
    return alike(code, live)


def same_part(of: type[Part], code: Any, live: Any, near: Part) -> Same:
    """Whether two elements of a list say the same."""
    if isinstance(code, Unknown) or isinstance(live, Unknown):
        return None
    if not isinstance(code, dict) or not isinstance(live, dict):
        return same(code, live)
    ours, theirs = of(code, owner=near.owner), of(live, owner=near.owner)
    ignored = _ignored(ours, theirs)
    return _every(
        _same_field(field, ours, theirs) for field in fields_of(of) if not field.is_fact and field.name not in ignored
    )


def _ignored(*openings: Part) -> tuple[str, ...]:
    """The ports say nothing where all protocols are meant."""
    if all(getattr(one, "protocol", "") == "-1" for one in openings if not _is_open(getattr(one, "protocol", ""))):
        return ("port_from", "port_to")
    return ()


def _is_open(value: Any) -> bool:
    return isinstance(value, Unknown | Several)


def _same_field(field: Field, ours: Part, theirs: Part) -> Same:
    given, _ = walk(ours.document, field.steps, ())
    told, _ = walk(theirs.document, field.steps, ())
    if isinstance(given, Unknown) or isinstance(told, Unknown | Several):
        return None
    if given is ABSENT and told is ABSENT:
        return True
    closed = type(ours).__name__ in CLOSED
    if isinstance(field, Link):
        if given is ABSENT or told is ABSENT:
            return False if closed or told is ABSENT else None
        return _same_link(field, given, told, theirs)
    if given is ABSENT and not closed and field.default in ("", 0, -1, (), None, False):
        return None  # AWS may have chosen it
    if field.of_part is not None and field.default == ():
        part = field.of_part
        return _same_lists(_listed(given), _listed(told), lambda a, b: same_part(part, a, b, theirs))
    if field.of_part is not None:
        return same_part(field.of_part, {} if given is ABSENT else given, {} if told is ABSENT else told, theirs)
    if field.read is not None:
        return same_policy({} if given is ABSENT else given, {} if told is ABSENT else told)
    one, other = getattr(ours, field.name), getattr(theirs, field.name)
    if field.name == "protocol" and isinstance(one, str) and isinstance(other, str):
        one, other = (PROTOCOLS.get(value.lower(), value.lower()) for value in (one, other))
    return same(list(one) if isinstance(one, tuple) else one, list(other) if isinstance(other, tuple) else other)


def _same_link(field: Link, given: Any, told: Any, near: Part) -> Same:
    """Whether two references lead to the same thing: an id, a name and an ARN may."""
    if given is ABSENT or told is ABSENT:
        return _listed(given) == _listed(told)
    if isinstance(given, list | tuple) or isinstance(told, list | tuple):
        return _same_lists(_listed(given), _listed(told), lambda a, b: _same_link(field, a, b, near))
    if not isinstance(given, str) or not isinstance(told, str):
        return None
    if given == told:
        return True
    longer, shorter = (given, told) if len(given) > len(told) else (told, given)
    if longer.endswith((f"/{shorter}", f":{shorter}")):
        return True
    first, second = (field.read(near, one, ()) if field.read is not None else None for one in (given, told))
    if isinstance(first, tuple) and isinstance(second, tuple):
        first, second = (one[0] if one else None for one in (first, second))
    if isinstance(first, Resource) and isinstance(second, Resource):
        return first.uid == second.uid
    return False if _kind(given) == _kind(told) else None


def _kind(name: str) -> str:
    """What a reference looks like: two of one kind that differ lead to different things."""
    if name.startswith("arn:"):
        return "arn " + ("alias" if ":alias/" in name else "")
    if name.startswith("alias/"):
        return "alias"
    head, dash, rest = name.partition("-")
    return head if dash and rest and all(one in "0123456789abcdef" for one in rest) else "name"


# Policies


def same_policy(code: Any, live: Any) -> Same:
    """Whether two policy documents say the same: statements and their lists in any order, whatever they are called."""
    one, other = _policy(code), _policy(live)
    if one is None or other is None:
        return None
    return _same_lists(one, other, _same_statement)


def _policy(value: Any) -> list[Any] | None:
    """The statements of a policy; None where it is not known."""
    if isinstance(value, str):
        if not value:
            return []
        try:
            value = json.loads(unquote(value) if value.startswith("%7B") else value)
        except ValueError:
            return None
    if not isinstance(value, dict):
        return None
    statements = value.get("Statement", [])
    return None if isinstance(statements, Unknown) else _listed(statements)


def _same_statement(code: Any, live: Any) -> Same:
    if not isinstance(code, dict) or not isinstance(live, dict):
        return None if _is_open(code) or _is_open(live) else code == live
    answers: list[Same] = []
    for name in STATEMENT:
        one, other = code.get(name, ABSENT), live.get(name, ABSENT)
        if name in PRINCIPALS:
            one, other = _principals(one), _principals(other)
        elif name.endswith("Action"):
            one, other = _lower(one), _lower(other)
        answers.append(same(one, other))
    return _every(answers)


def _lower(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_lower(one) for one in value]
    return value.lower() if isinstance(value, str) else value


def _principals(value: Any) -> Any:
    """Everyone that a principal names; an account is its number, however it is written."""
    if value is ABSENT or _is_open(value):
        return value
    if not isinstance(value, dict):
        return {"AWS": _listed(value)}
    found: dict[str, Any] = {}
    for kind, names in value.items():
        found[kind] = names if _is_open(names) else [_account(one) for one in _listed(names)]
    return found


def _account(name: Any) -> Any:
    if isinstance(name, str) and name.startswith("arn:") and name.endswith(":root"):
        return name.split(":")[4]
    return name


# What is said of a difference


def _lists(
    path: str, code: list[Any], live: list[Any], alike: Callable[[Any, Any], Same], of: type[Part] | None = None
) -> list[Difference] | None:
    gone, added, is_open = _left(code, live, alike)
    if not gone and not added:
        return None if is_open else []
    pairs: list[tuple[int, int]] = []
    if of is not None:
        pairs = [(g, a) for g in gone for a in added if _key(code[g]) and _key(code[g]) == _key(live[a])]
        if not pairs and len(gone) == len(added) == 1:
            pairs = [(gone[0], added[0])]
    found: list[Difference] = []
    for here, there in pairs:
        inside = _parts(f"{path}.{_key(code[here]) or here}", of, code[here], live[there], of()) if of else []
        found += inside or [_difference(path, code[here], live[there])]
    paired = {here for here, _ in pairs}, {there for _, there in pairs}
    found += [_difference(path, code[here], ABSENT) for here in gone if here not in paired[0]]
    found += [_difference(path, ABSENT, live[there]) for there in added if there not in paired[1]]
    return found


def _key(element: Any) -> str:
    if isinstance(element, dict):
        for name in KEYS:
            if isinstance(element.get(name), str):
                return str(element[name])
    return ""


def _parts(path: str, of: type[Part] | None, given: Any, told: Any, near: Part) -> list[Difference] | None:
    """The differences inside one mapping; None where nothing of it is compared."""
    if of is None or not isinstance(given, dict):
        return None
    told = {} if told is ABSENT else told
    if not isinstance(told, dict):
        return None
    ours, theirs = of(given, owner=near.owner), of(told, owner=near.owner)
    ignored = _ignored(ours, theirs)
    found: list[Difference] = []
    compared = False
    for field in fields_of(of):
        if field.is_fact or field.name in ignored:
            continue
        answer = _same_field(field, ours, theirs)
        compared = compared or answer is not None
        if answer is False:
            one, other = walk(given, field.steps, ())[0], walk(told, field.steps, ())[0]
            if one is ABSENT and other is not ABSENT and field.plain:
                one = field.default if field.default not in ("", (), None) else ABSENT
            if other is ABSENT and field.plain:
                other = field.default if field.default not in ("", (), None) else ABSENT
            found.append(_difference(f"{path}.{field.path}", one, other))
    return found if compared else None


def _mappings(path: str, given: Any, told: Any) -> list[Difference] | None:
    if not isinstance(given, dict) or not isinstance(told, dict):
        return None
    found = []
    for key in sorted({**given, **told}, key=str):
        one, other = given.get(key, ABSENT), told.get(key, ABSENT)
        if same(one, other) is False:
            found.append(
                Difference(f"{path}.{key}", *(NOTHING if v is ABSENT else str(masked(_text(v))) for v in (one, other)))
            )
    return found


def _tags(code: Resource, live: Resource, whole: bool) -> list[Difference] | None:
    ours, theirs = code.document.get("Tags"), live.document.get("Tags")
    if ours is None or theirs is None or _is_open(ours) or _is_open(theirs):
        return None
    found = []
    wanted, there = dict(_pairs(ours)), dict(_pairs(theirs))
    open_keys = any(isinstance(one, Unknown) or _is_open(_at(one, "Key")) for one in _listed(ours))
    for key in sorted({*wanted, *there}):
        one, other = wanted.get(key, ABSENT), there.get(key, ABSENT)
        if key.startswith("aws:") or (one is ABSENT and (not whole or open_keys)):
            continue
        if same(one, other) is False:
            found.append(_difference(f"Tags.{key}", one, other))
    return found


def _at(one: Any, key: str) -> Any:
    return one.get(key) if isinstance(one, dict) else None


def _pairs(tags: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(tags, dict):
        yield from ((key, value) for key, value in tags.items() if isinstance(key, str))
        return
    for one in _listed(tags):
        if isinstance(one, dict) and isinstance(one.get("Key"), str):
            yield one["Key"], one.get("Value", "")


def _difference(path: str, code: Any, live: Any) -> Difference:
    return Difference(path, shown(code, path), shown(live, path))


def shown(value: Any, path: str = "") -> str:
    """A value as people may see it, in one short line: what looks like a secret is only said to be there."""
    if value is ABSENT or (isinstance(value, dict | list | tuple) and not value):
        return NOTHING
    name = path.rsplit(".", 1)[-1]
    text = _text(_without_secrets(value, name))
    return text if len(text) <= SHOWN_MAX else f"{text[: SHOWN_MAX - 3]}..."


def _text(value: Any) -> str:
    if isinstance(value, str):
        return " ".join(value.split()) or '""'
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, default=str, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _without_secrets(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        called = value.get("Name", value.get("Key"))
        return {
            key: _without_secrets(one, str(called) if key == "Value" and isinstance(called, str) else str(key))
            for key, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without_secrets(one, name) for one in value]
    if isinstance(value, Unknown):
        return "(not known)"
    if not isinstance(value, str):
        return value
    if CREDENTIAL.search(value):
        return SECRET
    speaks = name in ("UserData", "AuthToken") or (SECRET_NAME.search(name) and not ABOUT_A_SECRET.search(name))
    return masked(value) if speaks else value


# Lines


def place_in(code: Resource, live: Resource, path: Path) -> Path | None:
    """Where the code has what stands at `path` of the live document; None where it is not there.

    The elements of a list stand in another order in code: they are found by what they say.
    """
    ours, theirs = code.document, live.document
    found: Path = ()
    for at, step in enumerate(path):
        if isinstance(step, int):
            of = _part_at(type(live), path[:at])
            if not isinstance(ours, list | tuple) or not isinstance(theirs, list | tuple) or step >= len(theirs):
                return None
            element = theirs[step]
            answers = [same_part(of, one, element, live) if of else same(one, element) for one in ours]
            here = next((i for i, one in enumerate(answers) if one is True), None)
            if here is None and answers.count(None) == 1:
                here = answers.index(None)
            if here is None:
                return None
            ours, theirs, found = ours[here], element, (*found, here)
            continue
        ours = ours.get(step) if isinstance(ours, dict) else None
        theirs = theirs.get(step) if isinstance(theirs, dict) else None
        found = (*found, step)
    return found


def _part_at(cls: type[Part], path: Path) -> type[Part] | None:
    """What the elements of the list at `path` are read as."""
    return next((one.of_part for one in fields_of(cls) if one.of_part is not None and one.steps == path), None)
