"""Edits of YAML that leave everything else as it stands: comments, quotes, indentation, anchors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from koban.app.fix.edit import CannotEdit, line_end, line_start

Path = tuple[str | int, ...]
PLAIN = re.compile(r"[A-Za-z][\w./:+*-]*(?<![:])\Z")
_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"\\]|\\.)*\"""")
WORDS = re.compile(r"(?i)(?:true|false|yes|no|on|off|null|y|n)\Z")


class _Composer(yaml.SafeLoader):
    """Nodes with their marks, without resolving tags."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        return ""


def composed(text: str) -> Node:
    """The nodes of the first document of a text.  Raises CannotEdit."""
    try:
        loader = _Composer(text)
        node = loader.get_node() if loader.check_node() else None
        more = node is not None and loader.check_node()
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise CannotEdit(f"it is not YAML: {str(error).splitlines()[0]}") from None
    if node is None or more:
        raise CannotEdit("it is not one YAML document")
    return node


def inner(node: Node, step: str | int) -> Node | None:
    """The value of a key, or an element."""
    if isinstance(node, SequenceNode):
        return node.value[step] if isinstance(step, int) and step < len(node.value) else None
    if isinstance(node, MappingNode):
        found = [value for key, value in node.value if isinstance(key, ScalarNode) and key.value == step]
        if len(found) > 1:
            raise CannotEdit(f"{step} is written twice")
        return found[0] if found else None
    return None


def at_path(text: str, path: Path) -> Node | None:
    """The node at a path, where it is there."""
    node: Node | None = composed(text)
    for step in path:
        node = inner(node, step) if node is not None else None
    return node


def shared(root: Node) -> set[int]:
    """The ids of the nodes that stand in several places, through an anchor."""
    seen: dict[int, int] = {}

    def walk(node: Node) -> None:
        seen[id(node)] = seen.get(id(node), 0) + 1
        if seen[id(node)] == 1:
            for one in _children(node):
                walk(one)

    walk(root)
    return {one for one, count in seen.items() if count > 1}


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield key
            yield value
    elif isinstance(node, SequenceNode):
        yield from node.value


def set_value(text: str, path: Path, value: Any, after: str = "") -> str:
    """`text` with the value at `path` set; what is missing on the way is made.

    A new key comes behind the key `after`, or last.  Raises CannotEdit.
    """
    root = composed(text)
    anchored = shared(root)
    node = root
    for position, step in enumerate(path):
        if id(node) in anchored:
            raise CannotEdit("it is written behind an anchor that is used elsewhere too")
        if node.tag.startswith("!"):
            raise CannotEdit(f"{_named(path[:position])} is the function {node.tag}")
        found = inner(node, step)
        if found is None:
            rest = _around(path[position + 1 :], value)
            if isinstance(node, ScalarNode) and not node.value and not node.style:
                return _filled(text, node, root, step, rest)
            return _added(text, node, root, step, rest, after, _named(path[:position]))
        node = found
    return _replaced(text, node, anchored, value, _named(path))


def _named(path: Path) -> str:
    return str(path[-1]) if path else "the template"


def _around(path: Path, value: Any) -> Any:
    for step in reversed(path):
        value = [value] if isinstance(step, int) else {step: value}
    return value


def _replaced(text: str, node: Node, anchored: set[int], value: Any, name: str) -> str:
    start, end = node.start_mark.index, node.end_mark.index
    if id(node) in anchored or text[start : start + 1] in ("&", "*"):
        raise CannotEdit(f"{name} is written behind an anchor")
    if node.tag.startswith("!"):
        raise CannotEdit(f"{name} is the function {node.tag}")
    if isinstance(node, ScalarNode):
        if node.style in ("|", ">"):
            raise CannotEdit(f"{name} is written over several lines")
        if not isinstance(value, dict | list):
            if start == end:
                return f"{text[:start]} {scalar(value)}{text[end:]}"
            said = scalar(value)
            if node.style in ("'", '"') and not isinstance(value, str):
                said = node.style + said + node.style  # written as a text here
            elif node.style in ("'", '"') and isinstance(value, str):
                said = node.style + value + node.style if _is_simple(value) else json.dumps(value)
            return text[:start] + said + text[end:]
        if start == end and not node.style:
            raise CannotEdit(f"{name} is empty")
    if isinstance(value, list) and isinstance(node, SequenceNode):
        if node.flow_style:
            return text[:start] + flow(value) + text[end:]
        indent = " " * node.start_mark.column
        stop = end_of(text, node)
        if "#" in text[start:stop]:
            raise CannotEdit(f"{name} has comments in it")
        return text[:start] + f"\n{indent}".join(block(value)) + text[stop:]
    raise CannotEdit(f"{name} is written as {'a list' if isinstance(node, SequenceNode) else 'a mapping'}")


def _is_simple(value: str) -> bool:
    return not re.search(r"[\\'\"\n\t]", value)


def _filled(text: str, node: ScalarNode, root: Node, step: str | int, value: Any) -> str:
    """A key whose value is empty gets a mapping or a list."""
    at = node.start_mark.index
    start = line_start(text, at)
    indent = len(text[start:at]) - len(text[start:at].lstrip(" "))
    between = text[at : line_end(text, at)]
    if between.strip() and not between.lstrip().startswith("#"):
        raise CannotEdit("it stands in a line with others")
    lines = block([value] if isinstance(step, int) else {step: value}, step_of(root))
    inside = " " * (indent + step_of(root))
    end = line_end(text, at)
    return _inserted(text, end, [inside + one for one in lines])


def _inserted(text: str, at: int, lines: list[str]) -> str:
    """New lines at the beginning of a line."""
    made = "\n".join(lines)
    if at == len(text) and not text.endswith("\n"):
        return f"{text}\n{made}"
    return f"{text[:at]}{made}\n{text[at:]}"


def _added(text: str, node: Node, root: Node, step: str | int, value: Any, after: str, name: str) -> str:
    if isinstance(step, int):
        if not isinstance(node, SequenceNode) or step != len(node.value):
            raise CannotEdit(f"the list {name} is not as it was read")
    elif not isinstance(node, MappingNode):
        raise CannotEdit(f"{name} is not a mapping")
    else:
        for key, _ in node.value:
            if isinstance(key, ScalarNode) and (key.value == "<<" or _is_function(key.value)):
                raise CannotEdit(f"{name} is made by {key.value}")
    if isinstance(node, MappingNode | SequenceNode) and node.flow_style:
        return _added_in_flow(text, node, step, value)
    if not node.value:
        raise CannotEdit(f"{name} is empty")
    behind = node.value[-1][1] if isinstance(node, MappingNode) else node.value[-1]
    if after and isinstance(node, MappingNode):
        behind = next((one for key, one in node.value if key.value == after), behind)
    column = node.value[0][0].start_mark.column if isinstance(node, MappingNode) else node.start_mark.column
    indent = " " * column
    at = line_end(text, max(end_of(text, behind) - 1, 0))
    lines = block([value] if isinstance(step, int) else {step: value}, step_of(root))
    made = [indent + one if one else one for one in lines]
    if after and _are_apart(text, node):
        made.insert(0, "")
    return _inserted(text, at, made)


def _is_function(key: str) -> bool:
    return key == "Ref" or key.startswith("Fn::")


def _are_apart(text: str, node: Node) -> bool:
    """Whether a blank line stands between the entries of a mapping; where there is one entry, there should be."""
    keys = [key for key, _ in node.value]
    if len(keys) < 2:
        return False
    start = line_start(text, keys[1].start_mark.index)
    return any(not one.strip() for one in text[end_of(text, node.value[0][1]) : start].split("\n")[1:-1])


def end_of(text: str, node: Node) -> int:
    """Where a node really ends: the marks of a block's end are where the next thing begins."""
    if isinstance(node, ScalarNode):
        if node.style in ("|", ">"):
            whole = text[node.start_mark.index : node.end_mark.index]
            header = whole.split("\n", 1)[0]
            return node.end_mark.index if "+" in header else node.start_mark.index + len(whole.rstrip())
        return int(node.end_mark.index)
    if not isinstance(node, MappingNode | SequenceNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    if isinstance(node, MappingNode):
        key, value = last
        return max(end_of(text, value), int(key.end_mark.index))
    return end_of(text, last)


def step_of(root: Node) -> int:
    """By how many columns the text indents a level."""
    for _, value in root.value if isinstance(root, MappingNode) else ():
        if isinstance(value, MappingNode | SequenceNode) and not value.flow_style and value.value:
            column = value.start_mark.column
            if column:
                return int(column)
    return 2


def _added_in_flow(text: str, node: MappingNode | SequenceNode, step: str | int, value: Any) -> str:
    start, end = node.start_mark.index, node.end_mark.index
    first = node.value[0] if node.value else None
    quote = isinstance(first, tuple) and first[0].style == '"'
    said = flow(value, quote)
    if isinstance(step, str):
        said = f"{json.dumps(step) if quote else scalar(step)}: {said}"
    if not node.value:
        return f"{text[:start]}{text[start]}{said}{text[end - 1 :]}"
    last = node.value[-1][1] if isinstance(node, MappingNode) else node.value[-1]
    at = last.end_mark.index
    if "#" in _QUOTED.sub("", text[start:end]):
        raise CannotEdit("it is written in one bracket with comments")
    key = node.value[-1][0] if isinstance(node, MappingNode) else node.value[-1]
    begins = key.start_mark.index
    before = text[line_start(text, begins) : begins]
    if not before.strip() and begins > start:
        return f"{text[:at]},\n{before}{said}{text[at:]}"
    return f"{text[:at]}, {said}{text[at:]}"


# Values


def scalar(value: Any) -> str:
    """A value that is no mapping and no list, as YAML."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return value if PLAIN.match(value) and not WORDS.match(value) else json.dumps(value, ensure_ascii=False)
    raise CannotEdit(f"{type(value).__name__} cannot be written in YAML")


def _short(value: Any) -> str | None:
    """The short form of a function; None for what is none."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    ((key, argument),) = value.items()
    if key == "Fn::GetAtt":
        return f"!GetAtt {'.'.join(argument)}"
    if _is_function(key) and isinstance(argument, str):
        return f"!{key.removeprefix('Fn::')} {scalar(argument)}"
    return None


def flow(value: Any, quote: bool = False) -> str:
    """A value in one line."""
    short = _short(value)
    if short is not None and not quote:
        return short
    if isinstance(value, list):
        return f"[{', '.join(flow(one, quote) for one in value)}]"
    if isinstance(value, dict):
        inside = ", ".join(f"{json.dumps(k) if quote else scalar(k)}: {flow(v, quote)}" for k, v in value.items())
        return f"{{{inside}}}"
    return json.dumps(value, ensure_ascii=False) if quote else scalar(value)


def block(value: Any, step: int = 2) -> list[str]:
    """The lines of a mapping or a list."""
    made: list[str] = []
    if isinstance(value, dict):
        for key, one in value.items():
            short = _short(one)
            if short is not None or not isinstance(one, dict | list) or not one:
                made.append(f"{scalar(key)}: {short or flow(one)}")
            else:
                made.append(f"{scalar(key)}:")
                made += [" " * step + line for line in block(one, step)]
        return made
    for one in value:
        short = _short(one)
        if short is not None or not isinstance(one, dict | list) or not one:
            made.append(f"- {short or flow(one)}")
        else:
            lines = block(one, step)
            made += [f"- {lines[0]}", *("  " + line for line in lines[1:])]
    return made
