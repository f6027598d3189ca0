"""A scan made by hand, with every verdict, severity, kind of place, and hostile names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

import pytest

from koban.app.reports import Context, report, write
from koban.app.scan import Scan
from koban.model.result import Gap, Result, Subject
from koban.rules.aws.s3 import s3_bucket_public
from koban.rules.framework import Control, Framework

STARTED = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
HOSTILE = "</script><script>alert('1')</script>\"'&\u2028\x1b[31m\u202e日本 =1+1"


def live(name: str, kind: str = "AWS::S3::Bucket", account: str = "111122223333", region: str = "eu-west-1") -> Subject:
    return Subject(f"arn:aws:s3:::{name}", kind, name, account, region)


def code(address: str, file: str = "stacks/web.yaml", line: int = 12) -> Subject:
    return Subject(f"{file}#{address}", "AWS::S3::Bucket", address, None, None, address, file, line)


def result(rule: str, verdict: str, severity: str, subject: Subject, because: Iterable[str] = ()) -> Result:
    summary = f"Something is wrong with what {rule} looks at."
    prefix = {"pass": "Not so: ", "unknown": "Cannot tell: "}.get(verdict, "")
    fix = None if verdict == "pass" else "Turn it off, then on again, and look at it once more."
    controls = ("cis-aws-7.0:3.1.4", "nist-csf-2.0:PR.AA-05") if rule == "s3-bucket-public" else ("cis-aws-7.0:2.4",)
    return Result(rule, verdict, severity, subject, prefix + summary, tuple(because), controls, fix)  # type: ignore[arg-type]


def results() -> list[Result]:
    made = [result("s3-bucket-public", "fail", "critical", live(f"open-{n}")) for n in range(5)]
    made += [
        result("s3-bucket-public", "pass", "critical", live(f"shut-{n}", account="444455556666")) for n in range(9)
    ]
    denied = "PolicyDocument: AccessDenied s3:GetBucketPolicy"
    made += [result("s3-bucket-public", "unknown", "critical", live(f"dark-{n}"), [denied]) for n in range(2)]
    made += [result("iam-root-key", "fail", "high", live("root", "Koban::AWS::Account", region=""))]
    made += [result("s3-bucket-unversioned", "fail", "medium", code("Logs"))]
    made += [
        result("s3-bucket-unversioned", "excepted", "medium", code("Temp", line=40), ["logs-temp until 2026-12-31"])
    ]
    made += [result("s3-bucket-name-odd", "fail", "low", live(HOSTILE))]
    made += [result("s3-bucket-untagged", "unknown", "info", code("Web"), ["parameter Tags has no default"])]
    return made


GAPS = [
    Gap("AWS::EC2::Volume", "111122223333", "eu-west-1", "AccessDenied ec2:DescribeVolumes"),
    Gap("AWS::EC2::Volume", "111122223333", "eu-north-1", "AccessDenied ec2:DescribeVolumes"),
]


def scan(made: Iterable[Result] | None = None, gaps: Iterable[Gap] = GAPS) -> Scan:
    return Scan("2 AWS accounts, 3 regions", STARTED, results() if made is None else made, list(gaps), ["a note"])


# A rule and a framework of our own, so that these tests stand still while rules and frameworks grow.
RULE = replace(
    s3_bucket_public,
    controls=("cis-aws-7.0:3.1.4", "nist-csf-2.0:PR.AA-05"),
    summary="Anyone on the internet can reach this bucket.",
    why="buckets left open are the most common way in which cloud data leaks.",
    fix="turn on Block Public Access for the bucket, and for the whole account.",
)
CONTROLS = (
    Control("2.1.3", "The management account runs no workloads", "customer", "PR.IR-01", True, ()),
    Control("2.3", "A security contact is registered", "shared", "RS.CO-02", False, ("account-contact-*",)),
    Control("2.4", "The root user has no access key", "customer", "PR.AA-01", False, ()),
    Control("3.1.4", "Block Public Access is on for S3", "customer", "PR.AA-05", False, ()),
    Control("3.1.5", "What buckets hold is known, classified and protected as it asks for", "customer", "", True, ()),
    Control("5.1", "Refused API calls raise an alarm", "customer", "DE.CM-03", False, ("s3-bucket-public",)),
)
CIS = Framework("cis-aws-7.0", "Foundations Benchmark", "7.0.0", "Some Center", {one.id: one for one in CONTROLS})


@pytest.fixture
def render() -> Callable[..., str]:
    """`render("csv", frameworks=[..], width=..)` gives the text of that format for the scan made by hand."""

    def run(name: str, *, of: Scan | None = None, by: tuple[str, ...] = (), **options: object) -> str:
        known = {CIS.id: CIS}
        chosen = tuple(known[one] for one in by)
        stream = StringIO()
        context = Context(
            title="2 AWS accounts, 3 regions",
            started=STARTED,
            rules={RULE.id: RULE},
            frameworks=chosen,
            known=known,
            version="0.1.0",
            **options,  # type: ignore[arg-type]
        )
        write(of or scan(), context, [report(name, stream, context)])
        return stream.getvalue()

    return run
