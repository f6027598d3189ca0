"""The whole house of fixes."""

from __future__ import annotations

import pytest

from koban.model.fix import EVERY, Beside, Element, Limit, Put, There, fixes, put, spelled_out, steps_of
from koban.rules.catalog import catalog
from koban.rules.fixes import every_fix


def test_every_fix_is_for_a_rule_that_code_can_break() -> None:
    rules = {one.id: one for one in catalog()}
    assert len(every_fix()) >= 40
    for name, fix in every_fix().items():
        assert name in rules, name
        assert rules[name].only != "live", name
        assert fix.edits, name
        for edit in fix.edits:
            if isinstance(edit, Put) and isinstance(edit.value, Limit):
                assert edit.value.name in rules[name].limits, name
            if isinstance(edit, Beside):
                assert edit.type.startswith("AWS::"), name
                assert edit.suffix.isalnum(), name


def test_a_rule_has_one_fix() -> None:
    with pytest.raises(TypeError, match="has two fixes"):
        fixes("kms-key-rotation-off", put("EnableKeyRotation", False))


def test_paths_are_read() -> None:
    assert steps_of("A.B[].C?.D") == ("A", "B", EVERY, There("C"), "D")
    assert steps_of("A[Key=x.y.z].Value") == ("A", Element("Key", "x.y.z"), "Value")
    with pytest.raises(ValueError, match="no path"):
        steps_of("A..B")


def test_only_what_is_to_change_is_spelled_out() -> None:
    document = {"L": [{"E": {"On": False}}, {"E": {"On": True}}, {"F": 1}]}
    assert list(spelled_out(document, put("L[].E?.On", True))) == [(("L", 0, "E", "On"), True)]
    assert [path[1] for path, _ in spelled_out(document, put("L[].E.On", True))] == [0, 2]
    assert list(spelled_out({"A": "x"}, put("A", "y", was=("z",)))) == []
    assert list(spelled_out({}, put("A", "y", was=("z",)))) == []
    assert list(spelled_out({}, put("A", "y", was=(None,)))) == [(("A",), "y")]
    assert list(spelled_out({"A": "y"}, put("A", "y"))) == []
