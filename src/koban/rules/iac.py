"""What is judged of live resources and the code that made them, beside each other.

No function of one resource can tell: `koban.app.drift` does.  These say what is wrong, and why, for all who list rules.
"""

from __future__ import annotations

from typing import Any

from koban.model.resource import Resource
from koban.model.rule import Rule, Severity


def _rule(rule_id: str, severity: Severity, summary: str, why: str, fix: str) -> Rule:
    def judge(resource: Any) -> bool:
        raise RuntimeError(f"{rule_id} is judged by a scan that has the code")

    return Rule(rule_id, severity, Resource, (), summary, why, fix, judge, None, {}, "live", __name__)


DRIFT = _rule(
    "iac-drift",
    "low",
    "The resource is not as the code that made it says.",
    "what somebody changed by hand nobody reviewed, and the next run of the code may undo it, or fail at it.",
    "Apply the code again, or write the change into it; then both say the same.",
)
UNMANAGED = _rule(
    "iac-unmanaged",
    "info",
    "No code made this resource.",
    "what no code makes nobody reviews, and nobody can make again.",
    "Import it into the code, or delete it; what no code makes nobody reviews.",
)
MISSING = _rule(
    "iac-missing",
    "low",
    "The code made this resource, and it is gone.",
    "somebody or something deleted it, and what relied on it goes without.",
    "Apply the code again, or take the resource out of it.",
)
CODE_RULES = (DRIFT, MISSING, UNMANAGED)
