"""Posture rules for Amazon SageMaker AI."""

from __future__ import annotations

from koban.model.aws.sagemaker import Domain, EndpointConfig, Model, NotebookInstance
from koban.model.rule import rule
from koban.model.unknown import Unknown

OLD_PLATFORMS = ("notebook-al1-v1", "notebook-al2-v1", "notebook-al2-v2")


@rule("high", NotebookInstance, "aws-fsbp:SageMaker.1", "nist-csf-2.0:PR.IR-01")
def sagemaker_notebook_on_internet(notebook: NotebookInstance) -> bool:
    """The notebook reaches the internet past the VPC.

    Why: code in a notebook can send data anywhere, and neither firewalls nor flow logs see it.
    Fix: create the notebook in a VPC with DirectInternetAccess Disabled.
    """
    return notebook.internet != "Disabled"


sagemaker_notebook_on_internet.cases(
    bad=[{}, {"DirectInternetAccess": "Enabled"}],
    good=[{"DirectInternetAccess": "Disabled"}],
    unknown=[
        {"DirectInternetAccess": Unknown("DirectInternetAccess", "AccessDenied sagemaker:DescribeNotebookInstance")}
    ],
)


@rule("high", NotebookInstance, "aws-fsbp:SageMaker.2", "nist-csf-2.0:PR.IR-01")
def sagemaker_notebook_outside_vpc(notebook: NotebookInstance) -> bool:
    """The notebook is not in a VPC of yours.

    Why: no firewall, endpoint policy or flow log of yours limits or records what it reaches.
    Fix: create the notebook with a SubnetId and security groups.
    """
    return not notebook.subnet_id


sagemaker_notebook_outside_vpc.cases(bad=[{}], good=[{"SubnetId": "subnet-1"}])


@rule("high", NotebookInstance, "aws-fsbp:SageMaker.3", "nist-csf-2.0:PR.AA-05")
def sagemaker_notebook_root(notebook: NotebookInstance) -> bool:
    """Users of the notebook are root on its machine.

    Why: they, or code that they run, can change the machine and switch off what watches it.
    Fix: set RootAccess to Disabled.
    """
    return notebook.root != "Disabled"


sagemaker_notebook_root.cases(bad=[{}, {"RootAccess": "Enabled"}], good=[{"RootAccess": "Disabled"}])


@rule("medium", NotebookInstance, "aws-fsbp:SageMaker.8", "nist-csf-2.0:PR.PS-02")
def sagemaker_notebook_old_platform(notebook: NotebookInstance) -> bool:
    """The notebook runs on an operating system that is no longer supported.

    Why: it gets no security fixes any more.
    Fix: create the notebook anew on notebook-al2023-v1 and move its files.
    """
    return any(notebook.platform == old for old in OLD_PLATFORMS)


sagemaker_notebook_old_platform.cases(
    bad=[{"PlatformIdentifier": "notebook-al1-v1"}], good=[{}, {"PlatformIdentifier": "notebook-al2023-v1"}]
)


@rule("medium", NotebookInstance, "nist-csf-2.0:PR.DS-01")
def sagemaker_notebook_no_key(notebook: NotebookInstance) -> bool:
    """The notebook's disk is not encrypted with a KMS key of the account.

    Why: the data that people load into notebooks lies on it, under a key that you cannot withdraw.
    Fix: create the notebook with a KmsKeyId.
    """
    return not notebook.key_name


sagemaker_notebook_no_key.cases(bad=[{}], good=[{"KmsKeyId": "k"}])


@rule("medium", NotebookInstance, "nist-csf-2.0:PR.AA-05")
def sagemaker_notebook_imdsv1(notebook: NotebookInstance) -> bool:
    """The notebook's metadata service answers requests without a session token.

    Why: code that can be tricked into fetching a URL then hands out the notebook's credentials.
    Fix: set MinimumInstanceMetadataServiceVersion to 2.
    """
    return notebook.metadata != "2"


