import json

import pytest

from koban.model.aws.apigateway import DomainName, Method, RestApi, Stage
from koban.model.unknown import NON_EMPTY_SHAPE, Partial, Unknown

GAP = Unknown("var.x", "it has no default")
POLICY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}]}


@pytest.mark.parametrize(
    ("source", "body", "cls", "code"),
    [
        (
            "aws_api_gateway_rest_api",
            {"name": "a", "endpoint_configuration": [{"types": ["PRIVATE"]}], "policy": json.dumps(POLICY)},
            RestApi,
            {"Name": "a", "EndpointConfiguration": {"Types": ["PRIVATE"]}, "Policy": POLICY},
        ),
        ("aws_api_gateway_rest_api", {"name": "a"}, RestApi, {"Name": "a"}),
        (
            "aws_api_gateway_stage",
            {
                "rest_api_id": "a1",
                "stage_name": "prod",
                "client_certificate_id": "c1",
                "xray_tracing_enabled": True,
                "access_log_settings": [{"destination_arn": "arn:logs", "format": "$context.requestId"}],
                "cache_cluster_enabled": True,
            },
            Stage,
            {
                "RestApiId": "a1",
                "StageName": "prod",
                "ClientCertificateId": "c1",
                "TracingEnabled": True,
                "AccessLogSetting": {"DestinationArn": "arn:logs"},
                "CacheClusterEnabled": True,
            },
        ),
        ("aws_api_gateway_stage", {}, Stage, {}),
        (
            "aws_api_gateway_deployment",
            {"rest_api_id": "a1", "stage_name": "prod"},
            Stage,
            {"RestApiId": "a1", "StageName": "prod"},
        ),
        (
            "aws_api_gateway_method",
            {
                "rest_api_id": "a1",
                "resource_id": "r1",
                "http_method": "GET",
                "authorization": "AWS_IAM",
                "api_key_required": True,
            },
            Method,
            {
                "RestApiId": "a1",
                "ResourceId": "r1",
                "HttpMethod": "GET",
                "AuthorizationType": "AWS_IAM",
                "ApiKeyRequired": True,
            },
        ),
        ("aws_api_gateway_method", {}, Method, {}),
        (
            "aws_api_gateway_domain_name",
            {"domain_name": "api.example.com", "security_policy": "TLS_1_0"},
            DomainName,
            {"DomainName": "api.example.com", "SecurityPolicy": "TLS_1_0"},
        ),
        ("aws_api_gateway_domain_name", {"domain_name": "a"}, DomainName, {"DomainName": "a"}),
    ],
)
def test_twins(twins, source, body, cls, code):
    twins(source, body, cls, code)


def test_a_policy_beside_its_api(document):
    assert document("aws_api_gateway_rest_api_policy", {"policy": json.dumps(POLICY)}) == {"Policy": POLICY}


def test_a_deployment_makes_a_stage_if_it_names_one(every_document):
    assert every_document("aws_api_gateway_deployment", {"rest_api_id": "a1"}) == []
    (made,) = every_document("aws_api_gateway_deployment", {"rest_api_id": "a1", "stage_name": GAP})
    assert made["AccessLogSetting"] is made["MethodSettings"] is made["TracingEnabled"] is GAP
    named = Unknown("var.stage", "it has no default", shape=NON_EMPTY_SHAPE)
    (made,) = every_document("aws_api_gateway_deployment", {"rest_api_id": "a1", "stage_name": named})
    assert made == {"RestApiId": "a1", "StageName": named}


SETTINGS = {
    "logging_level": "INFO",
    "data_trace_enabled": True,
    "caching_enabled": True,
    "cache_data_encrypted": True,
}


def test_settings_of_methods(document):
    def settings(path, **given):
        (one,) = document("aws_api_gateway_method_settings", {"method_path": path, "settings": [given]})[
            "MethodSettings"
        ]
        return one

    assert settings("*/*", **SETTINGS) == {
        "ResourcePath": "/*",
        "HttpMethod": "*",
        "LoggingLevel": "INFO",
        "DataTraceEnabled": True,
        "CachingEnabled": True,
        "CacheDataEncrypted": True,
    }
    assert settings("pets/{id}/GET") == {"ResourcePath": "/pets/{id}", "HttpMethod": "GET"}
    assert settings("/GET") == {"ResourcePath": "/", "HttpMethod": "GET"}
    one = settings(Partial("method_path", (GAP, "/GET")))
    assert one["HttpMethod"] == "GET"
    assert isinstance(one["ResourcePath"], Unknown)
    assert isinstance(settings(Partial("method_path", ("pets/", GAP)))["HttpMethod"], Unknown)
    assert settings(GAP)["HttpMethod"] is GAP


def test_what_rules_ask(document):
    def stage(path, **given):
        return Stage(document("aws_api_gateway_method_settings", {"method_path": path, "settings": [given]}), uid="s")

    assert stage("*/*", logging_level="ERROR").logs
    assert not stage("*/*", logging_level="OFF").logs
    assert not stage("pets/GET", logging_level="ERROR").logs
