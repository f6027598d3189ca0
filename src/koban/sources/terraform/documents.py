"""Puts documents together out of bodies: those of resources, and of what folds into them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from koban.model.document import Path, fields_of
from koban.model.resource import Resource, Spot, unknown_name
from koban.model.unknown import Maybe, OpenList, Unknown, _fits
from koban.sources.terraform.aws import setters
from koban.sources.terraform.bodies import BodyDict, attribute_at, line_at, statement_line
from koban.sources.terraform.configuration import File
from koban.sources.terraform.expressions import GetAttribute, references
from koban.sources.terraform.mapping import Table, argument_at, merge_elements
from koban.sources.terraform.module import Module
from koban.sources.terraform.values import plain


@dataclass(slots=True)
class Thing:
    """One resource of Terraform, wherever it was read: its type and address, its body, and where it is written.

    `provider` is the configuration of the provider that it uses, empty where that is not known, and `login` what that
    one says of the account.  `written` is the body as it stands in a file, where that is another one; `gap` is why it
    is open whether the resource is there at all; `module` is the one that it stands in.
    """

    type: str
    address: str
    body: dict[str, Any]
    file: str
    line: int | None = None
    region: str = ""
    provider: str = ""
    login: str = ""
    chain: tuple[str, ...] = ()
    gap: Unknown | None = None
    written: BodyDict | None = None
    module: Module | None = None


@dataclass(slots=True)
class Piece:
    """What one body contributes to a document: the table that says how, the body, and whose it is."""

    table: Table
    body: Any
    thing: Thing

    @property
    def written(self) -> BodyDict | None:
        """What stands in a file, for its lines."""
        return self.body if isinstance(self.body, BodyDict) else self.thing.written


@dataclass(slots=True)
class Made:
    """A document being put together of the resource itself and of those that fold into it."""

    cls: type[Resource]
    document: dict[str, Any]
    thing: Thing
    pieces: list[Piece]
    suffix: str = ""
    uid: str = ""  # in place of its address, where it is put together of several


@dataclass(slots=True)
class Notes:
    """Where the properties of a document that a body sets stand in it, and what would set the others."""

    set: dict[Path, Path] = field(default_factory=dict)
    not_set: list[tuple[Path, Path]] = field(default_factory=list)

    def hear(self, here: Path, at: Path, there: bool) -> None:
        if there:
            self.set.setdefault(here, at)
        else:
            self.not_set.append((here, at))


class Lines(dict[Path, int]):
    """The line of each path of a document, found when first asked for: most resources are never asked."""

    def __init__(self, line: int | None, file: str, pieces: list[Piece]) -> None:
        super().__init__()
        if line is not None:
            self[()] = line
        self._file = file
        self.pieces = pieces
        self._noted: list[Notes] | None = None

    def _notes(self) -> list[Notes]:
        if self._noted is None:
            self._noted = []
            for piece in self.pieces:
                noted = Notes()
                piece.table.document(piece.body, noted.hear)
                self._noted.append(noted)
                if piece.written is not None:
                    for here, at in noted.set.items():
                        self._set(here, line_at(piece.written, at))
            for piece, noted in zip(self.pieces, self._noted, strict=True):
                declared = piece.written.declared if piece.written is not None else None
                if declared is not None and piece.thing is not self.pieces[0].thing:
                    # What another resource leaves to a default stands where that one does.
                    for here, _ in noted.not_set:
                        if not any(here[:end] in noted.set for end in range(1, len(here) + 1)):
                            self._set(here, (declared.file, declared.block.line))
        return self._noted

    def _set(self, here: Path, found: tuple[File, int] | None) -> None:
        if found is not None and here not in self.keys():
            file, line = found
            self[here] = line if file.name == self._file else Spot(line, file.name)

    def _look(self, path: Path) -> None:
        for piece, noted in zip(self.pieces, self._notes(), strict=True):
            written = piece.written
            for end in range(len(path) - 1, 0, -1):
                if written is not None and path[:end] in noted.set:
                    at = noted.set[path[:end]]
                    inside = line_at(written, (*at, *path[end:]))
                    if inside is not None and inside != line_at(written, at):
                        self._set(path, inside)
                    else:
                        self._set(path, _in_policy(piece, written, at, path[end:]))
                    break

    def __contains__(self, path: object) -> bool:
        if super().__contains__(path):
            return True
        if not path or not isinstance(path, tuple):
            return False
        self._look(path)
        return super().__contains__(path)

    def __missing__(self, path: Path) -> int:
        if path in self:
            return dict.__getitem__(self, path)
        raise KeyError(path)

    def paths(self) -> dict[Path, int]:
        """Every path that is written down and its line."""
        self._notes()
        return self

    def left_out(self, path: Path, counts: Any, absent: bool) -> str:
        """That no argument sets the property at `path`, as people read it; empty where one does, or none can.

        `counts` is what it is then, and `absent` whether that is what absence means, not a default in our tables.
        """
        names = self._not_set(path, absent)
        if not names:
            return ""
        said = f"{names[0]} is not set" if len(names) == 1 else f"none of {', '.join(names)} is set"
        value = ("false", "true")[counts] if isinstance(counts, bool) else str(counts)
        if absent:
            return f"{said}: that counts as {value}" if counts or counts is False else said
        return f"{said}: the provider's default, {value}, counts"

    def _not_set(self, path: Path, absent: bool) -> list[str]:
        """The arguments, or resources beside this one, that would set the property at `path`."""
        notes = self._notes()
        if any(isinstance(step, int) for step in path) and any(
            (piece.table.adds or piece.table.on) and path[0] in piece.table.entries for piece in self.pieces
        ):
            return []  # which element of such a list stands where in which body is not known
        for end in range(len(path), 0, -1):
            if any(path[:end] in noted.set for noted in notes):
                return []  # what is not looked at one by one, such as the inside of a policy, is set as a whole
            for piece, noted in zip(reversed(self.pieces), reversed(notes), strict=True):
                names = [self._called(piece, at) for here, at in noted.not_set if here == path[:end]]
                if names:
                    return [*names, *(self._beside(path) if end == 1 else ())]
        if not absent:
            return []
        own = self.pieces[0].table.called(path)
        if own:
            return [own]
        inside = [
            self._called(piece, at)
            for piece, noted in zip(self.pieces, notes, strict=True)
            for here, at in noted.not_set
            if here[: len(path)] == path
        ]
        return list(dict.fromkeys([*inside, *(self._beside(path) if len(path) == 1 else ())]))

    def _called(self, piece: Piece, at: Path) -> str:
        argument = ".".join(step for step in at if isinstance(step, str))
        own = piece.thing is self.pieces[0].thing
        return argument if own else f"{argument} of {piece.thing.address}"

    def _beside(self, path: Path) -> list[str]:
        """The types of Terraform that set a property from beside the resource, and of which none is here."""
        here = {piece.table.source for piece in self.pieces}
        return [one for one in setters(self.pieces[0].table.cls.type, str(path[0])) if one not in here]


def _in_policy(piece: Piece, written: BodyDict, at: Path, rest: Path) -> tuple[File, int] | None:
    """Where the data source that an argument takes a policy from says what stands at `rest` in it."""
    attribute = attribute_at(written, at)
    if attribute is None or piece.thing.module is None or not isinstance(attribute.value, GetAttribute):
        return None
    referred = list(references(attribute.value))
    if len(referred) != 1 or referred[0][:2] != ("data", "aws_iam_policy_document") or len(referred[0]) < 3:
        return None
    declared = piece.thing.module.configuration.data.get((referred[0][1], referred[0][2]))
    return statement_line(declared, rest) if declared is not None else None


def made(things: Iterable[Thing], tables: Mapping[str, list[Table]]) -> list[Made]:
    """The documents of things and of what folds into them; `tables` are by Terraform type."""
    found: list[Made] = []
    folding: list[Piece] = []
    gathered: dict[str, Made] = {}
    for thing in things:
        body = thing.body
        for table in tables.get(thing.type, ()):
            bodies = _bodies(table, body)
            if table.gathers:
                for one in bodies:
                    _gather(gathered, Piece(table, one, thing))
                continue
            if table.by:
                folding += [Piece(table, one, thing) for one in bodies]
                continue
            own = len(bodies) == 1 and table is next(
                one for one in tables[thing.type] if not one.by and not one.gathers
            )
            for position, one in enumerate(bodies):
                suffix = f"/{position}" if len(bodies) > 1 else ""
                document = document_of(table, one, thing)
                if own:
                    _name(document, table.cls, body)
                found.append(Made(table.cls, document, thing, [Piece(table, one, thing)], suffix))
    _fold(found, folding)
    for made_ in gathered.values():
        for name in {one.steps[0].removesuffix("[]") for one in fields_of(made_.cls) if not one.is_fact}:
            made_.document.setdefault(name, Unknown(name, "nothing here sets it, and another configuration may"))
    return [*found, *gathered.values()]


def _gather(gathered: dict[str, Made], piece: Piece) -> None:
    """Set what a piece says of the one thing of its kind that there is where it is."""
    thing, table = piece.thing, piece.table
    near = argument_at(piece.body, table.near) if table.near else None
    place = [thing.provider or thing.address, thing.region if "Region" in table.cls.ids else ""]
    place.append(unknown_name(near) if isinstance(near, Unknown) else str(near or ""))
    uid = "/".join((table.cls.type, *(one for one in place if one)))
    parent = gathered.get(uid)
    if parent is None:
        document = {"Region": thing.region} if "Region" in table.cls.ids and thing.region else {}
        parent = gathered[uid] = Made(table.cls, document, thing, [], uid=uid)
    _set(parent, piece, thing.gap)


def _bodies(table: Table, body: dict[str, Any]) -> list[Any]:
    """What a table makes something of in a body: all of it, parts of it, or nothing."""
    try:
        if table.when is not None and not _holds(table, body):
            return []
        return list(table.each(body)) if table.each is not None else [body]
    except (TypeError, AttributeError, ValueError, KeyError, IndexError):
        return [body]  # of an odd shape: what is made of it is not known


def document_of(table: Table, body: Any, thing: Thing) -> dict[str, Any]:
    """The document of a body; where an argument has a shape that the provider would refuse, nothing of it is known."""
    try:
        made_: dict[str, Any] = plain(table.document(body))
        return made_
    except (TypeError, AttributeError, ValueError, KeyError, IndexError):
        why = f"an argument of {thing.address} is not of the type that the provider takes"
        return {name: Unknown(f"{thing.address} {name}", why) for name in table.entries}


def _name(document: dict[str, Any], cls: type[Resource], body: dict[str, Any]) -> None:
    """What others call the resource, where it is made already: a state knows."""
    name, arn = body.get("id"), body.get("arn")
    if isinstance(name, str) and cls.ids:
        document.setdefault(cls.ids[0], name)
    if isinstance(arn, str):
        document.setdefault("Arn", arn)


def _holds(table: Table, body: dict[str, Any]) -> bool:
    assert table.when is not None
    answer = table.when(body)
    return isinstance(answer, Unknown) or bool(answer)


def _fold(found: list[Made], folding: list[Piece]) -> None:
    by_address: dict[tuple[str, str], list[Made]] = {}
    by_name: dict[tuple[str, str], list[Made]] = {}
    by_class: dict[str, list[Made]] = {}
    for one in found:
        by_address.setdefault((one.cls.type, one.thing.address), []).append(one)
        by_class.setdefault(one.cls.type, []).append(one)
        values = {one.document.get(name) for name in (*one.cls.ids, "Arn") if isinstance(one.document.get(name), str)}
        for value in values:
            by_name.setdefault((one.cls.type, str(value)), []).append(one)
    # What changes an element of a list comes after what makes the list.
    for piece in sorted(folding, key=lambda piece: (bool(piece.table.on), piece.table.adds)):
        kind = piece.table.cls.type
        named = argument_at(piece.body, piece.table.by)
        for one in named if isinstance(named, list) else (named,):
            value = one._values[0] if isinstance(one, Maybe) and one._values else one
            if isinstance(value, Unknown):
                if value._target:
                    parents = by_address.get((kind, value._target), [])
                    for parent in parents:
                        _set(parent, piece, one if isinstance(one, Maybe) else piece.thing.gap)
                else:
                    for parent in by_class.get(kind, ()):
                        if _may_be(parent, value):
                            _set(parent, piece, value)
            elif isinstance(value, str):
                for parent in by_name.get((kind, value), ()) or by_name.get((kind, value.rsplit("/", 1)[-1]), ()):
                    _set(parent, piece, piece.thing.gap)


def _may_be(parent: Made, name: Unknown) -> bool:
    """Whether a name that is not known may be the one of `parent`."""
    own = [parent.document.get(one) for one in parent.cls.ids]
    known = [one for one in own if isinstance(one, str)]
    return not known or any(_fits(name._shape, one) for one in known)


def _set(parent: Made, piece: Piece, gap: Unknown | None) -> None:
    """What a piece says, set on its parent; where `gap` leaves it open whether the piece is there, left open."""
    if gap is not None and parent.thing.gap is not None and parent.thing.gap._path == gap._path:
        gap = None  # both are there, or neither
    document = document_of(piece.table, piece.body, piece.thing)
    parent.pieces.append(piece)
    for name, value in document.items():
        before = parent.document.get(name)
        if piece.table.on and isinstance(value, list):
            if isinstance(before, list):
                pieces = value if gap is None else [_left_open(one, piece.table.on, gap) for one in value]
                parent.document[name] = merge_elements(before, pieces, piece.table.on)
        elif piece.table.adds and isinstance(value, list) and isinstance(before, list | None):
            added = value if gap is None else [Maybe(gap._path, gap._why, tuple(value), gap._root)]
            every = [*(before or []), *added]
            parent.document[name] = OpenList(every) if any(isinstance(one, Maybe) for one in every) else every
        elif gap is not None:
            parent.document[name] = Unknown(f"{piece.thing.address}", gap._why, root=gap._root)
        elif isinstance(before, dict) and isinstance(value, dict):
            parent.document[name] = {**before, **value}
        else:
            parent.document[name] = value


def _left_open(element: Any, on: str, gap: Unknown) -> Any:
    """A piece of an element that is there or not."""
    if not isinstance(element, dict):
        return element
    return {key: one if key == on else Unknown(key, gap._why, root=gap._root) for key, one in element.items()}


def open_up(found: Iterable[Made], tables: Mapping[str, list[Table]], why: str) -> None:
    """Part of the configuration could not be read: what it may set is not known."""
    folding = [one for mine in tables.values() for one in mine if one.by]
    for one in found:
        for table in folding:
            if table.cls is one.cls:
                for name in table.entries:
                    one.document.setdefault(name, Unknown(f"{one.thing.address} {name}", why))


def resource(one: Made, origin: str) -> Resource:
    """The resource that a document is, of the configuration, plan or state called `origin`."""
    thing = one.thing
    lines = Lines(thing.line, thing.file, one.pieces)
    found = one.cls(
        one.document,
        uid=f"{origin}#{one.uid or thing.address}{one.suffix}",
        address=thing.address,
        file=thing.file,
        region=thing.region,
        lines=lines,
    )
    found.left_out = lines.left_out
    found.login = thing.login
    found.chain = thing.chain
    return found
