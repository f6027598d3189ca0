from __future__ import annotations

import hashlib
import hmac
import socket
from pathlib import Path
from typing import Any

import pytest
from tests.app.notify.receiver import receiving
from tests.ports import free_port

from koban.app.notify.address import PrivateAddress, Refused
from koban.app.notify.webhook import NoAnswer, check, post


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://127.0.0.1/x", "private"),
        ("https://169.254.169.254/latest/meta-data", "private"),
        ("http://10.0.0.1", "private"),
        ("https://user:word@8.8.8.8/", "user name"),
        ("https://8.8.8.8:99999/", "URL"),
        ("http://8.8.8.8/", "https://"),
        ("file:///etc/passwd", "URL"),
        ("gopher://8.8.8.8/", "URL"),
        ("https://", "URL"),
        ("https://[::1", "URL"),
    ],
)
def test_what_may_not_be_called(url: str, message: str) -> None:
    with pytest.raises(Refused, match=message):
        check(url)


def test_it_is_signed_with_the_moment() -> None:
    with receiving() as (url, hook):
        called = check(f"{url}/a?b=c", allow_private=True)
        assert post(called, b'{"a":1}', {"X-More": "1"}, secret="s3cret") == 200
    path, headers, body = hook.got[0]
    assert (path, body, headers["X-More"]) == ("/a?b=c", b'{"a":1}', "1")
    assert headers["Host"] == url.removeprefix("http://")
    moment, signature = (one.partition("=")[2] for one in headers["X-Koban-Signature"].split(","))
    assert signature == hmac.new(b"s3cret", f"{moment}.".encode() + body, hashlib.sha256).hexdigest()


def test_a_redirect_is_not_followed() -> None:
    with receiving() as (url, hook):
        hook.answers.append(302)
        assert post(check(url, allow_private=True), b"{}") == 302
    assert [path for path, _, _ in hook.got] == ["/"]


def test_a_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere the second time: what was checked is what is called."""
    with receiving() as (url, hook):
        port = int(url.rpartition(":")[2])
        asked: list[str] = []
        real = socket.getaddrinfo

        def answer(host: Any, *more: Any, **named: Any) -> Any:
            if host != "rebinding.example":
                return real(host, *more, **named)
            asked.append(host)
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1" if len(asked) == 1 else "127.0.0.9", port))
            ]

        monkeypatch.setattr(socket, "getaddrinfo", answer)
        assert post(check(f"http://rebinding.example:{port}/", allow_private=True), b"{}") == 200
        assert asked == ["rebinding.example"]
        assert hook.got[0][1]["Host"] == f"rebinding.example:{port}"


def test_tls_is_checked_against_the_name_though_the_address_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ssl
    import threading

    from tests.app.notify.receiver import certificate

    cert, key = certificate(tmp_path, "hooks.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with receiving() as (_, hook):
        import http.server

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), hook)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        real = socket.getaddrinfo

        def answer(host: Any, *more: Any, **named: Any) -> Any:
            return real("127.0.0.1" if str(host).endswith(".example") else host, *more, **named)

        monkeypatch.setattr(socket, "getaddrinfo", answer)
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        port = server.server_port
        assert post(check(f"https://hooks.example:{port}/", allow_private=True), b"{}") == 200
        with pytest.raises(NoAnswer, match="certificate"):
            post(check(f"https://other.example:{port}/", allow_private=True), b"{}")
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(NoAnswer, match="certificate"):
            post(check(f"https://hooks.example:{port}/", allow_private=True), b"{}")
        server.shutdown()
        server.server_close()


def test_nobody_there() -> None:
    with pytest.raises(NoAnswer, match="refused"):
        post(check(f"http://127.0.0.1:{free_port()}/", allow_private=True), b"{}")


def test_the_error_of_a_private_address_is_its_own() -> None:
    with pytest.raises(PrivateAddress):
        check("https://localhost/")
