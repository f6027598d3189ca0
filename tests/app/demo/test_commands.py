"""The commands that findings offer, run on the emulated organisation: what they mend passes afterwards."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.rules import cli

from koban.app.fix.live import typed
from koban.ledger import findings, resources
from koban.ledger.database import Ledger
from koban.ledger.who import Sight
from koban.rules.commands import every_command

ALL = Sight()
# The emulator takes the call and does not keep, or does not tell, what it was told.
NOT_KEPT = frozenset({"lambda-function-tracing-off"})


def _scan(regions: tuple[str, ...]) -> None:
    arguments = ["--org", "--regions", ",".join(regions), "--rule", ",".join(every_command())]
    command = [sys.executable, "-m", "koban", "scan", "aws", *arguments, "--no-baseline", "--ledger", "--target", "x"]
    done = subprocess.run([*command, "-f", "jsonl", "-o", os.devnull], capture_output=True, text=True, check=False)
    assert "is in the ledger" in done.stderr, done.stderr[-2000:]


def _failing(data: Path) -> dict[int, tuple[findings.Finding, Any]]:
    ledger = Ledger.open(data)
    try:
        with ledger.reading() as connection:
            found = findings.stream(connection, ALL, findings.Filters(status=("open",), verdict=("fail",)))
            return {
                one.id: (one, resources.document(connection, ALL, one.resource) if one.resource else None)
                for one in list(found)
            }
    finally:
        ledger.close()


def test_what_they_mend_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from koban.app.demo import emulated

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    data = tmp_path / "state"
    with emulated(lambda _: None, {"KOBAN_DATA_DIR": str(data)}) as made:
        accounts = {account.id: account for account in made.accounts}
        _scan(made.regions)
        before = _failing(data)
        ran, refused = {}, {}
        for id, (one, document) in before.items():
            place = {"account": one.account or "", "region": one.region or ""}
            command = typed(one.rule, document, name=one.name or "", uid=one.uid, **place)
            if command is None or command.choices:
                continue
            service, operation, parameters, region = cli.read(shlex.split(command.line))
            client = accounts[one.account].client(service, region or "us-east-1")
            try:
                getattr(client, cli.dashed(operation).replace("-", "_"))(**parameters)
            except Exception as error:
                refused[one.rule] = f"{command.line}: {error}"
            else:
                ran[id] = one.rule
        _scan(made.regions)
        after = _failing(data)
    still = {rule for id, rule in ran.items() if id in after}
    mended = set(ran.values()) - still
    assert still <= NOT_KEPT
    assert len(mended) >= 30, (sorted(mended), refused)
