from koban.model.aws.sagemaker import Domain, EndpointConfig, Model, NotebookInstance


def test_a_notebook_instance(twins):
    twins(
        "aws_sagemaker_notebook_instance",
        {
            "name": "n",
            "direct_internet_access": "Disabled",
            "subnet_id": "subnet-1",
            "root_access": "Disabled",
            "kms_key_id": "k",
            "platform_identifier": "notebook-al2023-v1",
            "instance_metadata_service_configuration": [{"minimum_instance_metadata_service_version": "2"}],
        },
        NotebookInstance,
        {
            "DirectInternetAccess": "Disabled",
            "SubnetId": "subnet-1",
            "RootAccess": "Disabled",
            "KmsKeyId": "k",
            "PlatformIdentifier": "notebook-al2023-v1",
            "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"},
        },
    )
    twins("aws_sagemaker_notebook_instance", {"name": "n"}, NotebookInstance, {})


def test_a_model(twins):
    container = {
        "image": "i",
        "environment": {"LOG_LEVEL": "info"},
        "image_config": [{"repository_access_mode": "Vpc"}],
    }
    same = {"Environment": {"LOG_LEVEL": "info"}, "ImageConfig": {"RepositoryAccessMode": "Vpc"}}
    twins(
        "aws_sagemaker_model",
        {
            "name": "m",
            "enable_network_isolation": True,
            "vpc_config": [{"subnets": ["subnet-1"], "security_group_ids": ["sg-1"]}],
            "primary_container": [container],
            "container": [container, {"image": "j"}],
        },
        Model,
        {
            "EnableNetworkIsolation": True,
            "VpcConfig": {"Subnets": ["subnet-1"]},
            "PrimaryContainer": same,
            "Containers": [same, {}],
        },
    )
    twins("aws_sagemaker_model", {"name": "m"}, Model, {})


def test_an_endpoint_configuration(twins):
    twins(
        "aws_sagemaker_endpoint_configuration",
        {
            "name": "e",
            "production_variants": [{"initial_instance_count": 2}, {"serverless_config": [{"max_concurrency": 1}]}],
            "kms_key_arn": "k",
            "data_capture_config": [{"enable_capture": True, "kms_key_id": "c"}],
        },
        EndpointConfig,
        {
            "ProductionVariants": [{"InitialInstanceCount": 2}, {}],
            "KmsKeyId": "k",
            "DataCaptureConfig": {"EnableCapture": True, "KmsKeyId": "c"},
        },
    )
    twins("aws_sagemaker_endpoint_configuration", {"production_variants": []}, EndpointConfig, {})


def test_a_domain(twins):
    twins(
        "aws_sagemaker_domain",
        {
            "app_network_access_type": "VpcOnly",
            "kms_key_id": "k",
            "auth_mode": "SSO",
            "default_user_settings": [{"sharing_settings": [{"notebook_output_option": "Allowed"}]}],
        },
        Domain,
        {
            "AppNetworkAccessType": "VpcOnly",
            "KmsKeyId": "k",
            "AuthMode": "SSO",
            "DefaultUserSettings": {"SharingSettings": {"NotebookOutputOption": "Allowed"}},
        },
    )
    twins("aws_sagemaker_domain", {"auth_mode": "IAM", "default_user_settings": [{}]}, Domain, {"AuthMode": "IAM"})
