import io
import json
import zipfile

import pytest

from koban.model.aws.lambda_ import Function, Permission, Url
from koban.model.estate import MemoryEstate
from koban.sources.aws.lambda_ import function_from_api, url_from_api

ROLE = "arn:aws:iam::123456789012:role/worker"
TRUST = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}


@pytest.fixture
def worker(aws):
    aws("iam").create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(TRUST))
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): return 1")
    client = aws("lambda")
    client.create_function(
        FunctionName="worker",
        Runtime="python3.9",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": {"DB_PASSWORD": "hunter2hunter2", "STAGE": "1"}},
        TracingConfig={"Mode": "Active"},
    )
    return client


def test_a_function_keeps_no_value_of_its_environment(worker, collect):
    (function,) = collect("lambda.functions")
    assert function.uid == "arn:aws:lambda:eu-west-1:123456789012:function:worker"
    assert function.variables == {"DB_PASSWORD": "(a value)", "STAGE": "1"}
    assert function.secret_variables == ("DB_PASSWORD",)
    assert function.tracing == "Active"
    assert function.runtime_past_end_days > 0
    assert not function.public
    assert collect.failures == []


def test_a_grant_to_everyone_makes_a_function_public(worker, collect):
    worker.add_permission(FunctionName="worker", StatementId="all", Action="lambda:InvokeFunction", Principal="*")
    (function,) = collect("lambda.functions")
    assert function.public
    assert collect.failures == []


def test_a_layer_and_who_may_use_it(worker, collect):
    worker.publish_layer_version(LayerName="lib", Content={"ZipFile": b"x"}, CompatibleRuntimes=["python3.13"])
    (layer,) = collect("lambda.layers")
    assert layer.uid == "arn:aws:lambda:eu-west-1:123456789012:layer:lib:1"
    assert layer.runtimes == ("python3.13",)


def test_a_live_function_and_its_template_are_twins():
    live = function_from_api(
        {
            "FunctionName": "f",
            "FunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:f",
            "Runtime": "python3.13",
            "Role": ROLE,
            "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"], "VpcId": "vpc-1"},
            "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:eu-west-1:123456789012:dead"},
            "Environment": {"Variables": {"A": "1"}},
            "KMSKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/k",
            "TracingConfig": {"Mode": "Active"},
            "Layers": [{"Arn": "arn:aws:lambda:eu-west-1:123456789012:layer:lib:1", "CodeSize": 1}],
            "PackageType": "Zip",
        }
    )
    template = {
        "FunctionName": "f",
        "Runtime": "python3.13",
        "Role": ROLE,
        "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:eu-west-1:123456789012:dead"},
        "Environment": {"Variables": {"A": "1"}},
        "KmsKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/k",
        "TracingConfig": {"Mode": "Active"},
        "Layers": ["arn:aws:lambda:eu-west-1:123456789012:layer:lib:1"],
        "PackageType": "Zip",
    }
    assert {k: v for k, v in live.items() if k != "Arn"} == template


def test_a_function_url_finds_its_function():
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:f"
    raw = {"FunctionUrl": "https://x.lambda-url.eu-west-1.on.aws/", "FunctionArn": arn, "AuthType": "NONE"}
    url, function = Url(url_from_api(raw, arn)), Function({"FunctionName": "f", "Arn": arn})
    MemoryEstate([url, function])
    assert url.function.uid == arn
    assert function.urls[0].auth_type == "NONE"


def test_a_grant_in_a_template_and_a_live_policy_agree():
    template = Function({"FunctionName": "f"})
    MemoryEstate([template, Permission({"FunctionName": "f", "Principal": "s3.amazonaws.com"})])
    statement = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "lambda:InvokeFunction"}
    live = Function({"FunctionName": "f", "Policy": json.dumps({"Statement": [statement]})})
    MemoryEstate([live])
    assert template.open_to_services
    assert live.open_to_services
    assert not template.public
    assert not live.public


def test_a_function_with_a_dead_letter_queue_is_not_asked_where_else_its_failures_go(answered):
    asked = []

    def listed(FunctionName):
        asked.append(FunctionName)
        return {"FunctionEventInvokeConfigs": []}

    queued = Function({"FunctionName": "queued", "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:::dead"}})
    calls = {"lambda:ListFunctionEventInvokeConfigs": listed}
    answered("lambda.invoke_configs", calls, queued, Function({"FunctionName": "plain"}))
    assert asked == ["plain"]
