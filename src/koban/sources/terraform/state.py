"""What a state of Terraform says was made: each resource with its address, its ids, and the place that it is in."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from koban.model.document import Path
from koban.model.resource import Resource
from koban.model.unknown import Unknown
from koban.sources.reading import Problem
from koban.sources.terraform.aws import tables_of
from koban.sources.terraform.configuration import Configuration
from koban.sources.terraform.documents import Made, Thing, made, resource
from koban.sources.terraform.library import Library
from koban.sources.terraform.mapping import Table, argument_at
from koban.sources.terraform.plan import Sources, kind_of_json, things_of
from koban.sources.terraform.values import plain

STATE_BYTES_MAX = 500_000_000
ENDING = ".tfstate"
WORKSPACES = "terraform.tfstate.d"
ARN = re.compile(r"arn:[^:]+:[^:]*:([^:]*):([^:]*):")
ACCOUNT = re.compile(r"[0-9]{12}")


class StateError(Exception):
    """A file given as a state that is none; the message is one line."""


@dataclass
class State:
    """One state, read.

    `resources` have the account and region that they are in, where the state tells.  `own` are those of them (by
    identity) that their block makes, and not something beside it.  `directory` is that of its configuration, if known.
    `apart` is what it sets of resources that it does not have: (type, name, properties).
    """

    name: str
    resources: list[Resource] = field(default_factory=list)
    own: set[int] = field(default_factory=set)
    directory: str = ""
    apart: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def states_beside(library: Library) -> Iterator[tuple[str, str, str]]:
    """(path, name, directory of the configuration) of every state that lies beside a configuration."""
    for directory, shown in library.shown.items():
        for inside in ("", *_workspaces(directory)):
            place = os.path.join(directory, inside) if inside else directory
            try:
                names = sorted(one.name for one in os.scandir(place) if one.name.endswith(ENDING) and one.is_file())
            except OSError:
                continue
            for name in names:
                parts = [one for one in (shown if shown != "." else "", inside, name) if one]
                yield os.path.join(place, name), "/".join(parts), directory


def _workspaces(directory: str) -> list[str]:
    try:
        return [f"{WORKSPACES}/{one}" for one in sorted(os.listdir(os.path.join(directory, WORKSPACES)))]
    except OSError:
        return []


def load_state(path: str) -> bytes:
    """The bytes of a file that is a state.  Raises StateError."""
    try:
        if os.path.getsize(path) > STATE_BYTES_MAX:
            raise StateError(f"{path}: the file has more than {STATE_BYTES_MAX // 1_000_000} MB")
        with open(path, "rb") as stream:
            data = stream.read()
    except OSError as error:
        raise StateError(f"{path}: {error.strerror}") from None
    if kind_of_json(data) != "state":
        raise StateError(
            f"{path}: it is no state of Terraform (terraform.tfstate, or what terraform show -json prints)"
        )
    return data


def read_state(
    data: bytes,
    name: str,
    library: Library | None = None,
    directory: str = "",
    wanted: Callable[[str], bool] | None = None,
) -> State:
    """What a state says was made; `library` are configurations, of which that in `directory` made it.

    Without `directory` it is the one configuration that declares more of the state than any other; where there is no
    such one, its resources have no file.
    """
    found = State(name)
    try:
        document = json.loads(data)
        providers = dict(_providers(document))
        roots = _roots(library, directory, providers) if library is not None else []
        found.directory = roots[0].directory if roots else ""
        things = list(things_of(document, name, Sources(library, roots)))
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError) as error:
        why = f"it is no state of Terraform: {type(error).__name__}: {error}"[:200]
        found.problems.append(Problem(name, None, why))
        return found
    tables: dict[str, list[Table]] = {
        kind: [one for one in mine if wanted is None or wanted(one.cls.type)] for kind, mine in tables_of().items()
    }
    places = _places(things, providers)
    whole = made(things, tables)
    found.apart += _apart(things, tables, whole)
    for one in whole:
        kept = _placed(resource(one, name), one.thing, name, places)
        found.resources.append(kept)
        if _is_own(one, tables):
            found.own.add(id(kept))
    known = {one.address for one in found.resources}
    for thing in things:
        arn = thing.body.get("arn")
        if thing.address not in known and isinstance(arn, str) and not tables_of().get(thing.type):
            # Koban has no table for it: that it was made is known all the same.
            lines: dict[Path, int] = {(): thing.line} if thing.line is not None else {}
            bare = Resource({"Arn": arn}, uid=f"{name}#{thing.address}", address=thing.address, lines=lines)
            bare.file = thing.file
            found.resources.append(_placed(bare, thing, name, places))
            found.own.add(id(bare))
    return found


def _apart(
    things: Iterable[Thing], tables: dict[str, list[Table]], whole: Iterable[Made]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What things set of resources that are in another state, such as a policy attached to a role."""
    known = {(one.cls.type, one.document.get(name)) for one in whole for name in (*one.cls.ids, "Arn")
             if isinstance(one.document.get(name), str)}  # fmt: skip
    for thing in things:
        for table in tables.get(thing.type, ()):
            if not table.by or (table.when is not None and not table.when(thing.body)):
                continue
            for body in table.each(thing.body) if table.each is not None else [thing.body]:
                named = argument_at(body, table.by)
                for name in named if isinstance(named, list) else [named]:
                    if isinstance(name, str) and not {(table.cls.type, each) for each in _spelled(name)} & known:
                        yield from ((table.cls.type, each, plain(table.document(body))) for each in _spelled(name))


