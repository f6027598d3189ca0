"""Amazon GuardDuty."""

from __future__ import annotations

from koban.model.resource import Part, Resource, asked, derived, field, parts

# Since 2023 a new detector has every plan but runtime monitoring on, unless its maker says which.
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
    s3_logs: bool = field("DataSources.S3Logs.Enable", False, "The older spelling of S3_DATA_EVENTS")
    eks_logs: bool = field("DataSources.Kubernetes.AuditLogs.Enable", False, "The older spelling of EKS_AUDIT_LOGS")
    malware: bool = field(
        "DataSources.MalwareProtection.ScanEc2InstanceWithFindings.EbsVolumes",
        False,
        "The older spelling of EBS_MALWARE_PROTECTION",
    )

    @derived
    def old_plans(self) -> tuple[str, ...]:
        """The plans that the older spelling turns on."""
        pairs = (
            (self.s3_logs, "S3_DATA_EVENTS"),
            (self.eks_logs, "EKS_AUDIT_LOGS"),
            (self.malware, "EBS_MALWARE_PROTECTION"),
        )
        return tuple(name for on, name in pairs if on)

    @asked
    def protects(self, plan: str, setting: str = "") -> bool:
        """Whether the protection plan is on, and with it the `setting` where one is named."""
        for one in self.features:
            if one.name == plan:
                on = one.status == "ENABLED"
                if not setting:
                    return on
                return on and any(each.name == setting and each.status == "ENABLED" for each in one.settings)
        if setting or self.features:
            return False
        return any(plan == name for name in self.old_plans or ON_BY_DEFAULT)
