"""The whole flow over HTTP: an organisation in the emulator, with denials, a kill and a resumption."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import urllib3

from koban.app.aws import AwsError, AwsOptions, choose, scan_aws
from koban.app.scan import Scan
from koban.model.result import Gap
from koban.rules.catalog import catalog
from koban.sources.aws.collector import collectors

OWN = "123456789012"
SERVICES = ("s3", "kms", "sns", "account")
BUCKETS, KEYS, TOPICS = "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::SNS::Topic"


class Far:
    """The emulator's own switches."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = urllib3.PoolManager()

    def calls(self) -> dict[str, int]:
        found: dict[str, int] = json.loads(self.http.request("GET", f"{self.url}/koban/calls").data)
        return found

    def forget_calls(self) -> None:
        self.http.request("DELETE", f"{self.url}/koban/calls")

    def faults(self, *faults: dict[str, Any]) -> None:
        self.http.request("PUT", f"{self.url}/koban/faults", body=json.dumps(faults))


@pytest.fixture
def far(aws: Any, emulator_url: str) -> Iterator[Far]:
    made = Far(emulator_url)
    made.forget_calls()
    yield made
    made.faults()


@pytest.fixture
def members(aws: Callable[..., Any], far: Far) -> list[str]:
    """An organisation: the own account and two more, each with a bucket, a key and a topic; sorted ids."""
    client = aws("organizations")
    client.create_organization(FeatureSet="ALL")
    root = client.list_roots()["Roots"][0]["Id"]
    unit = client.create_organizational_unit(ParentId=root, Name="production")["OrganizationalUnit"]["Id"]
    for name in ("payments", "website"):
        made = client.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]["AccountId"]
        client.tag_resource(ResourceId=made, Tags=[{"Key": "env", "Value": "prod"}])
        client.move_account(AccountId=made, SourceParentId=root, DestinationParentId=unit)
        fill(aws, made)
    fill(aws, "")
    far.forget_calls()
    return sorted(one["Id"] for one in client.list_accounts()["Accounts"])


