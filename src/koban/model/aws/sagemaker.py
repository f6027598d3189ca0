"""Amazon SageMaker AI."""

from __future__ import annotations

from typing import Any

from koban.model.aws.secret_names import secret_names
from koban.model.resource import Part, Resource, derived, field, part, parts
from koban.model.unknown import Unknown


class NotebookInstance(
    Resource,
    type="AWS::SageMaker::NotebookInstance",
    ids="NotebookInstanceName NotebookInstanceArn",
    arn="arn:{partition}:sagemaker:{region}:{account}:notebook-instance/{NotebookInstanceName}",
):
    """A machine with notebooks on it."""

    internet: str = field("DirectInternetAccess", "Enabled", "Enabled: it reaches the internet past the VPC")
    subnet_id: str = field("SubnetId", "", "Its subnet; empty: it is in a network of the service")
    root: str = field("RootAccess", "Enabled", "Whether its users are root")
    key_name: str = field("KmsKeyId", "", "The KMS key of its disk")
    platform: str = field("PlatformIdentifier", "", "Its operating system; empty: the newest when it was made")
    metadata: str = field(
        "InstanceMetadataServiceConfiguration.MinimumInstanceMetadataServiceVersion", "", "1 or 2; empty: 1 or newer"
    )


class Container(Part):
    """One container of a model."""

    environment: dict[str, Any] = field("Environment", {}, "Its environment variables; live, without their values")
    access: str = field("ImageConfig.RepositoryAccessMode", "Platform", "Platform, or Vpc: images come through the VPC")

    @derived
    def secrets(self) -> tuple[str, ...]:
        """The names of variables that look as if they held a secret in plain text."""
        variables = self.environment
        return secret_names(variables if isinstance(variables, Unknown) else variables.items())


class Model(
    Resource,
    type="AWS::SageMaker::Model",
    ids="ModelName ModelArn",
    arn="arn:{partition}:sagemaker:{region}:{account}:model/{ModelName}",
):
    """A model that endpoints and jobs run."""

    isolated: bool = field("EnableNetworkIsolation", False, "Whether its containers have no network at all")
    subnets: tuple[str, ...] = field("VpcConfig.Subnets", (), "The subnets that its containers reach the network by")
    primary: Container = part("PrimaryContainer", Container, "Its only container")
    containers: tuple[Container, ...] = parts("Containers", Container, "Its containers, where there are several")

    @derived
    def leaks(self) -> bool:
        """Whether a variable looks as if it held a secret in plain text."""
        return bool(self.primary.secrets) or any(one.secrets for one in self.containers)


class Variant(Part):
    """One model behind an endpoint."""

    instances: int = field("InitialInstanceCount", 0, "How many instances it starts with; 0: it is serverless")


class EndpointConfig(
    Resource,
    type="AWS::SageMaker::EndpointConfig",
    ids="EndpointConfigName EndpointConfigArn",
    arn="arn:{partition}:sagemaker:{region}:{account}:endpoint-config/{EndpointConfigName}",
):
    """What endpoints run on."""

    variants: tuple[Variant, ...] = parts("ProductionVariants", Variant, "The models behind it")
    key_name: str = field("KmsKeyId", "", "The KMS key of its disks")
    captures: bool = field("DataCaptureConfig.EnableCapture", False, "Whether requests are recorded")
    capture_key: str = field("DataCaptureConfig.KmsKeyId", "", "The KMS key of what is recorded")


class Domain(
    Resource,
    type="AWS::SageMaker::Domain",
    ids="DomainId DomainArn",
    arn="arn:{partition}:sagemaker:{region}:{account}:domain/{DomainId}",
):
    """A Studio domain: users, their spaces and applications."""

    network: str = field("AppNetworkAccessType", "PublicInternetOnly", "PublicInternetOnly or VpcOnly")
    key_name: str = field("KmsKeyId", "", "The KMS key of its files")
    auth: str = field("AuthMode", "", "SSO or IAM")
    sharing: str = field("DefaultUserSettings.SharingSettings.NotebookOutputOption", "Disabled", "Allowed or Disabled")
