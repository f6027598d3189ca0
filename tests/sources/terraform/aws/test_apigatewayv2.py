import pytest

from koban.model.aws.apigatewayv2 import Api, DomainName, Integration, Route, Stage
from koban.model.unknown import NON_EMPTY_SHAPE, Unknown

GAP = Unknown("var.x", "it has no default")


@pytest.mark.parametrize(
    ("source", "body", "cls", "code"),
    [
        (
            "aws_apigatewayv2_api",
            {"name": "a", "protocol_type": "WEBSOCKET", "cors_configuration": [{"allow_origins": ["*"]}]},
            Api,
            {"Name": "a", "ProtocolType": "WEBSOCKET", "CorsConfiguration": {"AllowOrigins": ["*"]}},
        ),
        ("aws_apigatewayv2_api", {"protocol_type": "HTTP"}, Api, {}),
        (
            "aws_apigatewayv2_stage",
            {
                "api_id": "a1",
                "name": "prod",
                "access_log_settings": [{"destination_arn": "arn:logs", "format": "x"}],
                "default_route_settings": [{"logging_level": "ERROR", "data_trace_enabled": True}],
            },
            Stage,
            {
                "ApiId": "a1",
                "StageName": "prod",
                "AccessLogSettings": {"DestinationArn": "arn:logs"},
                "DefaultRouteSettings": {"LoggingLevel": "ERROR", "DataTraceEnabled": True},
            },
        ),
        ("aws_apigatewayv2_stage", {}, Stage, {}),
        (
            "aws_apigatewayv2_route",
            {"api_id": "a1", "route_key": "GET /a", "authorization_type": "JWT", "api_key_required": True},
            Route,
            {"ApiId": "a1", "RouteKey": "GET /a", "AuthorizationType": "JWT", "ApiKeyRequired": True},
        ),
        ("aws_apigatewayv2_route", {"route_key": "$default"}, Route, {"RouteKey": "$default"}),
        (
            "aws_apigatewayv2_integration",
            {
                "api_id": "a1",
                "connection_type": "VPC_LINK",
                "integration_uri": "arn:listener",
                "tls_config": [{"server_name_to_verify": "app.internal"}],
            },
            Integration,
            {
                "ApiId": "a1",
                "ConnectionType": "VPC_LINK",
                "IntegrationUri": "arn:listener",
                "TlsConfig": {"ServerNameToVerify": "app.internal"},
            },
        ),
        ("aws_apigatewayv2_integration", {}, Integration, {}),
        (
            "aws_apigatewayv2_domain_name",
            {"domain_name": "a", "domain_name_configuration": [{"security_policy": "TLS_1_2"}]},
            DomainName,
            {"DomainName": "a", "DomainNameConfigurations": [{"SecurityPolicy": "TLS_1_2"}]},
        ),
        ("aws_apigatewayv2_domain_name", {}, DomainName, {}),
    ],
)
def test_twins(twins, source, body, cls, code):
    twins(source, body, cls, code)


def test_an_api_that_names_what_it_calls_comes_with_a_route(every_document):
    def made(**body):
        return [
            every_document("aws_apigatewayv2_api", {"id": "a1", **body}, cls) for cls in (Route, Integration, Stage)
        ]

    assert made() == [[], [], []]
    assert made(target="http://example.com/", tags={"a": "b"}) == [
        [{"ApiId": "a1", "RouteKey": "$default"}],
        [{"ApiId": "a1", "IntegrationUri": "http://example.com/"}],
        [{"ApiId": "a1", "StageName": "$default"}],
    ]
    function = Unknown("aws_lambda_function.f.arn", "known after apply", shape=NON_EMPTY_SHAPE)
    (route,), (integration,), (stage,) = made(target=function, route_key="GET /a")
    assert route == {"ApiId": "a1", "RouteKey": "GET /a"}
    assert integration["IntegrationUri"] is function
    assert stage == {"ApiId": "a1", "StageName": "$default"}


def test_what_may_turn_out_to_be_nothing_is_not_known(every_document):
    (route,) = every_document("aws_apigatewayv2_api", {"target": GAP}, Route)
    (stage,) = every_document("aws_apigatewayv2_api", {"target": GAP}, Stage)
    assert route["RouteKey"] is GAP
    assert stage["AccessLogSettings"] is GAP
