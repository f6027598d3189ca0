"""`koban serve`, as a process."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.databases import database_url, postgresql, template_postgresql, template_sqlite

from koban.interfaces.cli import run

__all__ = ["database_url", "postgresql", "template_postgresql", "template_sqlite"]

NEW = "nine boats under a bridge"
TEMPLATE = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n"


class Served:
    """A running `koban serve`."""

    def __init__(self, data: Path, *arguments: str, **environment: str) -> None:
        self.log = data.parent / f"{data.name}.log"
        with self.log.open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "koban", "serve", "--port", "0", *arguments],
                env={**os.environ, "KOBAN_DATA_DIR": str(data), **environment},
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        assert first.startswith("Koban is at "), first + self.log.read_text()
        self.url = first.split()[-1]
        self.link = ""

    def setup(self) -> str:
        """The one-time link that was printed."""
        assert self.process.stdout is not None
        assert "first one" in self.process.stdout.readline()
        return self.process.stdout.readline().strip()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(120)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@contextlib.contextmanager
def served(data: Path, *arguments: str, **environment: str) -> Iterator[Served]:
    made = Served(data, *arguments, **environment)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.process.kill()
            made.process.wait()


def set_up(client: httpx.Client, link: str) -> None:
    """Make the first admin, and go on as them."""
    body = {"token": link.partition("token=")[2], "email": "root@example.com", "name": "Root", "password": NEW}
    answer = client.post("/api/v1/setup", json=body)
    assert answer.status_code == 200, answer.text
    client.headers["X-CSRF-Token"] = answer.json()["csrf"]


def test_first_start_to_landed_scan_to_stop(tmp_path: Path, database_url: str) -> None:
    """What a new team does on its first day, and a stop while somebody listens and a scan runs."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "t.yaml").write_text(TEMPLATE)
    with served(tmp_path / "data", KOBAN_DATABASE_URL=database_url) as server:
        link = server.setup()
        assert link.startswith(f"{server.url}/setup#token=")
        with httpx.Client(base_url=server.url, timeout=120) as client:
            set_up(client, link)
            target = {"name": "code", "kind": "iac", "options": {"paths": [str(tmp_path / "code")]}}
            id = client.post("/api/v1/targets", json=target).json()["id"]
            with client.stream("GET", "/api/v1/events") as events:
                lines = events.iter_lines()
                assert next(lines)
                scan = client.post("/api/v1/scans", json={"target": id}).json()["id"]
                kind, told = "", {}
                while kind != "findings" and told.get("state") != "failed":
                    line = next(lines)
                    kind = line[7:] if line.startswith("event: ") else kind
                    told = json.loads(line[6:]) if line.startswith("data: ") else told
                told = json.loads(next(lines)[6:])
                read = client.get(f"/api/v1/scans/{scan}").json()
                assert read["state"] == "landed", read
                assert told == {"scan": scan, "opened": read["counts"]["opened"], "resolved": 0, "reopened": 0}
                assert told["opened"] > 0
                started = time.monotonic()
                server.process.send_signal(signal.SIGTERM)
                assert not [line for line in lines if '"running"' in line]  # the stream ends, and the server with it
        assert server.process.wait(120) == 0
        assert time.monotonic() - started < 60
        said = server.log.read_text()
        assert [one for one in server.lines() if one["level"] not in ("info", "warning")] == []
        for secret in (link.partition("token=")[2], NEW, *client.cookies.values()):
            assert secret not in said
    with served(tmp_path / "data", KOBAN_DATABASE_URL=database_url) as again:  # nothing is asked a second time
        assert httpx.get(f"{again.url}/api/v1/setup", timeout=120).json() == {"needed": False}
        assert again.stop(signal.SIGINT) == 0


def test_several_workers(tmp_path: Path, database_url: str) -> None:
    with served(tmp_path / "data", "--workers", "2", KOBAN_DATABASE_URL=database_url) as server:
        link = server.setup()
        with httpx.Client(base_url=server.url, timeout=120) as client:
            set_up(client, link)
            for _ in range(20):
                assert client.get("/api/v1/session", headers={"Connection": "close"}).status_code == 200
            said = client.get("/metrics").text
            counts = [line for line in said.splitlines() if 'route="/api/v1/session",status="200"' in line]
            assert [float(one.split()[-1]) for one in counts] == [20.0]  # of both
        assert server.stop() == 0
    assert [one["event"] for one in server.lines() if one["from"] == "koban.scheduler"][:1] == [
        "this process schedules"
    ]


