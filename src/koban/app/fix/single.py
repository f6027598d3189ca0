"""The edit that mends one finding of a scan of code, where the code is small enough to scan while somebody waits."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from koban.app.fix.run import Asked, Change, propose
from koban.app.iac import Variables
from koban.model.resource import Resource
from koban.model.result import Result
from koban.rules.catalog import catalog
from koban.rules.fixes import every_fix

FILES_MAX = 200
BYTES_MAX = 400_000
LOOKED_AT_MAX = 5_000  # names, before one gives up


def has_fix(rule: str) -> bool:
    return rule in every_fix()


def mended(options: Mapping[str, Any], rule: str, uid: str) -> Change | None:
    """The file before and after, as another scan proved it; None where there is no such edit, or too much code.

    `options` are those of the target: paths, parameters.  Where a finding takes edits of several files, none is given.
    """
    paths = tuple(map(str, options.get("paths") or ()))
    if not paths or not has_fix(rule):
        return None
    stamp = _stamp(paths)
    if stamp is None:
        return None
    return _mended(paths, tuple(map(str, options.get("parameters") or ())), rule, uid, stamp)


@lru_cache(maxsize=256)
def _mended(paths: Sequence[str], parameters: Sequence[str], rule: str, uid: str, stamp: Any) -> Change | None:
    def amend(result: Result, resource: Resource) -> Result:
        """To this scan there is but one failure that has a fix."""
        ours = result.rule == rule and result.resource.uid == uid
        return result if ours or result.verdict != "fail" else result.excepted("another finding")

    try:
        asked = Asked(paths, catalog(), every_fix(), parameters, amend, Variables(), picked=frozenset((rule,)))
        changes = propose(asked).changes
    except Exception:  # code that cannot be scanned now has no edit to show
        return None
    return changes[0] if len(changes) == 1 else None


def _stamp(paths: Sequence[str]) -> tuple[tuple[str, int, int], ...] | None:
    """What the code is now, by name, time and size; None where it is too much."""
    found: list[tuple[str, int, int]] = []
    size = 0
    for number, path in enumerate(_files(paths)):
        try:
            status = os.stat(path)
        except OSError:
            continue
        if path.endswith((".tf", ".json", ".yaml", ".yml", ".template", ".tfvars", ".hcl")):
            size += status.st_size
            found.append((path, status.st_mtime_ns, status.st_size))
        if len(found) > FILES_MAX or size > BYTES_MAX or number > LOOKED_AT_MAX:
            return None
    return tuple(sorted(found)) or None


def _files(paths: Sequence[str]) -> Iterator[str]:
    for path in paths:
        if os.path.isfile(path):
            yield path
            continue
        for where, directories, names in os.walk(path):
            directories[:] = [one for one in directories if not one.startswith(".")]
            for name in names:
                yield os.path.join(where, name)
