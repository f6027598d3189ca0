"""The baseline file: read, checked, compared, and at work in a scan."""

from datetime import date

import pytest

from koban.app.baseline import BaselineError, Use, check, compare, parse, starter
from koban.engines.posture import evaluate
from koban.model.aws.s3 import Bucket
from koban.model.baseline import Match, Place
from koban.model.estate import MemoryEstate
from koban.model.rule import rule
from koban.rules.catalog import catalog

TODAY = date(2026, 11, 23)


@rule("high", Bucket)
def baseline_test_unversioned(bucket: Bucket, *, versions_min: int = 1) -> bool:
    """The bucket keeps too few versions.

    Why: a deleted object cannot be brought back without versions.
    Fix: turn on versioning for the bucket.
    """
    return bucket.versioning != "Enabled" and versions_min > 0


RULES = [baseline_test_unversioned]


def problems(text: str) -> list[str]:
    with pytest.raises(BaselineError) as caught:
        parse(text, rules=RULES)
    return caught.value.problems


def run(text: str, *buckets: Bucket) -> list[tuple[str, str, tuple[str, ...]]]:
    MemoryEstate(buckets)
    use = Use(parse(text, rules=RULES), RULES, TODAY)
    return [(r.resource.name, r.verdict, r.because) for r in evaluate(use.rules, buckets, amend=use.amend)]


def test_the_starter_is_valid_and_needs_no_attention():
    baseline = parse(starter(TODAY), rules=catalog())
    assert check(baseline, TODAY) == []
    assert [one.name for one in baseline.environments] == ["production", "staging", "test"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "koban.yaml:1: version must be given"),
        ("version: 2", "koban.yaml:1: version: 1 was expected"),
        ("version: 1\nframework: [x]", "koban.yaml:1: unknown key 'framework'; there are: environments, "),
        ("version: 1\nframeworks: [cis]", "koban.yaml:2: frameworks.0: no framework 'cis'; there are: "),
        ("version: 1\nfail_on: bad", "koban.yaml:2: fail_on: 'bad' is none of: critical, high, medium, low, info"),
        ("version: 1\nreview:\n  last: 2026-02-30", "koban.yaml:3: review.last: 2026-02-30 is no date of the calendar"),
        ("version: 1\nreview:\n  last: soon", "koban.yaml:3: review.last: 'soon' is not a date (YYYY-MM-DD)"),
        ("version: 1\nthresholds:\n  no-rule: {a: 1}", "koban.yaml:3: thresholds.no-rule: no rule 'no-rule'"),
        (
            "version: 1\nthresholds:\n  baseline-test-unversioned: {a: 1}",
            "koban.yaml:3: thresholds.baseline-test-unversioned: rule baseline-test-unversioned has no threshold 'a' "
            "(it has: versions_min)",
        ),
        ("version: 1\nversion: 1", "koban.yaml:2: 'version' stands twice"),
        ("version: [", "koban.yaml:2: not YAML: "),
        (
            "version: 1\nexceptions:\n- {id: A,\n   rule: x-*, match: {}, owner: o, reason: r, expires: 2027-01-01}",
            "koban.yaml:4: exceptions.0.rule: no rule 'x-*'; see `koban rules list`",
        ),
        (
            "version: 1\nexceptions:\n- id: A\n",
            "koban.yaml:3: exceptions.0: rule, match, owner, reason, expires must be",
        ),
        (
            "version: 1\nrules_off:\n  '*': {reason: r, environments: [x]}",
            "koban.yaml:3: rules_off.*.environments: no env",
        ),
        ("version: 1\nb: " + "[" * 60 + "]" * 60, "koban.yaml:2: nested too deeply"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text, expected):
    assert any(one.startswith(expected) for one in problems(text)), problems(text)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({}, True),
        ({"account": "111122223333"}, True),
        ({"account": "shop-*"}, True),
        ({"account": "2*"}, False),
        ({"account": ["2*", "1*"], "region": "eu-*"}, True),
        ({"account": "1*", "region": "us-*"}, False),
        ({"tag": {"env": "prod"}}, True),
        ({"tag": {"env": "prod", "team": "x"}}, False),
        ({"any": [{"region": "us-*"}, {"uid": "arn:aws:s3:::logs*"}]}, True),
        ({"all": [{"region": "us-*"}, {"uid": "*"}]}, False),
        ({"not": {"ou": "Sandbox/*"}}, True),
        ({"ou": "Workloads/*"}, True),
    ],
)
def test_matches(condition, holds):
    place = Place(
        "111122223333",
        "shop-prod",
        "Workloads/Prod",
        "eu-west-1",
        "arn:aws:s3:::logs",
        "AWS::S3::Bucket",
        "",
        {"env": "prod"},
    )
    assert Match(condition).holds(place) is holds


