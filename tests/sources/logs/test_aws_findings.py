from __future__ import annotations

import json
from typing import Any

import pytest
from tests.sources.logs.events import events, rejected

from koban.sources.logs.formats.aws_findings import lowered

GUARDDUTY: dict[str, Any] = {
    "schemaVersion": "2.0",
    "accountId": "111122223333",
    "region": "eu-west-1",
    "partition": "aws",
    "id": "f1",
    "arn": "arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/f1",
    "type": "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom",
    "resource": {
        "resourceType": "Instance",
        "instanceDetails": {"instanceId": "i-0a", "networkInterfaces": [{"privateIpAddress": "198.51.100.7"}]},
    },
    "service": {
        "action": {
            "actionType": "NETWORK_CONNECTION",
            "networkConnectionAction": {
                "connectionDirection": "OUTBOUND",
                "protocol": "TCP",
                "localPortDetails": {"port": 50000},
                "remoteIpDetails": {"ipAddressV4": "203.0.113.9"},
                "remotePortDetails": {"port": 443},
            },
        },
        "archived": False,
        "count": 3,
    },
    "severity": 8,
    "createdAt": "2026-03-01T09:00:00.000Z",
    "updatedAt": "2026-03-01T10:00:00.000Z",
    "title": "Calls a bad address",
    "description": "The instance calls a bad address.",
}


def capital(value: Any) -> Any:
    if isinstance(value, dict):
        return {k[:1].upper() + k[1:]: capital(v) for k, v in value.items()}
    return [capital(v) for v in value] if isinstance(value, list) else value


def envelope(kind: str, detail: Any) -> dict[str, Any]:
    return {"version": "0", "id": "e", "detail-type": kind, "source": "aws.x", "detail": detail}


@pytest.mark.parametrize(
    "data",
    [
        GUARDDUTY,
        envelope("GuardDuty Finding", GUARDDUTY),
        capital(GUARDDUTY),
        {"Findings": [capital(GUARDDUTY)]},
    ],
    ids=["export", "eventbridge", "api", "api list"],
)
def test_guardduty_in_each_shape(data: dict[str, Any]) -> None:
    (event,) = events(json.dumps(data) + "\n")
    assert (event["source"], event["class_uid"]) == ("aws-guardduty", 2004)
    assert event["time"] == "2026-03-01T10:00:00.000000Z"
    assert (event["severity_id"], event["activity_id"]) == (4, 2)
    assert (event["src_endpoint_ip"], event["src_endpoint_port"]) == ("198.51.100.7", 50000)
    assert (event["dst_endpoint_ip"], event["dst_endpoint_port"]) == ("203.0.113.9", 443)
    assert event["connection_info_direction_id"] == 2
    assert (event["cloud_account_uid"], event["cloud_region"]) == ("111122223333", "eu-west-1")
    assert event["device_uid"] == "i-0a"
    assert event["finding_info_uid"] == GUARDDUTY["arn"]
    assert event["finding_info_types"] == ["UnauthorizedAccess:EC2/MaliciousIPCaller.Custom"]
    assert event["resources_uid"] == ["i-0a"]
    assert json.loads(event["record"])["service"] == GUARDDUTY["service"]


def test_guardduty_about_a_call() -> None:
    (event,) = events(
        GUARDDUTY
        | {
            "severity": 2.5,
            "resource": {
                "accessKeyDetails": {"accessKeyId": "ASIAEXAMPLE", "userName": "ana", "userType": "IAMUser"},
                "s3BucketDetails": [{"arn": "arn:aws:s3:::b"}],
            },
            "service": {
                "action": {
                    "awsApiCallAction": {
                        "api": "GetObject",
                        "serviceName": "s3.amazonaws.com",
                        "remoteIpDetails": {"ipAddressV4": "203.0.113.9"},
                    }
                },
                "archived": True,
            },
        }
    )
    assert (event["severity_id"], event["activity_id"]) == (2, 3)
    assert (event["actor_user_name"], event["actor_user_credential_uid"]) == ("ana", "ASIAEXAMPLE")
    assert (event["api_operation"], event["src_endpoint_ip"]) == ("GetObject", "203.0.113.9")
    assert event["resources_uid"] == ["ASIAEXAMPLE", "arn:aws:s3:::b"]


