from koban.model.aws.ssm import Parameter
from koban.model.unknown import Unknown
from koban.sources.aws.ssm import instance_from_api, parameter_from_api, session_inputs

CONTENT = '{"schemaVersion": "2.2", "mainSteps": []}'


def test_parameters_without_their_values(aws, collect):
    client = aws("ssm")
    client.put_parameter(Name="/app/db/password", Type="String", Value="hunter2hunter2")
    client.put_parameter(Name="/app/db/other-password", Type="SecureString", Value="hunter2hunter2")
    other, plain = sorted(collect("ssm.parameters"), key=lambda one: one.uid)
    assert plain.plain_secret
    assert plain.uid == "arn:aws:ssm:eu-west-1:123456789012:parameter/app/db/password"
    assert other.kind == "SecureString"
    assert not other.plain_secret
    assert "hunter2" not in str(plain.document)
    assert collect.failures == []


def test_a_document_that_is_shared_with_everyone(aws, collect):
    client = aws("ssm")
    client.create_document(Name="run", Content=CONTENT, DocumentType="Command")
    (document,) = collect("ssm.documents")
    assert document.shared_with == ()
    client.modify_document_permission(Name="run", PermissionType="Share", AccountIdsToAdd=["all"])
    (document,) = collect("ssm.documents")
    assert document.shared_with == ("all",)
    assert collect.failures == []


def test_managed_instances_with_their_compliance(answered):
    summaries = [
        {"ComplianceType": "Patch", "ResourceId": "i-1", "Status": "NON_COMPLIANT"},
        {"ComplianceType": "Association", "ResourceId": "i-1", "Status": "COMPLIANT"},
        {"ComplianceType": "Custom:x", "ResourceId": "i-1", "Status": "NON_COMPLIANT"},
    ]
    answers = {
        "ssm:DescribeInstanceInformation": {
            "InstanceInformationList": [{"InstanceId": "i-1", "PingStatus": "Online", "IsLatestVersion": False}]
        },
        "ssm:ListResourceComplianceSummaries": {"ResourceComplianceSummaryItems": summaries},
    }
    (instance,) = answered("ssm.instances", answers)
    assert (instance.patches, instance.associations) == ("NON_COMPLIANT", "COMPLIANT")
    assert not instance.agent_current


def test_compliance_that_nobody_may_read_is_unknown(answered):
    answers = {
        "ssm:DescribeInstanceInformation": {"InstanceInformationList": [{"InstanceId": "i-1"}]},
        "ssm:ListResourceComplianceSummaries": "AccessDeniedException",
    }
    (instance,) = answered("ssm.instances", answers)
    assert isinstance(instance.patches, Unknown)
    assert answered.failures == ["AccessDenied ssm:ListResourceComplianceSummaries"]
    assert instance_from_api({"InstanceId": "i-2"}, {}) == {"InstanceId": "i-2"}


def test_settings_of_a_region(answered):
    def setting(SettingId):
        value = "Disable" if "public-sharing" in SettingId else "CloudWatch"
        return {"ServiceSetting": {"SettingId": SettingId, "SettingValue": value}}

    answers = {
        "ssm:GetServiceSetting": setting,
        "ssm:GetDocument": {"Content": '{"inputs": {"cloudWatchLogGroupName": "sessions", "kmsKeyId": ""}}'},
    }
    (settings,) = answered("ssm.settings", answers)
    assert settings.public_sharing == "Disable"
    assert settings.automation_log == "CloudWatch"
    assert settings.session_log_group == "sessions"
    (unset,) = answered("ssm.settings", {**answers, "ssm:GetDocument": "InvalidDocument"})
    assert unset.session_log_group == ""
    assert isinstance(session_inputs("not json"), Unknown)


def test_a_live_parameter_and_its_template_agree():
    live = Parameter(parameter_from_api({"Name": "/app/token", "Type": "String", "Tier": "Standard"}))
    template = Parameter({"Name": "/app/token", "Type": "String", "Value": "0123456789abcdef"})
    assert live.plain_secret
    assert template.plain_secret
