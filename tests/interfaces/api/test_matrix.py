"""Every route, and everybody who may ask: who gets in, and who sees what.

The table is written by hand and not read off the code.  A route that is not in it fails the test.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient
from tests.interfaces.api.conftest import Api
from tests.interfaces.api.filled import OPS, SHOP, Filled

from koban.app.serve.settings import Settings
from koban.interfaces.api.openapi import operations
from koban.ledger.schema import ROLES
from koban.ledger.who import Sight

ANYONE = "anyone"
PERSON = "person"  # signed in, whatever the role; no token
TABLE = {
    "GET /healthz": ANYONE,
    "GET /readyz": ANYONE,
    "GET /metrics": "viewer",  # or this machine: see test_edge
    "GET /auth/oidc/login": ANYONE,
    "GET /auth/oidc/callback": ANYONE,
    "GET /api/v1/setup": ANYONE,
    "POST /api/v1/setup": ANYONE,
    "POST /api/v1/session": ANYONE,
    "POST /api/v1/session/totp": ANYONE,
    "GET /api/v1/session": PERSON,
    "DELETE /api/v1/session": PERSON,
    "PATCH /api/v1/me": PERSON,
    "POST /api/v1/me/password": PERSON,
    "POST /api/v1/me/totp": PERSON,
    "POST /api/v1/me/totp/confirm": PERSON,
    "DELETE /api/v1/me/totp": PERSON,
    "GET /api/v1/me/sessions": PERSON,
    "DELETE /api/v1/me/sessions/{id}": PERSON,
    "GET /api/v1/people": "viewer",
    "GET /api/v1/users": "admin",
    "POST /api/v1/users": "admin",
    "GET /api/v1/users/{id}": "admin",
    "PATCH /api/v1/users/{id}": "admin",
    "DELETE /api/v1/users/{id}": "admin",
    "GET /api/v1/tokens": "analyst",
    "POST /api/v1/tokens": "analyst in person",
    "DELETE /api/v1/tokens/{id}": "analyst",
    "GET /api/v1/targets": "viewer",
    "POST /api/v1/targets": "admin",
    "GET /api/v1/targets/{id}": "viewer",
    "PATCH /api/v1/targets/{id}": "admin",
    "DELETE /api/v1/targets/{id}": "admin",
    "GET /api/v1/scans": "viewer",
    "POST /api/v1/scans": "analyst",
    "GET /api/v1/scans/{id}": "viewer",
    "POST /api/v1/scans/{id}/cancel": "analyst",
    "GET /api/v1/events": "viewer",
    "GET /api/v1/overview": "viewer",
    "GET /api/v1/findings": "viewer",
    "GET /api/v1/findings/groups": "viewer",
    "GET /api/v1/findings/facets": "viewer",
    "GET /api/v1/findings/export": "viewer",
    "POST /api/v1/findings/bulk": "analyst",
    "GET /api/v1/findings/{id}": "viewer",
    "POST /api/v1/findings/{id}/comments": "analyst",
    "GET /api/v1/resources": "viewer",
    "GET /api/v1/resources/facets": "viewer",
    "GET /api/v1/resources/export": "viewer",
    "GET /api/v1/resources/{key}": "viewer",
    "GET /api/v1/resources/{key}/diff": "viewer",
    "GET /api/v1/frameworks": "viewer",
    "GET /api/v1/frameworks/{id}": "viewer",
    "GET /api/v1/frameworks/{id}/controls/{control}": "viewer",
    "GET /api/v1/frameworks/{id}/evidence": "viewer",
    "GET /api/v1/baseline": "viewer",
    "GET /api/v1/exceptions": "viewer",
    "POST /api/v1/exceptions": "analyst",
    "GET /api/v1/exceptions/{id}": "viewer",
    "POST /api/v1/exceptions/{id}/approve": "approver",
    "POST /api/v1/exceptions/{id}/reject": "approver",
    "POST /api/v1/exceptions/{id}/revoke": "analyst",
    "GET /api/v1/exceptions/export": "viewer",
    "GET /api/v1/cases/export": "viewer",
    "GET /api/v1/scans/export": "viewer",
    "GET /api/v1/audit/export": "admin",
    "GET /api/v1/cases": "viewer",
    "POST /api/v1/cases": "analyst",
    "GET /api/v1/cases/{id}": "viewer",
    "PATCH /api/v1/cases/{id}": "analyst",
    "POST /api/v1/cases/{id}/findings": "analyst",
    "POST /api/v1/cases/{id}/findings/remove": "analyst",
    "POST /api/v1/cases/{id}/comments": "analyst",
    "GET /api/v1/views": "viewer",
    "POST /api/v1/views": "analyst",
    "DELETE /api/v1/views/{id}": "analyst",
    "GET /api/v1/accounts": "viewer",
    "PATCH /api/v1/accounts/{id}": "admin",
    "GET /api/v1/audit": "admin",
    "GET /api/v1/audit/verify": "admin",
    "GET /api/v1/notifications": "admin",
    "POST /api/v1/notifications": "admin",
    "GET /api/v1/notifications/{id}": "admin",
    "PATCH /api/v1/notifications/{id}": "admin",
    "DELETE /api/v1/notifications/{id}": "admin",
    "POST /api/v1/notifications/{id}/test": "admin",
}
VALUES = {"{id}": "999999", "{key}": "0" * 32, "{control}": "1.1"}
STREAMS = ("GET /api/v1/events",)  # never end: asked for in test_events


def path_of(route: str) -> str:
    path = route.partition(" ")[2]
    for name, value in VALUES.items():
        path = path.replace(name, value)
    return path


def outcome(client: TestClient, route: str) -> str:
    """What became of a request that says nothing: let in, or why not."""
    method = route.partition(" ")[0]
    answer = client.request(method, path_of(route), json={} if method in ("POST", "PATCH", "DELETE") else None)
    assert answer.status_code < 500, answer.text
    if answer.status_code == 401 and answer.json().get("type") == "about:blank":
        return "signed out"
    if answer.status_code == 403:
        return str(answer.json()["type"]).rpartition(":")[2]
    return "in"


def expected(needs: str, role: str | None, by: str) -> str:
    if needs == ANYONE:
        return "in"
    if role is None:
        return "signed out"
    if by == "token" and (needs == PERSON or needs.endswith("in person")):
        return "session-needed"
    wanted = "viewer" if needs == PERSON else needs.partition(" ")[0]
    return "in" if ROLES.index(role) >= ROLES.index(wanted) else "role"


@pytest.mark.reads
def test_every_route_is_in_the_table(api: Api) -> None:
    assert {f"{method} {path}" for method, path, _ in operations(api.app)} == set(TABLE)


@pytest.mark.parametrize("by", ["browser", "token"])
@pytest.mark.parametrize("role", [None, *ROLES])
def test_roles(api: Api, role: str | None, by: str) -> None:
    api.person("admin")  # so that nobody is asked to make one

    def client() -> TestClient:
        if role is None:
            return api.anonymous()
        return api.client(role) if by == "browser" else api.token(role)

    wrong = {}
    one = client()
    for route, needs in TABLE.items():
        if route in STREAMS and role is not None:
            continue
        if route in ("DELETE /api/v1/session",):
            found = outcome(client(), route)  # it ends the session
        else:
            found = outcome(one, route)
        wanted = expected(needs, role, by)
        if found != wanted and not (wanted == "in" and route.startswith("GET /auth") and found == "in"):
            wrong[route] = (found, wanted)
    assert wrong == {}


# where anyone may ask there is no session yet: those ask for the origin (test_session)
CHANGES = [one for one, needs in TABLE.items() if not one.startswith("GET") and needs != ANYONE]


def test_no_change_without_the_sessions_token(api: Api) -> None:
    without, elsewhere = api.client("admin"), api.client("admin")
    del without.headers["X-CSRF-Token"]
    elsewhere.headers["Origin"] = "https://evil.example"
    let = [one for one in CHANGES for client in (without, elsewhere) if outcome(client, one) != "forgery"]
    assert let == []


# -- sight ---------------------------------------------------------------------------------------------------------

LIMITED = {
    "by account": Sight(frozenset({SHOP})),
    "by tag": Sight(None, {"team": frozenset({"shop"})}),
    "by nothing": Sight(frozenset()),
}


@pytest.mark.parametrize("sight", list(LIMITED))
def test_lists_show_nothing_out_of_sight(api: Api, filled: Filled, sight: str) -> None:
    client = api.client("viewer", LIMITED[sight], email="limited@example.com")
    whole = api.client("admin")
    for path in ("findings", "findings/groups?by=account", "findings/facets", "findings/export?format=jsonl",
                 "findings/export?format=csv", "findings/export?format=ocsf", "resources", "resources/facets",
                 "resources/export?format=jsonl", "overview", "accounts", "exceptions", "cases",
                 "frameworks/cis-aws-7.0"):  # fmt: skip
        answer = client.get(f"/api/v1/{path}{'&' if '?' in path else '?'}status=open,resolved,passed,excepted")
        if answer.status_code == 422:
            answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 200, (path, answer.text)
        assert OPS not in answer.text, path
        assert "bucket-4" not in answer.text, path
    assert OPS in whole.get("/api/v1/resources").text  # or the test would see nothing


def test_single_things_out_of_sight_are_not_there(api: Api, filled: Filled) -> None:
    limited = api.client("admin", LIMITED["by account"], email="limited@example.com")
    theirs = filled.ids(account=(OPS,))[0]
    own = filled.ids(account=(SHOP,))[0]
    key, own_key = filled.key("bucket-4"), filled.key("bucket-2")
    case = limited.post("/api/v1/cases", json={"title": "x"}).json()
    for method, path, body in [
        ("GET", f"findings/{theirs}", None),
        ("POST", f"findings/{theirs}/comments", {"text": "x"}),
        ("GET", f"resources/{key}", None),
        ("GET", f"resources/{key}/diff?from=0123456789abcdef&to=0123456789abcdef", None),
        ("PATCH", f"accounts/{OPS}", {"name": "mine"}),
    ]:
        answer = limited.request(method, f"/api/v1/{path}", json=body)
        assert answer.status_code == 404, (path, answer.text)
    assert limited.get(f"/api/v1/findings/{own}").status_code == 200
    assert limited.get(f"/api/v1/resources/{own_key}").status_code == 200
    me = limited.get("/api/v1/session").json()["user"]["id"]
    body = {"ids": [theirs, own], "action": "assign", "assignee": me}
    assert limited.post("/api/v1/findings/bulk", json=body).json()["changed"] == 1
    limited.post(f"/api/v1/cases/{case['id']}/findings", json={"ids": [theirs, own]})
    api.client("admin").get("/api/v1/session")
    for client in (limited, api.client("admin")):
        assert [one["id"] for one in client.get(f"/api/v1/cases/{case['id']}").json()["items"]] in ([own], [])


# -- what else is tried --------------------------------------------------------------------------------------------

HOSTILE = ["'",
            "' OR '1'='1", '"; DROP TABLE findings; --', "1) UNION SELECT password FROM users --", "%", "\\", "\x00",
           "<img src=x onerror=alert(1)>", "../../etc/passwd", "é" * 300, "[]", "{}", "0x1", "NaN", "-1"]  # fmt: skip


@pytest.mark.reads
@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_are_only_text(api: Api, filled: Filled, value: str) -> None:
    """No route fails on them, none gives more than without them, and nothing is lost."""
    admin = api.client("admin")
    before = len(filled.ids())
    names = ("q", "account", "rule", "resource", "target", "sort", "cursor", "tag", "since", "actor", "object", "by")
    for path in (
        "findings",
        "findings/groups",
        "findings/facets",
        "resources",
        "scans",
        "audit",
        "exceptions",
        "cases",
    ):
        for name in names:
            answer = admin.get(f"/api/v1/{path}", params={name: value})
            assert answer.status_code < 500, (path, name, answer.text)
            assert "argon2id" not in answer.text
    for route in TABLE:
        if route.startswith("GET") and "{" in route:
            path = route.partition(" ")[2]
            for name in VALUES:
                path = path.replace(name, quote(value, safe=""))
            answer = admin.get(path)
            assert answer.status_code in (404, 422, 400), (route, answer.status_code)
    assert len(filled.ids()) == before


def test_unused(tmp_path: Path, make_api: Callable[..., Api], settings: Settings) -> None:
    """A server with nothing in it answers every question too."""
    admin = make_api(settings).client("admin")
    for route in TABLE:
        if route.startswith("GET") and route not in STREAMS and "{" not in route and "/auth" not in route:
            answer = admin.get(path_of(route))
            assert answer.status_code in (200, 422), (route, answer.text)
