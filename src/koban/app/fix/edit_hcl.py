"""Edits of HCL that leave everything else as it stands, aligned as ``terraform fmt`` aligns."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from koban.app.fix.edit import CannotEdit, indent_at, line_end, line_start
from koban.sources.terraform.expressions import Expression, Literal, Template, Tuple
from koban.sources.terraform.mapping import JsonText
from koban.sources.terraform.syntax import Attribute, Block, Body, SyntaxProblem, parse

Key = tuple[str, ...]  # a block's type and labels
Path = tuple[Any, ...]  # names of blocks with their positions, and at the end that of an argument
FIRST_ARGUMENTS = ("count", "for_each", "provider", "source", "version")
LAST_ARGUMENTS = ("depends_on", "tags")
STEP = "  "


@dataclass(frozen=True, slots=True)
class Raw:
    """An expression, written as it is."""

    text: str


def find(body: Body, key: Key) -> Block | None:
    """The block of a file by its type and labels."""
    return next((one for one in body.blocks if (one.type, *one.labels) == key), None)


def parsed(text: str) -> Body:
    try:
        return parse(text)
    except SyntaxProblem as problem:
        raise CannotEdit(f"line {problem.line}: {problem.why}") from None


def inner_block(block: Block, name: str, position: int) -> Block | None:
    """The nested block of a name at a position; None where it is not there yet.  Raises CannotEdit."""
    if name in block.body.attributes:
        raise CannotEdit(f"{name} is written as a value, not as a block")
    plain = list(block.body.blocks_of(name))
    dynamic = [one for one in block.body.blocks_of("dynamic") if one.labels == (name,)]
    if dynamic:
        contents = list(dynamic[0].body.blocks_of("content"))
        if plain or len(dynamic) > 1 or len(contents) != 1:
            raise CannotEdit(f"{name} is written as a dynamic block among others")
        return contents[0]
    if position > len(plain):
        raise CannotEdit(f"{name} has no block {position}")
    return plain[position] if position < len(plain) else None


def argument(block: Block, path: Path) -> Attribute | None:
    """The argument at a path; None where it is not written.  Raises CannotEdit where it cannot be told."""
    name, *rest = path
    if not rest:
        return block.body.attributes.get(name)
    position = rest.pop(0)
    inner = inner_block(block, name, position)
    return None if inner is None else argument(inner, tuple(rest))


def is_plain(value: Expression) -> bool:
    """Whether an expression is a value written out."""
    if isinstance(value, Tuple):
        return all(is_plain(one) for one in value.elements)
    return isinstance(value, Literal) or (isinstance(value, Template) and value.known_text() is not None)


def set_argument(text: str, key: Key, path: Path, value: Any) -> str:
    """`text` with the argument at `path` of block `key` set to `value`.  Raises CannotEdit."""
    block = find(parsed(text), key)
    if block is None:
        raise CannotEdit(f"there is no {' '.join(key)}")
    return _set(text, block, path, value)


def _set(text: str, block: Block, path: Path, value: Any) -> str:
    name, *rest = path
    if rest:
        position = rest.pop(0)
        inner = inner_block(block, name, position)
        if inner is not None:
            return _set(text, inner, tuple(rest), value)
        return _add_lines(text, block, _nested(name, tuple(rest), value), apart=True)
    there = block.body.attributes.get(name)
    if name in (one.type for one in block.body.blocks):
        raise CannotEdit(f"{name} is written as a block, not as a value")
    if there is None:
        return _add_argument(text, block, name, value)
    if not is_plain(there.value):
        raise CannotEdit(f"{name} is an expression")
    start, end = _span(text, there)
    return _with_comments(text[:start] + rendered(value, indent_at(text, start)) + text[end:], start, text)


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\w.+-]+')


def _span(text: str, there: Attribute) -> tuple[int, int]:
    """Where the value of an argument stands.  Raises CannotEdit."""
    if isinstance(there.value, Tuple):
        end = there.at + len(text[there.at : there.end].rstrip())
        if text[end - 1] != "]" or text[there.at] != "[":
            raise CannotEdit(f"{there.name} has a comment behind it")
        if "#" in text[there.at : end] or "//" in text[there.at : end] or "/*" in text[there.at : end]:
            raise CannotEdit(f"{there.name} has comments in it")
        return there.at, end
    found = _TOKEN.match(text, there.at)
    if found is None or found.end() > there.end:
        raise CannotEdit(f"{there.name} is written over several lines")
    return found.span()


def _nested(name: str, path: Path, value: Any) -> list[str]:
    """The lines of a new nested block with one argument in it."""
    inner, *rest = path
    lines = _nested(inner, tuple(rest[1:]), value) if rest else _assigned(inner, value)
    return [f"{name} {{", *(STEP + one for one in lines), "}"]


def _assigned(name: str, value: Any) -> list[str]:
    return f"{name} = {rendered(value)}".split("\n")


def _own_indent(text: str, block: Block) -> str:
    starts = [one.start for one in block.body.attributes.values()] + [one.start for one in block.body.blocks]
    on_lines = [one for one in starts if not text[line_start(text, one) : one].strip()]
    return indent_at(text, on_lines[0]) if on_lines else indent_at(text, block.start) + STEP


def _opened(text: str, block: Block) -> tuple[str, Block]:
    """The text with a block that is written in one line on several, and that block."""
    last = block.end - 1
    if "\n" in text[block.inner : last]:
        return text, block
    inside = text[block.inner : last].strip()
    indent = indent_at(text, block.start)
    if text[line_start(text, block.start) : block.start].strip():
        raise CannotEdit(f"{block.type} stands in a line with others")
    between = f"\n{indent}{STEP}{inside}" if inside else ""
    made = text[: block.inner] + f"{between}\n{indent}" + text[last:]
    body = parsed(made)
    found = _at(body, block.start)
    if found is None:
        raise CannotEdit(f"{block.type} cannot be opened up")
    return made, found


def _at(body: Body, start: int) -> Block | None:
    for one in body.blocks:
        if one.start == start:
            return one
        if one.start < start < one.end:
            return _at(one.body, start)
    return None


def _add_argument(text: str, block: Block, name: str, value: Any) -> str:
    text, block = _opened(text, block)
    indent = _own_indent(text, block)
    lines = [indent + one if one else one for one in _assigned(name, value)]
    first_block = min((one.start for one in block.body.blocks), default=len(text))
    before = [
        one
        for one in block.body.attributes.values()
        if one.start < first_block and one.name not in FIRST_ARGUMENTS + LAST_ARGUMENTS and _is_one_line(text, one)
    ]
    if before:
        at = line_end(text, before[-1].at)
    else:
        first = [
            one for one in block.body.attributes.values() if one.name in FIRST_ARGUMENTS and one.start < first_block
        ]
        if first:
            at = line_end(text, first[-1].end - 1 if text[first[-1].end - 1] == "\n" else first[-1].end)
            lines.insert(0, "")
        else:
            at = line_end(text, block.inner)
            follows = min((one.start for one in block.body.blocks), default=None)
            if follows is not None and not block.body.attributes and not text[at : line_end(text, at)].strip() == "":
                lines.append("")
    made = text[:at] + "\n".join(lines) + "\n" + text[at:]
    return _with_neighbours(made, at + (1 if lines[0] == "" else 0))


def _is_one_line(text: str, one: Attribute) -> bool:
    return "\n" not in text[one.start : one.end].rstrip() and not text[line_start(text, one.start) : one.start].strip()


def _add_lines(text: str, block: Block, lines: Sequence[str], apart: bool) -> str:
    """New lines at the end of a block's body."""
    text, block = _opened(text, block)
    indent = _own_indent(text, block)
    at = line_start(text, block.end - 1)
    if text[at : block.end - 1].strip():
        raise CannotEdit(f"the }} of {block.type} stands in a line with others")
    inside = text[block.inner : at].strip()
    blank = text[:at].endswith("\n\n") or not inside or not apart
    made = "".join(f"{indent}{one}\n" if one else "\n" for one in lines)
    return text[:at] + ("" if blank else "\n") + made + text[at:]