EXCEPTION = """
version: 1
exceptions:
  - id: EX-1
    rule: baseline-test-*
    match: {uid: "arn:aws:s3:::www*", tag: {public: "yes"}}
    owner: web
    reason: A public site.
    expires: 2026-12-01
"""


def bucket(name: str, **tags: str) -> Bucket:
    return Bucket(
        {"BucketName": name, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]},
        account="111122223333",
        region="eu-west-1",
    )


def test_an_exception_covers_what_it_names_and_nothing_else():
    assert run(EXCEPTION, bucket("www", public="yes"), bucket("www"), bucket("logs")) == [
        ("www", "excepted", ("exception EX-1 until 2026-12-01: A public site.",)),
        ("www", "fail", ()),
        ("logs", "fail", ()),
    ]


def test_an_expired_exception_no_longer_applies_and_is_reported():
    text = EXCEPTION.replace("2026-12-01", "2026-11-22")
    assert run(text, bucket("www", public="yes")) == [("www", "fail", ())]
    assert any("EX-1 expired on 2026-11-22" in one.text and one.line == 4 for one in check(parse(text), TODAY))


def test_rules_off_and_thresholds_by_environment():
    text = """
version: 1
environments:
  test: {match: {tag: {env: test}}, thresholds: {baseline-test-unversioned: {versions_min: 0}}}
  staging: {match: {tag: {env: staging}}}
rules_off:
  baseline-test-*: {reason: short-lived, environments: [staging]}
"""
    assert run(text, bucket("a", env="test"), bucket("b", env="staging"), bucket("c")) == [
        ("a", "pass", ()),
        ("b", "excepted", ("turned off in staging: short-lived",)),
        ("c", "fail", ()),
    ]
    off = Use(parse("version: 1\nrules_off: {'*': {reason: no}}"), RULES, TODAY)
    assert off.rules == []
    assert off.notes == ["rule baseline-test-unversioned is turned off: no"]


def test_review_is_due_after_six_months():
    old = parse("version: 1\nreview: {last: 2026-05-01}")
    assert any("206 days ago" in one.text for one in check(old, TODAY))
    assert not any("review" in one.text for one in check(parse("version: 1\nreview: {last: 2026-06-01}"), TODAY))


def test_results_show_exceptions_that_match_nothing():
    resource = '{"account": "1", "region": "", "uid": "u", "type": "t", "file": null}'
    line = '{"because": ["exception EX-2 until 2027-01-01: x"], "resource": ' + resource + "}"
    found = [one.text for one in check(parse(EXCEPTION), TODAY, [line])]
    assert any("EX-1 matches nothing" in one for one in found)
    served = line.replace("EX-2", "EX-1")
    assert not any("matches nothing" in one.text for one in check(parse(EXCEPTION), TODAY, [served]))
    with pytest.raises(ValueError, match="line 1 is no result"):
        check(parse(EXCEPTION), TODAY, ["{}"])


def test_an_account_that_no_environment_covers_is_named():
    text = "version: 1\nenvironments: {production: {match: {account: '1*'}}}"
    line = '{"because": [], "resource": {"account": "%s", "region": "", "uid": "u", "type": "t", "file": null}}'
    found = [one.text for one in check(parse(text), TODAY, [line % "1", line % "2"])]
    assert "2 belongs to no environment" in found
    assert "1 belongs to no environment" not in found


def test_compare_says_what_changed():
    old = parse(EXCEPTION)
    newer = EXCEPTION.replace("2026-12-01", "2026-12-24")
    new = parse(newer.replace("version: 1", "version: 1\nframeworks: [cis-aws-7.0]"))
    lines = compare(old, new)
    assert lines[0] == "+ framework cis-aws-7.0"
    assert lines[1].startswith("~ exception EX-1: ")
    assert "2026-12-24" in lines[1]
    assert compare(old, old) == []
