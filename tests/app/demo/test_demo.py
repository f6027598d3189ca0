"""The whole house on real input: an organisation is built, read, judged, and its templates get the same verdicts."""

import json
import os
import subprocess
import sys
from collections import defaultdict

import pytest


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Both scans of `koban demo`, as jsonl: (live results, template results, standard error)."""
    from koban.app.demo import emulated

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
        live = scan("aws", "aws", "--org", "--regions", ",".join(made.regions))
        code = scan("iac", "iac", str(made.templates))
        accounts = {account.name: account.id for account in made.accounts}
    os.environ.pop("XDG_CACHE_HOME", None)
    return live, code, said, accounts


def verdict(results: list[dict], rule: str, name: str) -> set[str]:
    return {r["verdict"] for r in results if r["rule"] == rule and name in (r["resource"]["name"] or "")}


def test_every_account_is_read_and_judged(demo):
    live, _, _, accounts = demo
    assert {result["resource"]["account"] for result in live} == set(accounts.values())
    assert {result["resource"]["region"] for result in live} >= {"eu-west-1", "eu-central-1", "us-east-1"}


def test_what_is_good_passes_and_what_is_bad_fails(demo):
    live, _, _, _ = demo
    assert verdict(live, "s3-bucket-public", "pictures") == {"fail"}
    assert verdict(live, "s3-bucket-public", "invoices") == {"pass"}
    assert verdict(live, "rds-instance-public", "reports") == {"fail"}
    assert verdict(live, "rds-instance-public", "orders") == {"pass"}
    assert "fail" in verdict(live, "ebs-snapshot-public", "snap-")
    assert "fail" in verdict(live, "iam-user-mfa-off", "anna")


def test_what_the_emulator_lacks_is_unknown_and_said_and_nothing_else_is(demo):
    live, _, said, _ = demo
    for result in live:
        for why in result["because"]:
            assert "crashed" not in why, result
    assert "NotEmulated" in said
    assert "Traceback" not in said


def test_a_template_and_what_it_made_get_the_same_verdict(demo):
    """Rules that fail a template fail the live resource too, and the other way round, for the same kind of thing."""
    live, code, _, _ = demo
    by_rule: dict[str, dict[str, set[str]]] = defaultdict(lambda: {"live": set(), "code": set()})
    kinds = {"Pictures": "pictures", "Invoices": "invoices", "Exports": "exports"}
    for address, name in kinds.items():
        for result in code:
            if result["resource"]["address"] == address and result["resource"]["type"] == "AWS::S3::Bucket":
                by_rule[f"{result['rule']} {name}"]["code"].add(result["verdict"])
        for result in live:
            if f"-{name}-" in (result["resource"]["name"] or "") and result["resource"]["type"] == "AWS::S3::Bucket":
                by_rule[f"{result['rule']} {name}"]["live"].add(result["verdict"])
    both = {rule: sides for rule, sides in by_rule.items() if sides["live"] and sides["code"]}
    assert len(both) >= 30
    differ = {rule: sides for rule, sides in both.items() if {"pass", "fail"} <= sides["live"] | sides["code"]}
    assert differ == {}


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
    assert done.stdout.count("$ koban scan") == 2
    assert "CRITICAL" in done.stdout
    for name in ("aws.html", "templates.html"):
        text = (tmp_path / "reports" / name).read_text(encoding="utf-8")
        assert "<script src" not in text
        assert "http-equiv" in text
