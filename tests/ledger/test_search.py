"""What a search finds, with an index and without one."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from tests.ledger.story import ALL, Story, box, result

from koban.ledger import findings, resources
from koban.ledger.database import Ledger
from koban.ledger.findings import Filters

NAMES = ("Orders-Db", "orders-web", "x%y_z", 'qu"ote', "naïve-größe", "倉庫の箱", "ab")
WORDS = {
    "orders": {"Orders-Db", "orders-web"},
    "RDERS-W": {"orders-web"},
    "orders db": {"Orders-Db"},
    "%y_": {"x%y_z"},
    "x_y": set(),
    'u"o': {'qu"ote'},
    "GRÖSSE": set(),
    "größe": {"naïve-größe"},
    "倉庫の": {"倉庫の箱"},
    "の箱": {"倉庫の箱"},
    "箱": {"倉庫の箱"},
    "orders OR ab": set(),
    "orders*": set(),
    "test::box ab": {"ab"},
}


def without_index(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        if ledger.dialect == "sqlite":
            for one in ("in", "out", "on"):
                connection.execute(text(f"DROP TRIGGER text_index_{one}"))
            connection.execute(text("DROP TABLE text_index"))
        else:
            connection.execute(text("DROP INDEX text_index_trigrams"))
    ledger.close()  # what a connection knows of the index goes with it


@pytest.mark.parametrize("indexed", [True, False], ids=["index", "no index"])
def test_any_part_of_a_word_is_found(ledger: Ledger, indexed: bool) -> None:
    if not indexed:
        without_index(ledger)
    story = Story(ledger)
    boxes = [box(one) for one in NAMES]
    story.scan([result(one.name, uid=one.uid, rule="box-old") for one in boxes], boxes, rules=["box-old"])
    with ledger.reading() as connection:
        for word, wanted in WORDS.items():
            found = findings.page(connection, ALL, Filters(q=word))
            assert {one.name for one in found.items} == wanted, word
            assert found.total == len(wanted), word
            there = resources.page(connection, ALL, resources.Filters(q=word))
            assert {one.name for one in there.items} == wanted, word
        assert findings.page(connection, ALL, Filters(q="box-o")).total == len(NAMES), "the rule's name"
        assert findings.page(connection, ALL, Filters(q="box-o orders")).total == 2


def test_what_changed_is_found_by_what_it_is_now(ledger: Ledger) -> None:
    story = Story(ledger)
    story.scan([result("a", uid=box("a").uid)], [box("a", Colour="crimson")])
    story.scan([result("a", uid=box("a").uid)], [box("a", Colour="turquoise")])
    assert story.findings(q="turquoise")
    assert not story.findings(q="crimson")
    with ledger.writing() as connection:
        connection.execute(text("DELETE FROM resources"))
    assert not story.findings(q="turquoise")


def test_many_resources_with_one_word_are_found_too(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("koban.ledger.search.FEW", 2)
    story = Story(ledger)
    boxes = [box(f"many-{n}") for n in range(6)]
    story.scan([result(one.name, uid=one.uid) for one in boxes[:5]], boxes)
    assert len(story.findings(q="many")) == 5
    assert len(story.findings(q="many public")) == 5
    assert len(story.findings(q="many-3 public")) == 1
