from koban.model.aws.sagemaker import EndpointConfig, Model, NotebookInstance
from koban.model.estate import MemoryEstate
from koban.sources.aws.sagemaker import endpoint_config_from_api, model_from_api, notebook_from_api

ROLE = "arn:aws:iam::123456789012:role/ml"


def test_notebooks(aws, collect):
    aws("sagemaker").create_notebook_instance(
        NotebookInstanceName="lab",
        InstanceType="ml.t3.medium",
        RoleArn=ROLE,
        DirectInternetAccess="Disabled",
        RootAccess="Disabled",
        SubnetId="subnet-1",
    )
    (notebook,) = collect("sagemaker.notebooks")
    assert (notebook.internet, notebook.root, notebook.subnet_id) == ("Disabled", "Disabled", "subnet-1")
    assert notebook.uid == "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/lab"
    assert collect.failures == []


def test_models_keep_no_values_of_variables(aws, collect):
    aws("sagemaker").create_model(
        ModelName="score",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": "image", "Environment": {"API_KEY": "emulated-only"}},
        EnableNetworkIsolation=True,
    )
    (model,) = collect("sagemaker.models")
    assert "emulated-only" not in repr(model.document)
    assert model.primary.secrets == ("API_KEY",)
    assert collect.failures == []


def test_endpoint_configurations(aws, collect):
    client = aws("sagemaker")
    client.create_model(ModelName="score", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "image"})
    client.create_endpoint_config(
        EndpointConfigName="score",
        ProductionVariants=[
            {"VariantName": "a", "ModelName": "score", "InitialInstanceCount": 1, "InstanceType": "ml.t2.medium"}
        ],
    )
    (config,) = collect("sagemaker.endpoint_configs")
    assert [one.instances for one in config.variants] == [1]


def test_domains(aws, collect):
    aws("sagemaker").create_domain(
        DomainName="studio",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": ROLE},
        SubnetIds=["subnet-1"],
        VpcId="vpc-1",
        AppNetworkAccessType="VpcOnly",
    )
    (domain,) = collect("sagemaker.domains")
    assert (domain.network, domain.auth) == ("VpcOnly", "IAM")


def test_both_spellings_give_the_same():
    same = {"NotebookInstanceName": "lab", "DirectInternetAccess": "Disabled", "SubnetId": "subnet-1"}
    live = NotebookInstance(notebook_from_api({**same, "RootAccess": "Enabled", "NotebookInstanceStatus": "InService"}))
    code = NotebookInstance(same)
    MemoryEstate([live, code])
    fields = NotebookInstance.fields
    assert {n: getattr(live, n) for n in fields} == {n: getattr(code, n) for n in fields}
    variants = [{"VariantName": "a", "InitialInstanceCount": 2, "CurrentWeight": 1.0}]
    config = EndpointConfig(endpoint_config_from_api({"EndpointConfigName": "c", "ProductionVariants": variants}))
    assert config.variants[0].instances == 2
    assert Model(model_from_api({"ModelName": "m", "Containers": [{"Image": "i"}]})).leaks is False
