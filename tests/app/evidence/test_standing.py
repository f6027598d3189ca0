from __future__ import annotations

from koban.app.evidence.standing import Tally, counts, functions, score, section_of, standings
from koban.rules.catalog import catalog
from koban.rules.framework import framework


def of(tallies: dict[str, Tally], cited: dict[str, list[str]] | None = None) -> dict[str, str]:
    found = standings(framework("cis-aws-7.0"), catalog(), tallies, cited)
    return {one.control.id: one.state for one in found}


def test_a_control_stands_where_the_worst_of_its_rules_stands() -> None:
    (rule, *_) = next(one for one in standings(framework("cis-aws-7.0"), catalog(), {}) if one.rules).rules
    control = next(one.control.id for one in standings(framework("cis-aws-7.0"), catalog(), {}) if rule in one.rules)
    assert of({})[control] == "not_judged"
    assert of({rule: Tally(passed=5)})[control] == "passed"
    assert of({rule: Tally(passed=5, excepted=1)})[control] == "excepted"
    assert of({rule: Tally(passed=5, excepted=1, unknown=1)})[control] == "unknown"
    assert of({rule: Tally(1, 1, 1, 5)})[control] == "failed"


def test_a_rule_of_the_users_own_counts_where_its_findings_cite_the_control() -> None:
    pci = framework("pci-dss-4.0")
    manual = next(one.control for one in standings(pci, catalog(), {}) if one.state == "manual")
    cited = {f"pci-dss-4.0:{manual.id}": ["our-own-rule"]}
    found = standings(pci, catalog(), {"our-own-rule": Tally(open=1)}, cited)
    assert [(one.rules, one.state) for one in found if one.control == manual] == [(("our-own-rule",), "failed")]


def test_the_score_counts_what_was_judged_alone() -> None:
    assert score({}) is None
    assert score({"manual": 10, "not_judged": 3}) is None
    assert score({"passed": 1, "failed": 1, "unknown": 1, "manual": 7}) == 33.3
    assert score({"passed": 4}) == 100.0


def test_sections_and_functions() -> None:
    assert [section_of(one) for one in ("3.1.4", "AC-2(1)", "GV.OC-01", "SEC01-BP02", "Account.1")] == [
        "3",
        "AC",
        "GV",
        "SEC01",
        "Account",
    ]
    csf = functions(standings(framework("nist-csf-2.0"), catalog(), {}))
    assert list(csf) == ["GV", "ID", "PR", "DE", "RS", "RC"]
    assert all(one.control.id.startswith("DE.") for one in csf["DE"])
    assert sum(map(len, csf.values())) == sum(counts(standings(framework("nist-csf-2.0"), catalog(), {})).values())