sagemaker_notebook_imdsv1.cases(
    bad=[{}, {"InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "1"}}],
    good=[{"InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"}}],
)


@rule("medium", Model, "aws-fsbp:SageMaker.5", "nist-csf-2.0:PR.IR-01")
def sagemaker_model_not_isolated(model: Model) -> bool:
    """The model's containers have a network.

    Why: code that came with the model or its libraries can send data out or load more code.
    Fix: set EnableNetworkIsolation to true where the model needs no network.
    """
    return not model.isolated


sagemaker_model_not_isolated.cases(bad=[{}], good=[{"EnableNetworkIsolation": True}])


@rule("medium", Model, "nist-csf-2.0:PR.IR-01", when=lambda model: not model.isolated)
def sagemaker_model_outside_vpc(model: Model) -> bool:
    """The model's containers reach the network past your VPC.

    Why: no firewall, endpoint policy or flow log of yours limits or records what they reach.
    Fix: set VpcConfig with private subnets and security groups.
    """
    return not model.subnets


sagemaker_model_outside_vpc.cases(
    bad=[{}], good=[{"VpcConfig": {"Subnets": ["subnet-1"]}}], skipped=[{"EnableNetworkIsolation": True}]
)


@rule("high", Model, "nist-csf-2.0:PR.AA-01")
def sagemaker_model_secret_in_environment(model: Model) -> bool:
    """An environment variable of the model seems to hold a secret in plain text.

    Why: everyone who can describe the model or read the template reads the secret.
    Fix: keep the secret in Secrets Manager and read it at run time; change the secret that leaked.
    """
    return model.leaks


sagemaker_model_secret_in_environment.cases(
    bad=[
        {"PrimaryContainer": {"Environment": {"API_KEY": "not-a-real-one"}}},
        {"Containers": [{"Environment": {"DB_PASSWORD": "not-a-real-one"}}]},
    ],
    good=[{}, {"PrimaryContainer": {"Environment": {"LOG_LEVEL": "info"}}}],
)


@rule("low", EndpointConfig, "aws-fsbp:SageMaker.4", "nist-csf-2.0:PR.IR-04")
def sagemaker_endpoint_single_instance(config: EndpointConfig) -> bool:
    """A model behind the endpoint runs on one instance only.

    Why: when the instance or its zone fails, the endpoint does not answer.
    Fix: set InitialInstanceCount to 2 or more; AWS spreads them over zones.
    """
    return any(one.instances == 1 for one in config.variants)


sagemaker_endpoint_single_instance.cases(
    bad=[{"ProductionVariants": [{"InitialInstanceCount": 1}]}],
    good=[
        {"ProductionVariants": [{"InitialInstanceCount": 2}]},
        {"ProductionVariants": [{"VariantName": "serverless"}]},
    ],
)


@rule("medium", EndpointConfig, "nist-csf-2.0:PR.DS-01")
def sagemaker_endpoint_no_key(config: EndpointConfig) -> bool:
    """The disks behind the endpoint are not encrypted with a KMS key of the account.

    Why: models and requests lie on them, under a key that you cannot withdraw.
    Fix: create the endpoint configuration with a KmsKeyId.
    """
    return not config.key_name


sagemaker_endpoint_no_key.cases(bad=[{}], good=[{"KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/k"}])


@rule("low", EndpointConfig, "nist-csf-2.0:PR.DS-01", when=lambda config: config.captures)
def sagemaker_endpoint_capture_no_key(config: EndpointConfig) -> bool:
    """Recorded requests of the endpoint are not encrypted with a KMS key of the account.

    Why: requests and answers hold personal data, and lie in a bucket where other programs read.
    Fix: set DataCaptureConfig.KmsKeyId.
    """
    return not config.capture_key


sagemaker_endpoint_capture_no_key.cases(
    bad=[{"DataCaptureConfig": {"EnableCapture": True}}],
    good=[{"DataCaptureConfig": {"EnableCapture": True, "KmsKeyId": "k"}}],
    skipped=[{}],
)


@rule("medium", Domain, "nist-csf-2.0:PR.IR-01")
def sagemaker_domain_on_internet(domain: Domain) -> bool:
    """Applications of the Studio domain reach the internet past the VPC.

    Why: code in a notebook can send data anywhere, and neither firewalls nor flow logs see it.
    Fix: set AppNetworkAccessType to VpcOnly.
    """
    return domain.network != "VpcOnly"


sagemaker_domain_on_internet.cases(bad=[{}], good=[{"AppNetworkAccessType": "VpcOnly"}])


@rule("low", Domain, "nist-csf-2.0:PR.AA-01")
def sagemaker_domain_without_sso(domain: Domain) -> bool:
    """People sign in to the Studio domain with IAM rather than IAM Identity Center.

    Why: access then hangs on IAM users or shared roles, and stays when people leave.
    Fix: create the domain with AuthMode SSO.
    """
    return domain.auth == "IAM"


sagemaker_domain_without_sso.cases(bad=[{"AuthMode": "IAM"}], good=[{"AuthMode": "SSO"}])


@rule("low", Domain, "nist-csf-2.0:PR.DS-01")
def sagemaker_domain_no_key(domain: Domain) -> bool:
    """The Studio domain's files are not encrypted with a KMS key of your own.

    Why: the files of all users lie under a key that you cannot withdraw.
    Fix: create the domain with a KmsKeyId.
    """
    return not domain.key_name


sagemaker_domain_no_key.cases(bad=[{}], good=[{"KmsKeyId": "k"}])
