"""Answers that many people ask for, kept until something in the ledger changes.

Every change writes an entry of the audit log in its own transaction; so where the newest entry is the same, all that
was counted is the same.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection

from koban.ledger import audit

KEPT_MAX = 200

T = TypeVar("T")


class Kept:
    """The answers of one process."""

    def __init__(self, kept_max: int = KEPT_MAX) -> None:
        self.kept_max = kept_max
        self._found: OrderedDict[str, Any] = OrderedDict()
        self._making: set[str] = set()
        self._turn = threading.Condition()

    def of(self, connection: Connection, question: object, make: Callable[[], T]) -> T:
        """What `make` answers to a question; `question` says all that the answer hangs on beside the ledger.

        Who asks while another makes the same answer waits for it: after a change everybody asks at once.
        """
        # The head is read first: what is counted may be newer than it, never older.
        key = f"{audit.head(connection)}|{question!r}"
        with self._turn:
            self._turn.wait_for(lambda: key in self._found or key not in self._making)
            if key in self._found:
                self._found.move_to_end(key)
                known: T = self._found[key]
                return known
            self._making.add(key)
        try:
            made = make()
            with self._turn:
                self._found[key] = made
                while len(self._found) > self.kept_max:
                    self._found.popitem(last=False)
        finally:
            with self._turn:
                self._making.remove(key)
                self._turn.notify_all()
        return made
