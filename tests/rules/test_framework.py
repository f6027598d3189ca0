"""Frameworks: known controls only, and every control answered or said to be for people."""

import re
from fnmatch import fnmatchcase

import pytest

from koban.rules.catalog import catalog
from koban.rules.framework import FUNCTIONS, framework, frameworks, with_controls

FRAMEWORKS = frameworks()
RULES = catalog()
every_framework = pytest.mark.parametrize("one", FRAMEWORKS.values(), ids=lambda one: one.id)


def test_the_frameworks_that_a_baseline_may_name():
    assert set(FRAMEWORKS) == {
        "aws-fsbp",
        "aws-well-architected-security",
        "cis-aws-3.0",
        "cis-aws-7.0",
        "nist-800-53-r5",
        "nist-csf-2.0",
        "pci-dss-4.0",
    }


@every_framework
def test_controls_are_whole(one):
    for control in one.controls.values():
        assert 10 <= len(control.title) <= 120, control
        assert control.responsibility in ("customer", "shared", "provider")
        assert control.csf == "" or control.csf in FRAMEWORKS["nist-csf-2.0"].controls, control
        assert control.csf == "" or control.function in FUNCTIONS.values()
        assert not (control.manual and control.patterns), control


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_cites_known_controls_and_a_function(rule):
    for cited in rule.controls:
        name, _, control = cited.partition(":")
        assert name in FRAMEWORKS, cited
        assert control in FRAMEWORKS[name].controls, cited
    assert any(cited.startswith("nist-csf-2.0:") for cited in rule.controls)


@pytest.mark.parametrize("name", ["cis-aws-7.0", "cis-aws-3.0"])
def test_every_recommendation_is_answered_or_for_people(name):
    found = framework(name).rules_by_control(RULES)
    open_ = [c for c, rules in found.items() if not rules and not framework(name).controls[c].manual]
    assert open_ == []


@pytest.mark.parametrize("name", ["nist-800-53-r5", "pci-dss-4.0", "aws-well-architected-security"])
def test_every_pattern_of_a_framework_finds_a_rule(name):
    one = framework(name)
    found = one.rules_by_control(RULES)
    assert [c for c, rules in found.items() if not rules and not one.controls[c].manual] == []
    dead = [
        f"{control.id}: {pattern}"
        for control in one.controls.values()
        for pattern in control.patterns
        if not any(fnmatchcase(text, pattern) for rule in RULES for text in (rule.id, *rule.controls))
    ]
    assert dead == []


def test_foundational_practices_covered():
    found = framework("aws-fsbp").rules_by_control(RULES)
    assert sum(bool(rules) for rules in found.values()) >= 150


def test_with_controls_adds_the_chosen_frameworks_controls_by_reference():
    chosen = with_controls(RULES, [framework("pci-dss-4.0")])
    assert 0 < len(chosen) < len(RULES)
    assert all(any(re.match(r"pci-dss-4\.0:\d", cited) for cited in rule.controls) for rule in chosen)


def test_an_unknown_framework_is_said_with_those_there_are():
    with pytest.raises(KeyError, match="there are: aws-fsbp"):
        framework("cis-aws-9.9")
    with pytest.raises(KeyError):
        framework("../frameworks/aws-fsbp")
