"""Posture rules for IAM Access Analyzer."""

from __future__ import annotations

from koban.model.aws.accessanalyzer import Analyzer
from koban.model.aws.lambda_ import Function
from koban.model.estate import Account, Region
from koban.model.rule import rule
from koban.model.unknown import Unknown

UNUSED_ACCESS = ("ACCOUNT_UNUSED_ACCESS", "ORGANIZATION_UNUSED_ACCESS")
NAMED = {"AnalyzerName": "a"}


@rule(
    "medium",
    Region,
    "cis-aws-7.0:2.18",
    "cis-aws-3.0:1.20",
    "aws-fsbp:IAM.28",
    "nist-csf-2.0:ID.RA-01",
    "nist-csf-2.0:PR.AA-05",
)
def accessanalyzer_off(region: Region, *, unused_regions_too: bool = False) -> bool:
    """Access Analyzer does not watch a region that the account uses.

    Why: nobody is told when a bucket, role, key or queue opens to another account or to everyone.
    Fix: make an external access analyzer in each region, or one for the organisation from its delegated administrator.
    """
    watched = any(analyzer.finds_outsiders for analyzer in region.every(Analyzer))
    return not watched and (unused_regions_too or region.in_use)


RUNNING = Function({"FunctionName": "f"})
accessanalyzer_off.cases(
    bad=[
        ({}, RUNNING),
        ({}, RUNNING, Analyzer({**NAMED, "Type": "ACCOUNT_UNUSED_ACCESS"})),
        ({}, RUNNING, Analyzer({**NAMED, "Type": "ACCOUNT", "Status": "FAILED"})),
    ],
    good=[
        {},
        ({}, RUNNING, Analyzer({**NAMED, "Type": "ACCOUNT", "Status": "ACTIVE"})),
        ({}, RUNNING, Analyzer({**NAMED, "Type": "ORGANIZATION"})),
    ],
)


@rule("medium", Analyzer, "nist-csf-2.0:ID.RA-01", "nist-csf-2.0:DE.CM-03", only="live")
def accessanalyzer_failed(analyzer: Analyzer) -> bool:
    """An analyzer does not work.

    Why: while it is disabled or failed, new access from outside goes unseen.
    Fix: look at the reason of its status; usually trusted access for the organisation was taken away.
    """
    return analyzer.status == "DISABLED" or analyzer.status == "FAILED"


accessanalyzer_failed.cases(bad=[{"Status": "FAILED"}, {"Status": "DISABLED"}], good=[{"Status": "ACTIVE"}])


@rule("high", Analyzer, "cis-aws-7.0:2.21", "nist-csf-2.0:ID.RA-01", "nist-csf-2.0:PR.AA-05", only="live")
def accessanalyzer_public_findings(analyzer: Analyzer) -> bool:
    """Access Analyzer found something that anyone can reach, and nobody has settled it.

    Why: the finding says that a policy lets in the whole world; each day it stays open is a day to be found.
    Fix: open the finding; close the access, or archive it with a rule when it is meant to be public.
    """
    return analyzer.public_findings > 0


accessanalyzer_public_findings.cases(
    bad=[{"PublicFindings": 1, "ActiveFindings": 3}],
    good=[{"PublicFindings": 0, "ActiveFindings": 3}],
    unknown=[{"PublicFindings": Unknown("findingsStatistics", "AccessDenied accessanalyzer:GetFindingsStatistics")}],
)


@rule("low", Analyzer, "nist-csf-2.0:ID.RA-01", "nist-csf-2.0:PR.AA-05", only="live")
def accessanalyzer_findings_open(analyzer: Analyzer) -> bool:
    """Access Analyzer has findings that nobody has settled.

    Why: among the old findings that nobody reads, the new one that matters is not seen.
    Fix: go through the active findings; close the access, or archive what is meant with an archive rule.
    """
    return analyzer.active_findings > 0


accessanalyzer_findings_open.cases(bad=[{"ActiveFindings": 1}], good=[{"ActiveFindings": 0}])


@rule("info", Account, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:ID.RA-01")
def accessanalyzer_unused_access_off(account: Account) -> bool:
    """No analyzer looks for permissions that nobody uses.

    Why: least privilege decays; an unused access analyzer lists the roles, keys and actions to take away.
    Fix: make an analyzer for unused access in one region; it is charged by the number of roles and users.
    """
    return not any(analyzer.kind == kind for analyzer in account.every(Analyzer) for kind in UNUSED_ACCESS)


accessanalyzer_unused_access_off.cases(
    bad=[{}, ({}, Analyzer({**NAMED, "Type": "ACCOUNT"}))],
    good=[({}, Analyzer({**NAMED, "Type": "ORGANIZATION_UNUSED_ACCESS"}))],
)
