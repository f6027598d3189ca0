"""What can go wrong with the ledger, each in one line for people."""

from __future__ import annotations


class LedgerError(Exception):
    """Something about the ledger cannot be done; the message says what, and what to do."""


class DatabaseError(LedgerError):
    """The database cannot be opened, reached or written."""


class NotFound(LedgerError):
    """There is no such thing, or it is out of sight."""


class Refused(LedgerError):
    """Whoever asks may not do this to that."""


class Conflict(LedgerError):
    """It is not in a state in which this can be done."""


class Invalid(LedgerError):
    """A value that makes no sense; `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
