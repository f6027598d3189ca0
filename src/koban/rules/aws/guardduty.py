"""Posture rules for Amazon GuardDuty."""

from __future__ import annotations

from typing import Any

from koban.model.aws.guardduty import ON_BY_DEFAULT, Detector
from koban.model.aws.lambda_ import Function
from koban.model.estate import Region
from koban.model.rule import Rule, rule
from koban.model.unknown import Unknown

USED = Function({"FunctionName": "f"})
DENIED = Unknown("x", "AccessDenied guardduty:GetDetector")


@rule(
    "high",
    Region,
    "aws-fsbp:GuardDuty.1",
    "nist-csf-2.0:DE.CM-01",
    "nist-csf-2.0:DE.CM-09",
    "nist-csf-2.0:DE.AE-02",
    only="live",
    when=lambda region: region.in_use,
)
def guardduty_off(region: Region) -> bool:
    """GuardDuty does not watch this region, though the account uses it.

    Why: stolen keys, mining and talk with known bad hosts stay unseen until the bill or the ransom note comes.
    Fix: turn GuardDuty on in every region, best for the whole organisation from one account.
    """
    return not any(one.enabled for one in region.every(Detector))


guardduty_off.cases(
    bad=[({}, USED), ({}, USED, Detector({"Id": "d", "Enable": False}))],
    good=[({}, USED, Detector({"Id": "d"}))],
    unknown=[({}, USED, Detector({"Id": "d", "Enable": DENIED}))],
    skipped=[{}],
)


def on(detector: Detector) -> Any:
    return detector.enabled


def _table(made: Rule, plan: str, setting: str = "") -> None:
    def with_plan(status: str) -> dict[str, Any]:
        more = {"AdditionalConfiguration": [{"Name": setting, "Status": status}]} if setting else {}
        return {"Features": [{"Name": plan, "Status": "ENABLED" if setting else status, **more}]}

    # What a template leaves out is as a new detector has it; the API names every plan.
    named = {"Features": [{"Name": "OTHER", "Status": "ENABLED"}]}
    left_out: list[Any] = [Detector(document, file="t.yaml") for document in (named, {})]
    by_default = plan in ON_BY_DEFAULT
    made.cases(
        bad=[with_plan("DISABLED"), named, *(() if by_default else left_out)],
        good=[with_plan("ENABLED"), *(left_out if by_default else ())],
        unknown=[{"Features": DENIED}],
        skipped=[{"Enable": False}],
    )


@rule("medium", Detector, "aws-fsbp:GuardDuty.10", "nist-csf-2.0:DE.CM-09", when=on)
def guardduty_s3_protection_off(detector: Detector) -> bool:
    """GuardDuty does not watch reading and writing in S3.

    Why: data that is copied out of buckets with valid keys shows in data events alone.
    Fix: turn on S3 protection of the detector.
    """
    return not detector.protects("S3_DATA_EVENTS")


_table(guardduty_s3_protection_off, "S3_DATA_EVENTS")
guardduty_s3_protection_off.cases(
    bad=[Detector({"DataSources": {"S3Logs": {"Enable": False}}}, file="t.yaml")],
    good=[
        Detector({"DataSources": {"S3Logs": {"Enable": True}}}, file="t.yaml"),
        Detector({"DataSources": {"Kubernetes": {"AuditLogs": {"Enable": False}}}}, file="t.yaml"),
        {},
    ],
    unknown=[Detector({"DataSources": {"S3Logs": {"Enable": Unknown("On", "no default")}}}, file="t.yaml")],
)


@rule("medium", Detector, "aws-fsbp:GuardDuty.5", "nist-csf-2.0:DE.CM-09", when=on)
def guardduty_eks_audit_logs_off(detector: Detector) -> bool:
    """GuardDuty does not watch the control planes of EKS clusters.

    Why: who takes over a cluster does so through its API, whose audit log shows it.
    Fix: turn on EKS protection of the detector.
    """
    return not detector.protects("EKS_AUDIT_LOGS")


_table(guardduty_eks_audit_logs_off, "EKS_AUDIT_LOGS")


@rule("medium", Detector, "aws-fsbp:GuardDuty.6", "nist-csf-2.0:DE.CM-01", when=on)
def guardduty_lambda_protection_off(detector: Detector) -> bool:
    """GuardDuty does not watch the network traffic of Lambda functions.

    Why: a function with a poisoned library calls home over the network.
    Fix: turn on Lambda protection of the detector.
    """
    return not detector.protects("LAMBDA_NETWORK_LOGS")


_table(guardduty_lambda_protection_off, "LAMBDA_NETWORK_LOGS")


