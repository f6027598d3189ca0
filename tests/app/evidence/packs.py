"""A pack with all that may be in one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from koban.app.evidence.pack import Accepted, Evidence, NotRead, Pack, Place, Scanned
from koban.app.evidence.standing import Tally, standings
from koban.rules.catalog import catalog
from koban.rules.framework import framework

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
NASTY = "<img src=x onerror=alert(1)>"


def evidence_of(rule: str, number: int, **more: Any) -> Evidence:
    values: dict[str, Any] = {
        "rule": rule,
        "state": "failed",
        "severity": "critical",
        "uid": f"arn:aws:s3:::{'very-long-name-' * 8}{number}",
        "name": NASTY,
        "type": "AWS::S3::Bucket",
        "account": "111122223333",
        "region": "eu-west-1",
        "environment": "本番環境",
        "file": "",
        "line": None,
        "message": "誰でもこのバケットを読めます & <b>bold</b> 😀 שלום",
        "because": (),
        "first_seen": AT,
        "last_seen": AT,
        "exception": None,
        "fingerprint": "0" * 32,
    }
    return Evidence(**values | more)


def pack(found: Sequence[Evidence] = (), framework_id: str = "cis-aws-7.0", **more: Any) -> Pack:
    rules = catalog()
    tallies = {one.rule: Tally(open=sum(each.rule == one.rule for each in found)) for one in found}

    def evidence(asked: Sequence[str], limit: int | None) -> Iterator[Evidence]:
        yield from [one for one in found if one.rule in asked][:limit]

    values: dict[str, Any] = {
        "framework": framework(framework_id),
        "made": AT,
        "made_by": "監査 花子 <h@example.com>",
        "version": "1.2.3",
        "limited": "",
        "scanned": [Scanned("production", "aws", AT), Scanned("=cmd()", "iac", None)],
        "places": [Place("111122223333", "店舗", "production")],
        "not_read": [NotRead("AWS::EC2::Volume", "111122223333", "eu-west-1", "AccessDenied ec2:DescribeVolumes")],
        "not_read_count": 1,
        "standings": standings(framework(framework_id), rules, tallies),
        "titles": {one.id: one.summary for one in rules},
        "exceptions": [Accepted(1, "s3-*", "", "", "Web site & <more>", "Ana", "Ben", AT, date(2027, 1, 1))],
        "evidence": evidence,
    }
    return Pack(**values | more)
