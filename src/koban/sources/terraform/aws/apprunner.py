"""AWS App Runner."""

from __future__ import annotations

from typing import Any

from koban.model.aws.apprunner import Service
from koban.sources.terraform.mapping import Entry, arg, block, maps


def _pairs(variables: Any) -> Any:
    if not isinstance(variables, dict):
        return variables
    return [{"Name": name, "Value": value} for name, value in sorted(variables.items())]


VARIABLES: Entry = arg("runtime_environment_variables", _pairs)

maps(
    "aws_apprunner_service",
    Service,
    ServiceName="service_name",
    ServiceId="service_id",
    ServiceArn="arn",
    NetworkConfiguration=block(
        "network_configuration",
        IngressConfiguration=block("ingress_configuration", IsPubliclyAccessible="is_publicly_accessible"),
    ),
    SourceConfiguration=block(
        "source_configuration",
        ImageRepository=block(
            "image_repository",
            ImageConfiguration=block("image_configuration", RuntimeEnvironmentVariables=VARIABLES),
        ),
        CodeRepository=block(
            "code_repository",
            CodeConfiguration=block(
                "code_configuration",
                CodeConfigurationValues=block("code_configuration_values", RuntimeEnvironmentVariables=VARIABLES),
            ),
        ),
    ),
    EncryptionConfiguration=block("encryption_configuration", KmsKey="kms_key"),
    ObservabilityConfiguration=block("observability_configuration", ObservabilityEnabled="observability_enabled"),
    InstanceConfiguration=block("instance_configuration", InstanceRoleArn="instance_role_arn"),
)
