"""AWS App Runner."""

from __future__ import annotations

from typing import Any

from koban.model.aws.secret_names import secret_names
from koban.model.resource import Part, Resource, derived, field, link, parts
from koban.model.unknown import Unknown


class Variable(Part):
    """An environment variable; a live value is masked."""

    name: str = field("Name", "", "Its name")
    value: str = field("Value", "", "Its value")


class Service(Resource, type="AWS::AppRunner::Service", ids="ServiceName ServiceId ServiceArn"):
    """A web service that App Runner runs."""

    public: bool = field("NetworkConfiguration.IngressConfiguration.IsPubliclyAccessible", True, "On the internet")
    image_variables: tuple[Variable, ...] = parts(
        "SourceConfiguration.ImageRepository.ImageConfiguration.RuntimeEnvironmentVariables", Variable, "Of an image"
    )
    code_variables: tuple[Variable, ...] = parts(
        "SourceConfiguration.CodeRepository.CodeConfiguration.CodeConfigurationValues.RuntimeEnvironmentVariables",
        Variable,
        "Of a repository of code",
    )
    key: str = field("EncryptionConfiguration.KmsKey", "", "The key of its copy of the image; empty: AWS's own")
    tracing: bool = field("ObservabilityConfiguration.ObservabilityEnabled", False, "Whether X-Ray traces it")
    role: Any = link("InstanceConfiguration.InstanceRoleArn", "AWS::IAM::Role", "The role that its code has")

    @derived
    def secret_variables(self) -> tuple[str, ...]:
        """The names of environment variables that look as if they held a secret in plain text."""
        for variables in (self.image_variables, self.code_variables):
            if isinstance(variables, Unknown):
                return variables
        return secret_names((one.name, one.value) for one in (*self.image_variables, *self.code_variables))
