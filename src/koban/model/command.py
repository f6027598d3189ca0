"""A command of the AWS CLI that mends one finding in a live account, as data.

It is shown, for a person to read and run; Koban itself runs none.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_FIELD = re.compile(r"\{([A-Za-z][A-Za-z0-9.]*)\}")
_CHOICE = re.compile(r"<[A-Z_]+>")
_registry: dict[str, Command] = {}


@dataclass(frozen=True, slots=True)
class Command:
    """What to type so that a finding of `rule` goes away.

    `words` are those of a shell; in them ``{Path.To.Property}`` is taken from the resource's document, and ``{name}``,
    ``{arn}``, ``{account}`` and ``{region}`` from the finding.  ``<SOMETHING>`` is for a person to choose.  `note` is
    what else it changes.  `everywhere` is true where the service knows no regions.
    """

    rule: str
    words: tuple[str, ...]
    note: str = ""
    everywhere: bool = False

    @property
    def choices(self) -> tuple[str, ...]:
        """What a person has to choose before it can be run."""
        return tuple(dict.fromkeys(found for word in self.words for found in _CHOICE.findall(word)))

    @property
    def template(self) -> str:
        """The line before it is filled in, for whoever reads about the rule."""
        return shlex.join(self.words)

    @property
    def remark(self) -> str:
        """What else it does, in brackets; empty where it does nothing else."""
        return f" ({self.note})" if self.note else ""


def command(rule: str, line: str, *, note: str = "", everywhere: bool = False) -> None:
    """Declare the command for a rule.  Raises TypeError for a rule that has another already."""
    made = Command(rule, tuple(shlex.split(line)), note, everywhere)
    if made.words[:1] != ("aws",) or len(made.words) < 3:
        raise TypeError(f"the command of {rule} is none of the AWS CLI")
    if _registry.setdefault(rule, made) != made:
        raise TypeError(f"rule {rule} has two commands")


def declared_commands() -> dict[str, Command]:
    """Every command declared so far, by rule."""
    return {rule: _registry[rule] for rule in sorted(_registry)}


def filled(
    command: Command, document: Any, *, name: str = "", uid: str = "", account: str = "", region: str = ""
) -> str | None:
    """The line to paste into a shell, quoted.  None where something that it names is not known."""
    known = {"name": name, "arn": uid if uid.startswith("arn:") else "", "account": account, "region": region}
    words = []
    for word in command.words:
        missing = False

        def value(found: re.Match[str]) -> str:
            nonlocal missing
            said = known[found[1]] if found[1] in known else _at(document, found[1])
            missing = missing or not said
            return said

        made = _FIELD.sub(value, word)
        if missing:
            return None
        words.append(made)
    if region and not command.everywhere:
        words += ["--region", region]
    return shlex.join(words)


def _at(document: Any, path: str) -> str:
    """The text at a path; empty where there is none, or where it is no plain value."""
    for step in path.split("."):
        document = document.get(step) if isinstance(document, Mapping) else None
    if isinstance(document, bool) or not isinstance(document, str | int):
        return ""
    text = str(document)
    # what would be taken for an option, or holds what no name holds, is not put into a command
    return "" if text.startswith("-") or any(ord(one) < 32 for one in text) else text
