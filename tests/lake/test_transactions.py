from __future__ import annotations

from pathlib import Path

import pytest

from koban.lake.lake import Lake
from koban.lake.tables import Table
from koban.lake.transactions import versions

WANTED = [f"file:{n}" for n in range(20)] + [f"place:{n}" for n in range(20)]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    table = Lake(str(tmp_path)).events
    for n in range(6):
        table.commit([], [f"file:{2 * n}", f"file:{2 * n + 1}"], numbers={"place:0": n, f"place:{n}": 7 * n})
    return table


def one_by_one(table: Table) -> dict[str, int]:
    delta = table.delta()
    said = {name: delta.transaction_version(name) for name in WANTED}
    return {name: version for name, version in said.items() if version is not None}


def at_once(table: Table) -> dict[str, int] | None:
    return versions(table.storage, table.shape.name, table.delta().version(), WANTED)


def test_one_pass_says_what_the_table_says_of_each(table: Table) -> None:
    assert at_once(table) == one_by_one(table) == table.transactions(WANTED)
    assert len(one_by_one(table)) == 12 + 6
    assert one_by_one(table)["place:0"] == 5


def test_also_behind_a_checkpoint(table: Table) -> None:
    table.delta().create_checkpoint()
    assert at_once(table) == one_by_one(table)
    table.commit([], ["file:12"], numbers={"place:0": 99})
    assert at_once(table) == one_by_one(table)
    # commits that a checkpoint holds may be cleaned up
    for commit in range(5):
        (Path(table.uri) / "_delta_log" / f"{commit:020d}.json").unlink()
    found = at_once(table)
    assert found == one_by_one(table)
    assert found is not None
    assert (found["file:0"], found["file:12"], found["place:0"]) == (1, 1, 99)


def test_a_version_says_what_it_had(table: Table) -> None:
    before = table.delta()
    table.commit([], ["file:19"])
    assert "file:19" not in table.transactions(WANTED, before)
    assert "file:19" in table.transactions(WANTED)


def test_what_it_cannot_read_it_does_not_guess(table: Table) -> None:
    log = Path(table.uri) / "_delta_log"
    table.delta().create_checkpoint()
    version = table.delta().version()
    said = (log / "_last_checkpoint").read_text()

    def read() -> dict[str, int] | None:
        return versions(table.storage, table.shape.name, version, WANTED)

    assert read() is not None
    for odd in (said.strip()[:-1] + ',"parts":2}', "{"):
        (log / "_last_checkpoint").write_text(odd)
        assert read() is None
    (log / "_last_checkpoint").write_text(said)
    next(log.glob("*.checkpoint.parquet")).write_bytes(b"not Parquet")
    assert read() is None
    (log / "_last_checkpoint").unlink()
    assert read() is not None
    (log / f"{3:020d}.json").unlink()
    assert read() is None
