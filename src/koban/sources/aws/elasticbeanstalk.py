"""Reads AWS Elastic Beanstalk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.elasticbeanstalk import VARIABLES, Environment
from koban.model.aws.secret_names import masked
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick

# Values of these namespaces are written by the user and may hold anything; no rule reads them.
KEPT = (
    VARIABLES,
    "aws:elasticbeanstalk:cloudwatch:logs",
    "aws:elasticbeanstalk:healthreporting:system",
    "aws:elasticbeanstalk:managedactions",
    "aws:autoscaling:launchconfiguration",
)
KEPT_OPTIONS = ("DisableIMDSv1",)


def environment_from_api(raw: dict[str, Any], settings: Any) -> dict[str, Any]:
    """An environment; `settings` are the `OptionSettings` of its configuration, or Unknown."""
    document = pick(raw, "EnvironmentName", "ApplicationName", "PlatformArn", "SolutionStackName", Arn="EnvironmentArn")
    if isinstance(settings, Unknown):
        return {**document, "OptionSettings": settings}
    kept = [one for one in settings if one.get("Namespace") in KEPT]
    document["OptionSettings"] = [
        _option_from_api(one)
        for one in kept
        if one["Namespace"] != "aws:autoscaling:launchconfiguration" or one.get("OptionName") in KEPT_OPTIONS
    ]
    return document


def _option_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "Namespace", "OptionName", "Value")
    if raw["Namespace"] == VARIABLES and "Value" in document:
        document["Value"] = masked(document["Value"])
    return document


@reads(
    Environment,
    "elasticbeanstalk:DescribeEnvironments",
    OptionSettings="elasticbeanstalk:DescribeConfigurationSettings",
)
def environments(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        found = aws.ask(
            "elasticbeanstalk:DescribeConfigurationSettings",
            "ConfigurationSettings",
            otherwise=[],
            ApplicationName=raw["ApplicationName"],
            EnvironmentName=raw["EnvironmentName"],
        )
        if not isinstance(found, Unknown):
            found = [one for each in found for one in each.get("OptionSettings") or ()]
        return environment_from_api(raw, found)

    alive = aws.pages("elasticbeanstalk:DescribeEnvironments", "Environments", IncludeDeleted=False)
    yield from aws.each((one for one in alive if one.get("Status") != "Terminated"), detail)
