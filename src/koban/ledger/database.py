"""The ledger's database: SQLite in the data directory, or PostgreSQL where KOBAN_DATABASE_URL says so."""

from __future__ import annotations

import contextlib
import os
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, inspect, select, text
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from koban.ledger import audit, schema
from koban.ledger.errors import DatabaseError
from koban.ledger.migrations import HEAD, migrate

FILE = "koban.db"
BUSY_SECONDS = 120  # how long one waits for another's transaction; a first landing of a million findings takes a minute
CONNECT_SECONDS = 10
POOL, OVERFLOW = 20, 40
PRAGMAS = (
    "synchronous=FULL",  # what was acknowledged outlives a power cut
    "foreign_keys=ON",
    "cache_size=-65536",
    "temp_store=MEMORY",
    "mmap_size=1073741824",
)
WRITES = "koban_writes"


def data_directory() -> Path:
    """$KOBAN_DATA_DIR, else koban under $XDG_DATA_HOME or ~/.local/share.  Raises DatabaseError without a home."""
    named = os.environ.get("KOBAN_DATA_DIR")
    if named:
        return Path(named)
    try:
        return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "koban"
    except RuntimeError:
        raise DatabaseError("there is no home directory to keep the ledger in: set KOBAN_DATA_DIR") from None


def told_url() -> str | None:
    """What $KOBAN_DATABASE_URL says, or the file that $KOBAN_DATABASE_URL_FILE names, for secrets that are mounted."""
    url = os.environ.get("KOBAN_DATABASE_URL")
    file = os.environ.get("KOBAN_DATABASE_URL_FILE")
    if url or not file:
        return url or None
    try:
        return Path(file).read_text(encoding="utf-8").strip() or None
    except OSError as error:
        raise DatabaseError(f"cannot read $KOBAN_DATABASE_URL_FILE ({file}): {error.strerror}") from None


class Ledger:
    """One database.  Safe to share among threads; open one in each process."""

    def __init__(self, url: str, data_dir: Path | None = None) -> None:
        """Open nothing yet; `data_dir` is where the head of the audit log is kept.  Raises DatabaseError."""
        self.url = _url(url)
        self.data_dir = data_dir
        self.dialect = self.url.get_backend_name()  # sqlite, postgresql
        self._turn = threading.Lock()
        self.engine = _sqlite(self.url) if self.dialect == "sqlite" else _postgresql(self.url)

    @classmethod
    def open(cls, data_dir: Path, url: str | None = None) -> Ledger:
        """Open the ledger, making or migrating it as needed.

        Without `url` that is what KOBAN_DATABASE_URL says, else SQLite in `data_dir`.  Raises DatabaseError.
        """
        url = url or told_url()
        try:
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            if url is None:
                path = data_dir / FILE
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
                url = URL.create("sqlite", database=os.fspath(path)).render_as_string()
        except OSError as error:
            why = f"cannot keep the ledger in {data_dir}: {error.strerror} (choose another with KOBAN_DATA_DIR)"
            raise DatabaseError(why) from None
        made = cls(url, data_dir)
        try:
            made.migrate()
        except BaseException:
            made.close()
            raise
        return made

    def migrate(self) -> None:
        """Bring the tables to what this version of Koban knows.  Raises DatabaseError, also for a newer schema."""
        with self.reading() as connection:
            now = revision(connection)
        if now == HEAD:
            return
        self._check(now)
        with self.writing() as connection:
            if self.dialect == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": audit.LOCK + 1})
            now = revision(connection)  # another process may have been faster
            self._check(now)
            if now != HEAD:
                migrate(connection)

    def _check(self, now: str | None) -> None:
        if now is not None and now > HEAD:
            raise DatabaseError(
                f"the ledger in {self.name} was written by a newer Koban (schema {now}, this one knows {HEAD}): "
                "upgrade Koban"
            )

    @property
    def name(self) -> str:
        """Where it is, for people, without a password."""
        if self.dialect == "sqlite":
            return self.url.database or "memory"
        return self.url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for questions; nothing done in it stays."""
        with self._errors(), self.engine.connect() as connection, connection.begin() as transaction:
            yield connection
            transaction.rollback()

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection with one transaction, kept as a whole when the block ends and not at all when it raises."""
        turn = self._turn if self.dialect == "sqlite" else contextlib.nullcontext()
        with self._errors(), turn, self.engine.connect() as raw:
            connection = raw.execution_options(**{WRITES: True})
            try:
                with connection.begin():
                    yield connection
                head = connection.info.get("audit_head")
            finally:
                connection.info.pop("audit_head", None)
            if head is not None and self.data_dir is not None:
                audit.keep_head(self.data_dir, head)

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError as error:
            raise DatabaseError(f"the database {self.name} does not answer (check KOBAN_DATABASE_URL)") from error
        except DBAPIError as error:
            if not _is_about_the_database(error):
                raise
            raise DatabaseError(f"cannot use the database {self.name}: {_reason(error)}{_advice(error)}") from error

    def close(self) -> None:
        self.engine.dispose()


