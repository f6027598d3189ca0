from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError
from tests.databases import Server

from koban.ledger import findings, resources, schema, trends
from koban.ledger.database import Ledger, revision
from koban.ledger.errors import DatabaseError
from koban.ledger.migrations import HEAD, configuration, migrate, ours
from koban.ledger.who import Sight


def test_the_steps_make_the_tables_that_the_schema_names(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "include_object": ours}
        )
        assert compare_metadata(context, schema.metadata) == []
        assert revision(connection) == HEAD


def test_the_head_is_the_last_step() -> None:
    assert ScriptDirectory.from_config(configuration()).get_heads() == [HEAD]


def test_every_table_has_the_constraints_that_the_schema_names(ledger: Ledger) -> None:
    from sqlalchemy import inspect

    with ledger.reading() as connection:
        found = inspect(connection)
        for table in schema.metadata.tables.values():
            keys = {
                (tuple(one["constrained_columns"]), one["referred_table"], one["options"].get("ondelete"))
                for one in found.get_foreign_keys(table.name)
            }
            assert keys == {
                (tuple(one.column_keys), one.referred_table.name, one.ondelete) for one in table.foreign_key_constraints
            }, table.name
            assert found.get_pk_constraint(table.name)["constrained_columns"] == [one.name for one in table.primary_key]


def test_opening_twice_changes_nothing_and_two_at_once_migrate_once(tmp_path: Path) -> None:
    made: list[Ledger] = []
    threads = [
        threading.Thread(target=lambda: made.append(Ledger.open(tmp_path, f"sqlite:///{tmp_path}/k.db")))
        for _ in range(4)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(made) == 4
    with made[0].reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1
    for ledger in made:
        ledger.close()


def test_the_directory_and_the_file_are_their_owners_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KOBAN_DATABASE_URL", raising=False)
    directory = tmp_path / "data"
    Ledger.open(directory).close()
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE((directory / "koban.db").stat().st_mode) == 0o600


def test_what_is_written_stays_as_a_whole_or_not_at_all(ledger: Ledger) -> None:
    def count() -> int:
        with ledger.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(schema.settings)).scalar_one())

    with ledger.writing() as connection:
        connection.execute(insert(schema.settings).values(name="a", value=1))
    assert count() == 1
    with pytest.raises(IntegrityError), ledger.writing() as connection:
        connection.execute(insert(schema.settings), [{"name": "b", "value": 1}, {"name": "b", "value": 2}])
    assert count() == 1
    with ledger.reading() as connection:
        connection.execute(insert(schema.settings).values(name="c", value=1))
    assert count() == 1


def test_a_reader_sees_the_state_before_while_another_writes(ledger: Ledger) -> None:
    with ledger.writing() as writer:
        writer.execute(insert(schema.settings).values(name="a", value=1))
        with ledger.reading() as reader:
            assert reader.execute(select(func.count()).select_from(schema.settings)).scalar_one() == 0


def test_writers_wait_for_one_another(ledger: Ledger) -> None:
    def add(name: str) -> None:
        for n in range(20):
            with ledger.writing() as connection:
                connection.execute(insert(schema.settings).values(name=f"{name}{n}", value=n))

    threads = [threading.Thread(target=add, args=(name,)) for name in "abcd"]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with ledger.reading() as connection:
        assert connection.execute(select(func.count()).select_from(schema.settings)).scalar_one() == 80


