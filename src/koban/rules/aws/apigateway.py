"""Posture rules for Amazon API Gateway: REST APIs."""

from __future__ import annotations

from koban.model.aws.apigateway import DomainName, Method, RestApi, Stage
from koban.model.rule import rule
from koban.model.unknown import Unknown

API = {"RestApiId": "a1"}
PRIVATE = {**API, "EndpointConfiguration": {"Types": ["PRIVATE"]}}
ALL_METHODS = {"ResourcePath": "/*", "HttpMethod": "*"}


def _policy(**condition: object) -> dict[str, object]:
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
    return {"Policy": {"Statement": [{**allowed, **({"Condition": condition} if condition else {})}]}}


@rule("medium", Stage, "aws-fsbp:APIGateway.1", "nist-csf-2.0:PR.PS-04", "nist-csf-2.0:DE.CM-09")
def apigateway_stage_execution_log_off(stage: Stage) -> bool:
    """Errors of this REST API stage are not logged for every method.

    Why: without the execution log nobody can tell why a request failed or was let through.
    Fix: set LoggingLevel to ERROR or INFO for all methods of the stage (path /*, method *).
    """
    return not stage.logs


apigateway_stage_execution_log_off.cases(
    bad=[
        {},
        {"MethodSettings": [{**ALL_METHODS, "LoggingLevel": "OFF"}]},
        {"MethodSettings": [{"ResourcePath": "/a", "HttpMethod": "GET", "LoggingLevel": "INFO"}]},
    ],
    good=[
        {"MethodSettings": [{**ALL_METHODS, "LoggingLevel": "ERROR"}]},
        {"MethodSettings": [{"ResourcePath": "/*", "HttpMethod": "*", "LoggingLevel": "INFO"}]},
    ],
    unknown=[{"MethodSettings": [{**ALL_METHODS, "LoggingLevel": Unknown("LoggingLevel", "parameter Level")}]}],
)


@rule("medium", Stage, "nist-csf-2.0:PR.PS-04", "nist-csf-2.0:DE.CM-09", "cis-aws-7.0:4.10")
def apigateway_stage_access_log_missing(stage: Stage) -> bool:
    """Who calls this REST API stage is not logged.

    Why: the access log is the record of callers, addresses and answers that an investigation starts from.
    Fix: set AccessLogSetting with a log group and a format that holds caller, address, path and status.
    """
    return not stage.access_log


apigateway_stage_access_log_missing.cases(
    bad=[{}, {"AccessLogSetting": {}}],
    good=[{"AccessLogSetting": {"DestinationArn": "arn:aws:logs:eu-west-1:111122223333:log-group:api"}}],
)


@rule("low", Stage, "nist-csf-2.0:PR.DS-01")
def apigateway_stage_logs_whole_requests(stage: Stage) -> bool:
    """The log of this REST API stage holds whole requests and answers.

    Why: passwords, tokens and personal data of callers end up in the log, where many more people can read them.
    Fix: set DataTraceEnabled to false once the debugging is done.
    """
    return any(one.data_trace for one in stage.settings)


apigateway_stage_logs_whole_requests.cases(
    bad=[{"MethodSettings": [{**ALL_METHODS, "DataTraceEnabled": True}]}],
    good=[{}, {"MethodSettings": [{**ALL_METHODS, "LoggingLevel": "INFO"}]}],
)


@rule("low", Stage, "aws-fsbp:APIGateway.2", "nist-csf-2.0:PR.AA-03", "nist-csf-2.0:PR.DS-02")
def apigateway_stage_client_certificate_missing(stage: Stage) -> bool:
    """The backends of this REST API stage cannot tell its requests from anyone else's.

    Why: a backend on a public address then answers those who go around the API and its authorisers.
    Fix: make a client certificate, set it on the stage, and let the backend take nothing else.
    """
    return not stage.certificate


apigateway_stage_client_certificate_missing.cases(bad=[{}], good=[{"ClientCertificateId": "c1"}])


@rule("low", Stage, "aws-fsbp:APIGateway.3", "nist-csf-2.0:DE.CM-09")
def apigateway_stage_tracing_off(stage: Stage) -> bool:
    """X-Ray does not trace this REST API stage.

    Why: traces show which services a request went through, and where it was slow or failed.
    Fix: set TracingEnabled to true.
    """
    return not stage.tracing


apigateway_stage_tracing_off.cases(bad=[{}, {"TracingEnabled": "false"}], good=[{"TracingEnabled": True}])


