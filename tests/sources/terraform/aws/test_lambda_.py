import pytest

from koban.model.aws.lambda_ import EventInvokeConfig, Function, LayerPermission, LayerVersion, Permission, Url
from koban.model.unknown import Unknown

ROLE = "arn:aws:iam::111122223333:role/worker"
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:dead"
LAYER = "arn:aws:lambda:eu-west-1:111122223333:layer:common"


def test_a_function(twins):
    twins(
        "aws_lambda_function",
        {
            "function_name": "f",
            "package_type": "Zip",
            "runtime": "python3.13",
            "role": ROLE,
            "vpc_config": [{"subnet_ids": ["subnet-1", "subnet-2"], "security_group_ids": ["sg-1"]}],
            "dead_letter_config": [{"target_arn": QUEUE}],
            "tracing_config": [{"mode": "Active"}],
            "environment": [{"variables": {"STAGE": "prod"}}],
            "kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/k",
            "layers": [f"{LAYER}:1"],
        },
        Function,
        {
            "FunctionName": "f",
            "PackageType": "Zip",
            "Runtime": "python3.13",
            "Role": ROLE,
            "VpcConfig": {"SubnetIds": ["subnet-1", "subnet-2"]},
            "DeadLetterConfig": {"TargetArn": QUEUE},
            "TracingConfig": {"Mode": "Active"},
            "Environment": {"Variables": {"STAGE": "prod"}},
            "KmsKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/k",
            "Layers": [f"{LAYER}:1"],
        },
    )
    twins("aws_lambda_function", {"function_name": "f", "role": ROLE}, Function, {"Role": ROLE})


def test_a_function_of_which_state_says_what_is_not_set(twins):
    unset = {"vpc_config": [], "environment": [], "dead_letter_config": [], "kms_key_arn": "", "layers": []}
    twins("aws_lambda_function", {"role": ROLE, "runtime": "", **unset}, Function, {"Role": ROLE})


def test_a_permission(twins):
    twins(
        "aws_lambda_permission",
        {
            "function_name": "f",
            "action": "lambda:InvokeFunction",
            "principal": "s3.amazonaws.com",
            "source_arn": "arn:aws:s3:::b",
            "source_account": "111122223333",
            "principal_org_id": "o-1",
            "function_url_auth_type": "AWS_IAM",
            "invoked_via_function_url": True,
        },
        Permission,
        {
            "FunctionName": "f",
            "Principal": "s3.amazonaws.com",
            "SourceArn": "arn:aws:s3:::b",
            "SourceAccount": "111122223333",
            "PrincipalOrgID": "o-1",
            "FunctionUrlAuthType": "AWS_IAM",
            "InvokedViaFunctionUrl": True,
        },
    )
    twins("aws_lambda_permission", {"principal": "*"}, Permission, {"Principal": "*"})


def test_a_function_url(twins):
    twins(
        "aws_lambda_function_url",
        {"function_name": "f", "authorization_type": "AWS_IAM", "cors": [{"allow_origins": ["*"]}]},
        Url,
        {"TargetFunctionArn": "f", "AuthType": "AWS_IAM", "Cors": {"AllowOrigins": ["*"]}},
    )
    twins("aws_lambda_function_url", {"authorization_type": "NONE"}, Url, {"AuthType": "NONE"})


def test_what_becomes_of_failed_events(twins):
    twins(
        "aws_lambda_function_event_invoke_config",
        {
            "function_name": "f",
            "destination_config": [{"on_failure": [{"destination": QUEUE}], "on_success": []}],
        },
        EventInvokeConfig,
        {"FunctionName": "f", "DestinationConfig": {"OnFailure": {"Destination": QUEUE}}},
    )
    twins("aws_lambda_function_event_invoke_config", {"function_name": "f"}, EventInvokeConfig, {"FunctionName": "f"})


def test_a_layer_version(twins):
    twins(
        "aws_lambda_layer_version",
        {"layer_name": "common", "compatible_runtimes": ["python3.13"]},
        LayerVersion,
        {"CompatibleRuntimes": ["python3.13"]},
    )
    twins("aws_lambda_layer_version", {"layer_name": "common"}, LayerVersion, {})


@pytest.mark.parametrize(
    ("layer", "version", "named"),
    [(LAYER, 3, f"{LAYER}:3"), (LAYER, "3", f"{LAYER}:3"), ("common", 3, "common")],
)
def test_a_grant_of_a_layer_version(twins, layer, version, named):
    twins(
        "aws_lambda_layer_version_permission",
        {"layer_name": layer, "version_number": version, "principal": "*", "organization_id": "o-1"},
        LayerPermission,
        {"LayerVersionArn": named, "Principal": "*", "OrganizationId": "o-1"},
    )


def test_a_grant_of_a_layer_that_is_not_known_refers_to_it_all_the_same(document):
    layer = Unknown("layer_name", "known after apply", target="aws_lambda_layer_version.x")
    body = {"layer_name": layer, "version_number": Unknown("version_number", "known after apply"), "principal": "1"}
    assert document("aws_lambda_layer_version_permission", body)["LayerVersionArn"] is layer
    body = {"layer_name": "common", "version_number": Unknown("version_number", "known after apply")}
    assert document("aws_lambda_layer_version_permission", body)["LayerVersionArn"] == "common"
