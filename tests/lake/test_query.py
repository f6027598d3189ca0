from __future__ import annotations

from pathlib import Path

import pytest
from tests.lake.test_lake import event

from koban.lake.lake import Lake
from koban.lake.query import BadQuery, ask, find, underscored


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(str(tmp_path / "lake"))
    made.events.append(made.connection(), event("2026-03-01", "a") + " UNION ALL " + event("2026-03-02", "b"))
    return made


def test_attributes_may_be_written_with_dots(lake: Lake) -> None:
    answer = ask(lake, "SELECT metadata.uid AS uid FROM events AS e WHERE e.metadata_uid <> 'b'")
    assert (answer.columns, list(answer.rows)) == (("uid",), [("a",)])


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT actor.user.name FROM events", "SELECT actor_user_name FROM events"),
        ("SELECT e.time FROM events AS e", "SELECT e.time FROM events AS e"),
        ("not sql at all . .", "not sql at all . ."),
    ],
)
def test_underscored(sql: str, expected: str) -> None:
    assert underscored(sql) == expected


def test_time_chooses_the_files(lake: Lake) -> None:
    assert list(ask(lake, "SELECT metadata_uid FROM events", since="2026-03-02").rows) == [("b",)]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT nothing FROM events", "nothing"),
        ("SELEC 1", "syntax error"),
        ("DELETE FROM events", "one SELECT"),
        ("COPY events TO '/tmp/x.parquet'", "one SELECT"),
        ("ATTACH '/tmp/x.db'", "one SELECT"),
        ("SELECT 1; SELECT 2", "one SELECT"),
        ("SELECT * FROM read_csv('/etc/passwd')", "disabled by configuration"),
        ("SELECT * FROM read_text('/etc/hostname')", "disabled by configuration"),
    ],
)
def test_a_query_reads_the_lake_and_nothing_else(lake: Lake, sql: str, message: str) -> None:
    with pytest.raises(BadQuery, match=message) as caught:
        list(ask(lake, sql).rows)
    assert "\n" not in str(caught.value)


def test_find_gives_the_last_in_order(lake: Lake) -> None:
    answer = find(lake, "metadata.uid:*", limit=1)
    assert [row[answer.columns.index("metadata_uid")] for row in answer.rows] == ["b"]
    assert find(lake, "", short=True).columns[:3] == ("time", "who", "what")
