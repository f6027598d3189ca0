import pytest

from koban.engines.posture import judge
from koban.model.aws.guardduty import ON_BY_DEFAULT, Detector
from koban.model.unknown import Unknown
from koban.rules.aws.guardduty import guardduty_s3_protection_off
from koban.sources.terraform.mapping import merge_elements

OPEN = Unknown("var.x", "variable x has no default")


def detector(document, body, *features):
    """The detector that Terraform makes of a body and of features that are set apart from it."""
    made = document("aws_guardduty_detector", body)
    for one in features:
        piece = document("aws_guardduty_detector_feature", {"detector_id": "d", **one})
        made["Features"] = merge_elements(made["Features"], piece["Features"], "Name")
    return Detector(made)


def test_a_detector(twins, document):
    made = Detector(document("aws_guardduty_detector", {"enable": False, "finding_publishing_frequency": "ONE_HOUR"}))
    code = Detector({"Enable": False, "FindingPublishingFrequency": "ONE_HOUR"})
    assert (made.enabled, made.frequency) == (code.enabled, code.frequency) == (False, "ONE_HOUR")


@pytest.mark.parametrize("plan", [*ON_BY_DEFAULT, "RUNTIME_MONITORING", "EKS_RUNTIME_MONITORING"])
def test_a_detector_of_which_nothing_is_said_is_the_same_in_both_languages(document, plan):
    made, code = detector(document, {}), Detector({})
    assert made.protects(plan) == code.protects(plan)
    assert (made.enabled, made.frequency) == (code.enabled, code.frequency)


def test_the_old_spelling_turns_one_plan_off_and_leaves_the_others_on(document):
    made = detector(document, {"datasources": [{"s3_logs": [{"enable": False}]}]})
    assert not made.protects("S3_DATA_EVENTS")
    assert made.protects("EKS_AUDIT_LOGS")
    off = [{"scan_ec2_instance_with_findings": [{"ebs_volumes": [{"enable": False}]}]}]
    sources = [{"kubernetes": [{"audit_logs": [{"enable": False}]}], "malware_protection": off}]
    made = detector(document, {"datasources": sources})
    assert not made.protects("EKS_AUDIT_LOGS")
    assert not made.protects("EBS_MALWARE_PROTECTION")
    assert made.protects("RDS_LOGIN_EVENTS")


def test_what_is_not_known_may_be_on_or_off(document):
    made = detector(document, {"datasources": [{"s3_logs": [{"enable": OPEN}]}]})
    assert judge(guardduty_s3_protection_off, made).verdict == "unknown"
    made = detector(document, {}, {"name": OPEN, "status": "DISABLED"})
    assert judge(guardduty_s3_protection_off, made).verdict == "unknown"
    made = detector(document, {}, {"name": "S3_DATA_EVENTS", "status": OPEN})
    assert judge(guardduty_s3_protection_off, made).verdict == "unknown"


def test_a_plan_that_is_set_apart_changes_that_plan_alone(document):
    agents = [{"name": "EC2_AGENT_MANAGEMENT", "status": "ENABLED"}]
    made = detector(
        document,
        {},
        {"name": "RUNTIME_MONITORING", "status": "ENABLED", "additional_configuration": agents},
        {"name": "S3_DATA_EVENTS", "status": "DISABLED"},
    )
    assert made.protects("RUNTIME_MONITORING", "EC2_AGENT_MANAGEMENT")
    assert not made.protects("RUNTIME_MONITORING", "ECS_FARGATE_AGENT_MANAGEMENT")
    assert not made.protects("S3_DATA_EVENTS")
    assert made.protects("LAMBDA_NETWORK_LOGS")
