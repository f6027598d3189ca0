"""Where the lake lies: a directory, or a bucket of S3."""

from __future__ import annotations

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Storage(ABC):
    """A place for tables; DuckDB writes into a workspace of it, and `publish` puts the files where readers look."""

    options: dict[str, str]

    @abstractmethod
    def uri(self, table: str) -> str:
        """Where delta-rs finds a table."""

    @abstractmethod
    def workspace(self, table: str) -> str:
        """A directory of this machine into which a table's files are written."""

    @abstractmethod
    def publish(self, table: str, paths: Sequence[str]) -> None:
        """Puts files of the workspace where readers look."""

    @abstractmethod
    def readable(self, table: str, path: str) -> str:
        """The name under which DuckDB reads a file of a table."""

    @abstractmethod
    def content(self, table: str, path: str) -> bytes | None:
        """The bytes of a file of a table; None when there is none."""

    @abstractmethod
    def holds(self, table: str, path: str) -> bool:
        """Whether a file of a table is still there, also when no version names it any more."""

    @abstractmethod
    def prepare(self, connection: DuckDBPyConnection) -> None:
        """Gives a connection what it needs to read from here."""


class Directory(Storage):
    """A lake in a directory of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.options = {}

    def uri(self, table: str) -> str:
        return str(self.root / table)

    def workspace(self, table: str) -> str:
        path = self.root / table
        path.mkdir(parents=True, exist_ok=True)
        return str(path)

    def publish(self, table: str, paths: Sequence[str]) -> None:
        return None

    def readable(self, table: str, path: str) -> str:
        return str(self.root / table / path)

    def content(self, table: str, path: str) -> bytes | None:
        try:
            return (self.root / table / path).read_bytes()
        except FileNotFoundError:
            return None

    def holds(self, table: str, path: str) -> bool:
        return (self.root / table / path).exists()

    def prepare(self, connection: DuckDBPyConnection) -> None:
        return None


class Bucket(Storage):
    """A lake in S3: files are written here first, then sent."""

    def __init__(self, uri: str, options: dict[str, str]) -> None:
        self.root = uri.rstrip("/")
        self.options = options

    @cached_property
    def _scratch(self) -> Path:
        self._temporary = tempfile.TemporaryDirectory(prefix="koban-lake-")
        return Path(self._temporary.name)

    @cached_property
    def _store(self) -> Any:
        from obstore.store import S3Store

        # one name here is the client's, not the bucket's; it has no prefix there
        config: Any = {k.lower(): v for k, v in self.options.items() if k.lower() != "aws_allow_http"}
        plain = self.options.get("aws_allow_http") == "true"
        return S3Store.from_url(self.root, config=config, client_options={"allow_http": plain})

    def uri(self, table: str) -> str:
        return f"{self.root}/{table}"

    def workspace(self, table: str) -> str:
        path = self._scratch / table
        path.mkdir(parents=True, exist_ok=True)
        return str(path)

    def publish(self, table: str, paths: Sequence[str]) -> None:
        def send(path: str) -> None:
            written = self._scratch / table / path
            self._store.put(f"{table}/{path}", written)
            written.unlink()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(send, paths))

    def readable(self, table: str, path: str) -> str:
        return f"{self.root}/{table}/{path}"

    def content(self, table: str, path: str) -> bytes | None:
        from obstore.exceptions import NotFoundError

        try:
            return bytes(self._store.get(f"{table}/{path}").bytes())
        except (NotFoundError, FileNotFoundError):
            return None

    def holds(self, table: str, path: str) -> bool:
        from obstore.exceptions import NotFoundError

        try:
            self._store.head(f"{table}/{path}")
        except (NotFoundError, FileNotFoundError):
            return False
        return True

    def remove(self, folder: str) -> None:
        """Removes what lies in a folder of the lake."""
        for page in self._store.list(prefix=f"{folder}/"):
            self._store.delete([one["path"] for one in page])

    def prepare(self, connection: DuckDBPyConnection) -> None:
        import duckdb_extension_httpfs

        extensions = Path(duckdb_extension_httpfs.__file__).parent / "extensions"
        connection.execute(f"LOAD '{next(extensions.glob('*/httpfs.duckdb_extension'))}'")
        endpoint = self.options.get("aws_endpoint_url", "")
        said = {
            "KEY_ID": self.options.get("aws_access_key_id", ""),
            "SECRET": self.options.get("aws_secret_access_key", ""),
            "SESSION_TOKEN": self.options.get("aws_session_token", ""),
            "REGION": self.options.get("aws_region", ""),
            "ENDPOINT": endpoint.partition("://")[2],
            "URL_STYLE": "path" if endpoint else "",
            "USE_SSL": "false" if endpoint.startswith("http:") else "",
        }
        settings = ", ".join(f"{key} '{value.replace(chr(39), chr(39) * 2)}'" for key, value in said.items() if value)
        connection.execute(f"CREATE OR REPLACE TEMPORARY SECRET lake (TYPE s3, SCOPE '{self.root}', {settings})")
