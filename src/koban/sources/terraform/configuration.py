"""A directory of Terraform or OpenTofu files: what it declares, before anything is worked out."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from koban.sources.cloudformation.text import Text, TextError, read_text
from koban.sources.files import FILE_BYTES_MAX, decoded
from koban.sources.reading import Problem
from koban.sources.terraform.expressions import Expression, Literal, Object, Tuple
from koban.sources.terraform.syntax import Attribute, Block, Body, SyntaxProblem, parse, parse_template

ENDINGS = (".tf", ".tofu", ".tf.json", ".tofu.json")
FILES_MAX = 2_000  # in one directory
META_ARGUMENTS = frozenset(("count", "for_each", "provider", "depends_on", "providers", "source", "version"))
META_BLOCKS = frozenset(("lifecycle", "provisioner", "connection", "timeouts"))


@dataclass(slots=True)
class File:
    """One file: `path` where it lies, `name` as people call it, its text, and what it says."""

    path: str
    name: str
    text: str
    body: Body


@dataclass(slots=True)
class Declared:
    """One thing that a configuration declares, with what override files say of it.

    `over` are the arguments and blocks that come from another file than `file`, by their identity.
    """

    block: Block
    file: File
    over: dict[int, File] = field(default_factory=dict)

    @property
    def body(self) -> Body:
        return self.block.body

    def argument(self, name: str) -> Attribute | None:
        return self.block.body.attributes.get(name)

    def file_of(self, thing: Any) -> File:
        return self.over.get(id(thing), self.file) if self.over else self.file

    def text_of(self, name: str) -> str | None:
        """The text of an argument that is nothing but one."""
        found = self.argument(name)
        return None if found is None else found.value.known_text()


@dataclass(slots=True)
class Configuration:
    """What the files of one directory declare together."""

    directory: str
    name: str
    files: list[File] = field(default_factory=list)
    variables: dict[str, Declared] = field(default_factory=dict)
    locals: dict[str, tuple[Attribute, File]] = field(default_factory=dict)
    outputs: dict[str, Declared] = field(default_factory=dict)
    resources: dict[tuple[str, str], Declared] = field(default_factory=dict)
    data: dict[tuple[str, str], Declared] = field(default_factory=dict)
    calls: dict[str, Declared] = field(default_factory=dict)
    providers: list[Declared] = field(default_factory=list)
    is_root: bool = False  # it says where its state is kept, so it is applied by itself
    problems: list[Problem] = field(default_factory=list)

    @property
    def broken(self) -> str:
        """Why part of it could not be read; empty: all of it was."""
        return f"{self.problems[0].file} could not be read" if self.problems else ""

    def local_sources(self) -> Iterator[str]:
        """The directories that it calls as modules, where they are given by a path."""
        for call in self.calls.values():
            source = call.text_of("source")
            if source is not None and is_local(source):
                yield os.path.normpath(os.path.join(self.directory, source))


def is_local(source: str) -> bool:
    return source.startswith(("./", "../", ".\\", "..\\")) or source in (".", "..")


def is_configuration(name: str) -> bool:
    """Whether a file of this name is one that Terraform or OpenTofu reads."""
    return name.endswith(ENDINGS) and not name.startswith((".", "#")) and not name.endswith("~")


def load(directory: str, name: str, names: list[str] | None = None, shown: str | None = None) -> Configuration:
    """The configuration in a directory; a file that cannot be read is a problem of it.

    `names` are its files, where they are known; `name` is how people call the directory.
    """
    made = Configuration(directory, name)
    if names is None:
        try:
            names = sorted(one.name for one in os.scandir(directory) if is_configuration(one.name) and one.is_file())
        except OSError as error:
            made.problems.append(Problem(name, None, f"the directory cannot be read: {error.strerror}"))
            return made
    tofu = {one.replace(".tofu", ".tf") for one in names if ".tofu" in one}
    ours = [one for one in sorted(names) if one not in tofu]
    if len(ours) > FILES_MAX:
        made.problems.append(Problem(name, None, f"the directory has more than {FILES_MAX:,} files"))
        ours = ours[:FILES_MAX]
    overrides = [one for one in ours if _is_override(one)]
    for one in (*(n for n in ours if n not in overrides), *overrides):
        shown_name = f"{name}/{one}" if name not in ("", ".") else one
        found = read_file(os.path.join(directory, one), shown_name)
        if isinstance(found, Problem):
            made.problems.append(found)
            continue
        made.files.append(found)
        (_override if one in overrides else declare)(made, found)
    return made


def _is_override(name: str) -> bool:
    stem = next(name.removesuffix(end) for end in sorted(ENDINGS, key=len, reverse=True) if name.endswith(end))
    return stem == "override" or stem.endswith("_override")


def read_file(path: str, name: str) -> File | Problem:
    """One file, read and parsed."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if size > FILE_BYTES_MAX:
                return Problem(name, None, f"the file has more than {FILE_BYTES_MAX // 1_000_000} MB")
            data = stream.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        return Problem(name, None, f"the file cannot be read: {error.strerror}")
    return read_bytes(data, path, name)


