"""Posture rules for AWS AppSync."""

from __future__ import annotations

from koban.model.aws.appsync import ApiCache, GraphqlApi
from koban.model.rule import rule
from koban.model.unknown import Unknown


@rule("high", GraphqlApi, "aws-fsbp:AppSync.5", "nist-csf-2.0:PR.AA-03", "nist-csf-2.0:PR.AA-05")
def appsync_api_takes_api_key(api: GraphqlApi) -> bool:
    """An API key that every client carries is enough to call this GraphQL API.

    Why: the key can be read out of any page or app, and does not say who calls.
    Fix: use Cognito, OpenID Connect, IAM or a Lambda authoriser in place of API_KEY.
    """
    return api.takes_api_key


appsync_api_takes_api_key.cases(
    bad=[
        {"AuthenticationType": "API_KEY"},
        {"AuthenticationType": "AWS_IAM", "AdditionalAuthenticationProviders": [{"AuthenticationType": "API_KEY"}]},
    ],
    good=[{"AuthenticationType": "AWS_IAM"}],
    unknown=[{"AuthenticationType": Unknown("AuthenticationType", "parameter Auth has no default")}],
)


@rule("medium", GraphqlApi, "aws-fsbp:AppSync.2", "cis-aws-7.0:4.10", "nist-csf-2.0:PR.PS-04", "nist-csf-2.0:DE.CM-09")
def appsync_api_field_log_off(api: GraphqlApi) -> bool:
    """Errors of this GraphQL API are not logged by field.

    Why: GraphQL answers 200 even when fields fail; without field logs neither errors nor probing can be seen.
    Fix: set FieldLogLevel of LogConfig to ERROR or ALL.
    """
    return api.field_log_level == "NONE"


appsync_api_field_log_off.cases(
    bad=[{}, {"LogConfig": {"FieldLogLevel": "NONE"}}], good=[{"LogConfig": {"FieldLogLevel": "ERROR"}}]
)


@rule("low", GraphqlApi, "nist-csf-2.0:DE.CM-09")
def appsync_api_tracing_off(api: GraphqlApi) -> bool:
    """X-Ray does not trace this GraphQL API.

    Why: traces show which resolvers a request went through, and where it was slow or failed.
    Fix: set XrayEnabled to true.
    """
    return not api.tracing


appsync_api_tracing_off.cases(bad=[{}], good=[{"XrayEnabled": True}])


@rule(
    "medium",
    GraphqlApi,
    "nist-csf-2.0:PR.IR-01",
    only="live",
    when=lambda api: api.visibility != "PRIVATE",
)
def appsync_api_firewall_missing(api: GraphqlApi) -> bool:
    """No web application firewall stands in front of this GraphQL API.

    Why: common attacks, floods of requests and known bad addresses reach the resolvers unfiltered.
    Fix: associate a WAFv2 web ACL with the API.
    """
    return not api.web_acl


appsync_api_firewall_missing.cases(
    bad=[{}],
    good=[{"WafWebAclArn": "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/w/1"}],
    skipped=[{"Visibility": "PRIVATE"}],
)


@rule("low", GraphqlApi, "nist-csf-2.0:PR.PS-01")
def appsync_api_queries_unlimited(api: GraphqlApi) -> bool:
    """Queries to this GraphQL API may nest as deep as callers like.

    Why: one deeply nested query can keep all resolvers and the databases behind them busy.
    Fix: set QueryDepthLimit to what the clients need.
    """
    return api.depth_limit == 0


appsync_api_queries_unlimited.cases(bad=[{}, {"QueryDepthLimit": 0}], good=[{"QueryDepthLimit": 10}])


@rule("high", GraphqlApi, "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.AA-01", only="code")
def appsync_api_secret_in_environment(api: GraphqlApi) -> bool:
    """An environment variable of this GraphQL API looks like a secret in plain text.

    Why: everyone who may read the template or the API's variables reads the secret.
    Fix: keep the secret in Secrets Manager and let a Lambda resolver read it, then rotate it.
    """
    return bool(api.secret_variables)


appsync_api_secret_in_environment.cases(
    bad=[{"EnvironmentVariables": {"STRIPE_API_KEY": "0123456789abcdef"}}],
    good=[{}, {"EnvironmentVariables": {"STAGE": "prod"}}],
)


@rule("medium", ApiCache, "aws-fsbp:AppSync.1", "nist-csf-2.0:PR.DS-01")
def appsync_cache_unencrypted(cache: ApiCache) -> bool:
    """The cache of this GraphQL API is not encrypted at rest.

    Why: the cache holds what the API answered to its users.
    Fix: delete the cache and make it anew with AtRestEncryptionEnabled: it cannot be changed later.
    """
    return not cache.encrypted


appsync_cache_unencrypted.cases(bad=[{}, {"AtRestEncryptionEnabled": False}], good=[{"AtRestEncryptionEnabled": True}])


@rule("medium", ApiCache, "aws-fsbp:AppSync.6", "nist-csf-2.0:PR.DS-02")
def appsync_cache_in_clear(cache: ApiCache) -> bool:
    """Connections to the cache of this GraphQL API are not encrypted.

    Why: what the API answered to its users crosses the network in the clear.
    Fix: delete the cache and make it anew with TransitEncryptionEnabled: it cannot be changed later.
    """
    return not cache.encrypted_in_transit


appsync_cache_in_clear.cases(bad=[{}], good=[{"TransitEncryptionEnabled": True}])


@rule("low", GraphqlApi, "nist-csf-2.0:PR.PS-01")
def appsync_api_introspection_on(api: GraphqlApi) -> bool:
    """Callers may ask this GraphQL API for its whole schema.

    Why: the schema shows every operation and field, those that nobody was meant to find among them.
    Fix: set IntrospectionConfig to DISABLED in production.
    """
    return api.introspection != "DISABLED"


appsync_api_introspection_on.cases(
    bad=[{}, {"IntrospectionConfig": "ENABLED"}], good=[{"IntrospectionConfig": "DISABLED"}]
)
