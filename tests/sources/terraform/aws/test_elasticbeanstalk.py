from koban.model.aws.elasticbeanstalk import Environment
from koban.model.unknown import Maybe, OpenList

HEALTH = "aws:elasticbeanstalk:healthreporting:system"


def test_an_environment(twins):
    twins(
        "aws_elastic_beanstalk_environment",
        {
            "name": "e",
            "template_name": "saved",
            "setting": [{"namespace": HEALTH, "name": "SystemType", "value": "enhanced", "resource": ""}],
        },
        Environment,
        {
            "TemplateName": "saved",
            "OptionSettings": [{"Namespace": HEALTH, "OptionName": "SystemType", "Value": "enhanced"}],
        },
    )
    twins("aws_elastic_beanstalk_environment", {"name": "e"}, Environment, {})


def test_a_setting_that_may_be_there_stays_open(document):
    setting = {"namespace": HEALTH, "name": "SystemType", "value": "enhanced"}
    maybe = OpenList([Maybe("setting", "var.settings has no default", (setting,))])
    (found,) = document("aws_elastic_beanstalk_environment", {"setting": maybe})["OptionSettings"]
    assert found._values == ({"Namespace": HEALTH, "OptionName": "SystemType", "Value": "enhanced"},)
