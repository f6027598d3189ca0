"""`koban fix iac`: what it shows, what it writes, and what it leaves alone."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.interfaces.cli.conftest import Outcome

from koban.app.fix import write as writing
from koban.app.fix.run import Asked, propose
from koban.rules.catalog import catalog
from koban.rules.fixes import every_fix

KEY = "Resources:\n  Key:\n    Type: AWS::KMS::Key  # signs\n"
MENDED = KEY + "    Properties:\n      EnableKeyRotation: true\n"
VOLUME = 'resource "aws_ebs_volume" "data" {\n  size = 1\n}\n'


@pytest.fixture
def here(place: Path) -> Path:
    for one in place.glob("*.yaml"):
        one.unlink()
    (place / "key.yaml").write_text(KEY)
    return place


def test_the_diff_is_shown_and_nothing_is_written(here: Path, koban: Callable[..., Outcome]) -> None:
    done = koban("fix", "iac", ".", "--rule", "kms-*")
    assert done.code == 0
    assert done.out == (
        "# Key: kms-key-rotation-off\n--- a/key.yaml\n+++ b/key.yaml\n@@ -1,3 +1,5 @@\n Resources:\n   Key:\n"
        "     Type: AWS::KMS::Key  # signs\n+    Properties:\n+      EnableKeyRotation: true\n"
    )
    assert "1 finding can be mended in 1 file" in done.err
    assert (here / "key.yaml").read_text() == KEY


def test_it_writes_and_a_second_run_has_nothing_to_do(here: Path, koban: Callable[..., Outcome]) -> None:
    (here / "key.yaml").chmod(0o640)
    done = koban("fix", "iac", ".", "--rule", "kms-*", "--write")
    assert (done.code, "1 finding mended in 1 file" in done.err) == (0, True)
    assert (here / "key.yaml").read_text() == MENDED
    assert stat.S_IMODE((here / "key.yaml").stat().st_mode) == 0o640
    assert sorted(one.name for one in here.iterdir()) == ["key.yaml", "rules"]
    again = koban("fix", "iac", ".", "--rule", "kms-*", "--write")
    assert (again.code, again.out) == (0, "")


def test_what_replaces_a_resource_is_written_when_asked_for_alone(here: Path, koban: Callable[..., Outcome]) -> None:
    (here / "main.tf").write_text(VOLUME)
    shown = koban("fix", "iac", "main.tf")
    assert "# aws_ebs_volume.data: ebs-volume-unencrypted (replaces the resource)" in shown.out
    kept = koban("fix", "iac", "main.tf", "--write")
    assert "it replaces the resource; --replace allows that" in kept.err
    assert (here / "main.tf").read_text() == VOLUME
    koban("fix", "iac", "main.tf", "--write", "--replace")
    assert "  encrypted = true\n" in (here / "main.tf").read_text()


def test_json_says_what_and_why(here: Path, koban: Callable[..., Outcome]) -> None:
    (here / "open.yaml").write_text(
        "Parameters: {On: {Type: String, Default: 'false'}}\nResources:\n  A: {Type: AWS::KMS::Key, Properties: "
        "{EnableKeyRotation: !Ref On}}\n  B: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: !Ref On}}\n"
    )
    done = koban("fix", "iac", ".", "--rule", "kms-*", "--format", "json")
    made = json.loads(done.out)
    assert [(one["rule"], one["files"], one["replaces"]) for one in made["offered"]] == [
        ("kms-key-rotation-off", ["key.yaml"], False)
    ]
    assert {one["why"] for one in made["not_offered"]} == {"its value is a parameter that is used elsewhere too"}
    assert (made["written"], [one["file"] for one in made["files"]]) == (False, ["key.yaml"])
    assert "2 x its value is a parameter that is used elsewhere too" in done.err


def test_an_accepted_finding_stays(here: Path, koban: Callable[..., Outcome]) -> None:
    (here / "key.yaml").write_text(KEY.replace("# signs", "# koban:ignore kms-key-rotation-off signs only"))
    assert koban("fix", "iac", ".", "--rule", "kms-*").out == ""


def test_a_module_is_mended_where_it_is_written_for_all_who_call_it(here: Path, koban: Callable[..., Outcome]) -> None:
    (here / "m").mkdir()
    (here / "m" / "main.tf").write_text(VOLUME)
    (here / "main.tf").write_text('module "a" {\n  source = "./m"\n}\nmodule "b" {\n  source = "./m"\n}\n')
    done = koban("fix", "iac", ".", "--rule", "ebs-*")
    assert "2 findings can be mended (2 by replacing the resource) in 1 file" in done.err
    assert "+++ b/m/main.tf" in done.out


def test_a_default_that_does_not_decide_is_not_edited(here: Path, koban: Callable[..., Outcome]) -> None:
    text = 'variable "on" {\n  default = false\n}\nresource "aws_ebs_volume" "a" {\n  encrypted = var.on\n}\n'
    (here / "main.tf").write_text(text)
    assert koban("fix", "iac", "main.tf").out.count("+  default = true") == 1
    done = koban("fix", "iac", "main.tf", "--var", "on=false")
    assert (done.out, "the finding is still there after it" in done.err) == ("", True)


def test_what_a_caller_gives_is_mended_at_the_caller(here: Path, koban: Callable[..., Outcome]) -> None:
    """One caller says no, one passes a variable on, and one leaves it to the default."""
    (here / "m").mkdir()
    (here / "m" / "main.tf").write_text(
        'variable "on" {\n  default = true\n}\nresource "aws_ebs_volume" "a" {\n  encrypted = var.on\n}\n'
    )
    (here / "main.tf").write_text(
        'module "a" {\n  source = "./m"\n  on     = false\n}\nmodule "b" {\n  source = "./m"\n}\n'
        'module "c" {\n  source = "./m"\n  on     = var.c\n}\nvariable "c" {\n  default = false\n}\n'
    )
    done = koban("fix", "iac", ".", "--rule", "ebs-*", "--write", "--replace")
    assert "2 findings mended" in done.err
    assert [one for one in done.out.splitlines() if one[:1] in "+-" and one[:3] not in ("+++", "---")] == [
        "-  on     = false",
        "+  on     = true",
        "-  default = false",
        "+  default = true",
    ]
    assert "default = true" in (here / "m" / "main.tf").read_text()


def test_parts_that_cannot_be_read_are_named(here: Path, koban: Callable[..., Outcome]) -> None:
    (here / "broken.yaml").write_text('AWSTemplateFormatVersion: "2010-09-09"\nResources: [\n')
    done = koban("fix", "iac", ".", "--rule", "kms-*")
    assert (done.code, "kms-key-rotation-off" in done.out, "broken.yaml" in done.err) == (3, True, True)
    assert koban("fix", "iac", "broken.yaml").code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-"], "standard input cannot be mended"),
        (["gone"], "gone"),
        ([".", "--replace"], "--replace goes with --write"),
        ([".", "--rule", "no-such-rule"], "no rule 'no-such-rule'"),
        ([".", "--var", "x"], "write NAME=VALUE"),
        ([".", "-o", "gone/out"], "there is no directory"),
    ],
)
def test_bad_usage(here: Path, koban: Callable[..., Outcome], words: list[str], said: str) -> None:
    done = koban("fix", "iac", *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1


def asked(*paths: str) -> Asked:
    return Asked(paths, catalog(), every_fix())


def test_a_file_that_changed_since_it_was_read_is_not_written(here: Path) -> None:
    made = propose(asked("."))
    (here / "key.yaml").write_text(KEY + "# changed\n")
    with pytest.raises(writing.WriteError, match=r"key\.yaml has changed since it was read"):
        writing.write(asked("."), made)
    assert (here / "key.yaml").read_text() == KEY + "# changed\n"


def test_all_files_are_put_back_where_one_cannot_be_written(here: Path) -> None:
    (here / "z.yaml").write_text(KEY)
    made = propose(asked("."))
    (here / "z.yaml").write_text(KEY + "# changed\n")
    with pytest.raises(writing.WriteError):
        writing.write(asked("."), made)
    assert (here / "key.yaml").read_text() == KEY


def test_what_a_link_leads_to_outside_is_not_written(
    here: Path, koban: Callable[..., Outcome], tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "key.yaml"
    outside.write_text(KEY)
    (here / "key.yaml").unlink()
    (here / "key.yaml").symlink_to(outside)
    done = koban("fix", "iac", ".", "--rule", "kms-*", "--write")
    assert (done.code, "lies outside of what was given" in done.err) == (0, True)
    assert outside.read_text() == KEY


def test_only_the_files_that_are_given_are_edited(here: Path, koban: Callable[..., Outcome]) -> None:
    (here / "main.tf").write_text('resource "aws_ebs_volume" "a" {\n  encrypted = var.on\n}\n')
    (here / "variables.tf").write_text('variable "on" {\n  default = false\n}\n')
    assert "lies outside of what was given" in koban("fix", "iac", "main.tf").err
    assert "variables.tf" in koban("fix", "iac", ".", "--rule", "ebs-*").out
    assert "+++ b/key.yaml" in koban("fix", "iac", "*.yaml", "--write").out


def test_a_link_inside_stays_a_link(here: Path, koban: Callable[..., Outcome]) -> None:
    (here / "real").mkdir()
    os.rename(here / "key.yaml", here / "real" / "key.yaml")
    (here / "key.yaml").symlink_to("real/key.yaml")
    assert koban("fix", "iac", ".", "--rule", "kms-*", "--write").code == 0
    assert (here / "key.yaml").is_symlink()
    assert (here / "real" / "key.yaml").read_text() == MENDED