def test_lowered() -> None:
    assert lowered({"A": [{"Bc": 1}, "D"], "": None}) == {"a": [{"bc": 1}, "D"], "": None}


ASFF: dict[str, Any] = {
    "SchemaVersion": "2018-10-08",
    "Id": "arn:aws:securityhub:eu-west-1:111122223333:finding/f1",
    "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/securityhub",
    "AwsAccountId": "111122223333",
    "Region": "eu-west-1",
    "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
    "CreatedAt": "2026-03-01T09:00:00Z",
    "UpdatedAt": "2026-03-01T10:00:00Z",
    "Severity": {"Label": "CRITICAL"},
    "Title": "Root has no MFA",
    "Description": "Turn it on.",
    "Resources": [{"Type": "AwsAccount", "Id": "AWS::::Account:111122223333", "Region": "eu-west-1"}],
    "Compliance": {"Status": "FAILED"},
    "Workflow": {"Status": "NEW"},
    "RecordState": "ACTIVE",
}


@pytest.mark.parametrize(
    "data", [ASFF, envelope("Security Hub Findings - Imported", {"findings": [ASFF]}), {"Findings": [ASFF]}]
)
def test_security_hub_in_each_shape(data: dict[str, Any]) -> None:
    (event,) = events(data)
    assert (event["source"], event["class_uid"]) == ("aws-securityhub", 2003)
    assert event["time"] == "2026-03-01T10:00:00.000000Z"
    assert (event["severity_id"], event["status_id"], event["status_code"]) == (5, 2, "FAILED")
    assert event["cloud_account_uid"] == "111122223333"
    assert event["finding_info_uid"] == ASFF["Id"]
    assert event["resources_uid"] == ["AWS::::Account:111122223333"]


@pytest.mark.parametrize(
    ("change", "uid"),
    [
        ({"Vulnerabilities": [{"Id": "CVE-2021-44228"}]}, 2002),
        ({"Types": ["Software and Configuration Checks/Vulnerabilities/CVE"]}, 2002),
        ({"Types": ["Sensitive Data Identifications/PII"], "Compliance": None}, 2006),
        ({"Types": ["TTPs/Discovery"], "Compliance": None}, 2004),
        ({"Types": [], "Compliance": None}, 2004),
    ],
)
def test_what_security_hub_finds_has_its_own_class(change: dict[str, Any], uid: int) -> None:
    (event,) = events(ASFF | change)
    assert event["class_uid"] == uid
    if "Vulnerabilities" in change:
        assert event["vulnerabilities_cve_uid"] == ["CVE-2021-44228"]
        assert "CVE-2021-44228" in event["observables"]


INSPECTOR: dict[str, Any] = {
    "findingArn": "arn:aws:inspector2:eu-west-1:111122223333:finding/f1",
    "awsAccountId": "111122223333",
    "type": "PACKAGE_VULNERABILITY",
    "severity": "HIGH",
    "status": "ACTIVE",
    "title": "CVE-2021-44228 - log4j",
    "description": "d",
    "firstObservedAt": "Jan 19, 2026, 10:46:15 PM",
    "lastObservedAt": "Mar 1, 2026, 10:00:00 AM",
    "updatedAt": "Mar 1, 2026, 10:00:00\u202fAM",
    "packageVulnerabilityDetails": {
        "vulnerabilityId": "CVE-2021-44228",
        "vulnerablePackages": [{"name": "log4j", "filePath": "/app/log4j.jar"}],
    },
    "resources": [{"type": "AWS_EC2_INSTANCE", "id": "i-0a", "region": "eu-west-1"}],
}


@pytest.mark.parametrize("time", ["Mar 1, 2026, 10:00:00\u202fAM", "2026-03-01T10:00:00.000Z", 1772359200.0])
def test_inspector(time: object) -> None:
    finding = INSPECTOR | {"updatedAt": time}
    for data in (finding, envelope("Inspector2 Finding", finding), {"findings": [finding]}):
        (event,) = events(data)
        assert (event["source"], event["class_uid"], event["severity_id"]) == ("aws-inspector", 2002, 4)
        assert event["time"] == "2026-03-01T10:00:00.000000Z"
        assert event["vulnerabilities_cve_uid"] == ["CVE-2021-44228"]
        assert (event["device_uid"], event["file_path"]) == ("i-0a", "/app/log4j.jar")
        assert event["cloud_region"] == "eu-west-1"


