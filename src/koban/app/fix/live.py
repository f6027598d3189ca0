"""The command that mends one finding in a live account: shown to people, never run by Koban."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from koban.model.command import filled
from koban.rules.commands import every_command


@dataclass(frozen=True)
class Typed:
    """A line to paste into a shell.  `choices` are to be replaced first; `note` is what else it changes."""

    line: str
    choices: tuple[str, ...] = ()
    note: str = ""


def typed(rule: str, document: Any, *, name: str, uid: str, account: str, region: str) -> Typed | None:
    """The command for a finding of `rule`; None where no single command does it, or what it names is not known."""
    known = every_command().get(rule)
    if known is None:
        return None
    line = filled(known, document, name=name, uid=uid, account=account, region=region)
    return None if line is None else Typed(line, known.choices, known.note)