@rule("medium", Stage, "aws-fsbp:APIGateway.4", "nist-csf-2.0:PR.IR-01", only="live")
def apigateway_stage_firewall_missing(stage: Stage) -> bool:
    """No web application firewall stands in front of this REST API stage.

    Why: common attacks, floods of requests and known bad addresses reach the API's code unfiltered.
    Fix: associate a WAFv2 web ACL with the stage.
    """
    return not stage.web_acl


apigateway_stage_firewall_missing.cases(
    bad=[{}], good=[{"WebAclArn": "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/w/1"}]
)


@rule("medium", Stage, "aws-fsbp:APIGateway.5", "nist-csf-2.0:PR.DS-01", when=lambda stage: stage.cached)
def apigateway_stage_cache_unencrypted(stage: Stage) -> bool:
    """Answers in the cache of this REST API stage are not encrypted.

    Why: the cache holds what the API answered to others, personal data included.
    Fix: set CacheDataEncrypted to true for every method that is cached.
    """
    return any(one.caching and not one.cache_encrypted for one in stage.settings)


apigateway_stage_cache_unencrypted.cases(
    bad=[{"CacheClusterEnabled": True, "MethodSettings": [{**ALL_METHODS, "CachingEnabled": True}]}],
    good=[
        {
            "CacheClusterEnabled": True,
            "MethodSettings": [{**ALL_METHODS, "CachingEnabled": True, "CacheDataEncrypted": True}],
        },
        {"CacheClusterEnabled": True},
    ],
    skipped=[{}],
)


@rule(
    "medium",
    Method,
    "nist-csf-2.0:PR.AA-03",
    "nist-csf-2.0:PR.AA-05",
    when=lambda method: method.method != "OPTIONS",
)
def apigateway_method_unauthorized(method: Method) -> bool:
    """Anyone who reaches this REST API can call this method: it asks for no authorisation.

    Why: what the method reads or changes is open to whoever finds the address, unless its backend checks by itself.
    Fix: set AuthorizationType to AWS_IAM, COGNITO_USER_POOLS or CUSTOM; except what is public on purpose.
    """
    if method.authorization != "NONE" or method.key_required:
        return False
    return not method.api or not method.api.closed


apigateway_method_unauthorized.cases(
    bad=[
        {},
        {"HttpMethod": "GET", "AuthorizationType": "NONE"},
        ({"HttpMethod": "POST", **API}, RestApi(API)),
        ({"HttpMethod": "POST", **API}, RestApi({**API, **_policy()})),
    ],
    good=[
        {"HttpMethod": "GET", "AuthorizationType": "AWS_IAM"},
        {"HttpMethod": "GET", "ApiKeyRequired": True},
        ({"HttpMethod": "GET", **API}, RestApi(PRIVATE)),
        ({"HttpMethod": "GET", **API}, RestApi({**API, **_policy(IpAddress={"aws:SourceIp": "198.51.100.0/24"})})),
    ],
    skipped=[{"HttpMethod": "OPTIONS"}],
    unknown=[{"HttpMethod": "GET", "AuthorizationType": Unknown("AuthorizationType", "parameter Auth")}],
)


@rule("high", RestApi, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.IR-01", when=lambda api: api.private)
def apigateway_private_api_open(api: RestApi) -> bool:
    """Anyone's VPC endpoint can reach this private REST API.

    Why: a policy that names neither VPCs nor endpoints lets every AWS customer in through an endpoint of their own.
    Fix: bind the policy to aws:SourceVpce or aws:SourceVpc.
    """
    return api.policy.public


apigateway_private_api_open.cases(
    bad=[{**PRIVATE, **_policy()}],
    good=[{**PRIVATE, **_policy(StringEquals={"aws:SourceVpce": "vpce-1"})}],
    skipped=[API],
)


@rule("medium", DomainName, "nist-csf-2.0:PR.DS-02")
def apigateway_domain_tls_outdated(domain: DomainName) -> bool:
    """This domain name takes connections over TLS 1.0 and 1.1.

    Why: the old versions have known weaknesses by which traffic can be read or changed.
    Fix: set SecurityPolicy to TLS_1_2 or a newer policy.
    """
    return domain.security_policy == "TLS_1_0"


apigateway_domain_tls_outdated.cases(
    bad=[{"SecurityPolicy": "TLS_1_0"}],
    good=[{}, {"SecurityPolicy": "TLS_1_2"}, {"SecurityPolicy": "SecurityPolicy_TLS13_1_3_2025_09"}],
)