def read_bytes(data: bytes, path: str, name: str) -> File | Problem:
    """The same, of the bytes of a file."""
    try:
        text = decoded(data).replace("\r\n", "\n") if b"\r" in data else decoded(data)
    except ValueError as error:
        return Problem(name, None, str(error))
    try:
        body = json_body(text) if name.endswith(".json") else parse(text)
    except SyntaxProblem as error:
        return Problem(name, error.line, error.why)
    return File(path, name, text, body)


# What is declared

_PLACES = {"variable": ("variables", 1), "output": ("outputs", 1), "module": ("calls", 1)}


def declare(made: Configuration, file: File) -> None:
    """Add what a file says to a configuration."""
    for block in file.body.blocks:
        kind, labels = block.type, block.labels
        declared = Declared(block, file)
        if kind in ("resource", "data") and len(labels) == 2:
            place: dict[Any, Declared] = made.resources if kind == "resource" else made.data
            _add(made, place, labels, declared)
        elif kind in _PLACES and len(labels) == 1:
            _add(made, getattr(made, _PLACES[kind][0]), labels[0], declared)
        elif kind == "locals":
            for name, attribute in block.body.attributes.items():
                if name in made.locals:
                    made.problems.append(Problem(file.name, attribute.line, f"local.{name} is declared twice"))
                else:
                    made.locals[name] = attribute, file
        elif kind == "provider" and len(labels) == 1:
            made.providers.append(declared)
        elif kind == "terraform":
            if any(one.type in ("backend", "cloud") for one in block.body.blocks):
                made.is_root = True
        elif kind in ("resource", "data", "provider", *_PLACES):
            made.problems.append(Problem(file.name, block.line, f"{kind} has {len(labels)} labels"))


def _add(made: Configuration, place: dict[Any, Declared], key: Any, declared: Declared) -> None:
    if key in place:
        first = place[key]
        label = ".".join(declared.block.labels)
        where = f"{first.file.name} line {first.block.line}"
        why = f"{declared.block.type} {label} is declared twice (first in {where})"
        made.problems.append(Problem(declared.file.name, declared.block.line, why))
    else:
        place[key] = declared


def _override(made: Configuration, file: File) -> None:
    """What an override file says replaces, argument by argument and block type by block type, what is there."""
    for block in file.body.blocks:
        kind, labels = block.type, block.labels
        if kind == "locals":
            for name, attribute in block.body.attributes.items():
                made.locals[name] = attribute, file
            continue
        place: Any = {"resource": made.resources, "data": made.data}.get(kind)
        key: Any = labels
        if place is None and kind in _PLACES and len(labels) == 1:
            place, key = getattr(made, _PLACES[kind][0]), labels[0]
        if kind == "provider":
            made.providers = [
                _merged(one, block, file) if _same_provider(one.block, block) else one for one in made.providers
            ]
        elif place is not None and key in place:
            place[key] = _merged(place[key], block, file)
        elif place is not None:
            made.problems.append(
                Problem(file.name, block.line, f"it overrides {kind} {'.'.join(labels)}, which is not declared")
            )


