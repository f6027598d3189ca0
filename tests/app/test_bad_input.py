"""What the app says of an estate, a place or a file that cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import urllib3

from koban.app.aws import AwsError, AwsOptions, scan_aws
from koban.app.baseline import BaselineError, load
from koban.app.iac import scan_iac
from koban.engines.posture import judge
from koban.ledger.spool import Spool, SpoolError
from koban.model.aws.s3 import Bucket
from koban.model.estate import EstateError
from koban.model.rule import Rule
from koban.rules.catalog import RuleFileError, catalog

TEMPLATE = 'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n  B:\n    Type: AWS::S3::Bucket\n'


def rules() -> list[Rule]:
    return [one for one in catalog() if one.id == "s3-bucket-not-versioned"]


@pytest.fixture
def options(aws: Callable[..., Any], tmp_path: Path) -> AwsOptions:
    aws("s3").create_bucket(Bucket="orders", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return AwsOptions(regions=("eu-west-1",), services=("s3",), directory=tmp_path / "scans", max_rate=1000)


def test_an_estate_that_breaks_ends_the_scan_and_is_no_verdict() -> None:
    (rule,) = rules()

    def broken(_: Any) -> bool:
        raise SpoolError("the disk is full")

    assert issubclass(SpoolError, EstateError)
    with pytest.raises(SpoolError, match="the disk is full"):
        judge(replace(rule, judge=broken), Bucket({}))


def test_a_spool_that_breaks_while_rules_ask_it_ends_the_scan(
    monkeypatch: pytest.MonkeyPatch, options: AwsOptions
) -> None:
    results = iter(scan_aws(options, [one for one in catalog() if one.id.startswith("s3-")]).results)
    next(results)

    def gone(spool: Spool, *_: Any) -> Any:
        raise SpoolError(f"cannot keep the scan in {spool.path}: it is gone")

    monkeypatch.setattr(Spool, "_all", gone)
    with pytest.raises(SpoolError, match="it is gone"):
        list(results)


def test_a_broken_spool_is_not_resumed_and_that_is_said(options: AwsOptions) -> None:
    whole = [one.as_json() for one in scan_aws(options, rules()).results]
    assert options.directory is not None
    for path in options.directory.glob("*.sqlite"):
        path.write_bytes(b"garbage" * 1000)
    again = scan_aws(replace(options, resume=True), rules())
    assert [one.as_json() for one in again.results] == whole
    assert [one for one in again.notes if one.startswith("nothing to resume in ")]


@pytest.mark.parametrize(
    ("region", "words"),
    [
        ("eu-wset-1", "there is no region 'eu-wset-1'; did you mean eu-west-1"),
        ("mars", "there is no region 'mars'; there are: af-south-1"),
    ],
)
def test_a_region_that_there_is_not(options: AwsOptions, region: str, words: str) -> None:
    with pytest.raises(AwsError, match=words):
        scan_aws(replace(options, regions=("eu-west-1", region)), [])


def test_a_session_that_expires_midway_says_what_to_do(options: AwsOptions, emulator_url: str) -> None:
    http = urllib3.PoolManager()
    fault = {"calls": ["s3:GetBucketVersioning"], "code": "ExpiredToken", "status": 403, "times": 1}
    http.request("PUT", f"{emulator_url}/koban/faults", json=[fault])
    try:
        scan = scan_aws(options, rules())
        assert {one.verdict for one in scan.results} == {"unknown"}
    finally:
        http.request("PUT", f"{emulator_url}/koban/faults", json=[])
    assert any("sign in again, then the same command with --resume" in one for one in scan.notes)


@pytest.mark.parametrize("name", ["bomb", "pipe", "directory"])
def test_a_baseline_that_would_take_for_ever_is_refused_at_once(tmp_path: Path, name: str) -> None:
    path = tmp_path / "koban.yaml"
    if name == "pipe":
        import os

        os.mkfifo(path)
    elif name == "directory":
        path.mkdir()
    else:
        levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
        path.write_text("\n".join(["a0: &a0 [x, x, x]", *levels]))
    with pytest.raises(BaselineError, match="stand for more than" if name == "bomb" else "not a regular file"):
        load(path)


def test_a_rule_file_that_ends_the_process_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import sys\nsys.exit(3)\n")
    with pytest.raises(RuleFileError, match=r"mine\.py: SystemExit: 3"):
        catalog([tmp_path])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_templates_as_editors_of_windows_write_them_are_found_in_a_directory(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "t.yaml").write_bytes(TEMPLATE.replace("\n", "\r\n").encode(encoding))
    scan = scan_iac([tmp_path], rules())
    assert [one.verdict for one in scan.results] == ["fail"]
    assert not scan.gaps


def test_half_a_utf_16_file_is_a_gap(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_bytes(TEMPLATE.encode("utf-16")[:-1])
    scan = scan_iac([tmp_path], rules())
    assert [one.verdict for one in scan.results] == ["unknown"]
    assert "save it as UTF-8" in scan.gaps[0].why


def test_a_directory_without_templates_says_so(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Resources are what we have")
    scan = scan_iac([tmp_path], rules())
    assert list(scan.results) == []
    known = "CloudFormation, SAM, Terraform or Azure"
    assert scan.notes == [f"no templates in {tmp_path}: no file there looks like one of {known}"]
