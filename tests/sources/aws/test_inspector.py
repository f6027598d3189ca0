from koban.model.aws.inspector import InspectorStatus
from koban.model.unknown import Unknown
from koban.sources.aws.inspector import status_from_api


def test_inspector_as_it_is(aws, collect):
    aws("inspector2").enable(accountIds=["123456789012"], resourceTypes=["EC2", "ECR"])
    (after,) = collect("inspector.statuses")
    assert after.enabled
    assert (after.ec2, after.ecr, after.functions) == ("ENABLED", "ENABLED", "DISABLED")
    assert collect.failures == []


def test_inspector_that_is_off():
    off = {"status": "DISABLED", "errorCode": "ALREADY_ENABLED", "errorMessage": ""}
    account = {"accountId": "111122223333", "state": off, "resourceState": {"ec2": off, "ecr": off, "lambda": off}}
    status = InspectorStatus(status_from_api("111122223333", {"accounts": [account], "failedAccounts": []}))
    assert (status.enabled, status.ec2, status.function_code) == (False, "DISABLED", "DISABLED")


def test_a_failure_inside_the_answer_is_unknown():
    failed = {"accountId": "111122223333", "errorCode": "ACCESS_DENIED", "errorMessage": "no"}
    status = InspectorStatus(status_from_api("111122223333", {"accounts": [], "failedAccounts": [failed]}))
    assert isinstance(status.status, Unknown)
    assert "ACCESS_DENIED inspector2:BatchGetAccountStatus" in str(status.ec2)
