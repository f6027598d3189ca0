from __future__ import annotations

import pytest
import sqlglot

from koban.app.detect.export import statements


@pytest.mark.parametrize("dialect", ["trino", "spark", "duckdb"])
def test_every_rule_of_ours_is_a_query_that_the_dialect_can_read(dialect: str) -> None:
    found = list(statements(dialect))
    assert len(found) > 200
    for one in found:
        (tree,) = sqlglot.parse(one.sql, dialect=dialect)
        assert isinstance(tree, sqlglot.exp.Query), one.title
        assert "KOBAN_" not in one.sql, one.title


def test_a_rule_by_its_id_over_a_table_of_another_name() -> None:
    first = next(statements("trino"))
    (one,) = statements("trino", "lake.koban.events", only=[first.id])
    assert (one.id, one.title) == (first.id, first.title)
    assert "FROM lake.koban.events" in one.sql
