"""Amazon GuardDuty: a detector, and the protection plans that are set apart from it."""

from __future__ import annotations

from typing import Any

from koban.model.aws.guardduty import ON_BY_DEFAULT, Detector
from koban.model.unknown import Unknown
from koban.sources.terraform.mapping import Body, argument_at, blocks, folds, group, listed, made, maps

OFF_BY_DEFAULT = ("RUNTIME_MONITORING", "EKS_RUNTIME_MONITORING")
OLD_SPELLING = {
    "S3_DATA_EVENTS": "datasources.s3_logs.enable",
    "EKS_AUDIT_LOGS": "datasources.kubernetes.audit_logs.enable",
    "EBS_MALWARE_PROTECTION": ("datasources.malware_protection.scan_ec2_instance_with_findings.ebs_volumes.enable"),
}


def plans(body: Body) -> list[dict[str, Any]]:
    """Every protection plan as it is at first: a new detector has all on but the monitoring of runtimes.

    What is set apart from the detector changes one of them and leaves the others as they are.
    """
    made = []
    for name in (*ON_BY_DEFAULT, *OFF_BY_DEFAULT):
        on = argument_at(body, OLD_SPELLING[name]) if name in OLD_SPELLING else None
        status: Any = "ENABLED" if name in ON_BY_DEFAULT else "DISABLED"
        if isinstance(on, Unknown):
            status = Unknown(on._path, on._why, shape="(?:ENABLED|DISABLED)", root=on._root)
        elif on is not None:
            status = "ENABLED" if on in (True, "true") else "DISABLED"
        made.append({"Name": name, "Status": status})
    return made


maps(
    "aws_guardduty_detector",
    Detector,
    Id="id",
    Enable="enable",
    FindingPublishingFrequency="finding_publishing_frequency",
    Features=made(plans, *OLD_SPELLING.values(), careful=True),
    lacks={"DataSources": "what the provider calls data sources is written as Features, with the plans that are new"},
)
folds(
    "aws_guardduty_detector_feature",
    Detector,
    "detector_id",
    on="Name",
    Features=listed(
        group(
            Name="name",
            Status="status",
            AdditionalConfiguration=blocks("additional_configuration", Name="name", Status="status"),
        )
    ),
)
