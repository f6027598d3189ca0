"""The examples of docs/serve.md, run with curl against a server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from tests.interfaces.cli.test_serve import TEMPLATE, served, set_up

DOCS = Path(__file__).parents[3] / "docs" / "serve.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on this machine")
def test_examples_with_curl(tmp_path: Path) -> None:
    examples = re.findall(r"```sh\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)
    assert len(examples) >= 7
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "t.yaml").write_text(TEMPLATE)
    with served(tmp_path / "data") as server, httpx.Client(base_url=server.url, timeout=120) as client:
        set_up(client, server.setup())
        target = {"name": "code", "kind": "iac", "options": {"paths": [str(tmp_path / "code")]}}
        assert client.post("/api/v1/targets", json=target).json()["id"] == 1
        token = client.post("/api/v1/tokens", json={"name": "docs", "role": "analyst"}).json()["token"]
        for example in examples:
            done = subprocess.run(
                ["sh", "-ec", example.replace("curl -sS", "curl -sS --fail-with-body")],
                cwd=tmp_path,
                env={**os.environ, "KOBAN_URL": server.url, "KOBAN_TOKEN": token},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.returncode == 0, (example, done.stdout, done.stderr)
            if "etag-compare" in example:
                assert done.stdout.strip().endswith("304")
            if "events" in example:
                assert ": listening" in done.stdout
            if "-X POST" in example:
                until = time.monotonic() + 240
                while client.get("/api/v1/scans/1").json()["state"] not in ("landed", "failed"):
                    assert time.monotonic() < until
                    time.sleep(0.2)
        assert client.get("/api/v1/scans/1").json()["state"] == "landed"
        assert '"class_uid"' in (tmp_path / "findings.ocsf.jsonl").read_text()
        server.stop()


def test_every_option_of_the_docs_is_one() -> None:
    from koban.interfaces.cli.serve import serve

    known = {name for one in serve.params for name in (*one.opts, *one.secondary_opts)}
    prose = re.sub(r"```sh\n.*?```", "", DOCS.read_text(encoding="utf-8"), flags=re.S)
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", prose))
    assert named - known == set()
