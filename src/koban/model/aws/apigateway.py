"""Amazon API Gateway: REST APIs."""

from __future__ import annotations

from typing import Any

from koban.model.aws.policy import Policy, policy
from koban.model.resource import Part, Resource, derived, fact, field, link, parts

LOG_LEVELS_ON = ("INFO", "ERROR")


class RestApi(
    Resource,
    type="AWS::ApiGateway::RestApi",
    ids="RestApiId",
    arn="arn:{partition}:apigateway:{region}::/restapis/{RestApiId}",
):
    """A REST API."""

    endpoint_types: tuple[str, ...] = field("EndpointConfiguration.Types", ("EDGE",), "EDGE, REGIONAL or PRIVATE")
    policy: Policy = policy("Policy", "Who may call it, from where; absent: everyone whom its methods let in")
    security_policy: str = field("SecurityPolicy", "", "The oldest TLS of its own address, such as TLS_1_2")

    @derived
    def private(self) -> bool:
        """Whether it can be reached through VPC endpoints only."""
        return any(one == "PRIVATE" for one in self.endpoint_types)

    @derived
    def closed(self) -> bool:
        """Whether it is private, or its policy limits who or from where, whatever its methods ask for."""
        if self.private:
            return True
        limits = not self.policy.public or any(one.effect == "Deny" for one in self.policy.statements)
        return bool(self.policy.statements) and limits


class MethodSetting(Part):
    """How a stage treats some of its methods."""

    resource_path: str = field("ResourcePath", "", "The path; /* for all")
    method: str = field("HttpMethod", "", "The HTTP method; * for all")
    log_level: str = field("LoggingLevel", "OFF", "OFF, ERROR or INFO")
    data_trace: bool = field("DataTraceEnabled", False, "Whether whole requests and answers are logged")
    caching: bool = field("CachingEnabled", False, "Whether answers are cached")
    cache_encrypted: bool = field("CacheDataEncrypted", False, "Whether the cache is encrypted")

    @derived
    def for_all(self) -> bool:
        """Whether it is for every method of the stage."""
        return self.method == "*" and (self.resource_path == "/*" or self.resource_path == "*")


class Stage(
    Resource,
    type="AWS::ApiGateway::Stage",
    ids="StageName",
    arn="arn:{partition}:apigateway:{region}::/restapis/{RestApiId}/stages/{StageName}",
):
    """A stage: a REST API as it is deployed."""

    api: Any = link("RestApiId", "AWS::ApiGateway::RestApi", "The API that it deploys")
    certificate: str = field("ClientCertificateId", "", "The certificate by which the backend knows the API")
    tracing: bool = field("TracingEnabled", False, "Whether X-Ray traces requests")
    access_log: str = field("AccessLogSetting.DestinationArn", "", "ARN of the log group or stream of the access log")
    web_acl: str = fact("WebAclArn", "", "ARN of the web ACL in front of it; empty: none")
    cached: bool = field("CacheClusterEnabled", False, "Whether it has a cache")
    settings: tuple[MethodSetting, ...] = parts("MethodSettings", MethodSetting, "How it treats its methods")

    @derived
    def logs(self) -> bool:
        """Whether the execution log is on for every method."""
        return any(
            one.for_all and any(one.log_level == level for level in LOG_LEVELS_ON) for one in self.settings
        ) and not any(one.log_level == "OFF" for one in self.settings)


class Method(
    Resource,
    type="AWS::ApiGateway::Method",
    ids="Operation",
    arn="arn:{partition}:apigateway:{region}::/restapis/{RestApiId}/resources/{ResourceId}/methods/{HttpMethod}",
):
    """A method of a REST API: what one HTTP method does on one path."""

    operation: str = fact("Operation", "", "Method and path of a live API, such as GET /orders")
    api: Any = link("RestApiId", "AWS::ApiGateway::RestApi", "The API")
    resource_id: str = field("ResourceId", "", "The id of its path")
    method: str = field("HttpMethod", "", "GET, POST, ..., or ANY")
    authorization: str = field("AuthorizationType", "NONE", "NONE, AWS_IAM, CUSTOM or COGNITO_USER_POOLS")
    key_required: bool = field("ApiKeyRequired", False, "Whether callers must send an API key")


class DomainName(
    Resource,
    type="AWS::ApiGateway::DomainName",
    ids="DomainName",
    arn="arn:{partition}:apigateway:{region}::/domainnames/{DomainName}",
):
    """A domain name of your own for REST APIs."""

    security_policy: str = field("SecurityPolicy", "TLS_1_2", "The oldest TLS that it takes, such as TLS_1_2")
