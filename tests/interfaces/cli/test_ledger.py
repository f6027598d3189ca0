from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, update

from koban.interfaces.cli import run
from koban.ledger import schema
from koban.ledger.database import Ledger

OPEN = "Resources: {B: {Type: AWS::S3::Bucket, Properties: {AccessControl: PublicRead}}}\n"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KOBAN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("KOBAN_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


def test_a_scan_is_kept_and_the_audit_log_is_proven(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("main.yaml").write_text(OPEN)
    assert run(["scan", "iac", "main.yaml", "--ledger", "--format", "jsonl"]) == 1
    said = capsys.readouterr()
    assert "koban: scan 1 is in the ledger (" in said.err
    assert '"rule":' in said.out
    Path("main.yaml").write_text("Resources: {B: {Type: AWS::SNS::Topic}}\n")
    run(["scan", "iac", "main.yaml", "--ledger", "-q"])
    assert " resolved" in capsys.readouterr().err

    assert run(["audit", "verify"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("The audit log is whole: 2 entries.  Head: 2:")
    head = said.out.split("Head: ")[1].strip()
    assert run(["ledger", "maintain"]) == 0
    capsys.readouterr()

    ledger = Ledger(f"sqlite:///{data}/koban.db")
    with ledger.writing() as connection:
        connection.execute(delete(schema.audit).where(schema.audit.c.id == 2))
    assert run(["audit", "verify"]) == 1
    assert "broken at entry 2: the end is cut off" in capsys.readouterr().out
    assert run(["audit", "verify", "--head", head]) == 1
    with ledger.writing() as connection:
        connection.execute(update(schema.audit).values(actor="somebody else"))
    assert run(["audit", "verify"]) == 1
    assert "broken at entry 1: it was altered" in capsys.readouterr().out
    ledger.close()


def test_what_cannot_be_kept_is_refused_before_anything_is_read(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("main.yaml").write_text(OPEN)
    assert run(["scan", "iac", "-", "--ledger"]) == 2
    assert run(["scan", "iac", "main.yaml", "--target", "x"]) == 2
    assert run(["audit", "verify"]) == 2
    assert "there is no ledger in" in capsys.readouterr().err
    assert not data.exists()
    assert run(["audit", "verify", "--head", "x"]) == 2
