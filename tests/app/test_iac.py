"""A scan of templates, from files to results."""

import json
from datetime import UTC, datetime
from textwrap import dedent

import pytest

from koban.app.iac import scan_iac
from koban.model.aws.s3 import Bucket
from koban.model.rule import _registry, rule
from koban.sources.cloudformation.parameters import ParametersError
from koban.sources.files import PathError

NOW = datetime(2027, 1, 15, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def rules():
    """Rules of this test alone, so that the ones that ship may change."""

    @rule("high", Bucket)
    def s3_test_unversioned(bucket: Bucket) -> bool:
        """Versions are not kept.

        Why: so.
        Fix: so.
        """
        return bucket.versioning != "Enabled"

    @rule("low", Bucket, only="live")
    def s3_test_live(bucket: Bucket) -> bool:
        """Only the live bucket can tell.

        Why: so.
        Fix: so.
        """
        return True

    yield [s3_test_unversioned, s3_test_live]
    for one in ("s3-test-unversioned", "s3-test-live"):
        _registry.pop(one)


@pytest.fixture
def scanned(tmp_path, rules):
    """``scanned({"a.yaml": text})``: the results as the lines of the jsonl format, and the scan."""

    def scan(texts, **options):
        for name, text in texts.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))
        made = scan_iac([tmp_path], rules, now=NOW, **options)
        return [one.as_json() for one in made.results], made

    return scan


TEMPLATE = """\
Parameters: {{Status: {{Type: String}}}}
Resources:
  Good:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {{Status: Enabled}}
  Bad:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: bad
      VersioningConfiguration:
        Status: Suspended{0}
  Open:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {{Status: !Ref Status}}
"""


def brief(results):
    return [(one["rule"], one["verdict"], one["resource"]["address"], one["resource"]["line"]) for one in results]


def test_verdicts_with_file_line_and_address(scanned):
    results, scan = scanned({"t.yaml": TEMPLATE.format("")})
    assert brief(results) == [
        ("s3-test-unversioned", "pass", "Good", 3),
        ("s3-test-unversioned", "fail", "Bad", 12),
        ("s3-test-unversioned", "unknown", "Open", 16),
    ]
    assert results[1]["resource"] == {
        "uid": "t.yaml#Bad",
        "type": "AWS::S3::Bucket",
        "name": "bad",
        "account": None,
        "region": None,
        "address": "Bad",
        "file": "t.yaml",
        "line": 12,
    }
    assert results[2]["because"] == ["Ref Status: parameter Status has no default"]
    assert scan.gaps == []


def test_a_parameter_file_settles_what_was_open(scanned, tmp_path):
    (tmp_path / "p.json").write_text(json.dumps([{"ParameterKey": "Status", "ParameterValue": "Enabled"}]))
    results, _ = scanned({"t.yaml": TEMPLATE.format("")}, parameters=[tmp_path / "p.json"])
    assert [one["verdict"] for one in results] == ["pass", "fail", "pass"]


def test_one_broken_file_is_one_result_and_a_gap(scanned):
    results, scan = scanned({"a.yaml": TEMPLATE.format(""), "b.yaml": "Resources:\n  A: {Type: AWS::S3::Bucket\n"})
    broken = results[-1]
    assert len(results) == 4
    assert (broken["rule"], broken["verdict"]) == ("template-unreadable", "unknown")
    assert broken["resource"]["type"] == "Koban::IaC::File"
    assert (broken["resource"]["file"], broken["resource"]["line"]) == ("b.yaml", 3)
    assert broken["because"][0].startswith("not YAML")
    assert [(gap.type, gap.why.split(": ")[0]) for gap in scan.gaps] == [("Koban::IaC::File", "b.yaml line 3")]


IGNORE = "koban:ignore s3-test-unversioned"


@pytest.mark.parametrize(
    ("comment", "verdict", "other"),
    [
        (f"  # {IGNORE} because it is scratch space", "excepted", None),
        (f"  # {IGNORE} until 2027-01-15 it is scratch space", "excepted", None),
        ("  # koban:ignore x-y,s3-test-unversioned until 2028-01-01 scratch", "excepted", "ignore-unknown-rule"),
        (f"  # {IGNORE} until 2027-01-14 it is scratch space", "fail", None),
        (f"  # {IGNORE}", "fail", "ignore-without-reason"),
        (f"  # {IGNORE} until 2028-01-01", "fail", "ignore-without-reason"),
        (f"  # {IGNORE} until tomorrow it is scratch space", "fail", "ignore-unknown-rule"),
        ("  # koban:ignore", "fail", "ignore-unknown-rule"),
        ("  # koban:ignore s3-test-live it is scratch space", "fail", None),
    ],
)
def test_a_finding_is_accepted_by_a_comment(scanned, comment, verdict, other):
    results, _ = scanned({"t.yaml": TEMPLATE.format(comment)})
    bad = next(one for one in results if one["resource"]["address"] == "Bad")
    assert bad["verdict"] == verdict
    extra = results[3:]
    assert [one["rule"] for one in extra] == ([other] if other else [])
    for one in extra:
        assert (one["resource"]["file"], one["resource"]["line"], one["verdict"]) == ("t.yaml", 12, "fail")


