"""The formats that programs read: each held against what its readers expect."""

import csv
import json
from importlib import resources
from io import StringIO
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator
from tests.app.reports.conftest import HOSTILE, code, live, result, results, scan

from koban.app.reports.report import compact
from koban.model.result import Subject

EVERY_VERDICT = frozenset({"fail", "unknown", "excepted", "pass"})
MACHINE = ("jsonl", "csv", "sarif", "junit", "codequality", "ocsf", "asff", "html")


@pytest.mark.parametrize("name", [*MACHINE, "table"])
def test_same_results_same_bytes(render, name):
    assert render(name) == render(name)


@pytest.mark.parametrize("name", MACHINE)
def test_a_scan_without_results_is_still_a_whole_document(render, name):
    text = render(name, of=scan([], []))
    if name == "jsonl":
        assert text == ""
    elif name in ("codequality", "ocsf", "asff"):
        assert json.loads(text) == []
    elif name == "sarif":
        assert json.loads(text)["runs"][0]["results"] == []
    elif name == "junit":
        assert ElementTree.fromstring(text).get("tests") == "0"
    elif name == "csv":
        assert text.startswith("rule,verdict,severity,")
        assert text.count("\n") == 1
    else:
        assert text.endswith("</html>\n")


def test_every_line_of_jsonl_is_as_the_contract_says(render):
    schema = json.loads(resources.files("koban.app").joinpath("result.schema.json").read_text())
    validator = Draft202012Validator(schema)
    lines = render("jsonl").splitlines()
    assert len(lines) == len(results())
    for line in lines:
        validator.validate(json.loads(line))
    assert list(json.loads(lines[0])) == schema["required"]
    assert list(json.loads(lines[0])["resource"]) == schema["properties"]["resource"]["required"]


def test_a_line_of_jsonl_is_its_result_whatever_came_before(render):
    made = results()
    lines = [line + "\n" for line in render("jsonl", of=scan([*made, *reversed(made)])).split("\n")[:-1]]
    assert lines == [compact(one.as_json()) + "\n" for one in [*made, *reversed(made)]]


def test_the_contract_check_itself_tells_right_from_wrong():
    schema = json.loads(resources.files("koban.app").joinpath("result.schema.json").read_text())
    line = result("s3-bucket-public", "unknown", "high", live("a")).as_json()
    assert not Draft202012Validator(schema).is_valid(line), "an unknown that hangs on nothing"


def test_only_leaves_out_other_verdicts(render):
    verdicts = {json.loads(line)["verdict"] for line in render("jsonl", only=frozenset({"unknown"})).splitlines()}
    assert verdicts == {"unknown"}


def test_csv_has_a_cell_for_each_value_and_runs_no_formula(render):
    odd = [result("s3-bucket-name-odd", "fail", "low", live("=cmd|'/c calc'!A1")), *results()]
    rows = list(csv.DictReader(StringIO(render("csv", of=scan(odd)), newline="")))
    assert len(rows) == len(odd)
    assert rows[0]["name"] == "'=cmd|'/c calc'!A1"
    assert {row["verdict"] for row in rows} == EVERY_VERDICT
    assert any(row["name"] == HOSTILE for row in rows)


def test_junit_counts_what_it_holds(render):
    root = ElementTree.fromstring(render("junit"))
    cases = root.findall("./testsuite/testcase")
    assert root.get("tests") == str(len(cases)) == str(len(results()))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert root.get(attribute) == str(sum(case.find(tag) is not None for case in cases))
    assert "AccessDenied ec2:DescribeVolumes" in root.findtext("./testsuite/system-err")
    in_code = next(case for case in cases if case.get("file"))
    assert (in_code.get("file"), in_code.get("line")) == ("stacks/web.yaml", "12")


def test_junit_writes_no_character_that_xml_lacks(render):
    odd = scan([result("s3-bucket-name-odd", "fail", "low", live("a\x00\x1b\ud800b"))])
    assert "a\ufffd\ufffd\ufffdb" in ElementTree.fromstring(render("junit", of=odd)).find(".//testcase").get("name")