def fill(aws: Callable[..., Any], account: str) -> None:
    import boto3

    more: dict[str, Any] = {}
    if account:
        role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
        given = aws("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        more = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
    name = f"logs-{account or OWN}"
    where = {"LocationConstraint": "eu-west-1"}
    boto3.client("s3", region_name="eu-west-1", **more).create_bucket(Bucket=name, CreateBucketConfiguration=where)
    for region in ("eu-west-1", "us-east-1"):
        boto3.client("kms", region_name=region, **more).create_key(Description="orders")
        boto3.client("sns", region_name=region, **more).create_topic(Name="orders")


@pytest.fixture
def options(tmp_path: Path) -> AwsOptions:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    return AwsOptions(
        regions=("eu-west-1", "us-east-1"), services=SERVICES, directory=tmp_path / "scans", max_rate=1000, now=now
    )


def lines(scan: Scan) -> list[str]:
    return [json.dumps(one.as_json()) for one in scan.results]


def judged(scan: Scan) -> set[tuple[str | None, str]]:
    """(account, type) of everything that was judged."""
    return {(one.resource.account, one.resource.type) for one in scan.results}


def test_one_account(aws: Any, far: Far, options: AwsOptions) -> None:
    fill(aws, "")
    heard: list[Any] = []
    scan = scan_aws(options, catalog(), progress=heard.append)
    assert {type_name for _, type_name in judged(scan)} >= {BUCKETS, KEYS, TOPICS}
    assert scan.title == f"AWS account {OWN}"
    assert heard[-1].done == heard[-1].total > 0
    assert heard[-1].calls > 0


def test_an_organisation_is_read_whole_and_twice_the_same(members: list[str], options: AwsOptions) -> None:
    first = scan_aws(replace(options, org=True), catalog())
    once = lines(first)
    assert {json.loads(one)["resource"]["account"] for one in once} == set(members)
    second = scan_aws(replace(options, org=True), catalog())
    assert lines(second) == once
    assert second.gaps == first.gaps


def test_the_organisation_says_what_accounts_are(members: list[str], options: AwsOptions) -> None:
    seen: dict[str, Any] = {}

    def look(result: Any, resource: Any) -> Any:
        seen[resource.account] = (resource.in_account.document, resource.in_account.tags)
        return result

    list(scan_aws(replace(options, org=True), catalog(), amend=look).results)
    document, tags = seen[next(one for one in members if one != OWN)]
    assert document["Name"] in ("payments", "website")
    assert "/ou-" in document["OrganizationalUnit"]
    assert tags == {"env": "prod"}


def test_accounts_names_some_of_the_organisation(members: list[str], options: AwsOptions) -> None:
    other = next(one for one in members if one != OWN)
    scan = scan_aws(replace(options, org=True, accounts=(other,)), catalog())
    assert {account for account, _ in judged(scan)} == {other}
    with pytest.raises(AwsError, match="999999999999 is not in the organisation"):
        scan_aws(replace(options, org=True, accounts=("999999999999",)), [])


def test_denied_is_unknown_because_of_it_never_pass_or_fail(far: Far, members: list[str], options: AwsOptions) -> None:
    other = next(one for one in members if one != OWN)
    far.faults(
        {"calls": ["kms:ListKeys"], "code": "AccessDeniedException", "account": other},
        {"calls": ["s3:GetBucketVersioning"], "code": "AccessDenied", "status": 403, "account": other},
    )
    scan = scan_aws(replace(options, org=True), catalog())
    results = list(scan.results)
    keys = [one for one in results if one.resource.type == KEYS and one.resource.account == other]
    assert keys
    assert {(one.verdict, one.because) for one in keys} == {("unknown", ("AccessDenied kms:ListKeys",))}
    versions = [r for r in results if r.rule == "s3-bucket-not-versioned" and r.resource.account == other]
    assert {one.verdict for one in versions} == {"unknown"}
    assert {one.verdict for one in results if one.resource.type == KEYS and one.resource.account == OWN} & {
        "pass",
        "fail",
    }
    assert Gap(KEYS, other, "eu-west-1", "AccessDenied kms:ListKeys") in scan.gaps
    assert any(gap.type == BUCKETS and gap.why == "AccessDenied s3:GetBucketVersioning" for gap in scan.gaps)
    assert not any(gap.account == OWN and "AccessDenied" in gap.why for gap in scan.gaps)


def test_an_account_that_lets_nobody_in(far: Far, members: list[str], options: AwsOptions) -> None:
    others = [one for one in members if one != OWN]
    far.faults({"calls": ["sts:AssumeRole"], "code": "AccessDenied", "status": 403, "times": 1})
    scan = scan_aws(replace(options, org=True), catalog())
    results = list(scan.results)
    (gap,) = [gap for gap in scan.gaps if gap.type == "*"]
    assert gap.account in others
    assert gap.why == "AccessDenied sts:AssumeRole"
    assert {one.verdict for one in results if one.resource.account == gap.account} == {"unknown"}
    assert {one.verdict for one in results if one.resource.account == OWN} >= {"pass", "fail"}


def test_a_session_that_expires_midway_is_resumed_where_it_ended(aws: Any, far: Far, options: AwsOptions) -> None:
    fill(aws, "")
    whole = lines(scan_aws(options, catalog()))
    far.faults({"calls": ["sns:*"], "code": "ExpiredToken", "status": 403, "times": 1})
    far.forget_calls()
    broken = scan_aws(options, catalog())
    assert lines(broken) != whole
    assert any("ExpiredToken" in gap.why for gap in broken.gaps)
    assert sum(far.calls().values()) < 60
    far.faults()
    far.forget_calls()
    resumed = scan_aws(replace(options, resume=True), catalog())
    assert lines(resumed) == whole
    assert far.calls()["sns:ListTopics"] >= 1


def test_a_complete_scan_resumed_asks_for_nothing_again(aws: Any, far: Far, options: AwsOptions) -> None:
    fill(aws, "")
    whole = lines(scan_aws(options, catalog()))
    far.forget_calls()
    assert lines(scan_aws(replace(options, resume=True), catalog())) == whole
    lasting = {"sts:GetCallerIdentity", "s3control:?"}
    again = {one.name for one in collectors() if one.service in SERVICES}
    assert again
    assert not {call for call in far.calls() if call.startswith(("kms:", "sns:"))} - lasting


def test_a_killed_scan_is_resumed(aws: Any, far: Far, options: AwsOptions, tmp_path: Path) -> None:
    fill(aws, "")
    heard: list[Any] = []
    whole = lines(scan_aws(options, catalog(), progress=heard.append))
    hanging = 2 * sum(one.service == "sns" for one in collectors())
    directory = tmp_path / "killed"
    far.faults({"calls": ["sns:ListTopics"], "hang": 20})
    script = f"""
        from dataclasses import replace
        from datetime import UTC, datetime
        from pathlib import Path
        from koban.app.aws import AwsOptions, scan_aws
        options = AwsOptions(regions={options.regions!r}, services={SERVICES!r}, directory=Path({str(directory)!r}),
                             max_rate=1000, now=datetime(2030, 1, 1, tzinfo=UTC))
        for _ in scan_aws(options, [], progress=lambda p: print(p.done, flush=True)).results:
            pass
    """
    path = ":".join(sys.path)
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        text=True,
        env={**_env(), "PYTHONPATH": path},
    )
    assert child.stdout is not None
    for line in child.stdout:
        if int(line) >= heard[-1].total - hanging:
            break
    time.sleep(1)
    child.send_signal(signal.SIGKILL)
    child.wait()
    far.faults()
    far.forget_calls()
    assert lines(scan_aws(replace(options, directory=directory, resume=True), catalog())) == whole
    assert far.calls().get("sns:ListTopics", 0) >= 1
    assert far.calls().get("s3:ListBuckets", 0) == 0


