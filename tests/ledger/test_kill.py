from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import func, select
from tests.ledger.killed import COUNT
from tests.ledger.story import Story
from tests.ledger.test_landing import consistent

from koban.ledger import schema
from koban.ledger.audit import kept_head, verify
from koban.ledger.database import Ledger
from koban.ledger.running import bury

TIMES = int(os.environ.get("KOBAN_KILLS", "12"))
ROOT = Path(__file__).parents[2]


def test_a_scan_that_is_killed_leaves_the_state_before_or_the_state_after(
    ledger: Ledger, database_url: str, tmp_path: Path
) -> None:
    story = Story(ledger)
    chance = random.Random(5)
    seen: set[str] = set()
    for _ in range(TIMES):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.ledger.killed", database_url, str(story.target)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": "src"},
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        for _ in range(chance.randrange(1, 4)):
            assert process.stdout.readline(), "it ended by itself"
        time.sleep(chance.random() * 0.4)  # staging, landing, or between
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        seen.add(_state(ledger))
    assert seen >= {"0", "1"}, seen
    # What was staged of the dead is thrown away when they are found dead.
    with ledger.writing() as connection:
        connection.execute(schema.scans.update().values(heartbeat=story.moment))
    bury(ledger)
    with ledger.reading() as connection:
        for table in (schema.staged, schema.staged_resources):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
        assert not connection.execute(
            select(schema.scans.c.id).where(schema.scans.c.state.in_(("running", "landing")))
        ).all()


def _state(ledger: Ledger) -> str:
    """Which of the two states the ledger is in; fails where it is between them."""
    f, r = schema.findings.c, schema.resources.c
    with ledger.reading() as connection:
        colours = set()
        found = connection.execute(select(f.name, f.status, f.verdict, f.gone)).all()
        whole = [one for one in found if one.name.startswith("b")]
        if not found:
            return "empty"
        assert len(whole) == COUNT
        statuses = {(one.verdict, one.gone) for one in whole}
        assert len(statuses) == 1, statuses
        state = "0" if whole[0].verdict == "fail" else "1"
        there = {one.name for one in found if one.gone is None}
        assert {one[:5] for one in there if one.startswith("only")} == {f"only{state}"}
        assert len(there) == COUNT + 20
        from koban.ledger.documents import unpack

        for row in connection.execute(select(r.document).where(r.gone.is_(None))):
            colours.add(unpack(row.document)["Colour"])
        assert colours == {state}
        landed = connection.execute(select(func.count()).where(schema.scans.c.state == "landed")).scalar_one()
        entries = connection.execute(select(func.count()).where(schema.audit.c.action == "scan.land")).scalar_one()
        assert landed == entries
        assert verify(connection, kept_head(ledger.data_dir) if ledger.data_dir else None).whole
    consistent(ledger)
    return state