def test_a_newer_schema_is_refused(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match=r"newer Koban \(schema 9999.*upgrade Koban") as caught:
        ledger.migrate()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "expected postgresql://"),
        ("mysql://u:p@h/db", "mysql is not supported"),
        ("postgresql://u:hunter2@127.0.0.1:1/db", "cannot use the database postgresql://u:.*check KOBAN_DATABASE_URL"),
        ("postgresql://u@h/db?sslmode=maybe", "sslmode 'maybe' is none of"),
        ("postgresql://u@h/db?options=x", "'options' is none of"),
        ("postgresql://u@/db?host=/nowhere/at/all", "cannot use the database"),
    ],
)
def test_a_database_that_cannot_be_used_is_said_in_one_line(tmp_path: Path, url: str, said: str) -> None:
    with pytest.raises(DatabaseError, match=said) as caught:
        Ledger.open(tmp_path, url)
    assert "\n" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_no_database_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "koban.db").write_bytes(b"no database at all" * 500)
    with pytest.raises(DatabaseError, match="not a database") as caught:
        Ledger.open(tmp_path, f"sqlite:///{tmp_path}/koban.db")
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("runuser"), reason="takes root to be somebody else")
def test_a_directory_that_may_not_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    program = "import sys; from koban.interfaces.cli import run; sys.exit(run(['ledger', 'maintain']))"
    directory = Path("/proc/koban")
    done = subprocess.run(
        [sys.executable, "-c", program.replace("maintain", "maintain")],
        env={**os.environ, "KOBAN_DATA_DIR": str(directory), "KOBAN_DATABASE_URL": "sqlite:////proc/koban/koban.db"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("koban: cannot keep the ledger in /proc/koban: ")
    assert done.stderr.count("\n") == 1


def test_a_database_in_a_read_only_file_is_said_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "koban.db"
    Ledger.open(tmp_path, f"sqlite:///{path}").close()
    sqlite3.connect(path).execute("PRAGMA journal_mode=DELETE").close()
    # As root one may write whatever the mode says: a file opened for reading is the same thing to SQLite.
    ledger = Ledger(f"sqlite:///file:{path}?mode=ro&uri=true")
    with (
        pytest.raises(DatabaseError, match="choose another directory") as caught,
        ledger.writing() as c,
    ):
        c.execute(insert(schema.settings).values(name="a", value=1))
    assert "\n" not in str(caught.value)


def test_a_statement_may_take_longer_than_connecting(
    postgresql: Server, template_postgresql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("koban.ledger.database.CONNECT_SECONDS", 0.5)
    ledger = Ledger.open(tmp_path, postgresql.url(template_postgresql))
    with ledger.reading() as connection:
        connection.execute(text("SELECT pg_sleep(1)"))
    ledger.close()


@pytest.fixture
def first(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """A ledger with the tables of the first step and a little in them."""
    if request.param == "sqlite":
        ledger = Ledger(f"sqlite:///{tmp_path}/first.db")
        yield ledger
        ledger.close()
        return
    server: Server = request.getfixturevalue("postgresql")
    name = f"t{uuid.uuid4().hex[:12]}"
    server.say(f"CREATE DATABASE {name}")
    ledger = Ledger(server.url(name))
    yield ledger
    ledger.close()
    server.say(f"DROP DATABASE {name} WITH (FORCE)")


OF_THE_FIRST_STEP = (
    "INSERT INTO targets (id, name, kind, options, enabled, created) VALUES (1, 't', 'aws', '{}', true, '2026-01-01')",
    "INSERT INTO scans (id, target, state, asked_by, title, queued) VALUES (1, 1, 'landed', 'x', '', '2026-01-01')",
    "INSERT INTO resources (id, target, key, uid, type, tags, mark, digest, first_seen, since, document) "
    "VALUES (7, 1, 'k', 'arn:one', 'T', '{}', 'm', 'd', '2026-01-01', '2026-01-01', '')",
    "INSERT INTO words (resource, words) VALUES ('k', 'arn:one blue')",
    "INSERT INTO findings (id, target, fingerprint, digest, rule, verdict, severity, rank, uid, type, account, "
    "message, because, controls, resource, status, first_seen, reopened) VALUES (3, 1, 'f', 'd', 'r', 'fail', 'high', "
    "1, 'arn:one', 'T', '1', '', '[]', '[]', 'k', 'open', '2026-01-01', 0)",
    "INSERT INTO changes (finding, at, actor, kind, why, scan) VALUES (3, '2026-01-01', 'scan 1', 'opened', '', 1)",
    "INSERT INTO tallies (status, rule, account, environment, type, rank, verdict, gone, target, n) "
    "VALUES ('open', 'r', '1', '', 'T', 1, 'fail', 0, 1, 1)",
    "INSERT INTO region_tallies (status, rule, region, type, rank, verdict, gone, target, n) "
    "VALUES ('open', 'r', '', 'T', 1, 'fail', 0, 1, 1)",
    "INSERT INTO trends (day, target, account, environment, framework, function, severity, open, unknown, excepted, "
    "passed) VALUES ('2026-01-01', 1, '1', '', '', '', 'high', 1, 0, 0, 2), "
    "('2026-01-01', 1, '2', 'prod', '', '', 'high', 4, 0, 0, 0), "
    "('2026-01-01', 1, '', '', 'cis', '', 'high', 5, 0, 0, 2)",
)


@pytest.mark.parametrize("first", ["sqlite", "postgresql"], indirect=True)
def test_a_ledger_of_the_first_step_is_counted_and_searched_as_one_made_today(first: Ledger) -> None:
    with first.writing() as connection:
        migrate(connection, "0001")
        for statement in OF_THE_FIRST_STEP:
            connection.execute(text(statement))
    first.migrate()
    with first.reading() as connection:
        assert revision(connection) == HEAD
        assert resources.page(connection, Sight(), resources.Filters(q="blu")).items[0].id == 7
        assert findings.page(connection, Sight(), findings.Filters(q="ne blue")).items[0].id == 3
        assert trends.by_rule(connection, Sight())["r"].high == 1
        assert findings.groups(connection, Sight(), "region")[0].count == 1
        assert connection.execute(select(schema.movements)).all() == [(1, "1", 0, "opened", 1)]
        days = trends.days(connection, Sight(), date(2026, 1, 1), date(2026, 1, 1))
        assert (days[0].counts.high, days[0].counts.passed) == (5, 2)
