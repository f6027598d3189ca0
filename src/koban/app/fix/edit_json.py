"""Edits of JSON that leave everything else as it stands."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from koban.app.fix.edit import CannotEdit, indent_at, line_end, line_start

DEPTH_MAX = 200
_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_BARE = re.compile(r"true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


@dataclass(slots=True)
class Node:
    """A value of a text: `kind` is ``{``, ``[`` or empty; `items` are (start of the key, key, value)."""

    kind: str
    start: int
    end: int = 0
    items: list[tuple[int, str, Node]] = field(default_factory=list)


def parsed(text: str) -> Node:
    """Where each value of a text stands.  Raises CannotEdit."""
    node = _value(text, _skip(text, 0), 0)
    if _skip(text, node.end) < len(text):
        raise CannotEdit("something follows the JSON")
    return node


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _value(text: str, at: int, depth: int) -> Node:
    if depth > DEPTH_MAX:
        raise CannotEdit("its values nest too deeply")
    kind = text[at : at + 1]
    if kind not in ("{", "["):
        found = _STRING.match(text, at) or _BARE.match(text, at)
        if found is None:
            raise CannotEdit("it is not JSON")
        return Node("", at, found.end())
    node = Node(kind, at)
    closing = "}" if kind == "{" else "]"
    at = _skip(text, at + 1)
    while text[at : at + 1] != closing:
        start, key = at, ""
        if kind == "{":
            named = _STRING.match(text, at)
            if named is None:
                raise CannotEdit("it is not JSON")
            key = json.loads(named[0])
            at = _skip(text, named.end())
            if text[at : at + 1] != ":":
                raise CannotEdit("it is not JSON")
            at = _skip(text, at + 1)
        inner = _value(text, at, depth + 1)
        if kind == "{" and any(one[1] == key for one in node.items):
            raise CannotEdit(f"{key} is written twice")
        node.items.append((start, key, inner))
        at = _skip(text, inner.end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
            if text[at : at + 1] == closing:
                raise CannotEdit("it is not JSON")
        elif text[at : at + 1] != closing:
            raise CannotEdit("it is not JSON")
    node.end = at + 1
    return node


def inner(node: Node, step: str | int) -> Node | None:
    """The value of a key, or an element."""
    if isinstance(step, int):
        return node.items[step][2] if node.kind == "[" and step < len(node.items) else None
    return next((value for _, key, value in node.items if key == step), None) if node.kind == "{" else None


def set_value(text: str, path: tuple[str | int, ...], value: Any, after: str = "") -> str:
    """`text` with the value at `path` set; what is missing on the way is made.

    A new key comes behind the key `after`, or last.  Raises CannotEdit.
    """
    node = parsed(text)
    for position, step in enumerate(path):
        found = inner(node, step)
        if found is None:
            if isinstance(step, int) and (node.kind != "[" or step != len(node.items)):
                raise CannotEdit("a list is not as it was read")
            if isinstance(step, str) and node.kind != "{":
                raise CannotEdit(f"{path[position - 1] if position else 'it'} is not an object")
            return _added(text, node, step, _around(path[position + 1 :], value), after)
        node = found
    if node.kind and not (text[node.start : node.end] == "{}" or isinstance(value, list)):
        raise CannotEdit(f"{path[-1]} is an object")
    said = value
    if text[node.start] == '"' and isinstance(value, bool | int):
        said = "true" if value is True else "false" if value is False else str(value)  # written as a text here
    return text[: node.start] + _dumped(said, text, node) + text[node.end :]


def _around(path: tuple[str | int, ...], value: Any) -> Any:
    for step in reversed(path):
        value = [value] if isinstance(step, int) else {step: value}
    return value


def _step_of(text: str, node: Node) -> str:
    """By how much the text indents one level."""
    top = parsed(text)
    for _ in range(3):
        if not top.items:
            break
        start = top.items[0][0]
        own = indent_at(text, start)
        if not text[line_start(text, start) : start].strip():
            around = indent_at(text, top.start)
            return own[len(around) :] or "  "
        top = top.items[0][2]
    return "  "


def _dumped(value: Any, text: str, node: Node) -> str:
    if not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if "\n" not in text.strip():
        return _compact(text, value)
    lines = json.dumps(value, indent=_step_of(text, node), ensure_ascii=False).split("\n")
    return ("\n" + indent_at(text, node.start)).join(lines)


def _is_tight(text: str) -> bool:
    """Whether no space stands behind the colons of a text."""
    return re.search(r'":[^ ]', text) is not None and '": ' not in text


def _compact(text: str, value: Any) -> str:
    tight = _is_tight(text)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":") if tight else (", ", ": "))


def _added(text: str, node: Node, step: str | int, value: Any, after: str) -> str:
    named = json.dumps(step, ensure_ascii=False) if isinstance(step, str) else ""
    behind = next((one for one in node.items if one[1] == after), None) if after else None
    behind = behind or (node.items[-1] if node.items else None)
    colon = ":" if _is_tight(text) else ": "
    if behind is None:
        if "\n" not in text.strip():
            said = _compact(text, value)
            return text[: node.start + 1] + (named + colon if named else "") + said + text[node.end - 1 :]
        indent = indent_at(text, node.start)
        one = indent + _step_of(text, node)
        said = _lines(value, text, node, one)
        return f"{text[: node.start + 1]}\n{one}{named + colon if named else ''}{said}\n{indent}{text[node.end - 1 :]}"
    start, at = behind[0], behind[2].end
    own_line = not text[line_start(text, start) : start].strip() and line_end(text, start) <= line_end(text, at)
    if own_line and text[:start].strip():
        one = indent_at(text, start)
        said = _lines(value, text, node, one)
        return f"{text[:at]},\n{one}{named + colon if named else ''}{said}{text[at:]}"
    said = _compact(text, value)
    comma = "," if colon == ":" else ", "
    return f"{text[:at]}{comma}{named + colon if named else ''}{said}{text[at:]}"


def _lines(value: Any, text: str, node: Node, indent: str) -> str:
    if not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    lines = json.dumps(value, indent=_step_of(text, node), ensure_ascii=False).split("\n")
    return f"\n{indent}".join(lines)
