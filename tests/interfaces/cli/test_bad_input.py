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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"garbage [[[\n", ", line 1: neither a whole [section] header nor below one"),
        (b"[default]\nregion\n", ", line 2: neither a [section] nor a setting of the form name = value"),
        (b"[default]\na = 1\n[default]\n", ", line 3: the section [default] is there twice"),
        (b"[default]\na = 1\n\na = 2\n", ", line 4: the setting a is there twice in [default]"),
        (b"[default]\na = \xff\xfe\n", ", line 2: it is not UTF-8 text"),
        (b"[default]\ns3 =\n  max\n", ": an indented line is not of the form name = value"),
    ],
)
@pytest.mark.parametrize("variable", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
def test_a_configuration_that_is_none(
    environment: dict[str, str], place: Path, text: bytes, words: str, variable: str
) -> None:
    file = place / "mine"
    file.write_bytes(text)
    line = refused(run(environment | {variable: str(file)}, *AWS))
    assert line == (f"koban: the AWS configuration file {file}{words}; mend it, or name another file with {variable}")


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


def test_a_profile_whose_endpoint_hangs_at_sign_in(
    aws: Callable[..., Any], emulator_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In this process, to be less patient than a scan is."""
    from koban.sources.aws.session import ApiMaker, AwsError, connect
    from koban.sources.aws.transport import Transport

    config = tmp_path / "config"
    keys = "aws_access_key_id = a\naws_secret_access_key = b\n"
    config.write_text(f"[profile audit]\nregion = eu-west-1\n{keys}endpoint_url = {emulator_url}\n")
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    maker = ApiMaker()

    def impatient(session: Any, credentials: Any) -> Any:
        api: Any = maker(session, credentials)
        api.shared.transport = Transport(read_seconds_max=0.3)
        return api

    assert connect(impatient, "audit").account == "123456789012"
    http = urllib3.PoolManager()
    http.request("PUT", f"{emulator_url}/koban/faults", json=[{"calls": ["sts:GetCallerIdentity"], "hang": 2}])
    try:
        with pytest.raises(AwsError, match=r"AWS does not answer: check .* the profile's endpoint_url \(ReadTimeout"):
            connect(impatient, "audit")
    finally:
        http.request("PUT", f"{emulator_url}/koban/faults", json=[])


def test_a_home_that_takes_no_files(
    aws: Callable[..., Any], signed_in: dict[str, str], emulator_url: str, place: Path
) -> None:
    here = signed_in | {"AWS_ENDPOINT_URL": emulator_url, "HOME": "/dev/null"}
    where = AWS.index("--spool")
    line = refused(run(here, *AWS[:where]))
    assert line.startswith("koban: cannot keep the scan in /dev/null/.cache/koban/scans/aws-")
    assert line.endswith("(choose another directory with --spool or XDG_CACHE_HOME)")
    assert run(here, *AWS).returncode == 0
    assert run(here | {"XDG_CACHE_HOME": str(place / "cache")}, *AWS[:where]).returncode == 0


def test_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    from koban.app.aws import AwsError, AwsOptions

    def nobody(_: int) -> Any:
        raise KeyError("no such user")

    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    with pytest.raises(AwsError, match=r"there is no home directory .* --spool or XDG_CACHE_HOME"):
        _ = AwsOptions().spools


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
    line = refused(done)
    assert "cannot keep the scan in spool/" in line
    assert "free some space" in line


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
