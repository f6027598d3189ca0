"""The whole house on real input: an organisation is built, read, judged, and its templates get the same verdicts."""

import json
import os
import subprocess
import sys
from collections import defaultdict

import pytest


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The scans of `koban demo`: live results, template results, standard error, accounts, what the stacks
    made, and live results after some of it was mended and something broke."""
    from koban.app.demo import changes, emulated

    directory = tmp_path_factory.mktemp("demo")
    said = ""

    def scan(name: str, *arguments: str) -> list[dict]:
        nonlocal said
        output = directory / f"{name}.jsonl"
        command = [sys.executable, "-m", "koban", "scan", *arguments, "--no-baseline", "-f", "jsonl", "-o", str(output)]
        done = subprocess.run(
            command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, env=dict(os.environ)
        )
        said += done.stderr
        return [json.loads(line) for line in output.read_text().splitlines()]

    os.environ["XDG_CACHE_HOME"] = str(directory)
    with emulated(lambda _: None) as made:
        os.environ["XDG_CACHE_HOME"] = str(directory)
        live = scan("aws", "aws", "--org", "--regions", ",".join(made.regions), "--iac", str(made.templates))
        code = scan("iac", "iac", str(made.templates))
        accounts = {account.name: account.id for account in made.accounts}
        stacks = dict(made_by_stacks(made))
        templates = changes.own_templates(directory)
        changes.mend(made.accounts, lambda _: None)
        changes.break_anew(made.accounts, templates, lambda _: None)
        again = scan("again", "aws", "--org", "--regions", ",".join(made.regions))
    os.environ.pop("XDG_CACHE_HOME", None)
    return live, code, said, accounts, stacks, again


def made_by_stacks(demo):
    """(file, logical id) to the (account, physical id) of all that was made from it."""
    found = defaultdict(set)
    for account in demo.accounts:
        for region in demo.regions:
            cloudformation = account.client("cloudformation", region)
            for stack in cloudformation.list_stacks()["StackSummaries"]:
                file = stack["StackName"].removeprefix("shop-") + ".yaml"
                for one in cloudformation.list_stack_resources(StackName=stack["StackName"])["StackResourceSummaries"]:
                    found[file, one["LogicalResourceId"]].add((account.id, one.get("PhysicalResourceId")))
    return found


def verdict(results: list[dict], rule: str, name: str) -> set[str]:
    return {r["verdict"] for r in results if r["rule"] == rule and name in (r["resource"]["name"] or "")}


def test_every_account_is_read_and_judged(demo):
    live, _, _, accounts, *_ = demo
    assert {result["resource"]["account"] for result in live} == set(accounts.values())
    assert {result["resource"]["region"] for result in live} >= {"eu-west-1", "eu-central-1", "us-east-1"}


def test_what_is_good_passes_and_what_is_bad_fails(demo):
    live, *_ = demo
    assert verdict(live, "s3-bucket-public", "pictures") == {"fail"}
    assert verdict(live, "s3-bucket-public", "invoices") == {"pass"}
    assert verdict(live, "rds-instance-public", "reports") == {"fail"}
    assert verdict(live, "rds-instance-public", "orders") == {"pass"}
    assert "fail" in verdict(live, "ebs-snapshot-public", "snap-")
    assert "fail" in verdict(live, "iam-user-mfa-off", "anna")


def test_what_the_emulator_lacks_is_unknown_and_said_and_nothing_else_is(demo):
    live, _, said, *_ = demo
    for result in live:
        for why in result["because"]:
            assert "crashed" not in why, result
    assert "NotEmulated" in said
    assert "Traceback" not in said


# Where the emulated AWS makes something else than the template says, or the finding stands on another resource.
OTHERWISE = {
    "dynamodb-table-not-recoverable": "the emulator passes over point-in-time recovery in templates",
    "ebs-volume-unencrypted": "the emulator passes over the encryption of volumes in templates",
    "ec2-security-group-rule-without-description": "the emulator drops the descriptions of rules in templates",
    "iam-inline-admin": "in a template the finding stands on the policy that is declared apart",
    "iam-inline-decrypts-with-every-key": "in a template the finding stands on the policy that is declared apart",
    "iam-user-policy-direct": "in a template iam-policy-attached-to-user stands on the policy that is declared apart",
    "lambda-function-tracing-off": "the emulator passes over tracing in templates",
    "rds-instance-default-port": "the emulator gives instances no port",
    "rds-instance-deletable": "the emulator passes over deletion protection in templates",
    "s3-bucket-versions-kept-forever": "the emulator passes over lifecycles in templates",
    "s3-bucket-without-lifecycle": "the emulator passes over lifecycles in templates",
}


def test_a_template_and_what_it_made_get_the_same_verdict(demo):
    """For every resource of every stack: what a rule says of its template, it says of what was made from it."""
    live, code, _, _, made, _ = demo
    verdicts: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for result in live:
        one = result["resource"]
        for name in {one["name"] or "", one["uid"], one["uid"].rsplit("/", 1)[-1]}:
            verdicts[result["rule"], one["type"], one["account"], name].add(result["verdict"])
    compared, differ = 0, set()
    for result in code:
        one = result["resource"]
        places = made.get((os.path.basename(one["file"] or ""), one["address"]), ())
        found = set().union(*(verdicts.get((result["rule"], one["type"], *place), set()) for place in places))
        if {"pass", "fail"} & found and result["verdict"] in ("pass", "fail"):
            compared += 1
            if result["verdict"] not in found:  # stacks differ by their parameters: one of them is as the template says
                differ.add(result["rule"])
    assert compared >= 250
    assert differ <= set(OTHERWISE)


# What the emulated AWS makes otherwise than its template says: the only drift of an estate that nobody has touched.
MADE_OTHERWISE = {
    ("AWS::DynamoDB::Table", "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"),
    ("AWS::EC2::Instance", "SecurityGroupIds"),
    ("AWS::EC2::SecurityGroup", "SecurityGroupIngress"),
    ("AWS::EC2::SecurityGroup", "SecurityGroupIngress.0.Description"),
    ("AWS::EC2::Volume", "Encrypted"),
    ("AWS::Lambda::Function", "TracingConfig.Mode"),
}


def test_every_drift_is_one_of_the_emulator_and_only_what_was_made_by_hand_is_not_managed(demo):
    live, *_ = demo

    def found(rule: str, verdict: str = "fail") -> list[dict]:
        return [one for one in live if (one["rule"], one["verdict"]) == (rule, verdict)]

    drift = [(one["resource"]["type"], why) for one in found("iac-drift") for why in one["because"]]
    assert {(kind, why.partition(": ")[0]) for kind, why in drift if not why.startswith("made by ")} <= MADE_OTHERWISE
    by_hand = {(one["resource"]["type"], one["resource"]["name"]) for one in found("iac-unmanaged")}
    assert {kind for kind, _ in by_hand} == {"AWS::GuardDuty::Detector", "AWS::SecretsManager::Secret"}
    assert found("iac-missing") == []
    linked = found("iac-unmanaged", "pass")
    assert len(linked) >= 100
    assert all(one["resource"]["file"] and one["resource"]["line"] and one["resource"]["address"] for one in linked)


def test_the_demo_command_needs_no_terminal_and_ends_well(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "koban", "demo", "--directory", str(tmp_path / "reports")],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "an organisation of 3 accounts" in done.stderr
    assert done.stdout.count("$ koban scan") == 4
    landed = [line for line in done.stderr.splitlines() if "is in the ledger" in line]
    assert len(landed) == 4
    assert not any(" 0 resolved" in line for line in landed[2:])
    assert not any("(0 opened" in line for line in landed)
    assert "CRITICAL" in done.stdout
    for name in ("aws.html", "templates.html"):
        text = (tmp_path / "reports" / name).read_text(encoding="utf-8")
        assert "<script src" not in text
        assert "http-equiv" in text
    # the intrusion is one story, from the leaked key to the ransom note
    assert done.stdout.count(" alerts, risk ") == 1
    for said in ("GuardDuty was switched off", "A program that mines coins was started", "sends data in the names"):
        assert said in done.stdout
    page = (tmp_path / "reports" / "timeline.html").read_text(encoding="utf-8")
    assert "backup-svc" in page
    assert "ci-deploy" in page


def test_what_is_mended_passes_and_what_breaks_fails(demo):
    live, *_, again = demo
    mended = (
        ("rds-instance-public", "reports"),
        ("rds-instance-backups-short", "reports"),
        ("kms-key-rotation-off", ""),
    )
    for rule, name in mended:
        assert "fail" in verdict(live, rule, name), rule
        assert verdict(again, rule, name) == {"pass"}, rule
    assert "fail" in verdict(live, "ebs-snapshot-public", "snap-")
    assert verdict(again, "ebs-snapshot-public", "snap-") == {"pass"}
    assert verdict(live, "s3-bucket-public-write", "imports") == set()
    assert verdict(again, "s3-bucket-public-write", "imports") == {"fail"}


def test_the_same_is_mended_in_code(tmp_path):
    from koban.app.demo import changes

    templates = changes.own_templates(tmp_path)
    rules = ("--rule", ",".join(changes.MENDED_IN_CODE))
    command = [sys.executable, "-m", "koban"]
    fixed = [*command, "fix", "iac", str(templates), "--no-baseline", *rules, "--write", "-q"]
    subprocess.run(fixed, check=True, capture_output=True)
    scan = [*command, "scan", "iac", str(templates), "--no-baseline", *rules, "-f", "jsonl", "--fail-on", "none"]
    found = subprocess.run(scan, check=True, capture_output=True, text=True).stdout.splitlines()
    assert found
    assert {json.loads(line)["verdict"] for line in found} == {"pass"}
