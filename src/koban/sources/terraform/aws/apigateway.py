"""Amazon API Gateway: REST APIs."""

from __future__ import annotations

from typing import Any

from koban.model.aws.apigateway import DomainName, Method, RestApi, Stage
from koban.model.unknown import ANY_SHAPE, Partial, Unknown
from koban.sources.terraform.mapping import ABSENT, Argument, Body, arg, block, folds, group, json, listed, made, maps

maps(
    "aws_api_gateway_rest_api",
    RestApi,
    lacks={"SecurityPolicy": "the TLS of the API's own address is no argument"},
    RestApiId="id",
    Name="name",
    EndpointConfiguration=block("endpoint_configuration", Types="types"),
    Policy=json("policy"),
)
folds("aws_api_gateway_rest_api_policy", RestApi, "rest_api_id", Policy=json("policy"))
maps(
    "aws_api_gateway_stage",
    Stage,
    RestApiId="rest_api_id",
    StageName="stage_name",
    ClientCertificateId="client_certificate_id",
    TracingEnabled="xray_tracing_enabled",
    AccessLogSetting=block("access_log_settings", DestinationArn="destination_arn", Format="format"),
    CacheClusterEnabled="cache_cluster_enabled",
    WebAclArn="web_acl_arn",
)


def open_stage(body: Body) -> Any:
    """What is not known of a stage that may turn out to be none at all."""
    name = body.get("stage_name")
    return name if isinstance(name, Unknown) and name._shape == ANY_SHAPE else ABSENT


# A deployment that names a stage makes it, with nothing set.
OPEN = made(open_stage, "stage_name", careful=True)
maps(
    "aws_api_gateway_deployment",
    Stage,
    when=lambda body: body.get("stage_name") is not None,
    RestApiId="rest_api_id",
    StageName="stage_name",
    ClientCertificateId=OPEN,
    TracingEnabled=OPEN,
    AccessLogSetting=OPEN,
    MethodSettings=OPEN,
)


def path_of(place: Any) -> str:
    """The path in ``pets/GET``, as the document has it."""
    path = str(place).rpartition("/")[0]
    return "/" + path.lstrip("/")


def method_of(place: Any) -> Any:
    """The HTTP method in ``pets/GET``, of which the path may not be known."""
    last = place._pieces[-1] if isinstance(place, Partial) else place
    return last.rpartition("/")[2] if isinstance(last, str) and "/" in last else place


folds(
    "aws_api_gateway_method_settings",
    Stage,
    "stage_name",
    adds=True,
    MethodSettings=listed(
        group(
            ResourcePath=arg("method_path", path_of),
            HttpMethod=Argument("method_path", method_of, unknown=method_of),
            LoggingLevel="settings.logging_level",
            DataTraceEnabled="settings.data_trace_enabled",
            CachingEnabled="settings.caching_enabled",
            CacheDataEncrypted="settings.cache_data_encrypted",
        )
    ),
)
maps(
    "aws_api_gateway_method",
    Method,
    RestApiId="rest_api_id",
    ResourceId="resource_id",
    HttpMethod="http_method",
    AuthorizationType="authorization",
    ApiKeyRequired="api_key_required",
)
maps("aws_api_gateway_domain_name", DomainName, DomainName="domain_name", SecurityPolicy="security_policy")