@rule("medium", Detector, "aws-fsbp:GuardDuty.8", "nist-csf-2.0:DE.CM-09", when=on)
def guardduty_malware_protection_off(detector: Detector) -> bool:
    """GuardDuty does not look for malware on the volumes of suspicious servers.

    Why: a finding about odd traffic becomes certain, and urgent, when the malware is found.
    Fix: turn on malware protection for EC2 of the detector.
    """
    return not detector.protects("EBS_MALWARE_PROTECTION")


_table(guardduty_malware_protection_off, "EBS_MALWARE_PROTECTION")


@rule("medium", Detector, "aws-fsbp:GuardDuty.9", "nist-csf-2.0:DE.CM-09", when=on)
def guardduty_rds_protection_off(detector: Detector) -> bool:
    """GuardDuty does not watch sign-ins to databases.

    Why: guessed and stolen database passwords show as odd sign-ins before data is gone.
    Fix: turn on RDS protection of the detector.
    """
    return not detector.protects("RDS_LOGIN_EVENTS")


_table(guardduty_rds_protection_off, "RDS_LOGIN_EVENTS")


@rule("medium", Detector, "aws-fsbp:GuardDuty.11", "nist-csf-2.0:DE.CM-09", when=on)
def guardduty_runtime_monitoring_off(detector: Detector) -> bool:
    """GuardDuty does not watch what runs on servers and in containers.

    Why: processes, files and connections inside a workload show an intruder that no log of AWS shows.
    Fix: turn on runtime monitoring of the detector.
    """
    return not detector.protects("RUNTIME_MONITORING")


_table(guardduty_runtime_monitoring_off, "RUNTIME_MONITORING")
guardduty_runtime_monitoring_off.cases(bad=[{}])


@rule("medium", Detector, "aws-fsbp:GuardDuty.7", "nist-csf-2.0:DE.CM-09", when=on)
def guardduty_eks_runtime_off(detector: Detector) -> bool:
    """GuardDuty does not keep its runtime agent on EKS clusters.

    Why: without the agent nobody sees what happens inside the containers.
    Fix: turn on runtime monitoring with automatic agent management for EKS.
    """
    managed = "EKS_ADDON_MANAGEMENT"
    return not (
        detector.protects("RUNTIME_MONITORING", managed) or detector.protects("EKS_RUNTIME_MONITORING", managed)
    )


_table(guardduty_eks_runtime_off, "RUNTIME_MONITORING", "EKS_ADDON_MANAGEMENT")
_table(guardduty_eks_runtime_off, "EKS_RUNTIME_MONITORING", "EKS_ADDON_MANAGEMENT")


@rule("medium", Detector, "aws-fsbp:GuardDuty.12", "nist-csf-2.0:DE.CM-09", when=on)
def guardduty_ecs_runtime_off(detector: Detector) -> bool:
    """GuardDuty does not keep its runtime agent in Fargate tasks of ECS.

    Why: without the agent nobody sees what happens inside the containers.
    Fix: turn on runtime monitoring with automatic agent management for Fargate.
    """
    return not detector.protects("RUNTIME_MONITORING", "ECS_FARGATE_AGENT_MANAGEMENT")


_table(guardduty_ecs_runtime_off, "RUNTIME_MONITORING", "ECS_FARGATE_AGENT_MANAGEMENT")


@rule("medium", Detector, "aws-fsbp:GuardDuty.13", "nist-csf-2.0:DE.CM-09", when=on)
def guardduty_ec2_runtime_off(detector: Detector) -> bool:
    """GuardDuty does not keep its runtime agent on EC2 instances.

    Why: without the agent nobody sees which processes run on a server.
    Fix: turn on runtime monitoring with automatic agent management for EC2.
    """
    return not detector.protects("RUNTIME_MONITORING", "EC2_AGENT_MANAGEMENT")


_table(guardduty_ec2_runtime_off, "RUNTIME_MONITORING", "EC2_AGENT_MANAGEMENT")


@rule("info", Detector, "nist-csf-2.0:DE.AE-06", when=on)
def guardduty_findings_published_late(detector: Detector) -> bool:
    """News about a known finding is published every six hours only.

    Why: an intruder gets far in six hours; what goes on is told no sooner.
    Fix: set the publishing frequency of the detector to 15 minutes.
    """
    return detector.frequency != "FIFTEEN_MINUTES"


guardduty_findings_published_late.cases(
    bad=[{}, {"FindingPublishingFrequency": "ONE_HOUR"}],
    good=[{"FindingPublishingFrequency": "FIFTEEN_MINUTES"}],
    unknown=[{"FindingPublishingFrequency": DENIED}],
    skipped=[{"Enable": False}],
)
