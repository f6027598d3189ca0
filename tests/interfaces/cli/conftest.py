"""The command run in this process, in a directory of its own with a few templates and one rule of the user's."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

RULE = '''\
"""A rule as a user writes one; the tests rest on it, for it does not change as Koban's own do."""

from koban.model.aws.s3 import Bucket
from koban.model.rule import rule


@rule("high", Bucket, "cis-aws-7.0:3.1.4")
def user_bucket_unversioned(bucket: Bucket) -> bool:
    """The bucket keeps no earlier versions of what it holds.

    Why: what somebody deletes or overwrites is gone for good.
    Fix: turn on versioning.
    """
    return bucket.versioning != "Enabled"


user_bucket_unversioned.cases(
    bad=[{}, {"VersioningConfiguration": {"Status": "Suspended"}}],
    good=[{"VersioningConfiguration": {"Status": "Enabled"}}],
)
'''
BAD = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Plain:
    Type: AWS::S3::Bucket
  Kept:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Enabled}
"""
GOOD = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Kept:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Enabled}
"""
OPEN = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Versions: {Type: String}
Resources:
  Open:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: !Ref Versions}
"""
BROKEN = 'AWSTemplateFormatVersion: "2010-09-09"\nResources: [\n'


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory: bad.yaml (1 fail, 1 pass), good.yaml, open.yaml (unknown), broken.yaml, rules/user.py."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "user.py").write_text(RULE)
    for name, text in (("bad", BAD), ("good", GOOD), ("open", OPEN), ("broken", BROKEN)):
        (tmp_path / f"{name}.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


@pytest.fixture
def koban(place: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """`koban("rules", "list")` gives exit code, standard output and standard error."""
    from koban.interfaces.cli import run

    def call(*words: str) -> Outcome:
        capfd.readouterr()
        code = run(words)
        out, err = capfd.readouterr()
        return Outcome(code, out, err)

    return call


@pytest.fixture
def scan(koban: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """`scan("bad.yaml", ...)` judges templates by the user's rule alone."""
    return lambda *words: koban("scan", "iac", *words, "--rules", "rules", "--rule", "user-bucket-unversioned")


def timeless(text: str) -> str:
    """Without the moment at which it was written."""
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "2026-01-01 00:00 UTC", text)
