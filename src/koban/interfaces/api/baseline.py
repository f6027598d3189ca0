"""The baseline: the file that `koban serve` was given, as it is now."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from koban.app.baseline import shown as baselines
from koban.interfaces.api.security import Caller, Here
from koban.interfaces.api.shapes.baseline import Baseline, BaselineEnvironment, BaselineException, Review, RuleOff
from koban.model.baseline import REVIEW_DAYS_MAX

router = APIRouter(tags=["baseline"])


@router.get("/baseline")
def get_baseline(state: Here, actor: Caller) -> Baseline:
    """What is agreed: the file's text, what it says, what is wrong with it, and when it is to be reviewed."""
    path, today = state.settings.baseline, state.clock().date()
    if path is None:
        return Baseline(found=False, text="", problems=[], advice=[], **_nothing())
    found = baselines.read(path)
    about: dict[str, Any] = {
        "path": found.path,
        "found": found.found,
        "text": found.text,
        "problems": list(found.problems),
    }
    one = found.baseline
    if one is None:
        return Baseline(**about, advice=[], **_nothing())
    return Baseline(
        **about,
        advice=found.advice(today),
        review=Review(
            last=one.reviewed,
            owner=one.review_owner,
            due=found.due(),
            overdue=found.overdue(today),
            cadence_days=REVIEW_DAYS_MAX,
        ),
        frameworks=list(one.frameworks),
        fail_on=one.fail_on,
        environments=[
            BaselineEnvironment(
                name=each.name,
                match=each.match.condition,
                frameworks=list(each.frameworks),
                fail_on=each.fail_on,
                thresholds={rule: dict(limits) for rule, limits in each.thresholds.items()},
            )
            for each in one.environments
        ],
        thresholds={rule: dict(limits) for rule, limits in one.thresholds.items()},
        rules_off=[
            RuleOff(rule=each.rule, reason=each.reason, environments=list(each.environments)) for each in one.rules_off
        ],
        exceptions=[
            BaselineException(
                id=each.id,
                rules=list(each.rules),
                match=each.match.condition,
                owner=each.owner,
                reason=each.reason,
                expires=each.expires,
                expired=each.expires < today,
                line=each.line,
            )
            for each in one.exceptions
        ],
        contacts=[{str(name): str(value) for name, value in each.items()} for each in one.contacts],
        plan=one.plan,
    )


def _nothing() -> dict[str, Any]:
    return {
        "frameworks": [],
        "environments": [],
        "thresholds": {},
        "rules_off": [],
        "exceptions": [],
        "contacts": [],
    }
