"""Reads Terraform and OpenTofu into resources: what `koban scan iac` knows of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from koban.model.document import Path
from koban.model.resource import Resource, Spot
from koban.model.result import Gap
from koban.model.unknown import Maybe, OpenList, Unknown, _fits
from koban.sources.cloudformation.reader import Read
from koban.sources.cloudformation.suppression import MARK, Suppression, in_comments
from koban.sources.cloudformation.template import Problem
from koban.sources.terraform.aws import tables_of
from koban.sources.terraform.configuration import Configuration, File
from koban.sources.terraform.library import Library, values_of
from koban.sources.terraform.mapping import Table, argument_at
from koban.sources.terraform.module import BodyDict, Instance, Module, Names, Text, Tree, line_at
from koban.sources.terraform.values import TooLarge, plain

FRAMES_MAX = 10_000  # how deep values may refer to one another, in Python's calls


@dataclass(slots=True)
class Piece:
    """What one body contributes to a document: the table that says how, and the body."""

    table: Table
    body: Any
    instance: Instance


@dataclass(slots=True)
class Made:
    """A document being put together of the resource itself and of those that fold into it."""

    cls: type[Resource]
    document: dict[str, Any]
    instance: Instance
    pieces: list[Piece]
    suffix: str = ""


class Lines(dict[Path, int]):
    """The line of each path of a document, found when first asked for: most resources are never asked."""

    def __init__(self, line: int, file: str, pieces: list[Piece]) -> None:
        super().__init__()
        self[()] = line
        self._file = file
        self._pieces = pieces
        self._noted: list[dict[Path, Path]] | None = None

    def _notes(self) -> list[dict[Path, Path]]:
        if self._noted is None:
            self._noted = []
            for piece in self._pieces:
                noted: dict[Path, Path] = {}
                piece.table.document(piece.body, lambda here, at, noted=noted: noted.setdefault(here, at))  # type: ignore[misc]
                self._noted.append(noted)
                if not isinstance(piece.body, BodyDict):
                    continue
                for here, at in noted.items():
                    self._set(here, line_at(piece.body, at))
        return self._noted

    def _set(self, here: Path, found: tuple[File, int] | None) -> None:
        if found is not None and here not in self.keys():
            file, line = found
            self[here] = line if file.name == self._file else Spot(line, file.name)

    def _look(self, path: Path) -> None:
        for piece, noted in zip(self._pieces, self._notes(), strict=True):
            if not isinstance(piece.body, BodyDict):
                continue
            for end in range(len(path) - 1, 0, -1):
                if path[:end] in noted:
                    at = noted[path[:end]]
                    inside = line_at(piece.body, (*at, *path[end:]))
                    if inside is not None and inside != line_at(piece.body, at):
                        self._set(path, inside)
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


def read(library: Library, wanted: Callable[[str], bool] | None = None) -> Iterator[Read]:
    """Each root with the modules that it calls, as resources.

    `wanted` says of which types of ours resources are needed (None: of all).
    """
    tables = {
        name: [one for one in mine if wanted is None or wanted(one.cls.type)] for name, mine in tables_of().items()
    }
    tables = {name: mine for name, mine in tables.items() if mine}
    for root in library.roots():
        with _frames():
            try:
                made = _read_root(library, root, tables)
            except Exception as crash:  # an odd configuration is one finding, never the end of a run
                made = Read(root.name)
                why = f"Koban itself failed at it: {type(crash).__name__}: {crash}"[:300]
                made.problems.append(Problem(root.name, None, why))
        yield made


@contextmanager
def _frames() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, FRAMES_MAX))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _read_root(library: Library, root: Configuration, tables: dict[str, list[Table]]) -> Read:
    made = Read(root.name)
    tree = Tree(
        root.directory,
        library.root_of.get(root.directory, root.directory),
        {},
        library.find,
        library.options.workspace,
    )
    tree.given = _given(library, root, tree)
    module = Module(tree, root)
    try:
        instances = list(module.instances(tables.__contains__))
        found = _made(instances, tables)
    except (TooLarge, RecursionError) as error:
        why = str(error) if isinstance(error, TooLarge) else "its values refer to one another too deeply"
        made.problems.append(Problem(root.name, None, why))
        return made
    used = {one.configuration.directory: one.configuration for one in tree.modules}
    broken = next((one.broken for one in used.values() if one.broken), "")
    if broken:
        _open_up(found, tables, broken)
        made.gaps.append(Gap("*", "", "", broken))
    only = library.only.get(root.directory)
    names = None if only is None else {f"{root.name}/{one}".removeprefix("./") for one in only}
    for every in found:
        resource = _resource(every, root)
        if names is None or resource.file in names:
            made.resources.append(resource)
        else:
            made.beside.append(resource)
    made.resources.sort(key=lambda one: (one.file, one.line or 0, one.address))
    for configuration in used.values():
        made.problems += configuration.problems
        for file in configuration.files:
            made.suppressions += suppressions(file)
    made.problems += tree.problems
    made.problems = list(dict.fromkeys(made.problems))
    made.notes += tree.notes
    return made


def _given(library: Library, root: Configuration, tree: Tree) -> dict[str, Any]:
    """The values of a root's variables, from everywhere that Terraform takes them from."""
    options = library.options
    given: dict[str, Any] = {
        name.removeprefix("TF_VAR_"): Text(value)
        for name, value in options.environment.items()
        if name.startswith("TF_VAR_")
    }
    for file in library.values_files(root.directory):
        if not isinstance(file, File):
            tree.problems.append(file)
            continue
        for name, value, line, wrong in values_of(file, Names(tree, {})):
            if wrong:
                tree.problem(file, line, f"the value of {name}: {wrong}")
                value = Unknown(f"var.{name}", wrong)
            given[name] = value
    given.update({name: Text(value) for name, value in options.values.items()})
    return given


