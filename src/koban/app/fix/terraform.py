"""What a fix comes to in a configuration of Terraform: the tables, read backwards."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from koban.app.fix import edit_hcl
from koban.app.fix.edit import CannotEdit
from koban.app.fix.edit_hcl import Raw
from koban.app.fix.operation import AddBlock, NotOffered, Operation, SetArgument, SetValue
from koban.model.fix import Beside, Fix, Reference, spelled_out
from koban.model.resource import Resource
from koban.sources.terraform.aws import tables_of
from koban.sources.terraform.awscc import PREFIX as CLOUD_CONTROL
from koban.sources.terraform.bodies import BodyDict
from koban.sources.terraform.configuration import Declared, File, is_configuration
from koban.sources.terraform.documents import Lines, Piece
from koban.sources.terraform.expressions import GetAttribute, Variable
from koban.sources.terraform.mapping import ABSENT, JsonText, Setting, Table
from koban.sources.terraform.module import Module


def is_ours(resource: Resource) -> bool:
    """Whether a resource was read from Terraform."""
    return isinstance(resource.lines, Lines)


def shown_name(resource: Resource, path: str) -> str:
    """What people call a file, as they call the one that the resource is written in."""
    assert isinstance(resource.lines, Lines)
    file = _declared(resource.lines.pieces[0].body).file
    whole = os.path.abspath(file.path)
    if not whole.endswith(os.sep + file.name.replace("/", os.sep)):
        return os.path.normpath(os.path.join(os.path.dirname(file.name), os.path.relpath(path, os.path.dirname(whole))))
    return os.path.relpath(os.path.abspath(path), whole[: -len(file.name)]).replace(os.sep, "/")


def operations(resource: Resource, fix: Fix) -> list[Operation]:
    """The edits of the files that the resource is written in.  Raises NotOffered."""
    assert isinstance(resource.lines, Lines)
    pieces = resource.lines.pieces
    own = pieces[0]
    if not isinstance(own.body, BodyDict) or own.body.declared is None:
        raise NotOffered("it was read from a plan or state, not from its files")
    made: list[Operation] = []
    for edit in fix.edits:
        if isinstance(edit, Beside):
            made.append(_beside(edit, own))
        else:
            for path, value in spelled_out(resource.document, edit):
                _put(type(resource).type, pieces, path, value, made)
    return made


def _put(type_name: str, pieces: list[Piece], path: tuple[Any, ...], value: Any, made: list[Operation]) -> None:
    """Add to `made` what sets a property."""
    setting = [one for one in pieces if _sets(one, path[0])]
    for piece in reversed(setting):
        found = piece.table.settings(path, value, piece.body)
        if found is not None:
            made += [_set(piece, one) for one in found]
            return
    if setting:
        raise NotOffered(f"how {setting[-1].table.source} sets {_shown(path)} cannot be written backwards")
    own = pieces[0]
    for table in _folding(type_name, own):
        present = next((one for one in pieces if one.table is table), None)
        found = table.settings(path, value, present.body if present is not None else {})
        if found is None:
            continue
        if present is not None:
            made += [_set(present, one) for one in found]
        else:
            _companion(table.source, own, [((table.by,), Reference()), *found], made)
        return
    found = own.table.settings(path, value, own.body)
    if found is None:
        raise NotOffered(f"{own.table.source} has no argument for {_shown(path)} that is known here")
    made += [_set(own, one) for one in found]


def _shown(path: tuple[Any, ...]) -> str:
    return ".".join(one for one in path if isinstance(one, str))


def _sets(piece: Piece, name: Any) -> bool:
    entry = piece.table.entries.get(name)
    if entry is None:
        return name in piece.table.document(piece.body) if not piece.table.entries else False
    value = entry.read(piece.body, (), (), None)
    return value is not ABSENT and value is not None


def _folding(type_name: str, own: Piece) -> Iterator[Table]:
    """The tables of what sets properties of a resource from beside it."""
    if own.table.source.startswith(CLOUD_CONTROL):
        return
    for tables in tables_of().values():
        for table in tables:
            if table.by and table.cls.type == type_name and not (table.adds or table.on or table.when or table.each):
                yield table


# Arguments


def _declared(body: Any) -> Declared:
    if not isinstance(body, BodyDict) or body.declared is None:
        raise NotOffered("it was read from a plan or state, not from its files")
    if body.declared.over:
        raise NotOffered("an override file changes it")
    return body.declared


def _key(declared: Declared) -> edit_hcl.Key:
    return (declared.block.type, *declared.block.labels)


def _set(piece: Piece, setting: Setting) -> Operation:
    declared = _declared(piece.body)
    path, value = setting
    if declared.file.name.endswith(".json"):
        return _set_in_json(declared, path, value)
    try:
        there = edit_hcl.argument(declared.block, path)
    except CannotEdit as error:
        raise NotOffered(str(error)) from None
    if there is None or edit_hcl.is_plain(there.value):
        return SetArgument(declared.file.path, _key(declared), path, value)
    if isinstance(there.value, GetAttribute) and isinstance(there.value.of, Variable) and there.value.of.name == "var":
        return _given(declared.file, piece.thing.module, there.value.name, value)
    raise NotOffered("its value is an expression")


def _given(file: File, module: Module | None, name: str, value: Any) -> Operation:
    """The edit of what alone decides about a variable: what the caller gives, or its default.  Raises NotOffered."""
    default = _default(file, name, value)
    call = module.call if module is not None else None
    given = call.argument(name) if call is not None else None
    if module is None or call is None or given is None:
        if default is None:
            raise NotOffered("its value is a variable without a default")
        return default
    if call.over or call.file.name.endswith(".json"):
        raise NotOffered("the caller of the module gives its value")
    if edit_hcl.is_plain(given.value):
        return SetArgument(call.file.path, _key(call), (name,), value)
    if isinstance(given.value, GetAttribute) and isinstance(given.value.of, Variable) and given.value.of.name == "var":
        return _given(call.file, module.parent, given.value.name, value)
    raise NotOffered("the caller of the module gives its value, as an expression")


def _default(file: File, name: str, value: Any) -> Operation | None:
    """The edit of a variable's default; None where it has none.  Raises NotOffered where more hangs on it."""
    uses = 0
    declaring: tuple[str, Any] | None = None
    for path, text in _texts(os.path.dirname(file.path)):
        uses += len(re.findall(rf"\bvar\s*\.\s*{re.escape(name)}\b", text)) + len(re.findall(r"\bvar\s*\[", text))
        found = edit_hcl.find(edit_hcl.parsed(text), ("variable", name)) if not path.endswith(".json") else None
        if found is not None:
            declaring = path, found.body.attributes.get("default")
    if uses != 1:
        raise NotOffered("its value is a variable that is used elsewhere too")
    if declaring is None or declaring[1] is None:
        return None
    if not edit_hcl.is_plain(declaring[1].value) or getattr(declaring[1].value, "constant", "") is None:
        return None
    return SetArgument(declaring[0], ("variable", name), ("default",), value)


