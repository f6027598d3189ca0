"""The console's files, and what else somebody may try to read with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.interfaces.api.conftest import Api

from koban.app.serve.settings import Settings

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def console(tmp_path: Path, make_api: Callable[..., Api], settings: Settings) -> TestClient:
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<!doctype html><title>Koban</title>")
    (static / "favicon.svg").write_text("<svg/>")
    (static / "assets" / "index-Ba1x9Qk2.js").write_text("let a=1;" * 500)
    (static / "assets" / "index-Ba1x9Qk2.js.map").write_text("{}")
    (tmp_path / "secret.txt").write_text("secret")
    (static / "leads-out.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "static-too").mkdir()
    (tmp_path / "static-too" / "secret.txt").write_text("secret")
    return make_api(settings, static=static).anonymous()


@pytest.mark.parametrize(
    "path", ["/", "/findings", "/findings/abc", "/setup", "/a/b/c", "/compliance/cis-aws-7.0", "/compliance/x/PR.AA-05"]
)
def test_pages_are_the_one_page(console: TestClient, path: str) -> None:
    answer = console.get(path)
    assert "<title>Koban</title>" in answer.text
    assert answer.headers["cache-control"] == "no-cache"


def test_hashed_files_never_change(console: TestClient) -> None:
    answer = console.get("/assets/index-Ba1x9Qk2.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text == "let a=1;" * 500
    plain = console.get("/assets/index-Ba1x9Qk2.js", headers={"Accept-Encoding": "identity"})
    assert plain.text == answer.text
    again = console.get("/assets/index-Ba1x9Qk2.js", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert console.get("/favicon.svg").headers["cache-control"] == "no-cache"
    head = console.head("/favicon.svg")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/assets/../../secret.txt",
        "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/..\\secret.txt",
        "/..%5csecret.txt",
        "//etc/passwd.txt",
        "/%00.txt",
        "/static-too/secret.txt",
        "/../static-too/secret.txt",
        "/leads-out.txt",
        "/assets/index-Ba1x9Qk2.js.map",
        "/.env",
        "/koban.db",
    ],
)
def test_nothing_else_can_be_read(console: TestClient, path: str) -> None:
    answer = console.get(path)
    assert "secret" not in answer.text
    assert answer.status_code == 404


def test_page_that_helps_where_the_console_was_not_built(
    tmp_path: Path, make_api: Callable[..., Api], settings: Settings
) -> None:
    answer = make_api(settings, static=tmp_path / "none").anonymous().get("/findings")
    assert answer.status_code == 200
    assert "was not built" in answer.text
    assert "<script" not in answer.text
    assert "style" not in answer.text
