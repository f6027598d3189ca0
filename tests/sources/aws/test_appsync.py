import pytest

from koban.model.aws.appsync import GraphqlApi
from koban.sources.aws.appsync import api_from_api
from koban.sources.aws.reader import Failure


def test_an_api(aws, collect):
    aws("appsync").create_graphql_api(name="shop", authenticationType="API_KEY", xrayEnabled=True)
    (api,) = collect("appsync.apis")
    assert api.uid.startswith("arn:aws:appsync:eu-west-1:123456789012:apis/")
    assert api.takes_api_key
    assert api.tracing
    assert api.field_log_level == "NONE"
    assert collect.failures == []


def test_caches_of_the_apis_that_have_one(answered):
    with_cache, without = (GraphqlApi({"ApiId": name, "Arn": name}) for name in ("a", "b"))

    def cache(apiId):
        return {"apiCache": {"atRestEncryptionEnabled": True}} if apiId == "a" else "NotFoundException"

    (found,) = answered("appsync.caches", {"appsync:GetApiCache": cache}, with_cache, without)
    assert found.encrypted
    assert not found.encrypted_in_transit
    with pytest.raises(Failure):
        answered("appsync.caches", {"appsync:GetApiCache": "UnauthorizedException"}, with_cache)


def test_a_live_api_and_its_template_are_twins():
    live = api_from_api(
        {
            "name": "shop",
            "authenticationType": "AWS_IAM",
            "logConfig": {"fieldLogLevel": "ERROR", "cloudWatchLogsRoleArn": "r"},
            "additionalAuthenticationProviders": [{"authenticationType": "OPENID_CONNECT"}],
            "visibility": "PRIVATE",
            "queryDepthLimit": 5,
        }
    )
    assert live == {
        "Name": "shop",
        "AuthenticationType": "AWS_IAM",
        "LogConfig": {"FieldLogLevel": "ERROR", "CloudWatchLogsRoleArn": "r"},
        "AdditionalAuthenticationProviders": [{"AuthenticationType": "OPENID_CONNECT"}],
        "Visibility": "PRIVATE",
        "QueryDepthLimit": 5,
        "Tags": [],
    }
