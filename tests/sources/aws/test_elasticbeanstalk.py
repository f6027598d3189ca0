from koban.model.aws.elasticbeanstalk import VARIABLES
from koban.model.unknown import Unknown
from koban.sources.aws.elasticbeanstalk import environment_from_api

RAW = {
    "EnvironmentName": "prod",
    "ApplicationName": "shop",
    "EnvironmentArn": "arn:aws:elasticbeanstalk:eu-west-1:123456789012:environment/shop/prod",
    "Status": "Ready",
}
SETTINGS = [
    {"Namespace": "aws:elasticbeanstalk:healthreporting:system", "OptionName": "SystemType", "Value": "enhanced"},
    {"Namespace": VARIABLES, "OptionName": "DB_PASSWORD", "Value": "hunter2hunter2"},
    {"Namespace": "aws:rds:dbinstance", "OptionName": "DBPassword", "Value": "hunter2hunter2"},
    {"Namespace": "aws:autoscaling:launchconfiguration", "OptionName": "DisableIMDSv1", "Value": "true"},
    {"Namespace": "aws:autoscaling:launchconfiguration", "OptionName": "EC2KeyName", "Value": "ops"},
]


def test_an_environment_with_its_options(answered):
    answers = {
        "elasticbeanstalk:DescribeEnvironments": {"Environments": [RAW, {**RAW, "Status": "Terminated"}]},
        "elasticbeanstalk:DescribeConfigurationSettings": {"ConfigurationSettings": [{"OptionSettings": SETTINGS}]},
    }
    (environment,) = answered("elasticbeanstalk.environments", answers)
    assert environment.uid == RAW["EnvironmentArn"]
    assert environment.option("aws:elasticbeanstalk:healthreporting:system", "SystemType") == "enhanced"
    assert environment.option("aws:autoscaling:launchconfiguration", "DisableIMDSv1") == "true"
    assert environment.secret_variables == ("DB_PASSWORD",)
    assert "hunter2" not in str(environment.document)


def test_options_that_nobody_may_read_are_unknown(answered):
    answers = {
        "elasticbeanstalk:DescribeEnvironments": {"Environments": [RAW]},
        "elasticbeanstalk:DescribeConfigurationSettings": "AccessDenied",
    }
    (environment,) = answered("elasticbeanstalk.environments", answers)
    assert isinstance(environment.options, Unknown)
    assert answered.failures == ["AccessDenied elasticbeanstalk:DescribeConfigurationSettings"]


def test_an_environment_that_the_emulator_made(aws, collect):
    client = aws("elasticbeanstalk")
    client.create_application(ApplicationName="shop")
    client.create_environment(
        ApplicationName="shop", EnvironmentName="prod", SolutionStackName="64bit Amazon Linux 2023"
    )
    (environment,) = collect("elasticbeanstalk.environments")
    assert environment.name == "prod"


def test_only_what_is_judged_is_kept():
    document = environment_from_api(RAW, SETTINGS)
    assert [one["OptionName"] for one in document["OptionSettings"]] == ["SystemType", "DB_PASSWORD", "DisableIMDSv1"]
