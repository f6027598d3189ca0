from koban.model.aws.athena import WorkGroup
from koban.sources.aws.athena import workgroup_from_api


def test_workgroups(aws, collect):
    aws("athena").create_work_group(
        Name="reports",
        Configuration={
            "EnforceWorkGroupConfiguration": True,
            "ResultConfiguration": {"EncryptionConfiguration": {"EncryptionOption": "SSE_S3"}},
        },
    )
    found = {one.name: one for one in collect("athena.workgroups")}
    assert found["reports"].encryption == "SSE_S3"
    assert found["reports"].uid == "arn:aws:athena:eu-west-1:123456789012:workgroup/reports"
    assert collect.failures == []


def test_a_workgroup_is_the_same_from_the_api_and_from_a_template():
    results = {"EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": "arn:k"}}
    live = WorkGroup(
        workgroup_from_api(
            {
                "Name": "reports",
                "State": "ENABLED",
                "Configuration": {
                    "ResultConfiguration": results,
                    "EnforceWorkGroupConfiguration": True,
                    "PublishCloudWatchMetricsEnabled": True,
                },
            }
        )
    )
    code = WorkGroup({"Name": "reports", "WorkGroupConfiguration": {"ResultConfiguration": results}})
    assert {n: getattr(live, n) for n in WorkGroup.fields} == {n: getattr(code, n) for n in WorkGroup.fields}