def test_acknowledged_outlives_a_kill(tmp_path: Path) -> None:
    with served(tmp_path / "data") as server:
        with httpx.Client(base_url=server.url, timeout=120) as client:
            set_up(client, server.setup())
            made = []
            for n in range(20):
                target = {"name": f"t{n}", "kind": "iac", "options": {"paths": ["."]}}
                made.append(client.post("/api/v1/targets", json=target).json()["name"])
            server.process.kill()
            server.process.wait()
        with served(tmp_path / "data") as again, httpx.Client(base_url=again.url, timeout=120) as client:
            signed_in = client.post("/api/v1/session", json={"email": "root@example.com", "password": NEW})
            assert signed_in.status_code == 200
            assert sorted(one["name"] for one in client.get("/api/v1/targets").json()["items"]) == sorted(made)
            assert again.stop() == 0


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    directory = tmp_path_factory.mktemp("tls")
    (directory / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (directory / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return directory / "cert.pem", directory / "key.pem"


def test_tls(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    cert, key = certificate
    with served(tmp_path / "data", "--tls-cert", str(cert), "--tls-key", str(key)) as server:
        assert server.url.startswith("https://127.0.0.1:")
        base = server.url.replace("127.0.0.1", "localhost")
        with httpx.Client(base_url=base, verify=ssl.create_default_context(cafile=cert), timeout=120) as client:
            assert client.get("/healthz").headers["strict-transport-security"] == "max-age=31536000"
            body = {"token": server.setup().partition("token=")[2], "email": "r@example.com", "name": "R"}
            answer = client.post("/api/v1/setup", json=body | {"password": NEW}, headers={"Origin": base})
            assert answer.status_code == 200
            assert answer.headers["set-cookie"].startswith("__Host-koban=")
            assert client.get("/api/v1/session").status_code == 200
        assert server.stop() == 0


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--host", "0.0.0.0"], "others could read passwords"),
        (["--host", "::"], "others could read passwords"),
        (["--tls-cert", __file__], "go together"),
        (["--behind-proxy", "*"], "expected an address or a network"),
        (["--public-url", "https://koban.example.com"], "https exactly"),
        (["--public-url", "koban.example.com"], "expected https"),
        (["--no-passwords"], "nobody could sign in"),
        (["--workers", "0"], "workers"),
        (["--reset-link", "nobody@example.com"], "no user"),
    ],
)
def test_what_is_not_safe_or_makes_no_sense(
    arguments: list[str],
    why: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("KOBAN_DATA_DIR", str(tmp_path / "data"))
    assert run(["serve", *arguments]) == 2
    assert why in capsys.readouterr().err


def test_port_that_is_taken(tmp_path: Path) -> None:
    with served(tmp_path / "data") as server:
        port = server.url.rpartition(":")[2]
        done = subprocess.run(
            [sys.executable, "-m", "koban", "serve", "--port", port],
            env={**os.environ, "KOBAN_DATA_DIR": str(tmp_path / "other")},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 2
        assert f"cannot listen at 127.0.0.1 port {port}" in done.stderr


def test_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from datetime import UTC, datetime

    from koban.ledger import people
    from koban.ledger.database import Ledger
    from koban.ledger.who import SYSTEM

    monkeypatch.setenv("KOBAN_DATA_DIR", str(tmp_path))
    assert run(["serve", "--setup-link"]) == 0
    assert capsys.readouterr().out.startswith("http://127.0.0.1:8400/setup#token=")
    ledger = Ledger.open(tmp_path)
    with ledger.writing() as connection:
        people.create(
            connection, SYSTEM, datetime.now(UTC), email="a@example.com", name="A", role="admin", password="x"
        )
    assert run(["serve", "--setup-link"]) == 2
    assert "--reset-link" in capsys.readouterr().err
    assert run(["serve", "--reset-link", "A@example.com"]) == 0
    secret = capsys.readouterr().out.strip().partition("token=")[2]
    with ledger.reading() as connection:
        assert people.link_of(connection, secret, datetime.now(UTC)) == "invite:1"
    ledger.close()


def test_settings_of_the_provider(tmp_path: Path) -> None:
    from koban.interfaces.cli.serve import _oidc

    file = tmp_path / "oidc.yaml"
    said = "issuer: https://a.example\nclient_id: koban\nroles: {sec: analyst}\nclient_secret_file: "
    file.write_text(f"{said}{file}\n")
    assert _oidc(None, {}) is None
    found = _oidc(file, {"KOBAN_OIDC_NAME": "SSO", "KOBAN_OIDC_CLIENT_SECRET": "s3cret"})
    assert found is not None
    assert (found.name, dict(found.roles)) == ("SSO", {"sec": "analyst"})
    assert found.client_secret.startswith("issuer:")
    environment = {
        "KOBAN_OIDC_ISSUER": "https://b.example",
        "KOBAN_OIDC_CLIENT_ID": "k",
        "KOBAN_OIDC_ROLES": "a=admin, b=viewer",
        "KOBAN_OIDC_SCOPES": "openid email groups",
    }
    found = _oidc(None, environment)
    assert found is not None
    assert dict(found.roles) == {"a": "admin", "b": "viewer"}
    assert found.scopes == ("openid", "email", "groups")