def test_a_time_that_cannot_be_read_stays_absent() -> None:
    (event,) = events(INSPECTOR | dict.fromkeys(("updatedAt", "lastObservedAt", "firstObservedAt"), "some day"))
    assert "time" not in event


ANALYZER: dict[str, Any] = {
    "version": "1.0",
    "id": "f1",
    "status": "ACTIVE",
    "resourceType": "AWS::S3::Bucket",
    "resource": "arn:aws:s3:::b",
    "createdAt": "2026-03-01T09:00:00Z",
    "analyzedAt": "2026-03-01T10:00:00Z",
    "updatedAt": "2026-03-01T10:00:00Z",
    "accountId": "111122223333",
    "region": "eu-west-1",
    "principal": {"AWS": "444455556666"},
    "action": ["s3:GetObject"],
    "condition": {},
    "isPublic": False,
}


@pytest.mark.parametrize("data", [ANALYZER, envelope("Access Analyzer Finding", ANALYZER), {"findings": [ANALYZER]}])
def test_access_analyzer(data: dict[str, Any]) -> None:
    (event,) = events(data)
    assert (event["source"], event["class_uid"], event["severity_id"]) == ("aws-access-analyzer", 2004, 3)
    assert (event["user_uid"], event["api_operation"]) == ("444455556666", "s3:GetObject")
    assert event["resources_uid"] == ["arn:aws:s3:::b"]
    assert event["finding_info_title"] == "ExternalAccess AWS::S3::Bucket arn:aws:s3:::b"


def test_access_analyzer_about_what_is_public_and_gone() -> None:
    (event,) = events(ANALYZER | {"isPublic": True, "status": "RESOLVED"})
    assert (event["severity_id"], event["activity_id"]) == (4, 3)


MACIE: dict[str, Any] = {
    "schemaVersion": "1.0",
    "id": "f1",
    "accountId": "111122223333",
    "partition": "aws",
    "region": "eu-west-1",
    "type": "SensitiveData:S3Object/Personal",
    "title": "The object holds personal data",
    "description": "d",
    "severity": {"score": 3, "description": "High"},
    "createdAt": "2026-03-01T09:00:00.000Z",
    "updatedAt": "2026-03-01T10:00:00.000Z",
    "count": 1,
    "resourcesAffected": {"s3Bucket": {"arn": "arn:aws:s3:::b"}, "s3Object": {"path": "b/people.csv"}},
    "category": "CLASSIFICATION",
}


def test_macie() -> None:
    for data in (MACIE, envelope("Macie Finding", MACIE), {"findings": [MACIE]}):
        (event,) = events(data)
        assert (event["source"], event["class_uid"], event["severity_id"]) == ("aws-macie", 2006, 4)
        assert event["file_path"] == "b/people.csv"
        assert event["resources_uid"] == ["arn:aws:s3:::b", "b/people.csv"]


def test_macie_about_a_policy() -> None:
    (event,) = events(
        MACIE
        | {
            "category": "POLICY",
            "type": "Policy:IAMUser/S3BucketPublic",
            "policyDetails": {
                "action": {"apiCallDetails": {"api": "PutBucketPolicy", "apiServiceName": "s3.amazonaws.com"}},
                "actor": {
                    "userIdentity": {"type": "IAMUser", "iamUser": {"userName": "ana", "arn": "a"}},
                    "ipAddressDetails": {"ipAddressV4": "203.0.113.9"},
                },
            },
        }
    )
    assert event["class_uid"] == 2004
    assert (event["actor_user_name"], event["src_endpoint_ip"]) == ("ana", "203.0.113.9")
    assert event["api_operation"] == "PutBucketPolicy"


@pytest.mark.parametrize("finding", [GUARDDUTY, ASFF, INSPECTOR, ANALYZER, MACIE])
def test_half_a_finding_is_rejected_with_its_line(finding: dict[str, Any]) -> None:
    text = json.dumps(finding)
    found = rejected(f'{text}\n{{"title": "x"}}\n{text[: len(text) // 2]}\n'.encode())
    assert [(r.line, r.reason.split(":")[0]) for r in found] == [(2, "JSON of no known source"), (3, "not JSON")]