def test_sarif_is_as_a_reader_of_the_standard_takes_it(render):
    from sarif_pydantic import Sarif

    document = json.loads(render("sarif"))
    assert losses(document, Sarif.model_validate(document).model_dump(mode="json", by_alias=True)) == []


def test_sarif_says_verdict_place_and_rule(render):
    run = json.loads(render("sarif"))["runs"][0]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for one in run["results"]:
        assert ids[one["ruleIndex"]] == one["ruleId"]
        assert (one["kind"] == "fail") == (one["level"] != "none")
    kinds = {one["properties"]["verdict"]: one["kind"] for one in run["results"]}
    assert kinds == {"fail": "fail", "unknown": "open", "excepted": "fail"}
    excepted = next(one for one in run["results"] if one["properties"]["verdict"] == "excepted")
    assert excepted["suppressions"][0]["justification"] == "logs-temp until 2026-12-31"
    place = excepted["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("stacks/web.yaml", 40)
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == 2


CHAIN = ('module.net["a b"] is called at main.tf line 3', "module.net.module.deep is called at net/main.tf line 40")


@pytest.fixture
def in_module():
    """A failure, and an unknown, of a resource of Terraform in a module of a module."""
    subject = code('module.net["a b"].module.deep.aws_s3_bucket.b', "net/deep/main.tf", 7)
    return [
        result("s3-bucket-public", "fail", "high", subject, CHAIN),
        result("s3-bucket-name-odd", "unknown", "high", subject, ["var.x: variable x has no default", *CHAIN]),
    ]


def test_sarif_shows_through_which_calls_a_resource_came_to_be(render, in_module):
    from sarif_pydantic import Sarif

    document = json.loads(render("sarif", of=scan(in_module)))
    assert losses(document, Sarif.model_validate(document).model_dump(mode="json", by_alias=True)) == []
    fails, unknown = document["runs"][0]["results"]
    for one in (fails, unknown):
        (place,) = one["locations"]
        assert place["logicalLocations"][0]["name"] == 'module.net["a b"].module.deep.aws_s3_bucket.b'
        assert place["physicalLocation"] == {
            "artifactLocation": {"uri": "net/deep/main.tf"},
            "region": {"startLine": 7},
        }
        related = [
            (each["physicalLocation"]["artifactLocation"]["uri"], each["physicalLocation"]["region"]["startLine"])
            for each in one["relatedLocations"]
        ]
        assert related == [("main.tf", 3), ("net/main.tf", 40)]
        assert one["properties"]["because"][-2:] == list(CHAIN)
    assert fails["message"]["text"].endswith(f"Here because {CHAIN[0]}, {CHAIN[1]}.")
    assert CHAIN[0] in unknown["message"]["text"]


def test_junit_shows_through_which_calls_a_resource_came_to_be(render, in_module):
    cases = ElementTree.fromstring(render("junit", of=scan(in_module))).findall(".//testcase")
    for case in cases:
        assert case.get("name") == 'net/deep/main.tf#module.net["a b"].module.deep.aws_s3_bucket.b'
        assert (case.get("file"), case.get("line")) == ("net/deep/main.tf", "7")
    assert cases[0].findtext("failure").splitlines()[1:] == list(CHAIN)
    assert cases[1].findtext("error").endswith("; ".join(CHAIN))


# What GitLab's documentation asks of each entry; a file that breaks one of these rules shows nothing.
CODE_QUALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "minLength": 1, "not": {"pattern": r"^\./"}},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def test_code_quality_is_as_gitlab_takes_it(render, in_module):
    text = render("codequality", of=scan([*results(), *in_module]))
    assert not text.startswith("\ufeff")
    entries = json.loads(text)
    Draft202012Validator(CODE_QUALITY).validate(entries)
    assert len({one["fingerprint"] for one in entries}) == len(entries)
    assert len(entries) == sum(one.verdict in ("fail", "unknown") for one in [*results(), *in_module])
    in_file = next(one for one in entries if one["location"]["path"] == "stacks/web.yaml")
    assert in_file["location"]["lines"]["begin"] == 12
    assert in_file["description"].startswith("Logs: Something is wrong")
    assert {one["severity"] for one in entries} == {"blocker", "critical", "major", "minor", "info"}
    assert entries[-1]["severity"] == "info"
    assert CHAIN[0] in entries[-2]["description"]


