"""Reads YAML and JSON text into plain values, and remembers the line of each.

Nothing is ever constructed by tag: the text becomes mappings, lists, texts, numbers and truth values.  CloudFormation's
short forms (``!Ref Name``) become their long forms (``{"Ref": "Name"}``).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode

try:
    from yaml.cyaml import CParser  # type: ignore[attr-defined]

    _HAS_C = True
except ImportError:  # PyYAML was built without libyaml
    _HAS_C = False

DEPTH_MAX = 100  # how deep values may nest; the deepest templates seen reach 30
VALUES_MAX = 1_000_000  # how many values a text may have once its aliases are written out

LineTable = dict[str, int] | list[int]

_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(\.[0-9]*)?(?:[eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, Any] = {
    **{word: True for one in ("true", "yes", "on") for word in (one, one.title(), one.upper())},
    **{word: False for one in ("false", "no", "off") for word in (one, one.title(), one.upper())},
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}
_MAYBE_SPECIAL = frozenset("0123456789-+tTfFyYnNoO~")
_SURROGATES = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")


class TextError(Exception):
    """A text that cannot be read: `line` (from 1, or None) and `why`, one line for people."""

    def __init__(self, line: int | None, why: str) -> None:
        super().__init__(why)
        self.line = line
        self.why = why


@dataclass(slots=True)
class Text:
    """What a text says.

    `value` is its first document.  `lines` has, by `id()` of each mapping and list, that container (so that it stays
    alive and its id stays its own) and the lines of its keys or elements.  `dynamic` holds the ids of the containers
    with an intrinsic function or dynamic reference anywhere inside: all others stand for themselves.  `problems` are
    (line, why).
    """

    value: Any = None
    lines: dict[int, tuple[Any, LineTable]] = field(default_factory=dict)
    dynamic: set[int] = field(default_factory=set)
    problems: list[tuple[int, str]] = field(default_factory=list)

    def line(self, container: Any, key: Any) -> int | None:
        """The line of a key of a mapping, or of an element of a list."""
        found = self.lines.get(id(container))
        if found is None:
            return None
        try:
            return found[1][key]
        except (KeyError, IndexError, TypeError):
            return None


if _HAS_C:

    class _Composer(CParser):
        """libyaml's composer without tag resolution, and with a limit on depth (beyond it libyaml would crash)."""

        def __init__(self, text: str) -> None:
            CParser.__init__(self, text)
            self.depth = 0

        def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
            return ""

        def descend_resolver(self, parent: Any, index: Any) -> None:
            self.depth += 1
            if self.depth > DEPTH_MAX:
                raise TextError(None, f"values nest deeper than {DEPTH_MAX} levels")

        def ascend_resolver(self) -> None:
            self.depth -= 1

else:

    class _Composer(yaml.SafeLoader):  # type: ignore[no-redef]
        """The same in pure Python."""

        def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
            return ""

        def dispose(self) -> None:
            pass


def read_text(text: str) -> Text:
    """What `text` (YAML or JSON) says.  Raises TextError."""
    start = text.lstrip()[:1]
    if start in ("{", "["):
        return _read_json(text)
    return _read_yaml(text)


def _read_json(text: str) -> Text:
    """JSON is nearly YAML: read it as YAML for the lines, and as JSON where that fails."""
    as_yaml = text.replace("\t", " ") if "\t" in text else text
    if "\\u" in as_yaml:
        as_yaml = _SURROGATES.sub(lambda found: json.loads(f'"{found[0]}"'), as_yaml)
    try:
        return _read_yaml(as_yaml)
    except TextError as error:
        if error.line is None:
            raise
        flow = error
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise TextError(error.lineno, f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}") from None
    except RecursionError:
        raise TextError(None, f"values nest deeper than {DEPTH_MAX} levels") from None
    except ValueError as error:
        raise TextError(flow.line, f"not JSON: {error}") from None
    made = Text(value)
    _mark(value, made, 0)
    return made


def _mark(value: Any, text: Text, depth: int) -> bool:
    """Fill `dynamic` for values that came without lines."""
    if depth > DEPTH_MAX:
        raise TextError(None, f"values nest deeper than {DEPTH_MAX} levels")
    if isinstance(value, str):
        return "{{resolve:" in value
    if isinstance(value, dict):
        found = [_mark(one, text, depth + 1) for one in value.values()]
        lively = any(found) or any(is_function_key(key) for key in value)
    elif isinstance(value, list):
        lively = True in [_mark(one, text, depth + 1) for one in value]
    else:
        return False
    if lively:
        text.dynamic.add(id(value))
    return lively


def is_function_key(key: str) -> bool:
    """Whether a mapping's key is that of an intrinsic function."""
    return key == "Ref" or key.startswith("Fn::")


