from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.sources.intelligence.server import Reply, Server

from koban.model.indicator import Indicator
from koban.sources.intelligence import feed
from koban.sources.intelligence.http import Client, FetchError, credentials
from koban.sources.intelligence.taxii import MEDIA_TYPE, Reading, collection


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


def indicator(value: str) -> dict[str, Any]:
    return {"type": "indicator", "id": f"indicator--{value}", "pattern": f"[ipv4-addr:value = '{value}']"}


def read(server: Server, after: str = "", client: Client | None = None) -> tuple[list[str], str]:
    client = client or Client()
    reading = Reading(client, collection(client, f"{server.url}/api/collections/c1/"), after)
    return [one.value for one in reading.entries() if isinstance(one, Indicator)], reading.last


def test_pages_are_followed_by_next_and_the_last_is_remembered(server: Server) -> None:
    def pages(query: dict[str, str], _: Any) -> Reply:
        if "next" not in query:
            return (
                200,
                {"X-TAXII-Date-Added-Last": "2026-01-01T00:00:00Z"},
                json.dumps({"more": True, "next": "n1", "objects": [indicator("1.2.3.4")]}).encode(),
            )
        return (
            200,
            {"X-TAXII-Date-Added-Last": "2026-01-02T00:00:00Z"},
            json.dumps({"objects": [indicator("5.6.7.8")]}).encode(),
        )

    server.answers["/api/collections/c1/objects/"] = pages
    assert read(server, "2025-12-01T00:00:00Z") == (["1.2.3.4", "5.6.7.8"], "2026-01-02T00:00:00Z")
    (_, first, headers), (_, second, _) = server.asked
    assert first == {"match[type]": "indicator", "added_after": "2025-12-01T00:00:00Z"}
    assert second == {**first, "next": "n1"}
    assert headers["Accept"] == MEDIA_TYPE


def test_pages_without_next_go_on_after_the_last(server: Server) -> None:
    def pages(query: dict[str, str], _: Any) -> Reply:
        more = "added_after" not in query
        given = {"more": more, "objects": [indicator("1.2.3.4" if more else "5.6.7.8")]}
        return 200, {"X-TAXII-Date-Added-Last": "2026-01-01T00:00:00Z"}, json.dumps(given).encode()

    server.answers["/api/collections/c1/objects/"] = pages
    assert read(server)[0] == ["1.2.3.4", "5.6.7.8"]


def test_pages_that_go_round_in_circles_end(server: Server) -> None:
    server.says("/api/collections/c1/objects/", {"more": True, "next": "n", "objects": []})
    with pytest.raises(FetchError, match="again and again"):
        read(server)


def test_an_empty_collection_is_empty(server: Server) -> None:
    server.says("/api/collections/c1/objects/", {})
    assert read(server) == ([], "")


def test_a_collection_is_found_from_the_server_down(server: Server) -> None:
    server.says("/taxii2/", {"title": "s", "api_roots": [f"{server.url}/api/", "/other/"]})
    one = {"id": "c1", "title": "One", "can_read": True}
    server.says("/api/collections/", {"collections": [one, {"id": "c2", "title": "Two", "can_read": False}]})
    server.says("/other/collections/", {"collections": []})
    assert collection(Client(), f"{server.url}/taxii2").url == f"{server.url}/api/collections/c1/"
    assert collection(Client(), f"{server.url}/api/collections/", "Two").name == "c2"
    with pytest.raises(FetchError, match="no collection 'x'; it has: c1"):
        collection(Client(), f"{server.url}/taxii2/", "x")


@pytest.mark.parametrize(
    ("environment", "name", "value"),
    [
        ({"P_USER": "u", "P_PASSWORD": "p"}, "Authorization", "Basic " + base64.b64encode(b"u:p").decode()),
        ({"P_TOKEN": "t"}, "Authorization", "Bearer t"),
        ({"P_HEADER": "X-Key: k"}, "X-Key", "k"),
    ],
)
def test_credentials_come_from_the_environment(
    server: Server, environment: dict[str, str], name: str, value: str
) -> None:
    server.says("/api/collections/c1/objects/", {"objects": []})
    read(server, client=Client(credentials(environment, "P")))
    assert server.asked[0][2][name] == value


def test_credentials_stay_with_their_server_and_off_the_open_wire(server: Server) -> None:
    other = Server()
    server.answers["/x"] = lambda *_: (302, {"Location": f"{other.url}/y"}, b"")
    with pytest.raises(FetchError, match="another server"):
        Client({"Authorization": "x"}).get(f"{server.url}/x")
    assert other.asked == []
    other.http.shutdown()
    other.http.server_close()
    with pytest.raises(FetchError, match="use https"):
        Client({"Authorization": "x"}).get("http://taxii.example/x")
    with pytest.raises(FetchError, match="is no header"):
        credentials({"P_HEADER": "nothing"}, "P")


@pytest.mark.parametrize(("status", "why"), [(401, "wants credentials"), (404, "is not there"), (418, "answers 418")])
def test_a_refusal_is_said(server: Server, status: int, why: str) -> None:
    server.answers["/x"] = lambda *_: (status, {}, b"")
    with pytest.raises(FetchError, match=why):
        Client().get(f"{server.url}/x")
    assert len(server.asked) == 1


def test_a_busy_server_is_asked_again(server: Server) -> None:
    replies = iter([(503, {"Retry-After": "0"}, b""), (200, {}, b"{}")])
    server.answers["/x"] = lambda *_: next(replies)
    assert Client().get(f"{server.url}/x").json() == {}


def test_an_answer_that_is_cut_off_too_long_or_no_json_is_refused(server: Server) -> None:
    server.answers["/long"] = lambda *_: (200, {}, b"x" * 5000)
    with pytest.raises(FetchError, match="too much"):
        Client(answer_bytes_max=1000).get(f"{server.url}/long")
    server.answers["/html"] = lambda *_: (200, {}, b"<html>")
    with pytest.raises(FetchError, match="did not answer with JSON"):
        Client().get(f"{server.url}/html").json()
    server.answers["/cut"] = lambda *_: (200, {"Content-Length": "100"}, b"x")
    with pytest.raises(FetchError, match="cannot be reached"):
        Client(idle_seconds=0.3).get(f"{server.url}/cut")


def test_a_server_that_never_answers_is_left(server: Server) -> None:
    def slow(*_: Any) -> Reply:
        time.sleep(1)
        return 200, {}, b""

    server.answers["/slow"] = slow
    with pytest.raises(FetchError, match="cannot be reached"):
        Client(idle_seconds=0.1).get(f"{server.url}/slow")


def test_feeds_of_the_web_are_read(server: Server, tmp_path: Path) -> None:
    uuid = "5f0c3f5e-0000-4000-8000-000000000001"
    server.answers["/list.txt"] = lambda *_: (200, {}, b"1.2.3.4\n")
    server.says("/misp/manifest.json", {uuid: {"info": "x"}})
    server.says(
        f"/misp/{uuid}.json", {"Event": {"Attribute": [{"type": "ip-src", "value": "5.6.7.8", "to_ids": True}]}}
    )
    for place, value in (("/list.txt", "1.2.3.4"), ("/misp/", "5.6.7.8")):
        assert [one.value for one in feed.entries(f"{server.url}{place}") if isinstance(one, Indicator)] == [value]
    with pytest.raises(feed.FeedError, match="is not there"):
        list(feed.entries(f"{server.url}/none"))
