"""Amazon API Gateway: HTTP and WebSocket APIs."""

from __future__ import annotations

from typing import Any

from koban.model.aws.apigatewayv2 import Api, DomainName, Integration, Route, Stage
from koban.model.unknown import ANY_SHAPE, Unknown
from koban.sources.terraform.mapping import ABSENT, Body, block, blocks, constant, made, maps

maps(
    "aws_apigatewayv2_api",
    Api,
    ApiId="id",
    Name="name",
    ProtocolType="protocol_type",
    CorsConfiguration=block("cors_configuration", AllowOrigins="allow_origins"),
)


def made_quickly(body: Body) -> bool:
    """Whether the API names what it calls: a route, an integration and a stage are then made with it."""
    return body.get("target") is not None


def unless_open(otherwise: Any) -> Any:
    """A property of what is made quickly: not known where what is called may turn out to be nothing at all."""

    def value(body: Body) -> Any:
        target = body.get("target")
        return target if isinstance(target, Unknown) and target._shape == ANY_SHAPE else otherwise(body)

    return made(value, "target", careful=True)


NO_TAGS = constant(ABSENT)
maps(
    "aws_apigatewayv2_api",
    Route,
    when=made_quickly,
    ApiId="id",
    RouteKey=unless_open(lambda body: body.get("route_key", "$default")),
    Tags=NO_TAGS,
)
maps("aws_apigatewayv2_api", Integration, when=made_quickly, ApiId="id", IntegrationUri="target", Tags=NO_TAGS)
maps(
    "aws_apigatewayv2_api",
    Stage,
    when=made_quickly,
    ApiId="id",
    StageName=constant("$default"),
    AccessLogSettings=unless_open(lambda _: ABSENT),
    Tags=NO_TAGS,
)
maps(
    "aws_apigatewayv2_stage",
    Stage,
    ApiId="api_id",
    StageName="name",
    AccessLogSettings=block("access_log_settings", DestinationArn="destination_arn", Format="format"),
    DefaultRouteSettings=block(
        "default_route_settings", LoggingLevel="logging_level", DataTraceEnabled="data_trace_enabled"
    ),
)
maps(
    "aws_apigatewayv2_route",
    Route,
    ApiId="api_id",
    RouteKey="route_key",
    AuthorizationType="authorization_type",
    ApiKeyRequired="api_key_required",
)
maps(
    "aws_apigatewayv2_integration",
    Integration,
    ApiId="api_id",
    ConnectionType="connection_type",
    IntegrationUri="integration_uri",
    TlsConfig=block("tls_config", ServerNameToVerify="server_name_to_verify"),
)
maps(
    "aws_apigatewayv2_domain_name",
    DomainName,
    DomainName="domain_name",
    DomainNameConfigurations=blocks(
        "domain_name_configuration",
        SecurityPolicy="security_policy",
        EndpointType="endpoint_type",
        CertificateArn="certificate_arn",
    ),
)
