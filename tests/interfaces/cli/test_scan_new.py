"""`koban scan iac`: what is new since an earlier result, since a revision, or between two paths."""

import json
import os
import subprocess

import pytest

NEW = """\
# a line more
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Plain:
    Type: AWS::S3::Bucket
  Added:
    Type: AWS::S3::Bucket
"""


def addresses(done):
    return [json.loads(line)["resource"]["address"] for line in done.out.splitlines()]


@pytest.fixture(params=["jsonl", "sarif"])
def earlier(request, scan):
    """The result of a scan of bad.yaml, in either form."""
    name = f"old.{request.param}"
    scan("bad.yaml", "-o", name)
    return name


def test_what_an_earlier_result_has_is_left_out_and_counts_for_nothing(scan, earlier):
    done = scan("bad.yaml", "--baseline", earlier)
    assert (done.code, done.out) == (0, "")
    assert done.err == f"koban: 1 known from {earlier} and left out, 0 gone\n"


def test_what_is_new_is_reported_and_counts(scan, earlier, place):
    (place / "bad.yaml").write_text(NEW)
    done = scan("bad.yaml", "--baseline", earlier)
    assert done.code == 1
    assert addresses(done) == ["Added"]
    assert "koban: 1 known from" in done.err


def test_what_is_gone_is_said(scan, earlier, place):
    (place / "bad.yaml").write_text((place / "good.yaml").read_text())
    done = scan("bad.yaml", "--baseline", earlier)
    assert done.code == 0
    assert done.err == f"koban: 0 known from {earlier} and left out, 1 gone\n"


def test_of_rules_that_do_not_run_nothing_is_gone(koban, place):
    koban("scan", "iac", "bad.yaml", "-o", "old.jsonl")
    done = koban("scan", "iac", "bad.yaml", "--baseline", "old.jsonl", "--rule", "s3-bucket-without-tls")
    assert done.err.endswith(" known from old.jsonl and left out, 0 gone\n")


def test_an_earlier_result_beside_the_organisations_baseline(scan, earlier, place):
    (place / "koban.yaml").write_text("version: 1\nfail_on: critical\n")
    (place / "bad.yaml").write_text(NEW)
    assert scan("bad.yaml", "--baseline", earlier).code == 0
    assert scan("bad.yaml", "--baseline", earlier, "--no-baseline").code == 1
    (place / "ours.yaml").write_text("version: 1\nfail_on: high\n")
    done = scan("bad.yaml", "--baseline", "ours.yaml", "--baseline", earlier)
    assert (done.code, addresses(done)) == (1, ["Added"])


def test_thresholds_by_place_do_not_count_what_is_known(scan, earlier, place):
    (place / "koban.yaml").write_text(
        "version: 1\nfail_on: critical\nenvironments:\n  all: {match: {path: '*'}, fail_on: low}\n"
    )
    assert scan("bad.yaml").code == 1
    assert scan("bad.yaml", "--baseline", earlier).code == 0
    (place / "bad.yaml").write_text(NEW)
    assert scan("bad.yaml", "--baseline", earlier).code == 1


def test_two_earlier_results(scan, earlier, place):
    (place / "bad.yaml").write_text(NEW)
    scan("bad.yaml", "-o", "newer.jsonl")
    done = scan("bad.yaml", "--baseline", earlier, "--baseline", "newer.jsonl")
    assert done.code == 0
    assert done.err.count(" known from ") == 2


def test_a_part_that_cannot_be_read_is_never_known(scan):
    scan("good.yaml", "broken.yaml", "-o", "old.jsonl")
    done = scan("good.yaml", "broken.yaml", "--baseline", "old.jsonl")
    assert (done.code, done.out) == (3, "")
    assert "not read: template: broken.yaml" in done.err


@pytest.mark.parametrize("name", ["main.tf", "t.yaml"])
def test_no_fingerprint_depends_on_a_line(scan, place, name):
    if name == "main.tf":
        (place / name).write_text('resource "aws_s3_bucket" "a" {}\n# koban:ignore no-such-rule a reason\n')
    else:
        (place / name).write_text("Resources:\n  A: {Type: AWS::S3::Bucket}\n# koban:ignore no-such-rule a reason\n")

    def fingerprints():
        done = scan(name, "-f", "jsonl")
        made = [json.loads(line) for line in done.out.splitlines()]
        return {one["fingerprint"] for one in made}, {one["resource"]["line"] for one in made}

    before, lines = fingerprints()
    (place / name).write_text("\n\n\n" + (place / name).read_text())
    after, moved = fingerprints()
    assert before == after
    assert len(before) == 2
    assert {one + 3 for one in lines} == moved


@pytest.mark.parametrize("name", ["jsonl", "sarif", "codequality", "junit", "csv"])
def test_a_file_name_that_is_no_text(scan, place, name):
    (place / "d").mkdir()
    with open(os.path.join(os.fsencode(place), b"d", b"\xff.yaml"), "w") as file:
        file.write(NEW)
    done = scan("d", "-f", name, "-o", "old.out")
    assert (done.code, done.err) == (1, "koban: wrote old.out\n")
    if name in ("jsonl", "sarif"):
        assert scan("d", "--baseline", "old.out").code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'{"rule":"x","verdict":"fail"}\n', "koban: old.json:1: not a result of Koban"),
        (b'{"rule":"x","verdict":"fail","fingerprint":"a"}\n{"ru', "koban: old.json:2: not JSON: "),
        (b'{"$schema": "sarif", "runs": [{"tool": {"driver": {"name": "x"}}}]}', "koban: old.json: written by 'x'"),
        (b"[]\n", "koban: old.json:1: "),
    ],
)
def test_a_file_that_is_no_result_is_one_line(scan, place, text, said):
    (place / "old.json").write_bytes(text)
    done = scan("bad.yaml", "--baseline", "old.json")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(said)
    assert done.err.count("\n") == 1


