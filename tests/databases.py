"""Ledgers to test with: on SQLite always, on PostgreSQL where its programs are found."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

PLACES = ("/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt/postgresql")
NEEDED = ("initdb", "pg_ctl", "postgres")


def programs() -> Path | None:
    """Where PostgreSQL's programs are, the newest; None where there are none."""
    found = [path.parent for place in PLACES for path in Path(place).glob("**/bin/initdb")]
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path).parent)
    whole = [one for one in found if all((one / name).exists() for name in NEEDED)]
    return max(whole, key=lambda one: [int(n) for n in str(one).split("/") if n.isdigit()], default=None)


def _unprivileged() -> list[str] | None:
    """What to begin a command with so that it is not run as root; None where that cannot be."""
    if os.geteuid() != 0:
        return []
    return ["runuser", "-u", "nobody", "--"] if shutil.which("runuser") else None


class Server:
    """A PostgreSQL of its own, on a socket in a directory of its own."""

    def __init__(self, bin: Path, begin: list[str]) -> None:
        self.bin, self.begin = bin, begin
        self.directory = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # a socket's path must be short
        if begin:
            shutil.chown(self.directory, "nobody")
        self._run("initdb", "-D", str(self.directory / "data"), "-A", "trust", "-U", "koban", "--no-sync", "-E", "UTF8")
        options = f"-k {self.directory} -c listen_addresses='' -c max_connections=120"
        for said in ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off"):
            options += f" -c {said}"
        self._run(
            "pg_ctl", "-D", str(self.directory / "data"), "-o", options, "-w", "-l", f"{self.directory}/log", "start"
        )

    def _run(self, name: str, *arguments: str) -> None:
        command = [*self.begin, str(self.bin / name), *arguments]
        done = subprocess.run(
            command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stderr.decode(errors='replace')[-500:]}")

    def url(self, database: str) -> str:
        return f"postgresql://koban@/{database}?host={self.directory}"

    def say(self, sql: str) -> None:
        import pg8000.native

        connection = pg8000.native.Connection("koban", unix_sock=f"{self.directory}/.s.PGSQL.5432", database="postgres")
        try:
            connection.run(sql)
        finally:
            connection.close()

    def copy(self, template: str) -> str:
        """A new database like another, to which nobody is connected."""
        name = f"t{uuid.uuid4().hex[:12]}"
        self.say(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        self.say(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.directory / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.directory, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    bin, begin = programs(), _unprivileged()
    if bin is None or begin is None:
        why = "POSTGRESQL IS NOT HERE: nothing of the ledger is tested on it (install Debian's postgresql)"
        warnings.warn(why, stacklevel=1)
        pytest.skip(why)
    server = Server(bin, begin)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def template_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from koban.ledger.database import Ledger

    directory = tmp_path_factory.mktemp("template")
    Ledger.open(directory, f"sqlite:///{directory}/koban.db").close()
    return directory / "koban.db"


@pytest.fixture(scope="session")
def template_postgresql(postgresql: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    from koban.ledger.database import Ledger

    postgresql.say("CREATE DATABASE template_koban")
    Ledger.open(tmp_path_factory.mktemp("template"), postgresql.url("template_koban")).close()
    return "template_koban"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a ledger without anything in it, once on each database."""
    if request.param == "sqlite":
        path = tmp_path / "koban.db"
        shutil.copy(request.getfixturevalue("template_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    server: Server = request.getfixturevalue("postgresql")
    template = request.getfixturevalue("template_postgresql")
    name = server.copy(template)
    yield server.url(name)
    server.drop(name)