def test_what_is_accepted_says_why_and_until_when(scanned):
    results, _ = scanned({"t.yaml": TEMPLATE.format(f" # {IGNORE} until 2028-01-01 scratch space")})
    assert results[1]["because"] == ["accepted until 2028-01-01 in t.yaml line 12: scratch space"]


def test_a_comment_beside_the_type_is_about_the_whole_resource(scanned):
    text = f"""
Resources:
  B:
    Type: AWS::S3::Bucket  # {IGNORE} scratch
    Properties: {{BucketName: b}}
"""
    results, _ = scanned({"t.yaml": text})
    assert [(one["verdict"], one["resource"]["line"]) for one in results] == [("excepted", 3)]


@pytest.mark.parametrize("before", ["  Bad:", "      VersioningConfiguration:\n", "        Status: Suspended"])
def test_a_comment_on_the_line_above_is_about_all_that_it_stands_over(scanned, before):
    indented = before[: len(before) - len(before.lstrip())]
    text = TEMPLATE.format("").replace(before, f"{indented}# {IGNORE} scratch\n\n{before}")
    results, _ = scanned({"t.yaml": text})
    assert [one["verdict"] for one in results] == ["pass", "excepted", "unknown"]


@pytest.mark.parametrize("mark", ["[s3-test-unversioned scratch]", "s3-test-unversioned until 2027-02-01 scratch"])
def test_metadata_of_a_resource_accepts_its_findings(scanned, mark):
    text = TEMPLATE.format("").replace("  Open:\n", f"  Open:\n    Metadata: {{'koban:ignore': {mark}}}\n")
    results, _ = scanned({"t.yaml": text})
    assert [one["verdict"] for one in results] == ["pass", "fail", "excepted"]


def test_metadata_in_json(scanned):
    bucket = {"Type": "AWS::S3::Bucket", "Metadata": {"koban:ignore": ["s3-test-unversioned scratch", "x"]}}
    results, _ = scanned({"t.json": json.dumps({"Resources": {"B": bucket}})})
    assert [(one["rule"], one["verdict"]) for one in results] == [
        ("s3-test-unversioned", "excepted"),
        ("ignore-without-reason", "fail"),
        ("ignore-unknown-rule", "fail"),
    ]


def test_amend_sees_what_the_file_does_not_accept(scanned):
    seen = []

    def amend(result, resource):
        seen.append(resource.address)
        return result.excepted("the baseline says so")

    text = TEMPLATE.format(f"  # {IGNORE} scratch")
    results, _ = scanned({"t.yaml": text}, amend=amend)
    assert seen == ["Good", "Open"]
    assert results[0]["because"] == ["the baseline says so"]


def test_a_failure_of_terraform_says_what_the_code_leaves_to_a_default(scanned):
    bare, set_ = 'resource "aws_s3_bucket" "b" {}\n', 'resource "aws_s3_bucket" "b" {\n  versioning {\n    %s\n  }\n}\n'
    results, _ = scanned(
        {"a/main.tf": bare, "b/main.tf": set_ % "enabled = false", "c/main.tf": set_ % "mfa_delete = true"}
    )
    assert [(one["verdict"], one["because"]) for one in results] == [
        ("fail", ["none of versioning, aws_s3_bucket_versioning is set: that counts as Suspended"]),
        ("fail", []),
        ("fail", ["versioning.enabled is not set: that counts as Suspended"]),
    ]
    as_module = 'module "m" {\n  source = "../a"\n}\n'
    results, _ = scanned({"d/main.tf": as_module})
    called = [one["because"] for one in results if one["resource"]["address"] == "module.m.aws_s3_bucket.b"]
    assert called == [
        [
            "none of versioning, aws_s3_bucket_versioning is set: that counts as Suspended",
            "module.m is called at d/main.tf line 1",
        ]
    ]
    template = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n"
    results, _ = scanned({"t.yaml": template})
    assert [one["because"] for one in results if one["resource"]["file"] == "t.yaml"] == [[]]