# Documents


def _made(instances: Iterable[Instance], tables: dict[str, list[Table]]) -> list[Made]:
    found: list[Made] = []
    folding: list[Piece] = []
    for instance in instances:
        body = instance.body()
        for table in tables[instance.type]:
            if table.when is not None and not _holds(table, body):
                continue
            if table.by:
                bodies = list(table.each(body)) if table.each is not None else [body]
                folding += [Piece(table, one, instance) for one in bodies]
                continue
            bodies = list(table.each(body)) if table.each is not None else [body]
            for position, one in enumerate(bodies):
                suffix = f"/{position}" if len(bodies) > 1 else ""
                document = plain(table.document(one))
                found.append(Made(table.cls, document, instance, [Piece(table, one, instance)], suffix))
    _fold(found, folding)
    return found


def _holds(table: Table, body: dict[str, Any]) -> bool:
    assert table.when is not None
    answer = table.when(body)
    return isinstance(answer, Unknown) or bool(answer)


def _fold(found: list[Made], folding: list[Piece]) -> None:
    by_address: dict[tuple[str, str], list[Made]] = {}
    by_name: dict[tuple[str, str], list[Made]] = {}
    by_class: dict[str, list[Made]] = {}
    for one in found:
        by_address.setdefault((one.cls.type, one.instance.address), []).append(one)
        by_class.setdefault(one.cls.type, []).append(one)
        for name in one.cls.ids:
            value = one.document.get(name)
            if isinstance(value, str):
                by_name.setdefault((one.cls.type, value), []).append(one)
    for piece in folding:
        kind = piece.table.cls.type
        named = argument_at(piece.body, piece.table.by)
        for one in named if isinstance(named, list) else (named,):
            value = one._values[0] if isinstance(one, Maybe) and one._values else one
            if isinstance(value, Unknown):
                if value._target:
                    parents = by_address.get((kind, value._target), [])
                    for parent in parents:
                        _set(parent, piece, one if isinstance(one, Maybe) else piece.instance.gap)
                else:
                    for parent in by_class.get(kind, ()):
                        if _may_be(parent, value):
                            _set(parent, piece, value)
            elif isinstance(value, str):
                for parent in by_name.get((kind, value.rsplit("/", 1)[-1]), ()) or by_name.get((kind, value), ()):
                    _set(parent, piece, piece.instance.gap)


def _may_be(parent: Made, name: Unknown) -> bool:
    """Whether a name that is not known may be the one of `parent`."""
    own = [parent.document.get(one) for one in parent.cls.ids]
    known = [one for one in own if isinstance(one, str)]
    return not known or any(_fits(name._shape, one) for one in known)


def _set(parent: Made, piece: Piece, gap: Unknown | None) -> None:
    """What a piece says, set on its parent; where `gap` leaves it open whether the piece is there, left open."""
    if gap is not None and parent.instance.gap is not None and parent.instance.gap._path == gap._path:
        gap = None  # both are there, or neither
    document = plain(piece.table.document(piece.body))
    parent.pieces.append(piece)
    for name, value in document.items():
        before = parent.document.get(name)
        if piece.table.adds and isinstance(value, list) and isinstance(before, list | None):
            added = value if gap is None else [Maybe(gap._path, gap._why, tuple(value), gap._root)]
            every = [*(before or []), *added]
            parent.document[name] = OpenList(every) if any(isinstance(one, Maybe) for one in every) else every
        elif gap is not None:
            parent.document[name] = Unknown(f"{piece.instance.address}", gap._why, root=gap._root)
        elif isinstance(before, dict) and isinstance(value, dict):
            parent.document[name] = {**before, **value}
        else:
            parent.document[name] = value


def _open_up(found: list[Made], tables: dict[str, list[Table]], why: str) -> None:
    """Part of the configuration could not be read: what it may set is not known."""
    folding = [one for mine in tables.values() for one in mine if one.by]
    for one in found:
        for table in folding:
            if table.cls is one.cls:
                for name in table.entries:
                    one.document.setdefault(name, Unknown(f"{one.instance.address} {name}", why))


def _resource(made: Made, root: Configuration) -> Resource:
    instance = made.instance
    block = instance.declared.block
    file = instance.declared.file.name
    resource = made.cls(
        made.document,
        uid=f"{root.name}#{instance.address}{made.suffix}",
        address=instance.address,
        file=file,
        region=instance.region,
        lines=Lines(block.line, file, made.pieces),
    )
    resource.chain = instance.module.chain
    return resource


def suppressions(file: File) -> Iterator[Suppression]:
    """Every ``koban:ignore`` in the comments of a file."""
    if MARK in file.text and not file.name.endswith(".json"):
        yield from in_comments(file.name, file.text.splitlines(), ("#", "//"))
