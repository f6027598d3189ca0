"""Runs a rule's own table."""

from __future__ import annotations

from collections.abc import Iterator

from koban.engines.posture import judge
from koban.model.estate import MemoryEstate
from koban.model.rule import Rule, case_resources

EXPECTED = {"bad": "fail", "good": "pass", "unknown": "unknown", "skipped": None}


def failures(rule: Rule) -> Iterator[str]:
    """One line for each row of the table that the rule judges otherwise than the table says."""
    for table in rule.table:
        for kind, expected in EXPECTED.items():
            for row, case in enumerate(getattr(table, kind), 1):
                subject, others = case_resources(rule.type, case)
                MemoryEstate([subject, *others])
                judgement = judge(rule, subject)
                if judgement.verdict != expected:
                    detail = f" because {'; '.join(judgement.because)}" if judgement.because else ""
                    yield f"{rule.id}: {kind} row {row} is judged {judgement.verdict or 'not its business'}{detail}"
