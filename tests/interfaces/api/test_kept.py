from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
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


def test_one_makes_what_many_ask_for_at_once(filled: Filled) -> None:
    kept, made, asking, go = Kept(), [], threading.Barrier(7), threading.Event()

    def make() -> str:
        made.append(1)
        go.wait()
        return "the answer"

    def ask(_: int) -> str:
        with filled.ledger.reading() as connection:
            asking.wait()
            return kept.of(connection, "what", make)

    with ThreadPoolExecutor(6) as pool:
        answers = pool.map(ask, range(6))
        asking.wait()
        time.sleep(0.1)  # who comes later finds it made: what is claimed holds then, too
        go.set()
        assert list(answers) == ["the answer"] * 6
    assert made == [1]


def test_what_cannot_be_made_is_tried_again(filled: Filled) -> None:
    kept = Kept()
    with filled.ledger.reading() as connection:
        with pytest.raises(ZeroDivisionError):
            kept.of(connection, "what", lambda: 1 // 0)
        assert kept.of(connection, "what", lambda: 1) == 1
