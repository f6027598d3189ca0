"""AWS AppSync."""

from __future__ import annotations

from typing import Any

from koban.model.aws.secret_names import secret_names
from koban.model.resource import Resource, derived, fact, field, link


class GraphqlApi(Resource, type="AWS::AppSync::GraphQLApi", ids="ApiId Name"):
    """A GraphQL API."""

    authentication: str = field("AuthenticationType", "", "API_KEY, AWS_IAM, AMAZON_COGNITO_USER_POOLS, ...")
    more_authentication: tuple[str, ...] = field(
        "AdditionalAuthenticationProviders[].AuthenticationType", (), "Other ways to sign in"
    )
    field_log_level: str = field("LogConfig.FieldLogLevel", "NONE", "NONE, ERROR, INFO, DEBUG or ALL")
    tracing: bool = field("XrayEnabled", False, "Whether X-Ray traces requests")
    visibility: str = field("Visibility", "GLOBAL", "GLOBAL, or PRIVATE: from the VPC alone")
    introspection: str = field("IntrospectionConfig", "ENABLED", "Whether callers may ask for the schema")
    depth_limit: int = field("QueryDepthLimit", 0, "How deep a query may nest; 0: no limit")
    variables: dict[str, Any] = field("EnvironmentVariables", {}, "Environment variables of a template")
    web_acl: str = fact("WafWebAclArn", "", "ARN of the web ACL in front of it; empty: none")

    @derived
    def takes_api_key(self) -> bool:
        """Whether a key that any client carries is enough to call it."""
        return self.authentication == "API_KEY" or any(one == "API_KEY" for one in self.more_authentication)

    @derived
    def secret_variables(self) -> tuple[str, ...]:
        """The names of environment variables that look as if they held a secret in plain text."""
        return secret_names(self.variables.items())


class ApiCache(Resource, type="AWS::AppSync::ApiCache", ids="ApiId"):
    """The cache of an API."""

    api: Any = link("ApiId", "AWS::AppSync::GraphQLApi", "The API")
    encrypted: bool = field("AtRestEncryptionEnabled", False, "Whether it is encrypted at rest")
    encrypted_in_transit: bool = field("TransitEncryptionEnabled", False, "Whether connections to it use TLS")
