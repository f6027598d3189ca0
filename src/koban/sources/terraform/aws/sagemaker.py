"""Amazon SageMaker AI."""

from __future__ import annotations

from koban.model.aws.sagemaker import Domain, EndpointConfig, Model, NotebookInstance
from koban.sources.terraform.mapping import EntryLike, block, blocks, maps

maps(
    "aws_sagemaker_notebook_instance",
    NotebookInstance,
    NotebookInstanceName="name",
    NotebookInstanceArn="arn",
    DirectInternetAccess="direct_internet_access",
    SubnetId="subnet_id",
    RootAccess="root_access",
    KmsKeyId="kms_key_id",
    PlatformIdentifier="platform_identifier",
    InstanceMetadataServiceConfiguration=block(
        "instance_metadata_service_configuration",
        MinimumInstanceMetadataServiceVersion="minimum_instance_metadata_service_version",
    ),
)

CONTAINER: dict[str, EntryLike] = {
    "Environment": "environment",
    "ImageConfig": block("image_config", RepositoryAccessMode="repository_access_mode"),
}

maps(
    "aws_sagemaker_model",
    Model,
    ModelName="name",
    ModelArn="arn",
    EnableNetworkIsolation="enable_network_isolation",
    VpcConfig=block("vpc_config", Subnets="subnets"),
    PrimaryContainer=block("primary_container", **CONTAINER),
    Containers=blocks("container", None, **CONTAINER),
)
maps(
    "aws_sagemaker_endpoint_configuration",
    EndpointConfig,
    EndpointConfigName="name",
    EndpointConfigArn="arn",
    ProductionVariants=blocks("production_variants", InitialInstanceCount="initial_instance_count"),
    KmsKeyId="kms_key_arn",
    DataCaptureConfig=block("data_capture_config", EnableCapture="enable_capture", KmsKeyId="kms_key_id"),
)
maps(
    "aws_sagemaker_domain",
    Domain,
    DomainId="id",
    DomainArn="arn",
    AppNetworkAccessType="app_network_access_type",
    KmsKeyId="kms_key_id",
    AuthMode="auth_mode",
    DefaultUserSettings=block(
        "default_user_settings",
        SharingSettings=block("sharing_settings", NotebookOutputOption="notebook_output_option"),
    ),
)
