"""Every fix on a source before and the diff after, in CloudFormation and in HCL, through the real scan.

`cases/` holds the sources, most with a resource for each fix of a service, and beside each the diff that is wanted.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from koban.app.fix.edit import Ends
from koban.app.fix.run import Asked, Proposal, propose
from koban.rules.catalog import catalog
from koban.rules.fixes import every_fix

CASES = Path(__file__).parent / "cases"
SOURCES = sorted(one.name for one in CASES.iterdir() if one.suffix in (".yaml", ".json", ".tf"))
NOW = datetime(2027, 1, 15, tzinfo=UTC)

# Fixes of which no case is in HCL, and why.
NOT_IN_HCL = {
    "its table makes the property of several arguments, which is not written backwards": {
        "apigateway-stage-cache-unencrypted",
        "apigateway-stage-logs-whole-requests",
        "dynamodb-global-table-deletable",
        "dynamodb-global-table-not-recoverable",
    },
}
NOT_IN_YAML = {"s3-account-public-access-block-off"}  # CloudFormation has no such type


def proposal(paths: list[str], directory: Path) -> Proposal:
    before = os.getcwd()
    os.chdir(directory)
    try:
        return propose(Asked(paths, catalog(), every_fix(), now=NOW))
    finally:
        os.chdir(before)


@cache
def proposed(name: str) -> Proposal:
    """By itself: the other files of a directory belong to the same configuration."""
    with TemporaryDirectory() as directory:
        shutil.copy(CASES / name, directory)
        return proposal([name], Path(directory))


@pytest.mark.parametrize("name", SOURCES)
def test_the_diff_of_each_source(name: str) -> None:
    """After a wanted change: delete the diff, run twice, and look at the difference."""
    made = "".join(one.diff() for one in proposed(name).changes)
    golden = CASES / f"{name}.diff"
    if not golden.exists():
        golden.write_text(made, encoding="utf-8")
        pytest.fail(f"{golden.name} was missing and is written; look at it")
    assert made == golden.read_text(encoding="utf-8")


def test_every_fix_is_offered_in_yaml() -> None:
    offered = {one.result.rule for name in SOURCES if name.endswith(".yaml") for one in proposed(name).offers}
    assert sorted(set(every_fix()) - offered - NOT_IN_YAML) == []


def test_every_fix_that_a_table_can_write_is_offered_in_hcl() -> None:
    from koban.sources.terraform.aws import tables_of

    kinds = {
        table.cls.type
        for source, tables in tables_of().items()
        for table in tables
        if not table.by and not source.startswith("awscc_")
    }
    offered = {one.result.rule for name in SOURCES if name.endswith(".tf") for one in proposed(name).offers}
    known = {one.id for one in catalog() if one.type.type in kinds}
    excused = {rule for rules in NOT_IN_HCL.values() for rule in rules}
    missing = set(every_fix()) & known - offered
    assert sorted(missing - excused) == []
    assert sorted(excused & offered) == []


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_mended_stays_mended(name: str, tmp_path: Path) -> None:
    first = proposed(name)
    for change in first.changes:
        (tmp_path / name).write_bytes(change.after)
    if not first.changes:
        return
    again = proposal([name], tmp_path)
    assert {one.result.fingerprint for one in again.offers} & {one.result.fingerprint for one in first.offers} == set()
    worse = {one.rule for one in again.judged.results.values() if one.verdict in ("fail", "unknown")}
    assert worse <= {one.rule for one in first.judged.results.values() if one.verdict in ("fail", "unknown")}


@pytest.mark.parametrize("name", [one for one in SOURCES if one.endswith((".yaml", ".tf"))])
def test_the_ends_of_lines_and_the_mark_at_the_beginning_are_kept(name: str, tmp_path: Path) -> None:
    data = (CASES / name).read_bytes()
    (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"))
    plain, made = proposed(name).changes, proposal([name], tmp_path).changes
    assert [one.after for one in made] == [b"\xef\xbb\xbf" + one.after.replace(b"\n", b"\r\n") for one in plain]
    assert all(Ends(one.after).crlf for one in made)


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not there to say how it formats")
@pytest.mark.parametrize("name", [one for one in SOURCES if one.endswith(".tf")])
def test_terraform_finds_nothing_to_format(name: str, tmp_path: Path) -> None:
    source = tmp_path / name
    shutil.copy(CASES / name, source)
    subprocess.run(["terraform", "fmt", str(source)], check=True, capture_output=True)
    for change in proposal([name], tmp_path).changes:
        source.write_bytes(change.after)
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", str(source)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
