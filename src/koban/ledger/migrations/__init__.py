"""The steps by which the ledger's tables came to be what they are.

`python -m koban.ledger.migrations "why"` writes the next step out of what :mod:`koban.ledger.schema` has and the steps
so far do not; read what it wrote before you keep it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection

HEAD = "0002"  # the last step; known here so that opening a ledger need not read them all
HERE = Path(__file__).parent


def migrate(connection: Connection, to: str = "head") -> None:
    """Bring the tables to a revision, in the caller's transaction."""
    from alembic import command

    command.upgrade(configuration(connection), to)


def ours(thing: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:
    """Whether the schema knows of a table or an index: not of the index for the search."""
    return not (name or "").startswith("text_index")


def configuration(connection: Connection | None = None) -> Any:
    """Alembic's settings, which lie in no file."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(HERE).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made
