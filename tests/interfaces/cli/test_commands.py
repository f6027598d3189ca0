"""The other commands: lists, pages, tables, baselines, the policy."""

import json

import click
import pytest
from tests.interfaces.cli.test_scan import look

from koban.app.aws import service_names
from koban.rules.catalog import catalog

USER = ("--rules", "rules")


def commands(group: click.Group, path: tuple[str, ...] = ()):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def every_command():
    from koban.interfaces.cli.root import koban

    return [pytest.param(path, command, id=" ".join(path)) for path, command in commands(koban)]


@pytest.mark.parametrize(("path", "command"), every_command())
def test_every_command_has_help_with_an_example(koban, path, command):
    done = koban(*path, "--help")
    assert done.code == 0
    assert f"koban {' '.join(path)}" in done.out.split("Example:")[1]
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{parameter.name} has no help"


def test_rules_list_as_lines_and_as_a_table(koban):
    lines = [json.loads(line) for line in koban("rules", "list", *USER).out.splitlines()]
    own = next(one for one in lines if one["rule"] == "user-bucket-unversioned")
    assert own["severity"] == "high"
    assert own["types"] == ["AWS::S3::Bucket"]
    order = ["critical", "high", "medium", "low", "info"]
    assert [order.index(one["severity"]) for one in lines] == sorted(order.index(one["severity"]) for one in lines)
    table = koban("rules", "list", "-f", "table", *USER).out
    assert "high      user-bucket-unversioned" in table


def test_rules_list_is_narrowed_down(koban):
    def listed(*words):
        return [json.loads(line) for line in koban("rules", "list", *words).out.splitlines()]

    assert {one["service"] for one in listed("--service", "s3")} == {"s3"}
    balancers = listed("--service", "elbv2")  # as a scan's --services has it, not as the type's name
    assert {type for one in balancers for type in one["types"]} > {"AWS::ElasticLoadBalancingV2::Listener"}
    assert listed("--service", "lambda")
    assert {one["severity"] for one in listed("--severity", "critical")} == {"critical"}
    by_framework = listed("--framework", "cis-aws-7.0")
    assert by_framework
    assert all(any(c.startswith("cis-aws-7.0:") for c in one["controls"]) for one in by_framework)
    assert koban("rules", "list", "--service", "s4").code == 2


def test_rules_about_code_and_cloud_are_shown_and_asked_for_with_code_alone(koban, tmp_path):
    assert [json.loads(line)["rule"] for line in koban("rules", "list", "--service", "iac").out.splitlines()] == [
        "iac-drift",
        "iac-missing",
        "iac-unmanaged",
    ]
    page = koban("rules", "show", "iac-drift").out
    assert "koban scan aws with --iac or" in page
    assert "any that code makes" in page
    (tmp_path / "main.tf").write_text('resource "aws_s3_bucket" "b" {}\n')
    refused = koban("scan", "iac", str(tmp_path), "--rule", "iac-*")
    assert refused.code == 2
    assert "iac-drift needs the code: koban scan aws with --iac or --state" in refused.err
    left_out = koban("scan", "iac", str(tmp_path), "--rule", "!iac-drift", "--format", "jsonl")
    assert left_out.out.count("aws_s3_bucket.b") > 1


def test_rules_and_scans_call_services_by_the_same_names(koban):
    def services(name):
        listed = koban("rules", "list", "--service", name)
        assert listed.code == 0, listed.err
        return {one["service"] for one in map(json.loads, listed.out.splitlines())}

    assert {one.service for one in catalog()} <= service_names()
    assert services("neptune") == {"neptune"}
    assert services("cloudwatch") == {"cloudwatch"}
    assert services("kafka") == services("msk") == {"msk"}
    assert services("rds") == {"docdb", "neptune", "rds"}  # one API for all three
    assert {"ec2", "ebs", "securitygroup", "vpc", "vpn"} <= services("ec2")


def test_rules_show(koban):
    look("rules-show", koban("rules", "show", "user-bucket-unversioned", *USER).out)


SIGMA = """title: Thing deleted
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: DeleteThing}, condition: s}
level: low
tests:
  - {fires: true, event: {eventName: DeleteThing}}
  - {fires: false, event: {eventName: MakeThing}}
"""