def test_code_quality_tells_apart_the_parts_of_a_file_that_cannot_be_read(render):
    file = Subject("t.yaml", "Koban::IaC::File", "t.yaml", file="t.yaml")
    made = [result("template-unreadable", "unknown", "medium", file, [why]) for why in ("no Type", "no Resources")]
    one, other = json.loads(render("codequality", of=scan(made)))
    assert one["fingerprint"] != other["fingerprint"]
    assert one["location"] == {"path": "t.yaml", "lines": {"begin": 1}}


def test_sarif_shows_what_passes_only_to_those_who_ask(render):
    assert '"kind":"pass"' not in render("sarif")
    assert '"kind":"pass"' in render("sarif", only=EVERY_VERDICT)


def test_ocsf_is_as_its_published_models_take_it(render):
    from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

    for event in json.loads(render("ocsf")):
        back = ComplianceFinding.model_validate(event).model_dump(mode="json", exclude_none=True)
        known = {key: value for key, value in event.items() if key != "cloud"}  # of a profile, not of the class
        known["compliance"] = {key: value for key, value in event["compliance"].items() if key != "status"}
        assert losses(known, back) == []


def test_ocsf_says_each_verdict(render):
    events = json.loads(render("ocsf"))
    said = {(one["unmapped"]["verdict"], one["compliance"]["status"], one["status"]) for one in events}
    assert said == {
        ("fail", "Fail", "New"),
        ("pass", "Pass", "Resolved"),
        ("unknown", "Warning", "New"),
        ("excepted", "Fail", "Suppressed"),
    }
    for one in events:
        assert one["type_uid"] == one["class_uid"] * 100 + one["activity_id"]
        assert ("cloud" in one) == ("profiles" in one["metadata"])


def test_asff_is_what_security_hub_takes(render):
    """Against the input of BatchImportFindings in botocore's own model of the service."""
    import botocore.session
    from botocore.validate import ParamValidator

    model = botocore.session.get_session().get_service_model("securityhub")
    shape = model.operation_model("BatchImportFindings").input_shape
    findings = json.loads(render("asff"))
    report = ParamValidator().validate({"Findings": findings}, shape)
    assert not report.has_errors(), report.generate_report()
    finding = shape.members["Findings"].member
    assert all(set(one) <= set(finding.members) for one in findings)
    statuses = finding.members["Compliance"].members["Status"].enum
    labels = finding.members["Severity"].members["Label"].enum
    workflow = finding.members["Workflow"].members["Status"].enum
    for one in findings:
        assert one["Compliance"]["Status"] in statuses
        assert one["Severity"]["Label"] in labels
        assert one["Workflow"]["Status"] in workflow
        assert len(one["AwsAccountId"]) == 12


def test_asff_names_only_resource_types_that_security_hub_knows():
    import botocore.session

    from koban.app.reports.asff import TYPES

    model = botocore.session.get_session().get_service_model("securityhub")
    assert set(TYPES.values()) - {"AwsAccount"} <= set(model.shape_for("ResourceDetails").members)


def losses(before: object, after: object, at: str = "") -> list[str]:
    """What of `before` a reader did not keep."""
    if isinstance(before, dict):
        if not isinstance(after, dict):
            return [at]
        return [loss for key, value in before.items() for loss in losses(value, after.get(key), f"{at}.{key}")]
    if isinstance(before, list):
        if not isinstance(after, list) or len(before) != len(after):
            return [at]
        return [loss for n, value in enumerate(before) for loss in losses(value, after[n], f"{at}[{n}]")]
    return [] if before == after else [at]