def add_block(text: str, after: Key, key: Key, arguments: Sequence[tuple[Path, Any]]) -> str:
    """`text` with a new block `key` behind the block `after`; with its arguments set where it is there already."""
    body = parsed(text)
    if find(body, key) is None:
        beside = find(body, after)
        if beside is None:
            raise CannotEdit(f"there is no {' '.join(after)}")
        at = line_end(text, beside.end)
        header = " ".join((key[0], *(json.dumps(label) for label in key[1:])))
        end = "" if text[:at].endswith("\n") else "\n"
        text = f"{text[:at]}{end}\n{header} {{\n}}\n{text[at:]}"
    for path, value in arguments:
        text = set_argument(text, key, path, value)
    return text


# Values

_IDENTIFIER = re.compile(r"[^\W\d][\w-]*\Z")


def rendered(value: Any, indent: str = "") -> str:
    """A value as an expression; what takes several lines has those behind the first indented."""
    lines = _lines_of(value)
    return "\n".join([lines[0], *(indent + one for one in lines[1:])])


def _lines_of(value: Any) -> list[str]:
    if isinstance(value, Raw):
        return [value.text]
    if isinstance(value, JsonText):
        lines = _lines_of(value.value)
        return (
            [f"jsonencode({lines[0]}", *lines[1:-1], f"{lines[-1]})"] if len(lines) > 1 else [f"jsonencode({lines[0]})"]
        )
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, int | float):
        return [str(value)]
    if isinstance(value, str):
        return [quoted(value)]
    if isinstance(value, list | tuple):
        elements = [_lines_of(one) for one in value]
        if all(len(one) == 1 for one in elements):
            return [f"[{', '.join(one[0] for one in elements)}]"]
        made = ["["]
        for one in elements:
            made += [STEP + line for line in one]
            made[-1] += ","
        return [*made, "]"]
    if isinstance(value, dict):
        if not value:
            return ["{}"]
        made = []
        for name, one in value.items():
            lines = _lines_of(one)
            shown = name if _IDENTIFIER.match(name) else quoted(name)
            made += [f"{STEP}{shown} = {lines[0]}", *(STEP + line for line in lines[1:])]
        return ["{", *aligned(made), "}"]
    raise CannotEdit(f"{type(value).__name__} cannot be written in HCL")


