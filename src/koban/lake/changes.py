"""What came into a table since somebody looked: read from the log of its commits, so that no row is missed or seen
twice.

The log says of each file whether it brought rows or only put those that were there in another order (compaction).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import unquote

from koban.lake.tables import DataFile, Table


@dataclass(frozen=True)
class Appended:
    """The files that brought rows up to `version`.  `complete` is False when some are gone or the log is cut off."""

    version: int
    files: tuple[DataFile, ...]
    complete: bool = True


def appended(table: Table, after: int = -1, until: int | None = None) -> Appended:
    """The files whose rows came after version `after`, up to `until` (or now): all that the table has when that is -1.

    A file that was compacted since is read as it was, while `vacuum` has left it; one whose rows were removed
    (retention) is left out.
    """
    delta = table.delta()
    if until is not None and until < delta.version():
        delta.load_as_version(until)
    version = int(delta.version())
    live = table.files(delta=delta)
    if after < 0:
        return Appended(version, tuple(live))
    found: dict[str, DataFile] = {}
    for number in range(after + 1, version + 1):
        text = table.storage.content(table.shape.name, f"_delta_log/{number:020d}.json")
        if text is None:
            return Appended(version, tuple(live), complete=False)
        for line in text.splitlines():
            action = json.loads(line)
            if "add" in action and action["add"].get("dataChange"):
                file = _data_file(action["add"])
                found[file.path] = file
            if "remove" in action and action["remove"].get("dataChange"):
                found.pop(unquote(action["remove"]["path"]), None)
    there = {f.path for f in live}
    if any(f.path not in there and not table.storage.holds(table.shape.name, f.path) for f in found.values()):
        return Appended(version, tuple(live), complete=False)
    return Appended(version, tuple(found.values()))


def before(table: Table, after: int, since: str = "", until: str = "") -> list[DataFile]:
    """The files of a time as they were at a version: nothing of what came later, though it was put together since.

    Where some of them are gone, or the log is cut off, those of now.
    """
    if after < 0:
        return []
    delta = table.delta()
    try:
        delta.load_as_version(after)
        files = table.files(since=since, until=until, delta=delta)
    except Exception:  # a log that was cut off is said in many ways
        return table.files(since=since, until=until)
    if all(table.storage.holds(table.shape.name, f.path) for f in files):
        return files
    return table.files(since=since, until=until)


def _data_file(add: dict[str, object]) -> DataFile:
    statistics = json.loads(str(add.get("stats") or "{}"))
    keys = add.get("partitionValues")
    return DataFile(
        unquote(str(add["path"])),
        int(str(add.get("size") or 0)),
        int(statistics.get("numRecords") or 0),
        {str(k): str(v) for k, v in (keys if isinstance(keys, dict) else {}).items()},
    )
