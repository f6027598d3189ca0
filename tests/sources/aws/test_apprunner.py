from koban.model.aws.apprunner import Service
from koban.sources.aws.apprunner import service_from_api

RAW = {
    "ServiceName": "web",
    "ServiceId": "s1",
    "ServiceArn": "arn:aws:apprunner:eu-west-1:123456789012:service/web/s1",
    "NetworkConfiguration": {"IngressConfiguration": {"IsPubliclyAccessible": False}},
    "SourceConfiguration": {
        "ImageRepository": {
            "ImageIdentifier": "web:1",
            "ImageConfiguration": {
                "RuntimeEnvironmentVariables": {"DB_PASSWORD": "hunter2hunter2"},
                "StartCommand": "serve --key hunter2hunter2",
            },
        }
    },
}


def test_services_of_every_page_that_are_not_deleted(answered):
    def page(NextToken=""):
        if not NextToken:
            return {"ServiceSummaryList": [{"ServiceArn": "gone", "Status": "DELETED"}], "NextToken": "more"}
        return {"ServiceSummaryList": [{"ServiceArn": RAW["ServiceArn"], "Status": "RUNNING"}]}

    answers = {"apprunner:ListServices": page, "apprunner:DescribeService": {"Service": RAW}}
    (service,) = answered("apprunner.services", answers)
    assert service.uid == RAW["ServiceArn"]
    assert not service.public
    assert service.secret_variables == ("DB_PASSWORD",)
    assert "hunter2" not in str(service.document)


def test_a_live_service_and_its_template_agree():
    values = {"RuntimeEnvironmentVariables": {"STAGE": "1"}}
    code = {"CodeRepository": {"CodeConfiguration": {"CodeConfigurationValues": values}}}
    live = Service(service_from_api({**RAW, "SourceConfiguration": code}))
    listed = {"RuntimeEnvironmentVariables": [{"Name": "STAGE", "Value": "1"}]}
    template = Service(
        {
            "NetworkConfiguration": {"IngressConfiguration": {"IsPubliclyAccessible": "false"}},
            "SourceConfiguration": {"CodeRepository": {"CodeConfiguration": {"CodeConfigurationValues": listed}}},
        }
    )
    assert live.code_variables == template.code_variables
    assert live.public == template.public
    assert live.secret_variables == template.secret_variables == ()
