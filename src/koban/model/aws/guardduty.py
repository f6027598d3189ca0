"""Amazon GuardDuty."""

from __future__ import annotations

from koban.model.resource import Part, Resource, asked, field, parts

# A new detector has every plan but runtime monitoring on, also those that its maker leaves out where others are said
# (GuardDuty's API reference, CreateDetector).
ON_BY_DEFAULT = (
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
)


class Setting(Part):
    """One more setting of a protection plan."""

    name: str = field("Name", "", "EKS_ADDON_MANAGEMENT, ECS_FARGATE_AGENT_MANAGEMENT or EC2_AGENT_MANAGEMENT")
    status: str = field("Status", "DISABLED", "ENABLED or DISABLED")


class Feature(Part):
    """One protection plan."""

    name: str = field("Name", "", "S3_DATA_EVENTS, RUNTIME_MONITORING, ...")
    status: str = field("Status", "DISABLED", "ENABLED or DISABLED")
    settings: tuple[Setting, ...] = parts("AdditionalConfiguration", Setting, "Who installs and keeps its agents")


class Detector(
    Resource,
    type="AWS::GuardDuty::Detector",
    ids="Id",
    arn="arn:{partition}:guardduty:{region}:{account}:detector/{Id}",
):
    """GuardDuty in one region."""

    enabled: bool = field("Enable", True, "Whether it looks at anything")
    frequency: str = field("FindingPublishingFrequency", "SIX_HOURS", "How often repeated findings are published")
    features: tuple[Feature, ...] = parts("Features", Feature, "The protection plans")
    s3_logs: str = field("DataSources.S3Logs.Enable", "", "The older spelling of S3_DATA_EVENTS: true or false")
    eks_logs: str = field("DataSources.Kubernetes.AuditLogs.Enable", "", "The older spelling of EKS_AUDIT_LOGS")
    malware: str = field(
        "DataSources.MalwareProtection.ScanEc2InstanceWithFindings.EbsVolumes",
        "",
        "The older spelling of EBS_MALWARE_PROTECTION",
    )

    def _in_older_spelling(self, plan: str) -> str:
        """What the older spelling says of a plan: true, false, or nothing."""
        if plan == "S3_DATA_EVENTS":
            return self.s3_logs
        if plan == "EKS_AUDIT_LOGS":
            return self.eks_logs
        return self.malware if plan == "EBS_MALWARE_PROTECTION" else ""

    @asked
    def protects(self, plan: str, setting: str = "") -> bool:
        """Whether the protection plan is on, and with it the `setting` where one is named."""
        for one in self.features:
            if one.name == plan:
                on = one.status == "ENABLED"
                if not setting:
                    return on
                return on and any(each.name == setting and each.status == "ENABLED" for each in one.settings)
        if setting or (self.features and not self.is_code):
            return False  # the API lists every plan
        said = self._in_older_spelling(plan)
        if said:
            return bool(said == "true")
        return plan in ON_BY_DEFAULT
