"""Posture rules for AWS Elastic Beanstalk."""

from __future__ import annotations

from koban.model.aws.elasticbeanstalk import VARIABLES, Environment
from koban.model.rule import rule
from koban.model.unknown import Unknown

HEALTH = "aws:elasticbeanstalk:healthreporting:system"
UPDATES = "aws:elasticbeanstalk:managedactions"
LOGS = "aws:elasticbeanstalk:cloudwatch:logs"
LAUNCH = "aws:autoscaling:launchconfiguration"


def _option(namespace: str, name: str, value: object) -> dict[str, object]:
    return {"OptionSettings": [{"Namespace": namespace, "OptionName": name, "Value": value}]}


@rule("low", Environment, "aws-fsbp:ElasticBeanstalk.1", "nist-csf-2.0:DE.CM-09")
def elasticbeanstalk_environment_health_basic(environment: Environment) -> bool:
    """This environment reports its health by the basic method only.

    Why: basic health sees just the load balancer's checks; failing requests and overloaded instances go unseen.
    Fix: set SystemType of the health reporting options to enhanced.
    """
    return bool(environment.option(HEALTH, "SystemType") != "enhanced")


elasticbeanstalk_environment_health_basic.cases(
    bad=[{}, _option(HEALTH, "SystemType", "basic")],
    good=[
        _option(HEALTH, "SystemType", "enhanced"),
        {"TemplateName": "saved", **_option(HEALTH, "SystemType", "enhanced")},
    ],
    unknown=[
        _option(HEALTH, "SystemType", Unknown("Value", "parameter Health has no default")),
        {"TemplateName": "saved"},
    ],
)


@rule("high", Environment, "aws-fsbp:ElasticBeanstalk.2", "nist-csf-2.0:PR.PS-02")
def elasticbeanstalk_environment_updates_off(environment: Environment) -> bool:
    """The platform of this environment is not updated by itself.

    Why: fixes of the operating system, runtime and servers come as platform updates.
    Fix: set ManagedActionsEnabled to true, with a start time and an update level.
    """
    return bool(environment.option(UPDATES, "ManagedActionsEnabled") != "true")


elasticbeanstalk_environment_updates_off.cases(
    bad=[{}, _option(UPDATES, "ManagedActionsEnabled", "false")],
    good=[_option(UPDATES, "ManagedActionsEnabled", "true"), _option(UPDATES, "ManagedActionsEnabled", True)],
)


@rule("medium", Environment, "aws-fsbp:ElasticBeanstalk.3", "nist-csf-2.0:PR.PS-04")
def elasticbeanstalk_environment_logs_kept_on_instances(environment: Environment) -> bool:
    """Logs of this environment stay on its instances.

    Why: when an instance is replaced its logs are gone, and an intruder can change them.
    Fix: set StreamLogs of the CloudWatch logs options to true.
    """
    return bool(environment.option(LOGS, "StreamLogs") != "true")


elasticbeanstalk_environment_logs_kept_on_instances.cases(bad=[{}], good=[_option(LOGS, "StreamLogs", "true")])


@rule("medium", Environment, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.PS-01", only="live")
def elasticbeanstalk_environment_imds_v1(environment: Environment) -> bool:
    """Instances of this environment answer version 1 of the metadata service.

    Why: a flaw that lets someone make the application send requests then gives away the instance's credentials.
    Fix: set DisableIMDSv1 to true.
    """
    return bool(environment.option(LAUNCH, "DisableIMDSv1") != "true")


elasticbeanstalk_environment_imds_v1.cases(
    bad=[_option(LAUNCH, "DisableIMDSv1", "false"), {}], good=[_option(LAUNCH, "DisableIMDSv1", "true")]
)


@rule("high", Environment, "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.AA-01")
def elasticbeanstalk_environment_secret_in_variables(environment: Environment) -> bool:
    """An environment variable of this environment looks like a secret in plain text.

    Why: everyone who may describe the environment's configuration, many read-only roles among them, reads the secret.
    Fix: keep the secret in Secrets Manager or Parameter Store, refer to it from the environment, then rotate it.
    """
    return bool(environment.secret_variables)


elasticbeanstalk_environment_secret_in_variables.cases(
    bad=[_option(VARIABLES, "DB_PASSWORD", "(a value)")],
    good=[{}, _option(VARIABLES, "STAGE", "prod")],
    unknown=[
        _option(VARIABLES, "DB_PASSWORD", Unknown("Value", "parameter DbPassword has no default")),
        {"TemplateName": "saved"},
    ],
)
