"""Documents of resources as the ledger keeps them: packed, with a digest that tells versions apart."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from koban.ledger.spool import UNKNOWN_KEY

LEVEL = 6
DIFFERENCES_MAX = 2_000


_write = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=str).encode  # made once: a million are written


def digest_of(*parts: Any) -> str:
    """32 hexadecimal digits of values that JSON can hold, whatever the order of their keys."""
    return hashlib.blake2b(_write(parts).encode(), digest_size=16).hexdigest()


def pack(text: str) -> bytes:
    return zlib.compress(text.encode("utf-8", "replace"), LEVEL)


def unpack(packed: bytes) -> Any:
    """The document as plain JSON; a value that is not known is ``{"$unknown": why}``."""
    return _plain(json.loads(zlib.decompress(packed)))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        unknown = value.get(UNKNOWN_KEY)
        if isinstance(unknown, dict):
            return {"$unknown": _why(unknown)}
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value


def _why(unknown: dict[str, Any]) -> str:
    if "pieces" in unknown:
        return f"{unknown.get('path', '')}: part of it is not known"
    return str(unknown.get("why") or unknown.get("path") or "not known")


@dataclass(frozen=True)
class Difference:
    """One place in which two documents differ; None on the side where nothing is."""

    path: str
    before: Any
    after: Any
    kind: str  # added, removed, changed


def differences(before: Any, after: Any) -> list[Difference]:
    """Where two documents differ, in order of the path; lists by position, tags by their keys."""
    found = []
    for one in _differences("", before, after):
        found.append(one)
        if len(found) >= DIFFERENCES_MAX:
            break
    return found


def _differences(path: str, before: Any, after: Any) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}, key=str):
            here = f"{path}.{name}" if path else str(name)
            if name not in after:
                yield Difference(here, before[name], None, "removed")
            elif name not in before:
                yield Difference(here, None, after[name], "added")
            else:
                yield from _differences(here, before[name], after[name])
    elif isinstance(before, list) and isinstance(after, list):
        keyed = _keyed(before), _keyed(after)
        if keyed[0] is not None and keyed[1] is not None:
            yield from _differences(path, keyed[0], keyed[1])
            return
        for n in range(max(len(before), len(after))):
            here = f"{path}[{n}]"
            if n >= len(after):
                yield Difference(here, before[n], None, "removed")
            elif n >= len(before):
                yield Difference(here, None, after[n], "added")
            else:
                yield from _differences(here, before[n], after[n])
    elif before != after or type(before) is not type(after):
        yield Difference(path, before, after, "changed")


def _keyed(items: list[Any]) -> dict[str, Any] | None:
    """Tags, which have a key each, by it."""
    if not items or not all(isinstance(one, dict) and isinstance(one.get("Key"), str) for one in items):
        return None
    found = {one["Key"]: one for one in items}
    return found if len(found) == len(items) else None
