"""The examples of docs/api.md and docs/notifications.md do what they say."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from tests.interfaces.api.filled import Filled

from koban.app.notify.webhook import signature

DOCS = Path(__file__).parents[3] / "docs"


def blocks(name: str, language: str) -> list[str]:
    text = (DOCS / name).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def served(api: Any, filled: Filled) -> Iterator[str]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(api.app, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="there is no curl or bash here")
def test_every_curl_example_works(api: Any, served: str, tmp_path: Path) -> None:
    token = api.token("admin").headers["Authorization"].removeprefix("Bearer ")
    examples = [
        one for one in (*blocks("api.md", "sh"), *blocks("notifications.md", "sh")) if "export KOBAN" not in one
    ]
    assert len(examples) >= 8
    script = "set -euo pipefail\n" + "\n".join(examples)
    made = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "KOBAN": served, "TOKEN": token},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert made.returncode == 0, made.stdout[-2000:] + made.stderr[-2000:]
    assert (tmp_path / "evidence.pdf").read_bytes().startswith(b"%PDF-")
    assert (tmp_path / "evidence.zip").read_bytes().startswith(b"PK")
    assert json.loads((tmp_path / "findings.json").read_text(encoding="utf-8"))[0]["class_uid"] == 2003
    excepted = api.client("viewer").get("/api/v1/findings?status=excepted&rule=s3-bucket-public").json()
    assert excepted["total"] == 2


def test_the_check_of_a_signature_in_the_docs_is_right() -> None:
    (code,) = blocks("notifications.md", "python")
    names: dict[str, Any] = {}
    exec(code, names)
    genuine = names["genuine"]
    now, body, secret = int(time.time()), b'{"a": 1}', "at least sixteen letters"
    assert genuine(signature(secret, body, now), body, secret)
    assert not genuine(signature(secret, body, now), body + b" ", secret)
    assert not genuine(signature("another", body, now), body, secret)
    assert not genuine(signature(secret, body, now - 600), body, secret)
    assert not genuine("", body, secret)
    assert not genuine("t=x,v1=y", body, secret)


def test_the_json_in_the_docs_is_json() -> None:
    for one in (*blocks("api.md", "json"), *blocks("notifications.md", "json")):
        json.loads(one)
