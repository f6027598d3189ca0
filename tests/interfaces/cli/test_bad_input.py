"""Bad input and bad days, as a user meets them: the command as a process, one clear line, the right exit code."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import urllib3

AWS = ("scan", "aws", "--regions", "eu-west-1", "--services", "sns", "--format", "jsonl", "--spool", "spool")
HANGING = [{"calls": ["sns:GetTopicAttributes"], "hang": 6, "times": 100}]


@pytest.fixture
def environment(place: Path) -> dict[str, str]:
    """No credentials, no configuration, no machine to take them from."""
    import koban

    return {
        "PATH": os.environ["PATH"],
        "HOME": str(place),
        "PYTHONPATH": os.path.dirname(os.path.dirname(koban.__file__)),
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.fixture
def signed_in(environment: dict[str, str]) -> dict[str, str]:
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "eu-west-1"}
    return environment | keys


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "koban", *words]


def run(environment: dict[str, str], *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words), env=environment, capture_output=True, text=True, timeout=30, check=False, **more
    )


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of a command that could do nothing."""
    assert done.returncode == 2, done
    (line,) = done.stderr.splitlines()
    assert line.startswith("koban: ")
    return line


class WebPage(BaseHTTPRequestHandler):
    """What a proxy with a page to sign in at answers."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b"<!DOCTYPE html><html>Sign in first</html>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def web_page() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), WebPage) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def closing() -> Iterator[str]:
    """An endpoint that takes connections and breaks them off."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def close_all() -> None:
            try:
                while True:
                    listening.accept()[0].close()
            except OSError:
                return

        threading.Thread(target=close_all, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


def test_no_credentials(environment: dict[str, str]) -> None:
    assert "no AWS credentials found: run `aws sso login`" in refused(run(environment, *AWS))


def test_a_configuration_that_is_none(environment: dict[str, str], place: Path) -> None:
    (place / "config").write_text("garbage [[[\n")
    line = refused(run(environment | {"AWS_CONFIG_FILE": str(place / "config")}, *AWS))
    assert "AWS credentials cannot be read" in line


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "AWS does not answer: check the network"),
        ({"AWS_ENDPOINT_URL": "http://nowhere.invalid"}, "nowhere.invalid has no address"),
        ({"HTTPS_PROXY": "http://127.0.0.1:1"}, "the proxy does not answer: check HTTPS_PROXY"),
    ],
)
def test_nobody_answers(signed_in: dict[str, str], more: dict[str, str], words: str) -> None:
    assert words in refused(run(signed_in | more, *AWS))


def test_a_web_page_answers(signed_in: dict[str, str], web_page: str) -> None:
    assert "what answers is not AWS: check the proxy" in refused(run(signed_in | {"AWS_ENDPOINT_URL": web_page}, *AWS))


def test_connections_are_broken_off(signed_in: dict[str, str], closing: str) -> None:
    assert "AWS does not answer" in refused(run(signed_in | {"AWS_ENDPOINT_URL": closing}, *AWS))


@pytest.mark.parametrize("how", ["interrupted", "killed"])
def test_a_scan_stopped_midway_is_resumed_and_nothing_asked_again(
    aws: Callable[..., Any], signed_in: dict[str, str], emulator_url: str, how: str
) -> None:
    for name in ("orders", "bills"):
        aws("sns").create_topic(Name=name)
    http = urllib3.PoolManager()
    here = signed_in | {"AWS_ENDPOINT_URL": emulator_url}

    def calls() -> dict[str, int]:
        found: dict[str, int] = http.request("GET", f"{emulator_url}/koban/calls").json()
        return found

    words = (*AWS, "--services", "s3")
    http.request("DELETE", f"{emulator_url}/koban/calls")
    http.request("PUT", f"{emulator_url}/koban/faults", body=json.dumps(HANGING))
    try:
        child = subprocess.Popen(
            command(*words), env=here, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        end = time.monotonic() + 20
        while not {"sns:GetTopicAttributes", "s3:ListBuckets"} <= set(calls()) and time.monotonic() < end:
            time.sleep(0.05)
        if how == "killed":
            time.sleep(0.7)  # the spool commits what is done twice a second
        child.send_signal(signal.SIGINT if how == "interrupted" else signal.SIGKILL)
        _, said = child.communicate(timeout=10)
    finally:
        http.request("PUT", f"{emulator_url}/koban/faults", body="[]")
    if how == "interrupted":
        assert child.returncode == 130
        assert [line for line in said.splitlines() if line] == [
            "koban: the same command with --resume goes on from here",
            "koban: interrupted",
        ]
    http.request("DELETE", f"{emulator_url}/koban/calls")
    resumed = run(here, *words, "--resume")
    assert "Traceback" not in resumed.stderr
    again = calls()
    assert again["sns:GetTopicAttributes"] == 2
    assert not [call for call in again if call.startswith("s3:ListBuckets")]


def test_the_disk_of_the_spool_is_full(aws: Callable[..., Any], signed_in: dict[str, str], emulator_url: str) -> None:
    """A limit on the size of files stands for a full disk, which no test can fill."""
    aws("sns").create_topic(Name="orders")
    limit = (
        "import resource, os, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000));"
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", limit, *command(*AWS)],
        env=signed_in | {"AWS_ENDPOINT_URL": emulator_url, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "cannot keep the scan in spool/" in refused(done)


def test_the_disk_of_the_report_is_full(environment: dict[str, str]) -> None:
    line = refused(run(environment, "scan", "iac", "bad.yaml", "--format", "csv", "-o", "/dev/full"))
    assert line == "koban: cannot write to /dev/full: No space left on device"


def test_streams_that_the_caller_closed(environment: dict[str, str]) -> None:
    closed = f"{sys.executable} -m koban scan iac good.yaml --fail-on none --no-baseline"
    for how, code in ((">&-", 0), ("2>&-", 0), ("<&-", 0)):
        done = subprocess.run(
            ["sh", "-c", f"{closed} {how}"], env=environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (code, ""), how


def test_standard_input_without_a_template(environment: dict[str, str]) -> None:
    done = run(environment, "scan", "iac", "-", input="")
    assert refused(done) == "koban: not read: template: stdin: nothing came in; pipe a template into it"


@pytest.mark.parametrize("words", [(), ("scan",)])
def test_without_a_command_there_is_help(environment: dict[str, str], words: tuple[str, ...]) -> None:
    done = run(environment, *words)
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: koban")
    assert "koban: " not in done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("raise RuntimeError('boom')", "RuntimeError: boom"),
        ("import nowhere_at_all", "No module named 'nowhere_at_all'"),
        ("def (:", "SyntaxError"),
        ("import sys; sys.exit(0)", "SystemExit: 0"),
    ],
)
def test_a_rule_file_that_cannot_be_used(koban: Callable[..., Any], place: Path, text: str, words: str) -> None:
    (place / "rules" / "user.py").write_text(text)
    done = koban("scan", "iac", "bad.yaml", "--rules", "rules")
    assert done.code == 2
    assert len(done.err.splitlines()) == 1
    assert done.err.startswith("koban: rules/user.py: ")
    assert words in done.err


@pytest.mark.parametrize(
    "locale", [{"LANG": "C", "LC_ALL": "C"}, {"COLUMNS": "1"}, {"COLUMNS": "x"}, {"HOME": "/proc"}]
)
def test_poor_surroundings(environment: dict[str, str], locale: dict[str, str]) -> None:
    done = run(environment | locale, "scan", "iac", "good.yaml", "--format", "table", "--fail-on", "none")
    assert (done.returncode, done.stderr) == (0, "")
    assert "good.yaml" in done.stdout