def _same_provider(one: Block, other: Block) -> bool:
    def alias(block: Block) -> str | None:
        found = block.body.attributes.get("alias")
        return None if found is None else found.value.known_text()

    return one.labels == other.labels and alias(one) == alias(other)


def _merged(base: Declared, block: Block, file: File) -> Declared:
    replaced = {one.labels[0] if one.type == "dynamic" and one.labels else one.type for one in block.body.blocks}
    kept = [one for one in base.body.blocks if (one.labels[:1] or ("",))[0] not in replaced or one.type != "dynamic"]
    kept = [one for one in kept if one.type not in replaced or one.type == "lifecycle"]
    body = Body({**base.body.attributes, **block.body.attributes}, [*kept, *block.body.blocks])
    over = dict(base.over)
    for thing in (*block.body.attributes.values(), *block.body.blocks):
        over[id(thing)] = file
    return Declared(replace(base.block, body=body), base.file, over)


# JSON syntax


def json_body(text: str) -> Body:
    """The blocks that a file in JSON syntax declares.  Raises SyntaxProblem."""
    try:
        # First the standard library: it knows what is no JSON.
        json.loads(text)
        read = read_text(text)
    except json.JSONDecodeError as error:
        raise SyntaxProblem(error.lineno, f"the JSON is malformed: {error.msg}") from None
    except TextError as error:
        raise SyntaxProblem(error.line or 1, error.why) from None
    except RecursionError:
        raise SyntaxProblem(1, "it nests too deeply") from None
    if not isinstance(read.value, dict):
        raise SyntaxProblem(1, "a file in JSON syntax is an object")
    made = Body()
    for kind, value in read.value.items():
        if kind == "//":
            continue
        labels = {"resource": 2, "data": 2, "variable": 1, "output": 1, "module": 1, "provider": 1}.get(kind, 0)
        for one in value if isinstance(value, list) else [value]:
            made.blocks += _json_blocks(read, kind, labels, one, (), read.line(read.value, kind) or 1)
    return made


def _json_blocks(read: Text, kind: str, labels: int, value: Any, above: tuple[str, ...], line: int) -> Iterator[Block]:
    if not isinstance(value, dict):
        raise SyntaxProblem(line, f"{kind} is not an object")
    if labels:
        for name, inner in value.items():
            here = read.line(value, name) or line
            for one in inner if isinstance(inner, list) else [inner]:
                yield from _json_blocks(read, kind, labels - 1, one, (*above, name), here)
        return
    body = Body()
    for name, inner in value.items():
        here = read.line(value, name) or line
        if name == "//":
            continue
        if name in ("dynamic", "lifecycle", "provisioner", "connection", "backend", "cloud"):
            named = 0 if name == "lifecycle" or name == "connection" or name == "cloud" else 1
            for one in inner if isinstance(inner, list) else [inner]:
                body.blocks += _json_blocks(read, name, named, one, (), here)
        elif kind == "dynamic" and name == "content":
            body.blocks += _json_blocks(read, name, 0, inner, (), here)
        else:
            body.attributes[name] = Attribute(name, _json_expression(read, inner, here, kind == "variable"), here)
    yield Block(kind, above, body, line)


def _json_expression(read: Text, value: Any, line: int, literal: bool) -> Expression:
    if isinstance(value, str):
        return Literal(value) if literal or not ("${" in value or "%{" in value) else parse_template(value, True)
    if isinstance(value, list):
        return Tuple([_json_expression(read, one, read.line(value, i) or line, literal) for i, one in enumerate(value)])
    if isinstance(value, dict):
        items = []
        for key, one in value.items():
            here = read.line(value, key) or line
            items.append((_json_expression(read, key, here, literal), _json_expression(read, one, here, literal), here))
        return Object(items)
    return Literal(value)
