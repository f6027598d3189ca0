"""IAM Access Analyzer."""

from __future__ import annotations

from koban.model.resource import Resource, derived, fact, field


class Analyzer(Resource, type="AWS::AccessAnalyzer::Analyzer", ids="AnalyzerName"):
    """An analyzer of one region, of an account or a whole organisation."""

    kind: str = field("Type", "ACCOUNT", "ACCOUNT or ORGANIZATION, with _UNUSED_ACCESS or _INTERNAL_ACCESS after it")
    status: str = fact("Status", "ACTIVE", "ACTIVE, CREATING, DISABLED or FAILED")
    active_findings: int = fact("ActiveFindings", 0, "Findings that are open")
    public_findings: int = fact("PublicFindings", 0, "Open findings of what anyone can reach")

    @derived
    def finds_outsiders(self) -> bool:
        """Whether it looks for access from outside, and works."""
        return (self.kind == "ACCOUNT" or self.kind == "ORGANIZATION") and self.status == "ACTIVE"
