"""The API over a ledger in a temporary directory, and somebody signed in for each role.

``api`` is the application with its state; ``viewer``, ``analyst``, ``approver`` and ``admin`` are clients of signed-in
people (cookies, header against forgery), ``anonymous`` is nobody's.  ``api.client(sight=..., role=...)`` makes others,
``api.token("analyst")`` a program's.

Each test runs on SQLite and on PostgreSQL.  What is not about the ledger says ``pytest.mark.databases("sqlite")``;
what changes nothing in it says ``pytest.mark.reads``, and shares one.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from tests.databases import Server
from tests.interfaces.api.filled import Filled, decide, fill

from koban.app.serve.settings import Rate, Rates, Settings
from koban.interfaces.api.make import make_app
from koban.interfaces.api.security import CSRF_HEADER, State
from koban.ledger import access, people
from koban.ledger.database import FILE, Ledger
from koban.ledger.passwords import Hasher
from koban.ledger.seal import key_of
from koban.ledger.who import SYSTEM, Sight

PASSWORD = "a river in the night"
FAST = Hasher(rounds=1, memory_kib=64, lanes=1)  # the real parameters take 50 ms a time
BASE = "http://127.0.0.1:8400"
ANY = Rate(1e6, 10**6)
UNLIMITED = Rates(ANY, ANY, ANY, ANY)


ALL = Sight()
DATABASES = ("sqlite", "postgresql")


class Clock:
    """The time of the server, which a test may move."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def forward(self, **by: float) -> None:
        self.ahead += timedelta(**by)


@dataclass
class Api:
    """A server without a network."""

    app: FastAPI
    state: State
    clock: Clock

    def person(self, role: str = "viewer", sight: Sight = ALL, email: str | None = None) -> int:
        """A user with PASSWORD; returns the id."""
        email = email or f"{role}{'' if sight == ALL else '-limited'}@example.com"
        with self.state.ledger.writing() as connection:
            known = people.find(connection, email=email)
            if known is not None:
                return int(known["id"])
            return people.create(
                connection,
                SYSTEM,
                self.clock(),
                email=email,
                name=f"The {role}",
                role=role,
                sight=sight,
                password=self.state.settings.hasher.hash(PASSWORD),
            )

    def anonymous(self, **options: Any) -> TestClient:
        return TestClient(self.app, base_url=BASE, raise_server_exceptions=False, follow_redirects=False, **options)

    def client(self, role: str = "viewer", sight: Sight = ALL, email: str | None = None) -> TestClient:
        """A browser in which a person of this role is signed in."""
        user = self.person(role, sight, email)
        with self.state.ledger.writing() as connection:
            value, csrf = access.start(connection, user, self.clock(), self.state.settings.lifetime)
        client = self.anonymous()
        client.cookies.set(self.state.cookie, value, domain="127.0.0.1", path="/")
        client.headers[CSRF_HEADER] = csrf
        return client

    def token(self, role: str = "viewer", sight: Sight = ALL) -> TestClient:
        """A program with a token of this role."""
        user = self.person(role, sight)
        with self.state.ledger.writing() as connection:
            row = people.find(connection, id=user)
            actor = access.actor_of_user(row, "")
            _, value = access.issue(
                connection,
                actor,
                self.clock(),
                name="a program",
                role=role,
                sight=sight,
                expires=self.clock() + timedelta(days=30),
            )
        client = self.anonymous()
        client.headers["Authorization"] = f"Bearer {value}"
        return client


SETTINGS = Settings(hasher=FAST, rates=UNLIMITED)


@pytest.fixture
def settings() -> Settings:
    """What the server of a test was told; a module overrides it with its own."""
    return SETTINGS


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        said = metafunc.definition.get_closest_marker("databases")
        metafunc.parametrize("database", said.args if said else DATABASES)


class Maker:
    """Makes servers, each with a copy of the ledger `like`: a file, or a database of `server`."""

    def __init__(self, like: Path | str, server: Server | None, directory: Path) -> None:
        self.like, self.server, self.directory = like, server, directory
        self.ledgers: list[Ledger] = []
        self.names: list[str] = []

    def __call__(self, settings: Settings, **changes: Any) -> Api:
        directory = self.directory / f"data{len(self.ledgers)}"
        directory.mkdir(mode=0o700)
        clock = Clock()
        ledger = Ledger.open(directory, self._copy(directory))
        self.ledgers.append(ledger)
        state = State(ledger, directory, key_of(directory), replace(settings, **changes), clock)
        return Api(make_app(state), state, clock)

    def _copy(self, directory: Path) -> str | None:
        if self.server is None:
            shutil.copy(self.like, directory / FILE)
            return None
        self.names.append(self.server.copy(str(self.like)))
        return self.server.url(self.names[-1])

    def close(self) -> None:
        for ledger in self.ledgers:
            ledger.close()
        for name in self.names:
            assert self.server is not None
            self.server.drop(name)


@pytest.fixture
def make_api(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Iterator[Callable[..., Api]]:
    """Makes servers; with something in their ledgers where the test asks for `filled`."""
    like = request.getfixturevalue(f"{'filled' if 'filled' in request.fixturenames else 'template'}_{database}")
    server = request.getfixturevalue("postgresql") if database == "postgresql" else None
    with contextlib.closing(Maker(like, server, tmp_path)) as maker:
        yield maker


@pytest.fixture(scope="session")
def shared_sqlite(filled_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with contextlib.closing(Maker(filled_sqlite, None, tmp_path_factory.mktemp("shared"))) as maker:
        yield decided(maker(SETTINGS))


@pytest.fixture(scope="session")
def shared_postgresql(
    filled_postgresql: str, postgresql: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    with contextlib.closing(Maker(filled_postgresql, postgresql, tmp_path_factory.mktemp("shared"))) as maker:
        yield decided(maker(SETTINGS))


def decided(api: Api) -> Api:
    decide(Filled.of(api.state.ledger), api.person("approver"))
    return api


@pytest.fixture
def api(request: pytest.FixtureRequest, database: str, settings: Settings) -> Api:
    if request.node.get_closest_marker("reads") is not None:
        shared: Api = request.getfixturevalue(f"shared_{database}")
        return shared
    make: Callable[..., Api] = request.getfixturevalue("make_api")
    return make(settings)


@pytest.fixture(scope="session")
def filled_sqlite(template_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("filled")
    file = directory / FILE
    shutil.copy(template_sqlite, file)
    with contextlib.closing(Ledger.open(directory, f"sqlite:///{file}")) as ledger:
        fill(ledger, directory / "code")
    return file


@pytest.fixture(scope="session")
def filled_postgresql(postgresql: Server, template_postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    directory = tmp_path_factory.mktemp("filled")
    name = postgresql.copy(template_postgresql)
    with contextlib.closing(Ledger.open(directory, postgresql.url(name))) as ledger:
        fill(ledger, directory / "code")
    return name


@pytest.fixture
def filled(request: pytest.FixtureRequest, api: Api) -> Filled:
    """What the scans found, and one of each thing that people decide."""
    if request.node.get_closest_marker("reads") is None:
        decided(api)
    return Filled.of(api.state.ledger)


@pytest.fixture
def anonymous(api: Api) -> TestClient:
    return api.anonymous()


@pytest.fixture
def viewer(api: Api) -> TestClient:
    return api.client("viewer")


@pytest.fixture
def analyst(api: Api) -> TestClient:
    return api.client("analyst")


@pytest.fixture
def approver(api: Api) -> TestClient:
    return api.client("approver")


@pytest.fixture
def admin(api: Api) -> TestClient:
    return api.client("admin")
