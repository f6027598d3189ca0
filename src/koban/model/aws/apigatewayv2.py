"""Amazon API Gateway: HTTP and WebSocket APIs."""

from __future__ import annotations

from typing import Any

from koban.model.resource import Part, Resource, derived, field, link, parts
from koban.model.unknown import Unknown


class Api(
    Resource, type="AWS::ApiGatewayV2::Api", ids="ApiId", arn="arn:{partition}:apigateway:{region}::/apis/{ApiId}"
):
    """An HTTP or WebSocket API."""

    protocol: str = field("ProtocolType", "HTTP", "HTTP or WEBSOCKET")
    allowed_origins: tuple[str, ...] = field(
        "CorsConfiguration.AllowOrigins", (), "Web origins whose pages may call it; * for all"
    )


class Stage(
    Resource,
    type="AWS::ApiGatewayV2::Stage",
    ids="StageName",
    arn="arn:{partition}:apigateway:{region}::/apis/{ApiId}/stages/{StageName}",
):
    """A stage: an API as it is deployed."""

    api: Any = link("ApiId", "AWS::ApiGatewayV2::Api", "The API that it deploys")
    access_log: str = field("AccessLogSettings.DestinationArn", "", "ARN of the log group or stream of the access log")
    log_level: str = field("DefaultRouteSettings.LoggingLevel", "OFF", "Of a WebSocket API: OFF, ERROR or INFO")
    data_trace: bool = field("DefaultRouteSettings.DataTraceEnabled", False, "Whether whole messages are logged")

    @derived
    def websocket(self) -> bool:
        """Whether it is of a WebSocket API."""
        return bool(self.api) and self.api.protocol == "WEBSOCKET"


class Route(
    Resource,
    type="AWS::ApiGatewayV2::Route",
    ids="RouteId",
    arn="arn:{partition}:apigateway:{region}::/apis/{ApiId}/routes/{RouteId}",
):
    """A route of an API."""

    api: Any = link("ApiId", "AWS::ApiGatewayV2::Api", "The API")
    key: str = field("RouteKey", "", "GET /orders, $default, $connect, ...")
    authorization: str = field("AuthorizationType", "NONE", "NONE, AWS_IAM, CUSTOM or JWT")
    key_required: bool = field("ApiKeyRequired", False, "Of a WebSocket API: whether callers must send an API key")

    @derived
    def authorizable(self) -> bool:
        """Whether authorisation happens here: all routes of HTTP APIs, only ``$connect`` of WebSocket APIs."""
        key = self.key
        if isinstance(key, Unknown):
            return bool(key._child(" is a route of an HTTP API or $connect"))
        if key == "$connect":
            return True
        if " " in key:
            return not key.startswith("OPTIONS ")
        return key == "$default" and (not self.api or self.api.protocol != "WEBSOCKET")


class Integration(
    Resource,
    type="AWS::ApiGatewayV2::Integration",
    ids="IntegrationId",
    arn="arn:{partition}:apigateway:{region}::/apis/{ApiId}/integrations/{IntegrationId}",
):
    """What stands behind a route."""

    connection: str = field("ConnectionType", "INTERNET", "INTERNET, or VPC_LINK: into a VPC")
    uri: str = field("IntegrationUri", "", "The address or ARN of what is called")
    tls_name: str = field("TlsConfig.ServerNameToVerify", "", "Set: HTTPS to a VPC, and the name on its certificate")


class DomainConfiguration(Part):
    """One endpoint of a domain name."""

    security_policy: str = field("SecurityPolicy", "TLS_1_2", "The oldest TLS that it takes")


class DomainName(
    Resource,
    type="AWS::ApiGatewayV2::DomainName",
    template_only=True,
    ids="DomainName",
    arn="arn:{partition}:apigateway:{region}::/domainnames/{DomainName}",
):
    """A domain name of your own for HTTP and WebSocket APIs, as a template makes it."""

    configurations: tuple[DomainConfiguration, ...] = parts(
        "DomainNameConfigurations", DomainConfiguration, "Its endpoints"
    )
