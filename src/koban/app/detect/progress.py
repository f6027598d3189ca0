"""Up to which version of a lake's events was judged here."""

from __future__ import annotations

import json
from pathlib import Path


def judged_up_to(state: Path) -> int:
    """What was remembered; -1 where nothing was."""
    try:
        return int(json.loads(state.read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return -1


def remember(state: Path, version: int) -> None:
    """Remembers a version, whole or not at all."""
    state.parent.mkdir(parents=True, exist_ok=True)
    beside = state.with_suffix(".part")
    beside.write_text(json.dumps({"version": version}), encoding="utf-8")
    beside.replace(state)