def test_two_baselines_of_the_organisation_are_one_too_many(scan, place):
    for name in ("one.yaml", "two.yaml"):
        (place / name).write_text("version: 1\n")
    done = scan("bad.yaml", "--baseline", "one.yaml", "--baseline", "two.yaml")
    assert done.code == 2
    assert "two.yaml: there is one baseline already (one.yaml)" in done.err


def test_changed_since_a_revision(scan, place, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)

    def git(*words):
        line = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *words]
        subprocess.run(line, check=True, capture_output=True)

    git("init", "--quiet")
    git("add", "bad.yaml", "good.yaml", "broken.yaml")
    git("commit", "--quiet", "--message", "m")
    scan("bad.yaml", "-o", "old.jsonl")
    done = scan("bad.yaml", "good.yaml", "broken.yaml", "--changed-since", "HEAD", "--baseline", "old.jsonl")
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines() == [
        "koban: 0 of 3 templates and configurations depend on what changed since HEAD",
        "koban: 0 known from old.jsonl and left out",
    ]
    (place / "bad.yaml").write_text(NEW)
    done = scan("bad.yaml", "good.yaml", "--changed-since", "HEAD")
    assert (done.code, addresses(done)) == (1, ["Plain", "Added"])
    assert scan("bad.yaml", "--changed-since", "-x").err == "koban: --changed-since '-x': that is no revision\n"
    assert scan("-", "--changed-since", "HEAD").code == 2


def test_two_paths_compared(scan, place):
    (place / "new.yaml").write_text(NEW)
    done = scan("--diff", "bad.yaml", "new.yaml")
    assert (done.code, addresses(done)) == (1, ["Added"])
    assert done.err == "koban: 1 new, 0 gone, 1 as before (bad.yaml and new.yaml)\n"
    done = scan("--diff", "new.yaml", "bad.yaml")
    assert (done.code, done.out) == (0, "")
    assert done.err == "koban: 0 new, 1 gone, 1 as before (new.yaml and bad.yaml)\n"
    table = scan("--diff", "new.yaml", "bad.yaml", "-f", "table").out
    assert "Gone: 1 " in table
    assert "Stays: 1 " in table


def test_a_comparison_of_what_cannot_be_read_says_so(scan):
    done = scan("--diff", "broken.yaml", "bad.yaml")
    assert done.code == 3
    assert "not read: template: broken.yaml" in done.err
    assert "gone or not read" in done.err


def test_what_failed_before_does_not_count_where_thresholds_are_by_place(scan, place):
    (place / "koban.yaml").write_text(
        "version: 1\nfail_on: critical\nenvironments:\n  all: {match: {path: '*'}, fail_on: low}\n"
    )
    (place / "new.yaml").write_text(NEW)
    assert scan("--diff", "bad.yaml", "new.yaml").code == 1
    assert scan("--diff", "new.yaml", "bad.yaml").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--diff", "bad.yaml"], "--diff compares two paths, OLD and NEW; here is 1"),
        (["--diff", "bad.yaml", "good.yaml", "open.yaml"], "here are 3"),
        (["--diff", "-", "-"], "standard input is one"),
        (["--diff", "gone.yaml", "bad.yaml"], "gone.yaml: no such file or directory"),
        (["--diff", "bad.yaml", "gone.yaml"], "gone.yaml: no such file or directory"),
        (["--diff", "bad.yaml", "good.yaml", "--changed-since", "HEAD"], "do not go together"),
    ],
)
def test_what_cannot_be_compared(scan, words, said):
    done = scan(*words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1


def test_a_resource_in_a_module_is_shown_with_its_calls(scan, place):
    """From the files of Terraform to SARIF: the address, the file and line, and each call on the way."""
    for name, text in (
        ("main.tf", '\nmodule "outer" {\n  source   = "./outer"\n  for_each = toset(["x y"])\n}\n'),
        ("outer/main.tf", 'module "inner" {\n  source = "./inner"\n}\n'),
        ("outer/inner/main.tf", '\n\nresource "aws_s3_bucket" "b" {}\n'),
    ):
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(text)
    done = scan("main.tf", "outer", "-f", "sarif")
    (made,) = json.loads(done.out)["runs"][0]["results"]
    address = 'module.outer["x y"].module.inner.aws_s3_bucket.b'
    (found,) = made["locations"]
    assert found["logicalLocations"][0]["name"] == address
    assert found["physicalLocation"] == {
        "artifactLocation": {"uri": "outer/inner/main.tf"},
        "region": {"startLine": 3},
    }
    related = [
        (one["physicalLocation"]["artifactLocation"]["uri"], one["physicalLocation"]["region"]["startLine"])
        for one in made["relatedLocations"]
    ]
    assert related == [("main.tf", 2), ("outer/main.tf", 1)]
