from koban.model.aws.athena import WorkGroup
from koban.model.unknown import Unknown

NOT_KNOWN = Unknown("var.x", "it has no default")


def test_a_workgroup(twins):
    twins(
        "aws_athena_workgroup",
        {
            "name": "w",
            "state": "DISABLED",
            "configuration": [
                {
                    "enforce_workgroup_configuration": False,
                    "publish_cloudwatch_metrics_enabled": False,
                    "result_configuration": [{"encryption_configuration": [{"encryption_option": "SSE_KMS"}]}],
                    "managed_query_results_configuration": [{"enabled": True}],
                }
            ],
        },
        WorkGroup,
        {
            "Name": "w",
            "State": "DISABLED",
            "WorkGroupConfiguration": {
                "EnforceWorkGroupConfiguration": False,
                "PublishCloudWatchMetricsEnabled": False,
                "ResultConfiguration": {"EncryptionConfiguration": {"EncryptionOption": "SSE_KMS"}},
                "ManagedQueryResultsConfiguration": {"Enabled": True},
            },
        },
    )
    twins("aws_athena_workgroup", {"name": "w"}, WorkGroup, {"Name": "w"})


def test_encryption_that_is_not_known(document):
    for block in (NOT_KNOWN, [{"result_configuration": [{"encryption_configuration": NOT_KNOWN}]}]):
        assert isinstance(WorkGroup(document("aws_athena_workgroup", {"configuration": block})).encryption, Unknown)
