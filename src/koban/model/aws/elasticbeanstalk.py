"""AWS Elastic Beanstalk."""

from __future__ import annotations

from typing import Any

from koban.model.aws.secret_names import secret_names
from koban.model.resource import Part, Resource, asked, derived, field, parts
from koban.model.unknown import Unknown

VARIABLES = "aws:elasticbeanstalk:application:environment"
SAVED = "it may stand in the saved configuration that the environment is made from"


class Option(Part):
    """One option of an environment."""

    namespace: str = field("Namespace", "", "What it is about, such as aws:elasticbeanstalk:healthreporting:system")
    option: str = field("OptionName", "", "Its name")
    value: str = field("Value", "", "Its value; of a live environment variable it is masked")


class Environment(
    Resource,
    type="AWS::ElasticBeanstalk::Environment",
    ids="EnvironmentName",
    arn="arn:{partition}:elasticbeanstalk:{region}:{account}:environment/{ApplicationName}/{EnvironmentName}",
):
    """An environment: an application that runs."""

    options: tuple[Option, ...] = parts("OptionSettings", Option, "Its options that are set")
    template: str = field("TemplateName", "", "A saved configuration that it takes other options from; empty: none")

    @asked
    def option(self, namespace: str, name: str) -> Any:
        """The value of an option, or an empty text where it is not set."""
        for one in self.options:
            if one.namespace == namespace and one.option == name:
                return one.value
        return Unknown(f"{namespace}:{name}", SAVED) if self.template else ""

    @derived
    def secret_variables(self) -> Any:
        """The names of environment variables that look as if they held a secret in plain text."""
        if isinstance(self.options, Unknown):
            return self.options
        found = secret_names((one.option, one.value) for one in self.options if one.namespace == VARIABLES)
        return Unknown(VARIABLES, SAVED) if not found and self.template else found
