"""AWS AppSync."""

from __future__ import annotations

from koban.model.aws.appsync import ApiCache, GraphqlApi
from koban.sources.terraform.mapping import block, blocks, maps

maps(
    "aws_appsync_graphql_api",
    GraphqlApi,
    lacks={"EnvironmentVariables": "the provider has no argument for the variables of an API"},
    ApiId="id",
    Name="name",
    AuthenticationType="authentication_type",
    AdditionalAuthenticationProviders=blocks(
        "additional_authentication_provider", AuthenticationType="authentication_type"
    ),
    LogConfig=block("log_config", FieldLogLevel="field_log_level"),
    XrayEnabled="xray_enabled",
    Visibility="visibility",
    IntrospectionConfig="introspection_config",
    QueryDepthLimit="query_depth_limit",
)
maps(
    "aws_appsync_api_cache",
    ApiCache,
    ApiId="api_id",
    AtRestEncryptionEnabled="at_rest_encryption_enabled",
    TransitEncryptionEnabled="transit_encryption_enabled",
)