def quoted(value: str) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("${", "$${").replace("%{", "%%{")


# Alignment

_ASSIGNED = re.compile(r'^(\s*(?:[^\W\d][\w-]*|"(?:[^"\\]|\\.)*"|\([^()]*\)))([ \t]*)(=(?![=>]).*)$')
_OUTSIDE = re.compile(r'"(?:[^"\\]|\\.)*"|#.*|//.*|/\*.*?\*/')
_COMMENT = re.compile(r'^((?:[^"#/]|"(?:[^"\\]|\\.)*"|/(?![/*]))*?\S)([ \t]+)((?:#|//).*)$')


def _cells(line: str) -> tuple[str, str, str] | None:
    """What stands before the = of a line, the space between, and the rest; None for lines that are not aligned."""
    found = _ASSIGNED.match(line)
    if found is None:
        return None
    code = _OUTSIDE.sub("", found[3])
    net = sum(code.count(one) for one in "([{") - sum(code.count(one) for one in ")]}")
    return None if net else (found[1], found[2], found[3])


def aligned(lines: Sequence[str]) -> list[str]:
    """Lines with the = of neighbours under one another."""
    made = list(lines)
    at = 0
    while at < len(made):
        end = at
        while end < len(made) and _cells(made[end]) is not None:
            end += 1
        if end > at:
            made[at:end] = _together(made[at:end])
        at = end + 1
    return made


def _together(lines: Sequence[str]) -> list[str]:
    cells = [_cells(one) for one in lines]
    width = max(len(one[0]) for one in cells if one is not None)
    return [f"{one[0]:<{width}} {one[2]}" for one in cells if one is not None]


def _comments_together(lines: Sequence[str]) -> list[str]:
    found = [_COMMENT.match(one) for one in lines]
    width = max(len(one[1]) for one in found if one is not None)
    return [f"{one[1]:<{width}} {one[3]}" for one in found if one is not None]


def _with_neighbours(text: str, at: int) -> str:
    """The text with the new line at `at` aligned with its neighbours, if those were aligned; else they stay."""
    lines = text.split("\n")
    here = text.count("\n", 0, at)
    first, last = _chain(lines, here, lambda line: _cells(line) is not None)
    others = [*lines[first:here], *lines[here + 1 : last + 1]]
    if others and _together(others) == others:
        lines[first : last + 1] = _together(lines[first : last + 1])
    elif others:
        lines[here] = _like(lines[here], others[max(0, here - first - 1)])
    return "\n".join(lines)


def _with_comments(text: str, at: int, before: str) -> str:
    """The text with the comment behind the line at `at` under those around it, if that is how it was `before`."""
    lines, originals = text.split("\n"), before.split("\n")
    here = text.count("\n", 0, at)
    if len(lines) != len(originals):
        return text
    first, last = _chain(lines, here, lambda line: _COMMENT.match(line) is not None)
    was = originals[first : last + 1]
    if was and all(_COMMENT.match(one) for one in was) and _comments_together(was) == was:
        lines[first : last + 1] = _comments_together(lines[first : last + 1])
    return "\n".join(lines)


def _like(line: str, other: str) -> str:
    mine, theirs = _cells(line), _cells(other)
    if mine is None or theirs is None:
        return line
    column = len(theirs[0]) + len(theirs[1])
    if theirs[2][1:2] != " ":
        mine = mine[0], mine[1], "=" + mine[2][1:].lstrip()
    return f"{mine[0]:<{max(column, len(mine[0]) + bool(theirs[1]))}}{mine[2]}"


def _chain(lines: Sequence[str], here: int, belongs: Any) -> tuple[int, int]:
    """The first and the last of the lines around `here` that belong together; an empty range where `here` does not."""
    if here >= len(lines) or not belongs(lines[here]):
        return here, here - 1
    first = last = here
    while first > 0 and belongs(lines[first - 1]):
        first -= 1
    while last + 1 < len(lines) and belongs(lines[last + 1]) and "<<" not in lines[last]:
        last += 1
    return first, last
