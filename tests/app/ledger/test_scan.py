from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from koban.app.ledger.scan import run
from koban.ledger import findings, resources, scans, schema, trends
from koban.ledger.database import Ledger
from koban.ledger.errors import LedgerError
from koban.ledger.findings import Filters, Finding
from koban.ledger.landing import Counts
from koban.ledger.paging import Ask
from koban.ledger.running import Stopped, begin, cancel
from koban.ledger.targets import target_named
from koban.ledger.who import SYSTEM, Sight

ALL = Sight()
OPEN = """\
Resources:
  Logs:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: logs
      AccessControl: PublicRead
      OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}
      PublicAccessBlockConfiguration: {BlockPublicAcls: false, IgnorePublicAcls: false}
"""
SHUT = OPEN.replace("PublicRead", "Private").replace("false", "true")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger.open(tmp_path / "data", f"sqlite:///{tmp_path}/koban.db")
    yield made
    made.close()


class Target:
    def __init__(self, ledger: Ledger, kind: str, **options: Any) -> None:
        self.ledger = ledger
        with ledger.writing() as connection:
            self.id = target_named(connection, "it", kind, options)

    def scan(self, **options: Any) -> Counts:
        if options:
            with self.ledger.writing() as connection:
                connection.execute(update(schema.targets).values(options=options))
        self.number = begin(self.ledger, self.id, "somebody")
        return run(self.ledger, self.number)

    def findings(self, rule: str, **filters: Any) -> dict[str, Finding]:
        with self.ledger.reading() as connection:
            asked = Filters(**{"status": (), "rule": (rule,), **filters})
            return {one.uid.rsplit("#")[-1]: one for one in findings.page(connection, ALL, asked, Ask(500)).items}


def test_code_comes_into_the_ledger_and_leaves_it(ledger: Ledger, tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    for name in ("one.yaml", "two.yaml"):
        (code / name).write_text(OPEN)
    target = Target(ledger, "iac", paths=[str(code)])
    first = target.scan()
    assert first.fail
    assert first.resources == 2
    assert {one.status for one in target.findings("s3-bucket-public").values()} == {"open"}

    # One is mended, the other cannot be read any more: nobody knows of it, so it stays.
    (code / "one.yaml").write_text(SHUT)
    (code / "two.yaml").write_text("Resources: [")
    target.scan()
    with ledger.reading() as connection:
        found = {
            Path(one.file or "").name: one
            for one in findings.stream(connection, ALL, Filters(status=(), rule=("s3-bucket-public",)))
        }
        assert (found["one.yaml"].status, found["two.yaml"].status) == ("resolved", "open")
        assert found["two.yaml"].not_read == "the file was not read"

    # It is deleted: gone, and what was said of the file too.
    (code / "two.yaml").unlink()
    target.scan()
    with ledger.reading() as connection:
        assert findings.page(connection, ALL, Filters(rule=("s3-bucket-public", "template-unreadable"))).items == []
        assert [Path(one.file or "").name for one in resources.page(connection, ALL).items] == ["one.yaml"]
        assert trends.frameworks(connection, ALL)["cis-aws-7.0"].passed


def test_a_baseline_gives_environments_and_exceptions(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "main.yaml").write_text(OPEN)
    (tmp_path / "base.yaml").write_text(
        "version: 1\n"
        "environments:\n  prod: {match: {uid: '*main.yaml*'}}\n"
        "exceptions:\n"
        "  - {id: E-1, rule: s3-bucket-public, match: {}, owner: ann@example.com, reason: a site,\n"
        "     expires: 2099-01-01}\n"
    )
    target = Target(ledger, "iac", paths=[str(tmp_path / "main.yaml")], baseline=str(tmp_path / "base.yaml"))
    target.scan()
    (one,) = target.findings("s3-bucket-public").values()
    assert (one.status, one.verdict, one.environment, one.exception) == ("excepted", "excepted", "prod", None)


def test_a_scan_that_goes_wrong_says_so_and_changes_nothing(ledger: Ledger, tmp_path: Path) -> None:
    target = Target(ledger, "iac", paths=[str(tmp_path / "nowhere")])
    with pytest.raises(ValueError, match="nowhere"):
        target.scan()
    with pytest.raises(LedgerError, match="baseline"):
        target.scan(paths=[str(tmp_path)], baseline=str(tmp_path / "none.yaml"))
    with ledger.reading() as connection:
        found = scans.page(connection).items
        assert [one.state for one in found] == ["failed", "failed"]
        assert all(one.error and "\n" not in one.error for one in found)


def test_a_scan_that_is_not_running_is_not_run(ledger: Ledger, tmp_path: Path) -> None:
    target = Target(ledger, "iac", paths=[str(tmp_path)])
    number = begin(ledger, target.id, "somebody")
    with ledger.writing() as connection:
        cancel(connection, SYSTEM, number)
    with pytest.raises(Stopped):
        run(ledger, number)


def test_an_account_comes_into_the_ledger(ledger: Ledger, aws: Any, tmp_path: Path) -> None:
    s3 = aws("s3")
    for name in ("one", "two"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    heard: list[Any] = []
    target = Target(ledger, "aws", services=["s3"], regions=["eu-west-1"])
    target.number = begin(ledger, target.id, "somebody")
    counts = run(ledger, target.number, heard.append, tmp_path / "spools")
    assert counts.resources > 2
    assert heard[-1]["total"] >= heard[-1]["done"] > 0
    rule = "s3-bucket-unversioned"
    with ledger.reading() as connection:
        rules = set(
            connection.scalars(
                select(schema.findings.c.rule).where(
                    schema.findings.c.uid.endswith(":two"), schema.findings.c.status == "open"
                )
            )
        )
    assert rules
    rule = min(rules)

    # Another service alone: what is in S3 was not read, so nothing of it is resolved.
    target.scan(services=["sqs"], regions=["eu-west-1"])
    with ledger.reading() as connection:
        of_s3 = [one for one in findings.stream(connection, ALL, Filters(status=())) if one.rule == rule]
        assert {one.status for one in of_s3} == {"open"}
        assert {one.not_read for one in of_s3} == {"not part of the last scan"}

    # A bucket is deleted, and all is read: its findings are resolved, the other's are as they were.
    s3.delete_bucket(Bucket="two")
    target.scan(services=["s3"], regions=["eu-west-1"])
    with ledger.reading() as connection:
        of_s3 = [one for one in findings.stream(connection, ALL, Filters(status=())) if one.rule == rule]
        assert {one.uid.rsplit(":")[-1]: one.status for one in of_s3} == {"one": "open", "two": "resolved"}
        assert not any(one.not_read for one in of_s3)
        (gone,) = resources.page(connection, ALL, resources.Filters(gone=True, type=("AWS::S3::Bucket",))).items
        assert gone.name == "two"
