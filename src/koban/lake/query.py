"""Questions of people to the lake: SQL over its tables, and nothing else of this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from koban.lake.lake import Lake
from koban.lake.search import search_sql
from koban.model.event import COLUMNS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CHUNK_ROWS = 2000


class BadQuery(ValueError):
    """A query that cannot be run; the message says why, in one line."""


@dataclass
class Answer:
    """Rows as they come, and the names of their columns."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


def ask(
    lake: Lake,
    sql: str,
    *,
    since: str = "",
    until: str = "",
    classes: Sequence[str] = (),
    threads: int = 0,
) -> Answer:
    """Runs one SELECT over `events`, `quarantine` and the lake's other tables.  Raises `BadQuery`.

    `since`, `until` and `classes` choose which files are read at all.  OCSF attributes may be written with dots.
    """
    import duckdb

    connection = lake.connection(threads)
    _views(lake, connection, since, until, classes)
    _shut(lake, connection)
    try:
        statements = connection.extract_statements(underscored(sql))
    except duckdb.Error as error:
        raise BadQuery(_first_line(error)) from error
    kinds = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN, duckdb.StatementType.RELATION)
    if len(statements) != 1 or statements[0].type not in kinds:
        raise BadQuery("a query is one SELECT (or DESCRIBE, SUMMARIZE, EXPLAIN); nothing else is run")
    try:
        cursor = connection.execute(statements[0])
    except duckdb.Error as error:
        raise BadQuery(_first_line(error)) from error
    return Answer(tuple(d[0] for d in cursor.description or ()), _rows(cursor))


SHORT = (
    "time",
    "coalesce(actor_user_name, actor_user_uid, user_name) AS who",
    "coalesce(api_operation, query_hostname, process_cmd_line, http_request_url_url_string, finding_info_title,"
    " message) AS what",
    "coalesce(src_endpoint_ip, device_hostname) AS origin_of",
    "coalesce(resources_uid[1], dst_endpoint_ip, file_path) AS target",
    "CASE status_id WHEN 1 THEN 'ok' WHEN 2 THEN coalesce(status_code, 'failed') END AS outcome",
    "source",
)
"""An event in a line: who did what from where to what, and what came of it."""


def find(
    lake: Lake,
    line: str,
    *,
    since: str = "",
    until: str = "",
    classes: Sequence[str] = (),
    limit: int = 1000,
    short: bool = False,
) -> Answer:
    """The last `limit` events that a search line finds, in the order of time.  Raises `BadSearch`, `BadQuery`."""
    columns = ", ".join(SHORT) if short else "*"
    last = f"SELECT * FROM events WHERE {search_sql(line)} ORDER BY time DESC LIMIT {int(limit)}"
    return ask(lake, f"SELECT {columns} FROM ({last}) ORDER BY time", since=since, until=until, classes=classes)


def _rows(cursor: DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    import duckdb

    try:
        while chunk := cursor.fetchmany(CHUNK_ROWS):
            yield from chunk
    except duckdb.Error as error:
        raise BadQuery(_first_line(error)) from error


def _views(lake: Lake, connection: DuckDBPyConnection, since: str, until: str, classes: Sequence[str]) -> None:
    connection.execute(f"CREATE TEMP VIEW events AS SELECT * FROM {lake.relation(since, until, classes)}")
    for table in lake.others():
        connection.execute(f"CREATE TEMP VIEW {table.shape.name} AS SELECT * FROM {table.relation()}")


def _shut(lake: Lake, connection: DuckDBPyConnection) -> None:
    """From here on the connection reaches the lake's files, and no other file, network or setting."""
    place = lake.root.rstrip("/").replace("'", "''")
    connection.execute(f"SET allowed_directories = ['{place}/']")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def underscored(sql: str, dialect: str = "duckdb") -> str:
    """`actor.user.name` as `actor_user_name`, where that is a column; the rest as it is."""
    if "." not in sql:
        return sql
    import sqlglot
    from sqlglot import exp

    try:
        trees = sqlglot.parse(sql, dialect=dialect)
    except sqlglot.errors.SqlglotError:
        return sql
    if len(trees) != 1 or trees[0] is None or isinstance(trees[0], exp.Command):
        return sql
    changed = False

    def rename(node: Any) -> Any:
        nonlocal changed
        if isinstance(node, exp.Column | exp.Dot):
            names = _names(node)
            if len(names) > 1 and "_".join(names) in COLUMNS:
                changed = True
                return exp.column("_".join(names))
        return node

    tree = trees[0].transform(rename)
    return tree.sql(dialect=dialect) if changed else sql


def _names(node: Any) -> list[str]:
    from sqlglot import exp

    if isinstance(node, exp.Dot):
        right = node.expression
        return [*_names(node.this), right.name] if isinstance(right, exp.Identifier) else []
    if isinstance(node, exp.Column):
        return [part.name for part in node.parts]
    return []


def _first_line(error: Exception) -> str:
    text = str(error)
    return " ".join(text.split("\n\n", maxsplit=1)[0].split()) or type(error).__name__
