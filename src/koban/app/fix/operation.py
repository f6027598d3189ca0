"""One edit of one file, by what it does: so that several can be made one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from koban.app.fix import edit_hcl, edit_json, edit_yaml
from koban.model.fix import Element
from koban.sources.cloudformation.text import read_text


class NotOffered(Exception):
    """A finding whose fix cannot be written here; the message says why, in a few words that fit many findings."""


@dataclass(frozen=True)
class SetArgument:
    """Set an argument in a block of HCL."""

    file: str
    block: edit_hcl.Key
    path: edit_hcl.Path
    value: Any

    def apply(self, text: str) -> str:
        return edit_hcl.set_argument(text, self.block, self.path, self.value)


@dataclass(frozen=True)
class AddBlock:
    """Add a block of HCL behind another one."""

    file: str
    after: edit_hcl.Key
    block: edit_hcl.Key
    arguments: Sequence[tuple[edit_hcl.Path, Any]]

    def apply(self, text: str) -> str:
        return edit_hcl.add_block(text, self.after, self.block, self.arguments)


@dataclass(frozen=True)
class SetValue:
    """Set a value in YAML or JSON; a new key comes behind the key `after`, or last."""

    file: str
    path: tuple[str | int | Element, ...]
    value: Any
    after: str = ""

    def apply(self, text: str) -> str:
        set_value = edit_json.set_value if is_json(text) else edit_yaml.set_value
        path, value = counted(read_text(text).value, self.path, self.value)
        return set_value(text, path, value, self.after)


def counted(node: Any, path: tuple[str | int | Element, ...], value: Any) -> tuple[tuple[str | int, ...], Any]:
    """A path with its elements by their positions in `node`; one that is not there is added, with all that is in it."""
    steps: list[str | int] = []
    for at, step in enumerate(path):
        if isinstance(step, Element):
            listed = node if isinstance(node, list) else []
            keys = [str(one.get(step.key)) if isinstance(one, dict) else "" for one in listed]
            if step.value not in keys:
                for inner in reversed(path[at + 1 :]):
                    value = {inner: value}
                return (*steps, len(listed)), {step.key: step.value, **value}
            step = keys.index(step.value)
        steps.append(step)
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            node = None
    return tuple(steps), value


Operation = SetArgument | AddBlock | SetValue


def is_json(text: str) -> bool:
    """Whether a text is JSON rather than YAML, told as the reader tells it."""
    return text.lstrip()[:1] in ("{", "[")
