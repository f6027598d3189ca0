"""Posture rules for Amazon API Gateway: HTTP and WebSocket APIs."""

from __future__ import annotations

from koban.model.aws.apigatewayv2 import Api, DomainName, Integration, Route, Stage
from koban.model.rule import rule
from koban.model.unknown import Unknown

API = {"ApiId": "a1"}
SOCKETS = Api({**API, "ProtocolType": "WEBSOCKET"})
LOGGED = {"AccessLogSettings": {"DestinationArn": "arn:aws:logs:eu-west-1:111122223333:log-group:api"}}


@rule(
    "medium",
    Stage,
    "aws-fsbp:APIGateway.9",
    "cis-aws-7.0:4.10",
    "nist-csf-2.0:PR.PS-04",
    "nist-csf-2.0:DE.CM-09",
)
def apigatewayv2_stage_access_log_missing(stage: Stage) -> bool:
    """Who calls this API stage is not logged.

    Why: the access log is the record of callers, addresses and answers that an investigation starts from.
    Fix: set AccessLogSettings with a log group and a format that holds caller, address, route and status.
    """
    return not stage.access_log


apigatewayv2_stage_access_log_missing.cases(bad=[{}, {"AccessLogSettings": {}}], good=[LOGGED])


@rule("medium", Stage, "aws-fsbp:APIGateway.1", "nist-csf-2.0:PR.PS-04", when=lambda stage: stage.websocket)
def apigatewayv2_stage_execution_log_off(stage: Stage) -> bool:
    """Errors of this WebSocket API stage are not logged.

    Why: without the execution log nobody can tell why a message failed or was let through.
    Fix: set LoggingLevel of DefaultRouteSettings to ERROR or INFO.
    """
    return stage.log_level == "OFF"


apigatewayv2_stage_execution_log_off.cases(
    bad=[(API, SOCKETS), ({**API, "DefaultRouteSettings": {"LoggingLevel": "OFF"}}, SOCKETS)],
    good=[({**API, "DefaultRouteSettings": {"LoggingLevel": "ERROR"}}, SOCKETS)],
    skipped=[(API, Api({**API, "ProtocolType": "HTTP"}))],
)


@rule("low", Stage, "nist-csf-2.0:PR.DS-01")
def apigatewayv2_stage_logs_whole_messages(stage: Stage) -> bool:
    """The log of this API stage holds whole messages.

    Why: tokens and personal data of callers end up in the log, where many more people can read them.
    Fix: set DataTraceEnabled of DefaultRouteSettings to false once the debugging is done.
    """
    return stage.data_trace


apigatewayv2_stage_logs_whole_messages.cases(bad=[{"DefaultRouteSettings": {"DataTraceEnabled": True}}], good=[{}])


@rule(
    "medium",
    Route,
    "aws-fsbp:APIGateway.8",
    "nist-csf-2.0:PR.AA-03",
    "nist-csf-2.0:PR.AA-05",
    when=lambda route: route.authorizable,
)
def apigatewayv2_route_unauthorized(route: Route) -> bool:
    """Anyone on the internet can call this route: it asks for no authorisation.

    Why: what the route reads or changes is open to whoever finds the address, unless its backend checks by itself.
    Fix: set AuthorizationType to JWT, AWS_IAM or CUSTOM; record an exception for what is public on purpose.
    """
    return route.authorization == "NONE" and not route.key_required


apigatewayv2_route_unauthorized.cases(
    bad=[
        {"RouteKey": "GET /orders"},
        {"RouteKey": "$default", "AuthorizationType": "NONE"},
        ({**API, "RouteKey": "$connect"}, SOCKETS),
    ],
    good=[{"RouteKey": "GET /orders", "AuthorizationType": "JWT"}, {"RouteKey": "$connect", "ApiKeyRequired": True}],
    skipped=[({**API, "RouteKey": "$default"}, SOCKETS), {"RouteKey": "$disconnect"}, {"RouteKey": "OPTIONS /orders"}],
    unknown=[{"RouteKey": "GET /orders", "AuthorizationType": Unknown("AuthorizationType", "parameter Auth")}],
)


@rule("medium", Api, "nist-csf-2.0:PR.AA-05")
def apigatewayv2_api_cors_any_origin(api: Api) -> bool:
    """Pages of every web site may call this HTTP API and read what it answers.

    Why: any page that a signed-in user visits can use the API with that user's browser and network.
    Fix: list the origins that need the API in CorsConfiguration.AllowOrigins.
    """
    return any(origin == "*" or origin == "http://*" or origin == "https://*" for origin in api.allowed_origins)


apigatewayv2_api_cors_any_origin.cases(
    bad=[{"CorsConfiguration": {"AllowOrigins": ["*"]}}],
    good=[{}, {"CorsConfiguration": {"AllowOrigins": ["https://example.com"]}}],
)


@rule(
    "medium",
    Integration,
    "aws-fsbp:APIGateway.10",
    "nist-csf-2.0:PR.DS-02",
    when=lambda integration: integration.connection == "VPC_LINK",
)
def apigatewayv2_integration_in_clear(integration: Integration) -> bool:
    """This private integration sends requests into the VPC without TLS.

    Why: what callers send over HTTPS goes on in the clear behind the gateway.
    Fix: let the listener behind the VPC link speak HTTPS, and set TlsConfig.ServerNameToVerify.
    """
    return not integration.tls_name


apigatewayv2_integration_in_clear.cases(
    bad=[{"ConnectionType": "VPC_LINK"}],
    good=[{"ConnectionType": "VPC_LINK", "TlsConfig": {"ServerNameToVerify": "app.internal"}}],
    skipped=[{}],
)


@rule("medium", Integration, "nist-csf-2.0:PR.DS-02", when=lambda integration: integration.connection == "INTERNET")
def apigatewayv2_integration_over_http(integration: Integration) -> bool:
    """This integration sends requests over the internet by plain HTTP.

    Why: everyone on the way can read and change the requests and the answers.
    Fix: change IntegrationUri to an https address.
    """
    return integration.uri.startswith("http://")


apigatewayv2_integration_over_http.cases(
    bad=[{"IntegrationUri": "http://example.com/"}],
    good=[{"IntegrationUri": "https://example.com/"}, {"IntegrationUri": "arn:aws:lambda:::function:f"}],
    skipped=[{"ConnectionType": "VPC_LINK"}],
)


@rule("medium", DomainName, "nist-csf-2.0:PR.DS-02")
def apigatewayv2_domain_tls_outdated(domain: DomainName) -> bool:
    """This domain name takes connections over TLS 1.0 and 1.1.

    Why: the old versions have known weaknesses by which traffic can be read or changed.
    Fix: set SecurityPolicy of each of its configurations to TLS_1_2.
    """
    return any(one.security_policy == "TLS_1_0" for one in domain.configurations)


apigatewayv2_domain_tls_outdated.cases(
    bad=[{"DomainNameConfigurations": [{"SecurityPolicy": "TLS_1_0"}]}],
    good=[{}, {"DomainNameConfigurations": [{"SecurityPolicy": "TLS_1_2"}]}],
)
