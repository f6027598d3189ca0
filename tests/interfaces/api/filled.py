"""A ledger with something in it: a real scan of a template, and an estate of two accounts with nasty names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import update

from koban.app import rulebook
from koban.app.iac import scan_iac
from koban.ledger import accounts, cases, decisions, exceptions, findings, targets, views
from koban.ledger.database import Ledger
from koban.ledger.landing import AccountRow, Coverage, land
from koban.ledger.running import begin
from koban.ledger.schema import scans
from koban.ledger.staging import stage
from koban.ledger.targets import target_named
from koban.ledger.who import SYSTEM, Actor, Sight
from koban.model.resource import Resource, resource_class
from koban.model.result import Gap, Result, Subject
from koban.rules.catalog import catalog

SHOP, OPS = "111122223333", "444455556666"
XSS = "<img src=x onerror=alert(1)>"
FORMULA = "=cmd|' /C calc'!A0"
PUBLIC, LOGS = "s3-bucket-public", "s3-bucket-not-logged"
TEMPLATE = """
Resources:
  Web:
    Type: AWS::S3::Bucket
    Properties:
      AccessControl: PublicRead
      PublicAccessBlockConfiguration: {BlockPublicAcls: false}
      OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}
      Tags: [{Key: team, Value: shop}]
  Volume:
    Type: AWS::EC2::Volume
    Properties: {AvailabilityZone: eu-west-1a, Size: 1, Encrypted: false}
"""


@dataclass
class Filled:
    """What is in it."""

    ledger: Ledger
    estate: int
    code: int

    @classmethod
    def of(cls, ledger: Ledger) -> Filled:
        """Of a ledger that `fill` has filled."""
        with ledger.reading() as connection:
            known = {one.name: one.id for one in targets.every(connection)}
        return cls(ledger, known["estate"], known["code"])

    def ids(self, **filters: Any) -> list[int]:
        from koban.ledger.paging import Ask

        with self.ledger.reading() as connection:
            found = findings.page(connection, Sight(), findings.Filters(**{"status": (), **filters}), Ask(500))
        return [one.id for one in found.items]

    def key(self, name: str) -> str:
        from sqlalchemy import select

        from koban.ledger.schema import resources

        with self.ledger.reading() as connection:
            return str(connection.execute(select(resources.c.key).where(resources.c.name == name)).scalar_one())


def bucket(name: str, account: str, team: str, **document: Any) -> Resource:
    made = resource_class("AWS::S3::Bucket")(
        {"BucketName": name, "Tags": [{"Key": "team", "Value": team}, {"Key": "note", "Value": XSS}], **document},
        account=account,
        region="eu-west-1",
    )
    return made


def verdict(resource: Resource, rule: str, verdict: str, severity: str = "critical") -> Result:
    subject = Subject(resource.uid, resource.type, resource.name, resource.account, resource.region, None, None, None)
    known = rulebook.rules()[rule]
    because = ("AccessDenied s3:GetBucketPolicy",) if verdict == "unknown" else ()
    return Result(rule, verdict, severity, subject, known.summary, because, known.controls, known.fix)  # type: ignore[arg-type]


def estate(fixed: bool = False) -> tuple[list[Resource], list[Result]]:
    """The second time one bucket is mended, one is gone and its document has changed."""
    resources, results = [], []
    for number in range(6):
        account, team = (SHOP, "shop") if number < 4 else (OPS, "ops")
        if fixed and number == 3:
            continue
        name = {0: XSS, 1: FORMULA}.get(number, f"bucket-{number}")
        extra = {"VersioningConfiguration": {"Status": "Enabled"}} if fixed and number == 2 else {}
        one = bucket(name, account, team, **extra)
        resources.append(one)
        public = {2: "pass" if fixed else "fail", 4: "unknown"}.get(number, "fail")
        results.append(verdict(one, PUBLIC, public))
        results.append(verdict(one, LOGS, "pass" if number % 2 else "fail", "low"))
    return resources, results


def scan(ledger: Ledger, target: int, started: datetime, resources: Any, results: Any, coverage: Coverage) -> int:
    number = begin(ledger, target, "somebody")
    with ledger.writing() as connection:
        connection.execute(update(scans).where(scans.c.id == number).values(started=started))
    stage(ledger, number, results, resources, lambda one: "production" if one.account == SHOP else None)
    land(ledger, number, coverage)
    return number


def covering(*gaps: Gap, places: tuple[AccountRow, ...] = ()) -> Coverage:
    def unread(type: str, account: str, region: str, file: str) -> str | None:
        return next((gap.why for gap in gaps if gap.covers(type, account, region)), None)

    rules = [one.id for one in catalog()]
    return Coverage(rules, unread, gaps, {one.id: list(one.controls) for one in catalog()}, places, "a scan")


def fill(ledger: Ledger, directory: Path) -> None:
    """Two scans of the estate, one of a template; an exception, a case and a view are made by `decide`."""
    rulebook.rules()  # and with them the classes of the resources
    started = datetime.now(UTC) - timedelta(hours=3)
    with ledger.writing() as connection:
        first = target_named(connection, "estate", "aws", {"accounts": [SHOP, OPS]})
        second = target_named(connection, "code", "iac", {"paths": [str(directory)]})
    places = (AccountRow(SHOP, f"Shop {XSS}", "r/shop", "production"), AccountRow(OPS, "Ops", "r/ops"))
    gap = Gap("AWS::EC2::Volume", OPS, "", "AccessDenied ec2:DescribeVolumes")
    scan(ledger, first, started, *estate(), covering(gap, places=places))
    scan(ledger, first, started + timedelta(hours=1), *estate(fixed=True), covering(gap, places=places))
    directory.mkdir(exist_ok=True)
    (directory / "web.yaml").write_text(TEMPLATE)
    heard: dict[str, Resource] = {}

    def hear(result: Result, resource: Resource) -> Result:
        heard[resource.uid] = resource
        return result

    results = list(scan_iac([directory], catalog(), amend=hear).results)
    scan(ledger, second, started + timedelta(hours=2), list(heard.values()), results, covering())


def decide(filled: Filled, user: int) -> None:
    """What people do: one of each."""
    actor = Actor("user", "The approver", user, "approver")
    with filled.ledger.writing() as connection:
        found = filled.ids(rule=(LOGS,), verdict=("fail",), target=(filled.estate,))
        expires = date.today() + timedelta(days=30)
        exceptions.ask_for(connection, actor, found[:1], reason=f"because {XSS}", expires=expires, approve=True)
        exceptions.ask(connection, actor, reason="asked", expires=expires, rule=PUBLIC, account=SHOP)
        case = cases.create(connection, actor, title=f"Case {XSS}", findings=filled.ids(rule=(PUBLIC,)))
        cases.comment(connection, actor, case, XSS)
        decisions.comment(connection, actor, found[1], XSS)
        decisions.assign(connection, actor, found[1:2], user)
        views.create(connection, actor, page="findings", name=XSS, query="severity=critical", shared=True)
        accounts.change(connection, SYSTEM, OPS, {"environment": "test"})
