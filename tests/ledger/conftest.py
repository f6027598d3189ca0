"""A ledger to test with, once on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from koban.ledger.database import Ledger


@pytest.fixture
def ledger(database_url: str, tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger.open(tmp_path, database_url)
    yield made
    made.close()
