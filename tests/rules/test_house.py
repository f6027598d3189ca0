"""What holds for every rule."""

import ast
import inspect
from pathlib import Path

import pytest

import koban.rules.aws
from koban.engines.posture import judge
from koban.engines.tables import failures
from koban.model.document import fields_of
from koban.model.estate import MemoryEstate
from koban.model.rule import case_resources
from koban.model.unknown import Unknown
from koban.rules.catalog import catalog

RULES = catalog()
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


@every_rule
def test_the_rules_own_table(rule):
    assert list(failures(rule)) == []


@every_rule
def test_a_rule_has_a_bad_and_a_good_row(rule):
    assert any(table.bad for table in rule.table), "no bad row"
    assert any(table.good for table in rule.table), "no good row"


@every_rule
def test_what_is_wholly_unknown_is_never_bad_or_good(rule):
    subject, _ = case_resources(rule.type, {})
    subject.document = Unknown("document", "AccessDenied")
    MemoryEstate([subject])
    assert judge(rule, subject).verdict in ("unknown", "pass", "fail", None)
    for table in rule.table:
        for case in table.bad:
            judged, others = case_resources(rule.type, case)
            ids = type(judged).ids
            judged.document = {k: v if k in ids else Unknown(k, "AccessDenied") for k, v in judged.document.items()}
            MemoryEstate([judged, *others])
            verdict = judge(rule, judged)
            assert verdict.verdict != "pass" or set(judged.document) <= set(ids), (
                f"all that the bad row says is unknown, and yet it passes: {case}"
            )
            assert not any("crashed" in why for why in verdict.because), verdict.because


@every_rule
def test_rows_speak_only_of_properties_that_the_type_declares(rule):
    for table in rule.table:
        for case in (*table.bad, *table.good, *table.unknown, *table.skipped):
            subject, others = case_resources(rule.type, case)
            for resource in (subject, *others):
                known = {field.steps[0].removesuffix("[]") for field in fields_of(type(resource)) if field.steps}
                known |= {*type(resource).ids, "Tags", "Arn"}
                assert set(resource.document) <= known


@every_rule
def test_summary_is_one_sentence(rule):
    assert rule.summary.endswith(".")
    assert len(rule.summary) <= 120
    assert len(rule.why) >= 30
    assert len(rule.fix) >= 15


def rule_functions():
    for file in sorted(Path(koban.rules.aws.__path__[0]).glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef):
                yield pytest.param(node, id=f"{file.stem}.{node.name}")


@pytest.mark.parametrize("function", rule_functions())
def test_rules_ask_nothing_that_an_unknown_cannot_answer(function):
    """`is`, `len`, `isinstance`, sets and dicts of values would silently answer for an unknown value."""
    for node in ast.walk(function):
        assert not (isinstance(node, ast.Compare) and any(isinstance(op, ast.Is | ast.IsNot) for op in node.ops))
        assert not (isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("len", "isinstance", "sum", "set"))
        assert not isinstance(node, ast.Set | ast.SetComp | ast.DictComp)
        assert not (isinstance(node, ast.Attribute) and node.attr == "document")


def test_ids_are_unique_and_speak_of_their_service():
    for rule in RULES:
        assert "_" not in rule.id
        assert inspect.getmodule(rule.judge) is not None
