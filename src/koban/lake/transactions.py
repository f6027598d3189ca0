"""Which transactions a Delta table has, in one pass over its log.

delta-rs reads the log anew for each name that it is asked for; ingestion asks for thousands.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from koban.lake.storage import Storage

_CHECKPOINT = "_delta_log/_last_checkpoint"


def versions(storage: Storage, table: str, version: int, wanted: Collection[str]) -> dict[str, int] | None:
    """Those of the transactions that the table has at a version, with the version each says of itself.

    None when the log cannot be read so: a checkpoint of a newer kind, a commit that is not where it should be.
    """
    names = set(wanted)
    found: dict[str, int] = {}
    begin = 0
    if said := storage.content(table, _CHECKPOINT):
        try:
            last = json.loads(said)
        except ValueError:
            return None
        if last.get("parts") or not isinstance(last.get("version"), int):
            return None
        begin = last["version"] + 1
        kept = _checkpoint(storage, table, last["version"], names)
        if kept is None:
            return None
        found |= kept
    for commit in range(begin, version + 1):
        data = storage.content(table, f"_delta_log/{commit:020d}.json")
        if data is None:
            return None
        for line in data.splitlines():
            # an action is an object with one key; other writers may write it with spaces
            if b'"txn"' in line[:16] and (action := json.loads(line).get("txn")) and action["appId"] in names:
                found[action["appId"]] = action["version"]
    return found


def _checkpoint(storage: Storage, table: str, version: int, names: set[str]) -> dict[str, int] | None:
    import duckdb

    from koban.lake.rows import rows_relation

    path = storage.readable(table, f"_delta_log/{version:020d}.checkpoint.parquet").replace("'", "''")
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    try:
        storage.prepare(connection)
        wanted = rows_relation(connection, {"name": sorted(names)})
        rows = connection.execute(
            f"SELECT txn.appId, txn.version FROM read_parquet('{path}', hive_partitioning = false)"
            f" WHERE txn IS NOT NULL AND txn.appId IN (SELECT name FROM {wanted})"
        ).fetchall()
    except duckdb.Error:
        return None
    finally:
        connection.close()
    return dict(rows)
