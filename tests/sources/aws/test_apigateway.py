import json

from koban.model.aws.apigateway import RestApi, Stage
from koban.sources.aws.apigateway import methods_from_api, rest_api_from_api, stage_from_api


def test_a_rest_api_with_stage_and_methods(aws, collect):
    client = aws("apigateway")
    api = client.create_rest_api(name="orders", endpointConfiguration={"types": ["REGIONAL"]})["id"]
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    client.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    client.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
    deployment = client.create_deployment(restApiId=api)["id"]
    client.create_stage(restApiId=api, stageName="prod", deploymentId=deployment, tracingEnabled=True)
    (rest_api,) = collect("apigateway.rest_apis")
    assert rest_api.uid == f"arn:aws:apigateway:eu-west-1::/restapis/{api}"
    assert not rest_api.private
    (stage,) = collect("apigateway.stages")
    assert stage.uid == f"arn:aws:apigateway:eu-west-1::/restapis/{api}/stages/prod"
    assert stage.tracing
    assert not stage.logs
    (method,) = collect("apigateway.methods")
    assert method.name == "GET /"
    assert method.authorization == "NONE"
    assert collect.failures == []


def test_a_live_policy_is_read_in_spite_of_its_backslashes():
    document = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}]}
    live = rest_api_from_api({"id": "a1", "name": "orders", "policy": json.dumps(json.dumps(document))[1:-1]})
    assert RestApi(live).policy.public


def test_a_live_stage_and_its_template_are_twins():
    live = stage_from_api(
        {
            "stageName": "prod",
            "cacheClusterEnabled": True,
            "methodSettings": {"*/*": {"loggingLevel": "INFO", "dataTraceEnabled": False, "cachingEnabled": True}},
            "accessLogSettings": {"destinationArn": "arn:aws:logs:::log-group:api", "format": "$context.requestId"},
        },
        "a1",
    )
    template = Stage(
        {
            "RestApiId": "a1",
            "StageName": "prod",
            "CacheClusterEnabled": True,
            "MethodSettings": [
                {
                    "ResourcePath": "/*",
                    "HttpMethod": "*",
                    "LoggingLevel": "INFO",
                    "DataTraceEnabled": False,
                    "CachingEnabled": True,
                }
            ],
            "AccessLogSetting": {"DestinationArn": "arn:aws:logs:::log-group:api"},
            "Tags": [],
        }
    )
    assert Stage(live) == template
    assert template.logs


def test_methods_of_one_path():
    raw = {"id": "r1", "path": "/orders", "resourceMethods": {"GET": {"authorizationType": "AWS_IAM"}, "POST": {}}}
    get, post = methods_from_api(raw, "a1")
    assert get["Operation"] == "GET /orders"
    assert get["AuthorizationType"] == "AWS_IAM"
    assert post["HttpMethod"] == "POST"


def test_a_domain_name(answered):
    page = {"items": [{"domainName": "api.example.com", "securityPolicy": "TLS_1_0"}]}
    (domain,) = answered("apigateway.domain_names", {"apigateway:GetDomainNames": page})
    assert domain.security_policy == "TLS_1_0"
