"""`koban audit`: proves the audit log."""

from __future__ import annotations

import click

from koban.interfaces.cli.options import debug, example


@click.group(epilog=example("koban audit verify"))
def audit() -> None:
    """Prove that nobody altered or cut the audit log."""


@audit.command(
    epilog="""\b
Exit codes:
  0  the log is whole
  1  an entry was altered, moved or removed: the first one that is wrong is named
  2  the ledger cannot be read

"""
    + example("koban audit verify", "koban audit verify --head 1200:9f86d0...")
)
@click.option(
    "--head",
    "written",
    metavar="NUMBER:DIGEST",
    help="A head that you kept elsewhere, as this command prints it: shows that nothing up to it is gone.  "
    "Default: the one that the data directory keeps.",
)
@debug
def verify(written: str | None) -> int:
    """Walk the audit log's chain from its first entry to its last.

    Each entry holds the digest of the one before it.  The chain alone cannot tell that its end is cut off; a head
    that was kept elsewhere can.
    """
    from koban.interfaces.cli.ledger import opened
    from koban.interfaces.cli.output import say
    from koban.ledger.audit import Head, kept_head
    from koban.ledger.audit import verify as walk
    from koban.ledger.errors import Invalid

    try:
        head = Head.of(written) if written else None
    except Invalid as error:
        raise click.UsageError(f"--head: {error.message}") from error
    with opened(make=False) as ledger:
        if head is None and ledger.data_dir is not None:
            head = kept_head(ledger.data_dir)
        with ledger.reading() as connection:
            found = walk(connection, head)
    if not found.whole:
        click.echo(f"The audit log is broken at entry {found.broken:,}: {found.why}.")
        return 1
    click.echo(f"The audit log is whole: {found.entries:,} entries." + (f"  Head: {found.head}" if found.head else ""))
    if head is None and found.entries:
        say("koban: no head was kept, so an end that was cut off would not show: keep the one above")
    return 0
