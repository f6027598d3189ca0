"""What the scheduler does from time to time."""

from __future__ import annotations

from datetime import UTC, datetime

from koban.app.serve.scheduler import Job
from koban.app.serve.settings import Settings
from koban.ledger import access, exceptions, notifications, queue, retention, running, scopes
from koban.ledger.database import Ledger


def jobs(ledger: Ledger, settings: Settings) -> list[Job]:
    """All of them."""

    def due() -> None:
        with ledger.writing() as connection:
            queue.ask_due(connection, datetime.now(UTC))

    def dead() -> None:
        running.bury(ledger)

    def expired() -> None:
        with ledger.writing() as connection:
            exceptions.expire(connection)

    def over() -> None:
        with ledger.writing() as connection:
            access.sweep(connection, datetime.now(UTC), settings.lifetime)

    def told() -> None:
        with ledger.writing() as connection:
            notifications.forget(connection, datetime.now(UTC))

    return [
        Job("scans that are due", 10, due),
        Job("scans that died", 15, dead),
        Job("exceptions that expire", 300, expired),
        Job("tags of new sights", 60, lambda: scopes.keep(ledger), apart=True),
        Job("sessions that are over", 3600, over),
        Job("messages sent long ago", 3600, told),
        Job("what is kept no longer", 86400, lambda: retention.tidy(ledger), apart=True),
    ]
