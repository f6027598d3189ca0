from koban.model.aws.appsync import ApiCache, GraphqlApi


def test_an_api(twins):
    twins(
        "aws_appsync_graphql_api",
        {
            "name": "a",
            "authentication_type": "AWS_IAM",
            "additional_authentication_provider": [{"authentication_type": "API_KEY"}],
            "log_config": [{"field_log_level": "ERROR", "cloudwatch_logs_role_arn": "r"}],
            "xray_enabled": True,
            "visibility": "PRIVATE",
            "introspection_config": "DISABLED",
            "query_depth_limit": 10,
        },
        GraphqlApi,
        {
            "AuthenticationType": "AWS_IAM",
            "AdditionalAuthenticationProviders": [{"AuthenticationType": "API_KEY"}],
            "LogConfig": {"FieldLogLevel": "ERROR"},
            "XrayEnabled": True,
            "Visibility": "PRIVATE",
            "IntrospectionConfig": "DISABLED",
            "QueryDepthLimit": 10,
        },
    )
    twins("aws_appsync_graphql_api", {"authentication_type": "AWS_IAM"}, GraphqlApi, {"AuthenticationType": "AWS_IAM"})


def test_a_cache(twins):
    twins(
        "aws_appsync_api_cache",
        {"api_id": "i", "at_rest_encryption_enabled": True, "transit_encryption_enabled": True},
        ApiCache,
        {"ApiId": "i", "AtRestEncryptionEnabled": True, "TransitEncryptionEnabled": True},
    )
    twins("aws_appsync_api_cache", {"api_id": "i"}, ApiCache, {"ApiId": "i"})
