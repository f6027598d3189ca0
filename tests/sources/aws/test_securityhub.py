from koban.model.aws.securityhub import Hub, Standard
from koban.sources.aws.securityhub import hub_from_api, standard_from_api


def test_a_region_without_security_hub(aws, collect):
    assert collect("securityhub.hubs") == []
    assert collect.failures == []


def test_a_hub(aws, collect):
    aws("securityhub").enable_security_hub(EnableDefaultStandards=False)
    (hub,) = collect("securityhub.hubs")
    assert hub.uid.startswith("arn:aws:securityhub:eu-west-1:123456789012:hub/")


def test_what_the_api_says():
    arn = "arn:aws:securityhub:eu-west-1:111122223333:hub/default"
    hub = Hub(hub_from_api({"HubArn": arn, "SubscribedAt": "2024-01-01T00:00:00Z", "AutoEnableControls": False}))
    assert (hub.uid, hub.auto_enable_controls) == (arn, False)
    raw = {
        "StandardsSubscriptionArn": "arn:aws:securityhub:eu-west-1:111122223333:subscription/x/v/1.0.0",
        "StandardsArn": "arn:aws:securityhub:eu-west-1::standards/x/v/1.0.0",
        "StandardsInput": {},
        "StandardsStatus": "INCOMPLETE",
    }
    standard = Standard(standard_from_api(raw))
    assert (standard.standard_arn, standard.status) == (raw["StandardsArn"], "INCOMPLETE")