def _texts(directory: str) -> Iterator[tuple[str, str]]:
    """(path, text) of each file of a configuration."""
    for name in sorted(os.listdir(directory)):
        path = os.path.join(directory, name)
        if is_configuration(name) and os.path.isfile(path):
            try:
                with open(path, encoding="utf-8-sig", newline=None) as stream:
                    yield path, stream.read()
            except (OSError, UnicodeDecodeError):
                raise NotOffered("a file beside it cannot be read") from None


def _set_in_json(declared: Declared, path: tuple[Any, ...], value: Any) -> Operation:
    import json

    node: Any = json.loads(declared.file.text)
    steps: list[str | int] = []
    for step in (declared.block.type, *declared.block.labels, *path):
        if isinstance(node, list) and not isinstance(step, int):
            if len(node) != 1:
                raise NotOffered("it stands in a list of several in JSON syntax")
            steps.append(0)
            node = node[0]
        if isinstance(step, int) and not isinstance(node, list):
            if step:
                raise NotOffered("it stands in an object of its own in JSON syntax")
            continue
        steps.append(step)
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            node = None
    if isinstance(node, str) and ("${" in node or "%{" in node):
        raise NotOffered("its value is an expression")
    if isinstance(value, Raw | JsonText):
        raise NotOffered("it is written in JSON syntax")
    return SetValue(declared.file.path, tuple(steps), value)


# Companions


def _beside(edit: Beside, own: Piece) -> Operation:
    cloud_control = own.table.source.startswith(CLOUD_CONTROL)
    made: list[Operation] = []
    for source, tables in tables_of().items():
        for table in tables:
            if (
                table.cls.type != edit.type
                or table.by
                or table.gathers
                or table.when
                or source.startswith(CLOUD_CONTROL)
            ):
                continue
            found = [table.settings((name,), value, {}) for name, value in edit.document.items()]
            if all(one is not None for one in found) and not cloud_control:
                _companion(source, own, [setting for one in found for setting in one or ()], made)
                return made[0]
    raise NotOffered(f"how Terraform makes a {edit.type} is not known here")


def _companion(source: str, own: Piece, settings: list[Setting], made: list[Operation]) -> None:
    """Add to `made` a resource of the type `source` beside `own`; with what is asked of it already, as one."""
    declared = _declared(own.body)
    if declared.file.name.endswith(".json"):
        raise NotOffered("a resource would be added, and its file is in JSON syntax")
    name = declared.block.labels[1]
    key = ("resource", source, name)
    for position, one in enumerate(made):
        if isinstance(one, AddBlock) and one.block == key:
            more = [_bound(setting, declared) for setting in settings if setting[1] != Reference()]
            made[position] = AddBlock(one.file, one.after, key, [*one.arguments, *more])
            return
    for _, text in _texts(os.path.dirname(declared.file.path)):
        if re.search(rf'\bresource\s+"?{re.escape(source)}"?\s+"?{re.escape(name)}"?\s*{{', text):
            raise NotOffered(f"there is another {source} of its name")
    first: list[Setting] = []
    for meta in ("count", "for_each", "provider"):
        attribute = declared.argument(meta)
        if attribute is not None:
            written = declared.file.text.removeprefix("\ufeff")[attribute.at : attribute.end].rstrip()
            first.append(((meta,), Raw(written)))
    arguments = [*first, *(_bound(one, declared) for one in settings)]
    made.append(AddBlock(declared.file.path, _key(declared), key, arguments))


def _bound(setting: Setting, declared: Declared) -> Setting:
    path, value = setting
    kind, name = declared.block.labels
    index = "[count.index]" if declared.argument("count") else "[each.key]" if declared.argument("for_each") else ""
    return path, _with_references(value, f"{kind}.{name}{index}")


def _with_references(value: Any, thing: str) -> Any:
    if isinstance(value, Reference):
        named = f"{thing}.{value.attribute.lower() or 'id'}"
        return Raw(f'"${{{named}}}{value.suffix}"' if value.suffix else named)
    if isinstance(value, JsonText):
        return JsonText(_with_references(value.value, thing))
    if isinstance(value, dict):
        return {key: _with_references(one, thing) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_with_references(one, thing) for one in value]
    return value
