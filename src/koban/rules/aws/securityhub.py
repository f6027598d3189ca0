"""Posture rules for AWS Security Hub."""

from __future__ import annotations

from koban.model.aws.lambda_ import Function
from koban.model.aws.securityhub import Hub, Standard
from koban.model.estate import Region
from koban.model.rule import rule

USED = Function({"FunctionName": "f"})


@rule(
    "medium",
    Region,
    "aws-fsbp:SecurityHub.1",
    "cis-aws-7.0:5.16",
    "cis-aws-3.0:4.16",
    "nist-csf-2.0:ID.RA-01",
    "nist-csf-2.0:DE.AE-03",
    only="live",
    when=lambda region: region.in_use,
)
def securityhub_off(region: Region) -> bool:
    """Security Hub is off in this region, though the account uses it.

    Why: findings of GuardDuty, Inspector and others lie in as many consoles, and nobody sees them together.
    Fix: turn on Security Hub in every region, and gather the findings in one.
    """
    return not region.every(Hub)


securityhub_off.cases(bad=[({}, USED)], good=[({}, USED, Hub({"ARN": "h"}))], skipped=[{}])


@rule("low", Hub, "nist-csf-2.0:ID.RA-01", only="live")
def securityhub_without_standard(hub: Hub) -> bool:
    """Security Hub is on and checks the region against no standard.

    Why: without a standard it gathers what others find and finds nothing itself.
    Fix: enable the AWS Foundational Security Best Practices standard, at least.
    """
    return not hub.in_region.every(Standard)


securityhub_without_standard.cases(bad=[{"ARN": "h"}], good=[({"ARN": "h"}, Standard({"StandardsArn": "s"}))])


@rule("low", Standard, "nist-csf-2.0:ID.RA-01", only="live")
def securityhub_standard_not_checked(standard: Standard) -> bool:
    """A standard is enabled, and Security Hub cannot check some or all of it.

    Why: controls that were not checked look like controls without findings; most often AWS Config is off.
    Fix: look at the standard's status reason; turn on AWS Config for all resource types.
    """
    return standard.status in ("INCOMPLETE", "FAILED")


securityhub_standard_not_checked.cases(
    bad=[{"StandardsStatus": "INCOMPLETE"}, {"StandardsStatus": "FAILED"}], good=[{}, {"StandardsStatus": "PENDING"}]
)


@rule("info", Hub, "nist-csf-2.0:ID.RA-01")
def securityhub_new_controls_off(hub: Hub) -> bool:
    """Controls that AWS adds to a standard are not turned on by themselves.

    Why: the standard grows with new attacks and services, and this region stays behind.
    Fix: turn on automatic enabling of new controls.
    """
    return not hub.auto_enable_controls


securityhub_new_controls_off.cases(bad=[{"AutoEnableControls": False}], good=[{}])
