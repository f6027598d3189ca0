"""Posture rules for Amazon Macie."""

from __future__ import annotations

from koban.model.aws.lambda_ import Function
from koban.model.aws.macie import MacieSession
from koban.model.estate import Region
from koban.model.rule import rule
from koban.model.unknown import Unknown

USED = Function({"FunctionName": "f"})
DENIED = Unknown("Status", "AccessDenied macie2:GetMacieSession")


@rule(
    "medium",
    Region,
    "aws-fsbp:Macie.1",
    "cis-aws-7.0:3.1.3",
    "cis-aws-3.0:2.1.3",
    "nist-csf-2.0:ID.AM-07",
    "nist-csf-2.0:PR.DS-01",
    only="live",
    when=lambda region: region.in_use,
)
def macie_off(region: Region) -> bool:
    """Macie does not look for sensitive data in this region, though the account uses it.

    Why: nobody protects personal data of which nobody knows that it lies in a bucket.
    Fix: turn on Macie in every region with buckets, or record the tool that does the same in an exception.
    """
    return not any(one.enabled for one in region.every(MacieSession))


macie_off.cases(
    bad=[({}, USED), ({}, USED, MacieSession({"Status": "PAUSED"}))],
    good=[({}, USED, MacieSession({"Status": "ENABLED"}))],
    unknown=[({}, USED, MacieSession({"Status": DENIED}))],
    skipped=[{}],
)


@rule("medium", MacieSession, "aws-fsbp:Macie.2", "nist-csf-2.0:ID.AM-07", only="live", when=lambda one: one.enabled)
def macie_automated_discovery_off(session: MacieSession) -> bool:
    """Macie is on and looks only where somebody tells it to.

    Why: sensitive data turns up in buckets that nobody thought of.
    Fix: turn on automated sensitive data discovery.
    """
    return session.discovery != "ENABLED"


macie_automated_discovery_off.cases(
    bad=[{"Status": "ENABLED", "AutomatedDiscoveryStatus": "DISABLED"}],
    good=[{"Status": "ENABLED", "AutomatedDiscoveryStatus": "ENABLED"}],
    unknown=[{"Status": "ENABLED", "AutomatedDiscoveryStatus": DENIED}],
    skipped=[{"Status": "DISABLED"}],
)
