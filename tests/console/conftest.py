"""The console in a real browser, over a real server, a real ledger and real scans.

``served`` is a server with the demo's templates scanned twice, and an OpenID Connect provider beside it; ``sign_in``
gives the page of somebody of a role.  Pictures of what was seen go to KOBAN_SHOTS, where that is set.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from koban.ledger import access, people
from koban.ledger.database import Ledger
from koban.ledger.passwords import Hasher
from koban.ledger.who import SYSTEM, Sight

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "src/koban/interfaces/api/static/index.html"
AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PASSWORD = "a river in the night"
FAST = Hasher(rounds=1, memory_kib=64, lanes=1)
SHOTS = os.environ.get("KOBAN_SHOTS", "")


def _loudly(why: str) -> None:
    warnings.warn(why, stacklevel=2)
    pytest.skip(why)


def _chromium() -> str | None:
    return os.environ.get("KOBAN_CHROMIUM") or next((p for p in map(shutil.which, BROWSERS) if p), None)


@dataclass
class Served:
    """A server, its data directory, and the one-time link that it printed."""

    address: str
    directory: Path
    link: str
    process: subprocess.Popen[str]

    def person(self, role: str, email: str, sight: Sight | None = None) -> None:
        """A user with PASSWORD."""
        ledger = Ledger.open(self.directory)
        try:
            with ledger.writing() as connection:
                if people.find(connection, email=email) is None:
                    people.create(
                        connection,
                        SYSTEM,
                        datetime.now(UTC),
                        email=email,
                        name=f"The {role}",
                        role=role,
                        sight=sight,
                        password=FAST.hash(PASSWORD),
                    )
        finally:
            ledger.close()

    def token(self, role: str) -> httpx.Client:
        """A program's client."""
        email = f"program-{role}@example.com"
        self.person(role, email)
        ledger = Ledger.open(self.directory)
        try:
            now = datetime.now(UTC)
            with ledger.writing() as connection:
                actor = access.actor_of_user(people.find(connection, email=email), "")
                _, value = access.issue(
                    connection,
                    actor,
                    now,
                    name="test",
                    role=role,
                    sight=Sight(),
                    expires=now + timedelta(days=1),
                )
        finally:
            ledger.close()
        return httpx.Client(base_url=f"{self.address}/api/v1", headers={"Authorization": f"Bearer {value}"}, timeout=30)


def _environment(directory: Path, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("KOBAN_", "AWS_"))}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "KOBAN_DATA_DIR": str(directory), **more}


@contextlib.contextmanager
def serving(directory: Path, *options: str, **environment: str) -> Iterator[Served]:
    """`koban serve` on a free port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "koban", "serve", "--port", "0", "--log-level", "warning", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        env=_environment(directory, **environment),
    )
    lines: list[str] = []

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip())

    threading.Thread(target=listen, daemon=True).start()
    try:
        until, address = time.monotonic() + 60, ""
        while True:
            found = re.search(r"at (http://\S+)", "\n".join(lines))
            address = found[1] if found else ""
            if address:
                with contextlib.suppress(httpx.HTTPError):
                    if httpx.get(f"{address}/readyz").status_code == 200:
                        break
            assert process.poll() is None, lines
            assert time.monotonic() < until, lines
            time.sleep(0.1)
        link = next((line for line in lines if "/setup#" in line), "")
        yield Served(address, directory, link, process)
    finally:
        process.terminate()
        assert process.wait(30) == 0


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    path = _chromium()
    if path is None:
        _loudly("CHROMIUM IS NOT HERE: nothing of the console is tested in a browser (install Debian's chromium)")
    if not STATIC.exists():
        _loudly("THE CONSOLE IS NOT BUILT: nothing of it is tested in a browser (make .venv/web, with Node 20)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-background-networking",
                "--disable-sync",
            ],
        )
        yield made
        made.close()


@pytest.fixture(scope="session")
def provider() -> Iterator[str]:
    """The issuer of an OpenID Connect provider on loopback."""
    import oidc_provider_mock

    colleague = oidc_provider_mock.User(
        sub="colleague",
        claims={"email": "colleague@example.com", "email_verified": True, "name": "A colleague", "groups": ["cloud"]},
    )
    strange = oidc_provider_mock.User(
        sub="stranger", claims={"email": "stranger@example.com", "email_verified": True, "groups": ["sales"]}
    )
    with oidc_provider_mock.run_server_in_thread(port=0, user_claims=(colleague, strange)) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from koban.app.demo.estate import template_directory

    place = tmp_path_factory.mktemp("code") / "templates"
    with template_directory() as directory:
        shutil.copytree(directory, place)
    return place


@pytest.fixture(scope="session")
def served(browser: Any, provider: str, templates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    directory = tmp_path_factory.mktemp("state")
    subprocess.run(
        [
            *(sys.executable, "-m", "koban", "scan", "iac", str(templates), "--no-baseline", "--ledger"),
            *("--target", "Templates", "-f", "jsonl", "-o", os.devnull, "--fail-on", "none"),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        env=_environment(directory),
    )
    settings = directory.parent / "oidc.yaml"
    settings.write_text(f"issuer: {provider}\nclient_id: koban\nroles: {{cloud: analyst}}\nname: Example\n")
    secret = {"KOBAN_OIDC_CLIENT_SECRET": "a secret of the test"}
    with serving(directory, "--oidc", str(settings), **secret) as made:
        made.person("admin", "admin@example.com")
        yield made


SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def new_page(browser: Any, served: Served, request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Pages of browsers that know nobody yet; what they say on their console must be no error."""
    contexts, said = [], []

    def make(size: str = "desktop", address: str = served.address, **options: Any) -> Any:
        context = browser.new_context(
            viewport=SIZES[size], base_url=address, **{"locale": "en-GB", "timezone_id": "Europe/London", **options}
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: said.append(str(error)))
        ours = re.compile(re.escape(address))
        page.on("console", lambda m: said.append(m.text) if m.type == "error" and ours.match(page.url) else None)
        return page

    yield make
    for context in contexts:
        if SHOTS and context.pages:
            name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
            shot(context.pages[0], f"{name}-end")
        context.close()
    refused = re.compile(r"status of (401|403|404|409|412|422)")  # browsers say so of answers that the page expects
    assert not [text for text in said if not refused.search(text)]


def shot(page: Any, name: str) -> None:
    """A picture of the page, where they are wanted."""
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=False)


@pytest.fixture
def sign_in(new_page: Callable[..., Any], served: Served) -> Callable[..., Any]:
    """``sign_in("analyst")``: the page of somebody signed in by password."""

    def make(role: str = "admin", email: str = "", **options: Any) -> Any:
        email = email or f"{role}@example.com"
        served.person(role, email)
        page = new_page(**options)
        page.goto("/")
        page.locator("input[type=email], input[name=email]").first.fill(email)
        page.locator("input[type=password]").first.fill(PASSWORD)
        page.locator("button[type=submit]").first.click()
        page.wait_for_selector("h1[data-page-heading]")
        return page

    return make


def settled(page: Any) -> None:
    """Wait until the page has what it asked for (its stream of events stays open)."""
    page.wait_for_function("() => !document.querySelector('[aria-busy=true], [class*=_skeleton_]')")
    page.wait_for_timeout(150)


def violations(page: Any) -> list[str]:
    """What axe finds against WCAG 2.2 AA."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',"
        " 'best-practice']})).violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target.join(' ')"
        " + ' ' + (n.any[0] ? n.any[0].message : '')).join(' | '))"
    )
    return list(found)