@pytest.mark.parametrize(
    ("main", "other", "verdict"),
    [
        ("# koban:ignore s3-test-unversioned so\n", "", "excepted"),
        ("", "# koban:ignore s3-test-unversioned so\n", "fail"),  # what it stands over is not where the finding is
        ("", "\n  # koban:ignore s3-test-unversioned so\n", "excepted"),
    ],
)
def test_a_comment_accepts_what_is_in_its_own_file(scanned, main, other, verdict):
    bucket = 'resource "aws_s3_bucket" "b" {\n}\n'
    versions = 'resource "aws_s3_bucket_versioning" "v" {\n  bucket = aws_s3_bucket.b.id\n'
    versions += '  versioning_configuration {%s\n    status = "Suspended"\n  }\n}\n'
    comment, inside = (other, "") if not other.startswith("\n") else ("", other)
    # The comment of the second stands over line 4 of its file, as the finding stands on line 4 of the other.
    after = f"{comment}locals {{}}\n" if comment else ""
    files = {"main.tf": main + bucket + after, "versions.tf": versions % inside.rstrip("\n")}
    (result,), _ = scanned(files)
    assert result["resource"]["file"] == "versions.tf"
    assert result["verdict"] == verdict


def test_same_input_same_results_and_progress(scanned):
    texts = {f"{name}.yaml": TEMPLATE.format("") for name in ("b", "a", "deep/c")}
    names = []
    first, _ = scanned(texts, progress=names.append)
    second, _ = scanned({})
    assert first == second
    assert names == ["a.yaml", "b.yaml", "deep/c.yaml"]
    assert len({one["fingerprint"] for one in first}) == len(first)


def test_bad_input_is_said_before_any_result(tmp_path, rules):
    with pytest.raises(PathError):
        scan_iac([tmp_path / "gone"], rules)
    with pytest.raises(ParametersError):
        scan_iac([tmp_path], rules, parameters=[tmp_path / "gone.json"])


def test_a_directory_of_300_files_for_many_tools_ends_well(scanned):
    others = {
        "compose": "services:\n  web: {image: nginx}\n",
        "workflow": "on: push\njobs: {a: {steps: [{uses: x}]}}\n",
        "kubernetes": "kind: Pod\n---\nkind: Service\n",
        "openapi": "openapi: 3.0.0\npaths: {}\n",
        "ansible": "- hosts: all\n  tasks: []\n",
        "jinja": "Resources:\n  A:\n    Type: AWS::S3::Bucket\n{% if x %}\n  B: {}\n{% endif %}\n",
    }
    texts = {f"{name}/{i}.yaml": text for name, text in others.items() for i in range(20)}
    texts |= {f"good/{i}.yaml": TEMPLATE.format("") for i in range(160)}
    texts |= {f"cut/{i}.yaml": TEMPLATE.format("")[: 110 + i * 5] + "\n{" for i in range(20)}
    results, scan = scanned(texts)
    broken = {one["resource"]["file"] for one in results if one["rule"] == "template-unreadable"}
    assert {name.split("/")[0] for name in broken} == {"jinja", "cut"}
    assert len(scan.gaps) == 40
    assert sum(one["rule"] == "s3-test-unversioned" for one in results) >= 160 * 3


ARM = """{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "parameters": {"name": {"type": "string"}},
  "resources": [
    {"type": "Microsoft.Storage/storageAccounts", "name": "[parameters('name')]", "properties": {"a": "[%s]"}}
  ]
}
"""


def test_templates_of_azure_are_read_and_nothing_is_said_of_them(scanned):
    results, scan = scanned({"a.json": ARM % "toLower('A')", "b.json": ARM % "true()"})
    assert results == []
    assert scan.notes == ["2 ARM templates were read; there are no rules for Azure yet"]
    assert scan.gaps == []


def test_what_cannot_be_read_of_a_template_of_azure_is_said_beside_the_others(scanned):
    results, scan = scanned({"a.json": ARM % "nothing()", "t.yaml": TEMPLATE.format("")})
    assert len(results) == 4
    assert (results[-1]["rule"], results[-1]["resource"]["file"], results[-1]["resource"]["line"]) == (
        "template-unreadable",
        "a.json",
        5,
    )
    assert [gap.why for gap in scan.gaps] == ["a.json line 5: there is no function nothing"]
    assert scan.notes == ["1 ARM template was read; there are no rules for Azure yet"]


def test_values_for_both_kinds_of_templates(scanned, tmp_path):
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"
    (tmp_path / "arm.json").write_text(json.dumps({"$schema": schema, "parameters": {"name": {"value": "x"}}}))
    (tmp_path / "aws.json").write_text(json.dumps({"Status": "Enabled"}))
    given = [tmp_path / "arm.json", tmp_path / "aws.json"]
    results, scan = scanned({"a.json": ARM % "parameters('name')", "t.yaml": TEMPLATE.format("")}, parameters=given)
    assert [one["verdict"] for one in results] == ["pass", "fail", "pass"]
    assert scan.gaps == []
