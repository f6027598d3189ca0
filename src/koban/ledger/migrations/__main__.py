"""Writes the next step of the migrations."""

from __future__ import annotations

import sys
import tempfile

from sqlalchemy import create_engine

from koban.ledger.migrations import HERE, configuration


def main(why: str) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(configuration())
    number = f"{len(list(script.walk_revisions())) + 1:04}"
    with (
        tempfile.TemporaryDirectory() as directory,
        create_engine(f"sqlite:///{directory}/new.db").begin() as connection,
    ):
        asked = configuration(connection)
        command.upgrade(asked, "head")
        made = command.revision(asked, why, autogenerate=True, rev_id=number)
    for one in made if isinstance(made, list) else [made]:
        if one is not None:
            sys.stdout.write(f"wrote {one.path}; set HEAD in {HERE / '__init__.py'} to {number!r}\n")


if __name__ == "__main__":
    main(sys.argv[1])