def _spelled(name: str) -> set[str]:
    """A name, and the last part of it where it is an ARN."""
    return {name, name.rsplit("/", 1)[-1]}


def _is_own(one: Made, tables: dict[str, list[Table]]) -> bool:
    first = next((table for table in tables.get(one.thing.type, ()) if not table.by and not table.gathers), None)
    return bool(one.pieces) and one.pieces[0].table is first


def _placed(one: Resource, thing: Thing, name: str, places: dict[str, tuple[str, str]]) -> Resource:
    one.account, one.region = places.get(thing.address, ("", ""))
    if one.file == name:
        one.file = ""  # the state itself is no code
    return one


def _roots(library: Library, directory: str, providers: dict[str, str]) -> list[Configuration]:
    """The configuration that a state is of, if there is one of which that is sure."""
    if directory:
        return [library.configuration(directory)]
    counted: list[tuple[int, Configuration]] = []
    addresses = [one for one in providers if not one.startswith("data.")]
    for root in library.roots():
        sources = Sources(library, [root])
        counted.append((sum(sources.declared(one) is not None for one in addresses), root))
    counted.sort(key=lambda one: -one[0])
    if not counted or not counted[0][0] or (len(counted) > 1 and counted[1][0] == counted[0][0]):
        return []
    return [counted[0][1]]


def _providers(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(address without keys of instances, provider) of every managed resource."""
    for one in document.get("resources", ()):
        if one.get("mode") == "managed":
            base = f"{one['type']}.{one['name']}"
            yield f"{one['module']}.{base}" if one.get("module") else base, str(one.get("provider", ""))
    root = (document.get("values") or {}).get("root_module") or {}
    waiting = [root]
    while waiting:
        module = waiting.pop()
        waiting += module.get("child_modules", ())
        for one in module.get("resources", ()):
            if one.get("mode") == "managed":
                yield re.sub(r"\[[^\]]*\]$", "", one["address"]), str(one.get("provider_name", ""))


def _places(things: Iterable[Thing], providers: dict[str, str]) -> dict[str, tuple[str, str]]:
    """(account, region) of each address: as its ARN says, else as those of all that its provider made."""
    accounts: dict[str, set[str]] = {}
    regions: dict[str, set[str]] = {}
    own: dict[str, tuple[str, str, str]] = {}
    for thing in things:
        provider = providers.get(re.sub(r"\[[^\]]*\]$", "", thing.address), "")
        region, account = _of_arn(thing.body.get("arn"))
        said = thing.body.get("region")
        region = region or (said if isinstance(said, str) else "")
        owner = thing.body.get("owner_id")
        account = account or (owner if isinstance(owner, str) and ACCOUNT.fullmatch(owner) else "")
        own[thing.address] = account, region, provider
        if account:
            accounts.setdefault(provider, set()).add(account)
        if region:
            regions.setdefault(provider, set()).add(region)
    return {
        address: (account or _only(accounts.get(provider)), region or _only(regions.get(provider)))
        for address, (account, region, provider) in own.items()
    }


def _of_arn(arn: Any) -> tuple[str, str]:
    match = ARN.match(arn) if isinstance(arn, str) and not isinstance(arn, Unknown) else None
    if match is None:
        return "", ""
    return match[1], match[2] if ACCOUNT.fullmatch(match[2]) else ""


def _only(values: set[str] | None) -> str:
    return next(iter(values)) if values is not None and len(values) == 1 else ""
