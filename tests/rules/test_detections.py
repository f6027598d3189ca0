"""What holds for every detection that Koban brings."""

import re
from uuid import UUID

import pytest

from koban.app.detections import compiled, detections, failures_of
from koban.rules.catalog import catalog

RULES = detections()
every_listed = pytest.mark.parametrize("rule", RULES.listed, ids=lambda rule: rule.name)


def test_all_load_and_compile():
    assert [str(one) for one in compiled(RULES).problems] == []


def test_their_tests():
    assert [one.text for one in failures_of(RULES)] == []


def test_no_rule_shares_its_name():
    names = [one.name for one in RULES.detections] + [one.id for one in catalog()]
    assert len(names) == len(set(names))


@every_listed
def test_it_says_what_one_must_know(rule):
    assert UUID(rule.id).version == 4
    assert rule.sigma.level is not None
    assert rule.description
    assert rule.false_positives
    assert rule.response
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", rule.name)
    assert any(re.fullmatch(r"attack\.t\d{4}(\.\d{3})?", tag) for tag in rule.tags), "no ATT&CK technique"
    assert any(re.fullmatch(r"attack\.[a-z-]+", tag) for tag in rule.tags), "no ATT&CK tactic"
