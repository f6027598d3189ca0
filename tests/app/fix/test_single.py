from __future__ import annotations

from pathlib import Path

import pytest

from koban.app.fix import single
from koban.app.iac import scan_iac
from koban.rules.catalog import catalog

TEMPLATE = """
Resources:
  One: {Type: AWS::EC2::Volume, Properties: {AvailabilityZone: eu-west-1a, Size: 1}}
  Two: {Type: AWS::EC2::Volume, Properties: {AvailabilityZone: eu-west-1a, Size: 1}}
"""
TERRAFORM = 'resource "aws_ebs_volume" "one" {\n  availability_zone = "eu-west-1a"\n  size              = 1\n}\n'
RULE = "ebs-volume-unencrypted"


def uids(directory: Path) -> list[str]:
    found = scan_iac([directory], [one for one in catalog() if one.id == RULE]).results
    return sorted(one.resource.uid for one in found if one.verdict == "fail")


def test_the_edit_mends_this_finding_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(TEMPLATE)
    for uid, name in zip(uids(tmp_path), ("One", "Two"), strict=True):
        change = single.mended({"paths": [str(tmp_path)]}, RULE, uid)
        assert change is not None
        added = [line for line in change.diff().splitlines() if line.startswith("+ ")]
        assert len(added) == 1
        assert f"{name}:" in added[0]
        assert "Encrypted: true" in added[0]


def test_terraform_too(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(TERRAFORM)
    (uid,) = uids(tmp_path)
    change = single.mended({"paths": [str(tmp_path)]}, RULE, uid)
    assert change is not None
    assert "+  encrypted         = true" in change.diff()


def test_code_that_has_changed_since_is_looked_at_again(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(TERRAFORM)
    (uid,) = uids(tmp_path)
    assert single.mended({"paths": [str(tmp_path)]}, RULE, uid) is not None
    (tmp_path / "main.tf").write_text("# nothing is left\n")
    assert single.mended({"paths": [str(tmp_path)]}, RULE, uid) is None


def test_none_where_there_is_no_fix_no_path_or_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "main.tf").write_text(TERRAFORM)
    (uid,) = uids(tmp_path)
    assert single.mended({"paths": [str(tmp_path)]}, "iam-root-used", uid) is None
    assert single.mended({}, RULE, uid) is None
    assert single.mended({"paths": [str(tmp_path / "gone")]}, RULE, uid) is None
    (tmp_path / "large.json").write_text(" " * (single.BYTES_MAX + 1))
    assert single.mended({"paths": [str(tmp_path)]}, RULE, uid) is None