def hold(connection: Connection, table: str, id: int | str) -> None:
    """Nobody else changes this row until the transaction ends, so what is read of it from here on stays true.

    On SQLite there is one writer anyhow.
    """
    column = schema.metadata.tables[table].c.id
    connection.execute(select(column).where(column == id).with_for_update(key_share=True))


def revision(connection: Connection) -> str | None:
    """The schema that the database has; None where it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _url(url: str) -> URL:
    try:
        made = make_url(url)
        backend = made.get_backend_name()
    except (ArgumentError, SQLAlchemyError, ValueError):
        raise DatabaseError(
            "KOBAN_DATABASE_URL is no address of a database: expected postgresql://user:password@host:5432/name"
        ) from None
    if backend in ("postgresql", "postgres"):
        return made.set(drivername="postgresql+pg8000")
    if backend != "sqlite":
        raise DatabaseError(f"{backend} is not supported: use postgresql:// or leave KOBAN_DATABASE_URL out for SQLite")
    return made.set(drivername="sqlite+pysqlite")


class _Compiler(SQLiteCompiler):
    """SQLite's, with ``INDEXED BY`` as the hint of a table: SQLAlchemy leaves hints out of SQLite's SQL."""

    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:
        return text


def _sqlite(url: URL) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=POOL,
        max_overflow=OVERFLOW,
    )
    engine.dialect.statement_compiler = _Compiler

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, record: Any) -> None:
        raw.isolation_level = None  # the transactions are begun below
        if raw.execute("PRAGMA journal_mode").fetchone()[0] != "wal":  # to ask is free, to set it takes a lock
            if raw.execute("PRAGMA page_count").fetchone()[0] == 0:
                raw.execute("PRAGMA auto_vacuum=INCREMENTAL")
            raw.execute("PRAGMA journal_mode=WAL")
        for pragma in PRAGMAS:
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: URL) -> Engine:
    arguments: dict[str, Any] = {"timeout": CONNECT_SECONDS, "application_name": "koban"}
    query = dict(url.query)
    host = query.pop("host", None)
    if isinstance(host, str):
        if host.startswith("/"):
            arguments["unix_sock"] = f"{host}/.s.PGSQL.{query.pop('port', None) or url.port or 5432}"
        else:
            url = url.set(host=host)
    mode = query.pop("sslmode", None)
    if mode in ("require", "verify-ca", "verify-full"):
        root = query.pop("sslrootcert", None)
        arguments["ssl_context"] = _tls(str(mode), root if isinstance(root, str) else None)
    elif mode not in (None, "disable", "allow", "prefer"):
        raise DatabaseError(f"sslmode {mode!r} is none of disable, require, verify-ca, verify-full")
    query.pop("sslrootcert", None)
    query.pop("port", None)
    if query:
        raise DatabaseError(f"KOBAN_DATABASE_URL: {min(query)!r} is none of host, port, sslmode, sslrootcert")
    engine = create_engine(
        url.set(query={}),
        connect_args=arguments,
        pool_size=POOL,
        max_overflow=OVERFLOW,
        pool_pre_ping=True,
        pool_recycle=1800,
    )

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, record: Any) -> None:
        raw._usock.settimeout(None)  # it was for connecting alone: what lands a scan may take minutes
        cursor = raw.cursor()
        cursor.execute("SET TIME ZONE 'UTC'")
        cursor.execute("SET jit = off")  # it costs more than it gives for pages of fifty rows
        cursor.execute("SET work_mem = '32MB'")  # the resources of a common word, or of a sight, are hashed as a whole
        cursor.close()
        raw.commit()

    return engine


def _tls(mode: str, root: str | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=root)
    except (OSError, ssl.SSLError) as error:
        raise DatabaseError(f"sslrootcert {root}: {error.strerror or error}") from None
    if mode != "verify-full":
        context.check_hostname = False
    if mode == "require" and root is None:
        context.verify_mode = ssl.CERT_NONE
    return context


def _is_about_the_database(error: DBAPIError) -> bool:
    """Whether the database could not be used at all, rather than a statement being wrong."""
    kind = type(error).__name__
    return kind in ("OperationalError", "InterfaceError", "DatabaseError") and "syntax" not in str(error.orig)


def _reason(error: DBAPIError) -> str:
    original = error.orig
    said = original.args[0] if original is not None and original.args else original
    if isinstance(said, dict):  # as PostgreSQL says it, by letter
        said = said.get("M", said)
    return " ".join(str(said).split())[:300].rstrip(".")


def _advice(error: DBAPIError) -> str:
    said = _reason(error).lower()
    if "readonly" in said or "unable to open" in said:
        return " (choose another directory with KOBAN_DATA_DIR)"
    if "full" in said or "disk i/o" in said or "no space" in said:
        return " (free some space)"
    if "not a database" in said or "malformed" in said:
        return " (restore it from a backup)"
    if "can't create a connection" in said or "refused" in said or "password" in said or "does not exist" in said:
        return " (check KOBAN_DATABASE_URL)"
    return ""