def test_detections_are_listed_shown_and_tested(koban, place):
    own = [json.loads(line) for line in koban("rules", "list", "--kind", "detection").out.splitlines()]
    assert {"iam-root-console-sign-in", "cloudtrail-stopped"} <= {one["rule"] for one in own}
    assert {one["kind"] for one in own} == {"detection"}
    assert not any(
        one["kind"] == "detection"
        for one in map(json.loads, koban("rules", "list", "--service", "s3").out.splitlines())
    )
    folder = place / "sigma"
    folder.mkdir()
    (folder / "thing_deleted.yml").write_text(SIGMA, encoding="utf-8")
    there = ("--rules", "sigma")
    assert '"rule": "thing-deleted"' in koban("rules", "list", "--severity", "low", *there).out
    page = koban("rules", "show", "thing-deleted", *there, "-f", "table").out
    assert "Thing deleted." in page
    assert "product: aws, service: cloudtrail" in page
    done = koban("rules", "test", "thing-deleted", *there)
    assert (done.code, done.err) == (0, "koban: 1 rules, 2 rows: all as their tables say\n")
    (folder / "thing_deleted.yml").write_text(SIGMA.replace("MakeThing", "deletething"), encoding="utf-8")
    done = koban("rules", "test", "thing-*", *there)
    assert (done.code, json.loads(done.out)["failure"]) == (1, "thing-deleted: test 2 fires")
    (folder / "thing_deleted.yml").write_text(
        SIGMA.replace("{eventName: Del", "{eventName|nope: Del"), encoding="utf-8"
    )
    done = koban("rules", "test", "thing-deleted", *there)
    assert done.code == 1
    assert "Unknown modifier 'nope'" in done.out
    # a name that the broken file may have said, and one that its file bears
    assert "Unknown modifier 'nope'" in koban("rules", "test", "thing_deleted", *there).out
    done = koban("rules", "test", "some-other-name", *there)
    assert done.code == 2
    assert "Unknown modifier 'nope'" in done.err
    assert "no rule 'some-other-name'" in done.err


def test_rules_test_tells_right_from_wrong(koban, place):
    good = koban("rules", "test", "user-bucket-unversioned", *USER)
    assert (good.code, good.out) == (0, "")
    assert good.err == "koban: 1 rules, 3 rows: all as their tables say\n"
    file = place / "rules" / "user.py"
    file.write_text(file.read_text().replace("good=[{", "good=[{}, {"))
    bad = koban("rules", "test", "user-bucket-unversioned", *USER, "-f", "table")
    assert bad.code == 1
    assert "user-bucket-unversioned: good row 1 is judged fail" in bad.out


def test_rules_test_wants_a_bad_and_a_good_row(koban, place):
    file = place / "rules" / "user.py"
    file.write_text(file.read_text().split("user_bucket_unversioned.cases(")[0])
    done = koban("rules", "test", "user-bucket-unversioned", *USER)
    assert done.code == 1
    assert [json.loads(line)["failure"].split(": ")[1] for line in done.out.splitlines()] == [
        "its table has no bad row",
        "its table has no good row",
    ]


def test_frameworks(koban):
    listed = {one["framework"]: one for one in map(json.loads, koban("frameworks", "list").out.splitlines())}
    assert {"cis-aws-7.0", "aws-fsbp", "nist-csf-2.0"} <= set(listed)
    controls = [json.loads(line) for line in koban("frameworks", "show", "cis-aws-7.0").out.splitlines()]
    assert len(controls) == listed["cis-aws-7.0"]["controls"]
    assert {one["duty"] for one in controls} <= {"customer", "shared", "provider"}
    assert koban("frameworks", "show", "cis").code == 2


def test_a_scan_by_framework_reports_by_control(koban):
    out = koban("scan", "iac", "bad.yaml", "--framework", "cis-aws-7.0", *USER, "-f", "table").out
    assert "By function of NIST CSF 2.0" in out
    assert any(line.split()[:2] == ["fail", "3.1.4"] for line in out.splitlines())
    out = koban("scan", "iac", "bad.yaml", "--framework", "cis-aws-3.0", "-f", "table").out
    assert any(line.split()[:2] == ["manual", "1.3"] for line in out.splitlines())


def test_baseline_from_first_to_last(koban, place):
    assert koban("baseline", "init").code == 0
    assert koban("baseline", "init").code == 2
    assert koban("baseline", "init", "--force").code == 0
    assert koban("baseline", "check").code == 0
    (place / "new.yaml").write_text((place / "koban.yaml").read_text().replace("fail_on: high", "fail_on: low"))
    diff = koban("baseline", "diff", "koban.yaml", "new.yaml")
    assert (diff.code, diff.out) == (1, "~ fail_on: high -> low\n")
    assert koban("baseline", "diff", "koban.yaml", "koban.yaml").code == 0
    (place / "old.yaml").write_text("version: 1\nreview: {last: 2020-01-01, owner: us}\n")
    check = koban("baseline", "check", "old.yaml")
    assert check.code == 1
    assert json.loads(check.out.splitlines()[0])["where"].startswith("old.yaml")
    assert json.loads(koban("baseline", "schema").out)["$schema"]
    kinds = koban("baseline", "template").out.split()
    assert "s3-bucket" in kinds
    assert "AWS::S3::Bucket" in koban("baseline", "template", "s3-bucket").out
    assert koban("baseline", "template", "s4-bucket").code == 2


def test_the_policy_is_one_document_that_only_reads(koban):
    done = koban("aws", "policy", "--services", "s3")
    document = json.loads(done.out)
    actions = [action for statement in document["Statement"] for action in statement["Action"]]
    assert "s3:ListAllMyBuckets" in actions
    assert all(action.split(":")[1].startswith(("Get", "List", "Describe")) for action in actions)
    assert koban("aws", "policy", "--services", "s3", "-f", "stackset").out.startswith("AWSTemplateFormatVersion")
    assert 'variable "' in koban("aws", "policy", "--services", "s3", "-f", "terraform").out
    assert koban("aws", "policy", "--services", "s4").code == 2