def _env() -> dict[str, str]:
    import os

    return dict(os.environ)


def test_services_left_out_are_no_gap_and_judge_no_place(aws: Any, far: Far, options: AwsOptions) -> None:
    fill(aws, "")
    scan = scan_aws(replace(options, services=("sns",)), catalog())
    found = {one.resource.type for one in scan.results}
    assert TOPICS in found
    assert not found & {BUCKETS, KEYS}
    assert not any("left out" in gap.why for gap in scan.gaps)
    other = scan_aws(replace(options, services=("sqs",)), catalog())
    assert not any("left out" in why for one in other.results for why in one.because)
    assert {call.partition(":")[0] for call in far.calls()} <= {"sns", "sts", "s3", "kms", "sqs"}


def test_a_service_is_its_own_types_alone_where_one_call_reads_several() -> None:
    every = collectors()

    def types(*names: str, exclude: tuple[str, ...] = ()) -> set[str]:
        return {cls.type for one in choose(every, names, exclude) for cls in one.types}

    assert types("neptune") == {f"AWS::Neptune::{name}" for name in ("DBCluster", "DBInstance")} | {
        "Koban::Neptune::DBClusterSnapshot"
    }
    assert types("neptune") < types("rds")
    assert types("rds", exclude=("neptune",)) == types("rds") - types("neptune")
    assert types("docdb") > {"AWS::DocDB::DBCluster", "AWS::DocDB::DBClusterParameterGroup"}


def test_a_service_that_there_is_not(options: AwsOptions) -> None:
    with pytest.raises(AwsError, match=r"there is no service 'teleport'; there are: .*s3"):
        scan_aws(replace(options, services=("teleport",)), [])


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("InvalidClientTokenId", "AWS does not know these credentials"),
        ("ExpiredToken", "the AWS session has expired"),
        ("SomethingElse", "AWS refuses the first question: SomethingElse sts:GetCallerIdentity"),
    ],
)
def test_credentials_that_are_refused_are_one_clear_line(far: Far, options: AwsOptions, code: str, words: str) -> None:
    far.faults({"calls": ["sts:GetCallerIdentity"], "code": code, "status": 403})
    with pytest.raises(AwsError, match=words) as found:
        scan_aws(options, [])
    assert "\n" not in str(found.value)
    assert options.directory is not None
    assert not list(options.directory.glob("*.sqlite"))


def test_no_credentials(monkeypatch: pytest.MonkeyPatch, far: Far, options: AwsOptions) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    with pytest.raises(AwsError, match="no AWS credentials found: run `aws sso login`"):
        scan_aws(options, [])


def test_a_profile_that_there_is_not(far: Far, options: AwsOptions) -> None:
    with pytest.raises(AwsError, match="there is no AWS profile 'nobody'"):
        scan_aws(replace(options, profile="nobody"), [])


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch, far: Far, options: AwsOptions) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(AwsError, match="AWS does not answer: check the network"):
        scan_aws(options, [])


def test_regions_that_may_not_be_listed(aws: Any, far: Far, options: AwsOptions) -> None:
    far.faults({"calls": ["ec2:DescribeRegions", "account:ListRegions"], "code": "AccessDenied", "status": 403})
    scan = scan_aws(replace(options, regions=(), services=("sns",)), catalog())
    list(scan.results)
    assert any("only regions enabled by default were read" in gap.why for gap in scan.gaps)
