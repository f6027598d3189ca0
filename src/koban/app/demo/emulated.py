"""Starts the emulated AWS as a process of its own, fills it, and cleans up."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from koban.app.demo.estate import REGIONS, ROLE, Account, build, template_directory

START_SECONDS_MAX = 60

# What a scan of the emulator needs in its environment; nothing of the user's own AWS set-up may leak in.
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "demo",
    "AWS_SECRET_ACCESS_KEY": "demo",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "NO_PROXY": "127.0.0.1",
    "no_proxy": "127.0.0.1",
}
# moto brings some hundred public images and their snapshots; an ordinary company does not own them.
QUIET = {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}
DROPPED = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_CA_BUNDLE", "KOBAN_DATABASE_URL")


class DemoError(Exception):
    """The emulated AWS could not be had; the message is one line with what to do."""


@dataclass(frozen=True)
class Demo:
    """A running emulated organisation: what to scan it with, and the templates that made it."""

    url: str
    accounts: tuple[Account, ...]
    regions: tuple[str, ...]
    org_role: str
    templates: Path


@contextmanager
def emulated(say: Callable[[str], None], environment: Mapping[str, str] | None = None) -> Iterator[Demo]:
    """An emulated AWS with the demo's estate, and an environment in which AWS clients reach it alone.

    `say` hears of each step; `environment` is added to it.  Raises DemoError where moto is not installed or the
    emulator does not start.
    """
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(  # noqa: S603  our own module, no shell, no input of others
        [sys.executable, "-m", "koban.app.emulator", "--port", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONWARNINGS": "ignore", **QUIET},
    )
    before = dict(os.environ)
    try:
        _await(process, url)
        os.environ.update(ENVIRONMENT, AWS_ENDPOINT_URL=url, **(environment or {}))
        for name in DROPPED:
            os.environ.pop(name, None)
        accounts = build(url, say)
        with template_directory() as templates:
            yield Demo(url, tuple(accounts), REGIONS, ROLE, templates)
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stderr is not None:
            process.stderr.close()
        os.environ.clear()
        os.environ.update(before)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _await(process: subprocess.Popen[bytes], url: str) -> None:
    opener = build_opener(ProxyHandler({}))
    until = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < until:
        if process.poll() is not None:
            last = (process.stderr.read() if process.stderr else b"").decode("utf-8", "replace").strip().splitlines()
            why = last[-1] if last else f"exit code {process.returncode}"
            raise DemoError(f"the emulated AWS did not start ({why}); install it with: pip install 'koban[demo]'")
        try:
            with opener.open(f"{url}/moto-api/data.json", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise DemoError(f"the emulated AWS did not answer within {START_SECONDS_MAX} seconds; try again")
