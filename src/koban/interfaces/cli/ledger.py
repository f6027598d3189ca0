"""`koban ledger`: looks after the ledger."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from koban.interfaces.cli.options import debug, example

if TYPE_CHECKING:
    from koban.ledger.database import Ledger


@contextlib.contextmanager
def opened(make: bool = True) -> Iterator[Ledger]:
    """The ledger; raises click.ClickException where it cannot be used, or (without `make`) is not there."""
    from koban.ledger.database import FILE, Ledger, data_directory
    from koban.ledger.errors import LedgerError

    try:
        directory = data_directory()
        if not make and not os.environ.get("KOBAN_DATABASE_URL") and not (directory / FILE).exists():
            raise LedgerError(f"there is no ledger in {directory}: `koban scan ... --ledger` makes one")
        ledger = Ledger.open(directory)
        try:
            yield ledger
        finally:
            ledger.close()
    except LedgerError as error:
        raise click.ClickException(str(error)) from error


@click.group(epilog=example("koban scan aws --ledger", "koban ledger maintain"))
def ledger() -> None:
    """Look after the ledger, where findings have a life.

    It is in the database that $KOBAN_DATABASE_URL names (postgresql://user:password@host/name), else in koban.db in
    $KOBAN_DATA_DIR or ~/.local/share/koban.
    """


@ledger.command(epilog=example("koban ledger maintain", "koban ledger maintain --keep-days 730"))
@click.option(
    "--keep-days",
    type=click.IntRange(1),
    default=400,
    show_default=True,
    metavar="N",
    help="How long to keep what has ended: resolved findings, resources that are gone, changes, scans.",
)
@debug
def maintain(keep_days: int) -> int:
    """Forget what is over since long, and let the database tidy up.  Never the audit log, and nothing that is open."""
    from koban.ledger.retention import Keep, tidy
    from koban.ledger.running import bury

    with opened(make=False) as ledger:
        dead = bury(ledger)
        done = tidy(ledger, Keep(ended=keep_days))
    gone = [f"{count:,} {name}" for name, count in asdict(done).items() if count]
    click.echo(f"Forgotten: {', '.join(gone) or 'nothing'}.")
    if dead:
        click.echo(f"Failed: scans whose process had died: {', '.join(map(str, dead))}.")
    return 0
