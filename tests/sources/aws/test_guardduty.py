from koban.model.aws.guardduty import Detector
from koban.model.unknown import Unknown
from koban.sources.aws.guardduty import detector_from_api


def test_a_detector(aws, collect):
    assert collect("guardduty.detectors") == []
    made = aws("guardduty").create_detector(Enable=True, FindingPublishingFrequency="ONE_HOUR")
    (found,) = collect("guardduty.detectors")
    assert found.uid == f"arn:aws:guardduty:eu-west-1:123456789012:detector/{made['DetectorId']}"
    assert found.enabled
    assert found.frequency == "ONE_HOUR"
    assert collect.failures == []


def test_the_api_and_a_template_tell_the_same_detector():
    agents = [{"Name": "EC2_AGENT_MANAGEMENT", "Status": "ENABLED"}]
    features = [
        {"Name": "S3_DATA_EVENTS", "Status": "DISABLED"},
        {"Name": "RUNTIME_MONITORING", "Status": "ENABLED", "AdditionalConfiguration": agents},
    ]
    raw = {"Status": "ENABLED", "ServiceRole": "r", "FindingPublishingFrequency": "SIX_HOURS", "Features": features}
    for detector in (Detector(detector_from_api("d", raw)), Detector({"Enable": "true", "Features": features})):
        assert detector.enabled
        assert not detector.protects("S3_DATA_EVENTS")
        assert detector.protects("RUNTIME_MONITORING")
        assert detector.protects("RUNTIME_MONITORING", "EC2_AGENT_MANAGEMENT")
        assert not detector.protects("RUNTIME_MONITORING", "EKS_ADDON_MANAGEMENT")


def test_a_template_that_names_no_plan_gets_those_of_a_new_detector():
    detector = Detector({"Enable": True})
    assert detector.protects("S3_DATA_EVENTS")
    assert not detector.protects("RUNTIME_MONITORING")


def test_a_detector_that_may_not_be_read():
    denied = Unknown("x", "AccessDenied guardduty:GetDetector")
    assert isinstance(Detector(detector_from_api("d", denied)).enabled, Unknown)