def _read_yaml(text: str) -> Text:
    loader: Any = None
    try:
        loader = _Composer(text)
        node = loader.get_node() if loader.check_node() else None
        more = node is not None and loader.check_node()
        second = loader.get_node() if more else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        why = error.problem or error.context or "it cannot be read"
        raise TextError(mark.line + 1 if mark is not None else 1, f"not YAML: {why}") from None
    except yaml.YAMLError as error:
        raise TextError(1, f"not YAML: {str(error).splitlines()[0]}") from None
    except TextError as error:
        raise TextError(error.line or 1, error.why) from None
    except RecursionError:
        raise TextError(1, f"values nest deeper than {DEPTH_MAX} levels") from None
    except (ValueError, AttributeError, TypeError, OverflowError, UnicodeError) as error:
        raise TextError(1, f"not YAML: {error}") from None
    finally:
        if loader is not None:
            loader.dispose()
    made = Text()
    if node is None:
        return made
    try:
        made.value, _ = _Plain(made, "&" in text).convert(node, 0)
        if "&" in text:
            _measure(made.value, {}, node)
    except RecursionError:
        raise TextError(node.start_mark.line + 1, f"values nest deeper than {DEPTH_MAX} levels") from None
    if second is not None:
        made.problems.append((second.start_mark.line + 1, "only the first document of the file is read"))
    return made


class _Plain:
    """Turns nodes into plain values."""

    def __init__(self, text: Text, aliases: bool) -> None:
        self.text = text
        self.aliases = aliases
        self.made: dict[int, tuple[Any, bool]] = {}

    def convert(self, node: Node, depth: int) -> tuple[Any, bool]:
        """The value, and whether a function or dynamic reference is in it."""
        if node.__class__ is ScalarNode:
            value: Any = node.value
            if node.tag and node.tag[0] == "!" and len(node.tag) > 1:
                return self._function(node, value)
            if not node.style and node.tag != "tag:yaml.org,2002:str" and (not value or value[0] in _MAYBE_SPECIAL):
                return _plain_scalar(value), False
            return value, "{{resolve:" in value
        if depth > DEPTH_MAX:
            raise TextError(node.start_mark.line + 1, f"values nest deeper than {DEPTH_MAX} levels")
        if self.aliases:
            known = self.made.get(id(node))
            if known is not None:
                return known
        if node.__class__ is MappingNode:
            value, lively = self._mapping(node, depth)
        else:
            value, lively = self._sequence(node, depth)
        if node.tag and node.tag[0] == "!" and len(node.tag) > 1:
            value, lively = self._function(node, value)
        if self.aliases:
            self.made[id(node)] = value, lively
        return value, lively

    def _sequence(self, node: Node, depth: int) -> tuple[Any, bool]:
        values: list[Any] = []
        lines: list[int] = []
        lively = False
        for one in node.value:
            value, alive = self.convert(one, depth + 1)
            values.append(value)
            lines.append(one.start_mark.line + 1)
            lively = lively or alive
        self._keep(values, lines, lively)
        return values, lively

    def _mapping(self, node: MappingNode, depth: int) -> tuple[Any, bool]:
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        lively = False
        merged: list[Any] = []
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if key_node.__class__ is not ScalarNode:
                self.text.problems.append((line, "a key is not a text; it and its value are left out"))
                continue
            key = key_node.value
            value, alive = self.convert(value_node, depth + 1)
            if key == "<<" and not key_node.style:
                merged += value if isinstance(value, list) else [value]
                lively = lively or alive
                continue
            if key in values:
                self.text.problems.append(
                    (line, f"{key} is written twice (first on line {lines[key]}); the last holds")
                )
            values[key] = value
            lines[key] = line
            lively = lively or alive or key == "Ref" or key.startswith("Fn::")
        for other in merged:
            if isinstance(other, dict):
                other_lines = self.text.lines[id(other)][1]
                for key, value in other.items():
                    if key not in values:
                        values[key] = value
                        lines[key] = other_lines[key]
        self._keep(values, lines, lively)
        return values, lively

    def _function(self, node: Node, value: Any) -> tuple[Any, bool]:
        name = node.tag[1:]
        key = name if name in ("Ref", "Condition") else f"Fn::{name}"
        made = {key: value}
        self._keep(made, {key: node.start_mark.line + 1}, True)
        return made, True

    def _keep(self, value: Any, lines: LineTable, lively: bool) -> None:
        self.text.lines[id(value)] = value, lines
        if lively:
            self.text.dynamic.add(id(value))


def _plain_scalar(value: str) -> Any:
    if value in _WORDS:
        return _WORDS[value]
    found = _NUMBER.match(value)
    if found is None or len(value) > 30:
        return value
    # 1e5 is a text more often than a number (a commit, an account alias): YAML 1.1 wants a dot.
    if found[1] is None:
        return int(value) if value.lstrip("+-").isdigit() else value
    return float(value)


def _measure(value: Any, known: dict[int, int], node: Node) -> int:
    """How many values there are once aliases are written out."""
    if not isinstance(value, dict | list):
        return 1
    size = known.get(id(value))
    if size is None:
        size = 1 + sum(_measure(one, known, node) for one in (value.values() if isinstance(value, dict) else value))
        if size > VALUES_MAX:
            line = node.start_mark.line + 1
            raise TextError(line, f"its aliases stand for more than {VALUES_MAX:,} values")
        known[id(value)] = size
    return size
