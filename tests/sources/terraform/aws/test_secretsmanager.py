import pytest

from koban.engines.posture import judge
from koban.model.aws.secretsmanager import RotationSchedule, Secret, SecretPolicy
from koban.model.unknown import Partial, Unknown
from koban.rules.aws.secretsmanager import secretsmanager_value_in_template
from koban.sources.terraform.values import JsonText

OPEN = Unknown("random_password.p.result", "it is made when it is applied")
TEXT, POLICY = '{"Statement": []}', {"Statement": []}


def test_a_secret(twins, every_document):
    twins("aws_secretsmanager_secret", {"name": "s", "kms_key_id": "k"}, Secret, {"Name": "s", "KmsKeyId": "k"})
    twins("aws_secretsmanager_secret", {}, Secret, {})
    for cls in (SecretPolicy, RotationSchedule):
        assert every_document("aws_secretsmanager_secret", {"id": "s"}, cls) == []


@pytest.mark.parametrize(
    ("source", "by"), [("aws_secretsmanager_secret", "id"), ("aws_secretsmanager_secret_policy", "secret_arn")]
)
def test_the_policy_of_a_secret(twins, source, by):
    twins(source, {by: "s", "policy": TEXT}, SecretPolicy, {"SecretId": "s", "ResourcePolicy": POLICY})


@pytest.mark.parametrize(
    ("source", "by"), [("aws_secretsmanager_secret", "id"), ("aws_secretsmanager_secret_rotation", "secret_id")]
)
def test_rotation(twins, source, by):
    body = {by: "s", "rotation_lambda_arn": "f", "rotation_rules": [{"automatically_after_days": 30}]}
    code = {"SecretId": "s", "RotationRules": {"AutomaticallyAfterDays": 30}}
    twins(source, body, RotationSchedule, code)
    body = {by: "s", "rotation_lambda_arn": "f", "rotation_rules": [{"schedule_expression": "rate(10 days)"}]}
    twins(source, body, RotationSchedule, {"SecretId": "s"})


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ({}, "pass"),
        ({"secret_string": "hunter2"}, "fail"),
        ({"secret_string_wo": "hunter2"}, "fail"),
        ({"secret_binary": "aHVudGVyMg=="}, "fail"),
        ({"secret_string": OPEN}, "unknown"),
        ({"secret_string": JsonText({"user": "u", "password": OPEN})}, "unknown"),
        ({"secret_string": Partial("secret_string", ("user:", OPEN))}, "unknown"),
    ],
)
def test_the_value_in_code(document, body, verdict):
    folded = document("aws_secretsmanager_secret_version", {"secret_id": "s", **body})
    assert judge(secretsmanager_value_in_template, Secret({"Name": "s", **folded}, file="f")).verdict == verdict
