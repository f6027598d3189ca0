from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.interfaces.api.filled import OPS, PUBLIC, Filled

from koban.interfaces.api.kept import Kept
from koban.ledger.who import Sight


@pytest.mark.parametrize("path", ["/overview", "/findings/facets"])
def test_what_is_kept_is_asked_for_once_and_anew_after_a_change(
    api: Any, filled: Filled, approver: TestClient, viewer: TestClient, path: str
) -> None:
    before = viewer.get(f"/api/v1{path}")
    assert viewer.get(f"/api/v1{path}").text.split("as_of")[0] == before.text.split("as_of")[0]
    body = {
        "query": f"rule={PUBLIC}&account={OPS}&account=111122223333",
        "action": "except",
        "reason": "x",
        "expires": api.clock().date().isoformat(),
    }
    assert approver.post("/api/v1/findings/bulk", json=body).json()["changed"] == 4
    assert viewer.get(f"/api/v1{path}").text != before.text


def test_nobody_is_given_what_another_sight_was(api: Any, filled: Filled, viewer: TestClient) -> None:
    limited = api.client("viewer", Sight(accounts=frozenset({OPS})))
    for path in ("/overview", "/findings/facets", "/frameworks"):
        assert viewer.get(f"/api/v1{path}").json() != limited.get(f"/api/v1{path}").json()


def test_the_oldest_goes_first(filled: Filled) -> None:
    kept, made = Kept(2), []

    def ask(question: str) -> str:
        with filled.ledger.reading() as connection:
            return kept.of(connection, question, lambda: made.append(question) or question)  # type: ignore[func-returns-value]

    assert [ask(one) for one in "abacb"] == list("abacb")
    assert made == ["a", "b", "c", "b"]
