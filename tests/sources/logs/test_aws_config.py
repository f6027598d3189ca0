from __future__ import annotations

import json
from typing import Any

from tests.sources.logs.events import events, rejected

ITEM: dict[str, Any] = {
    "configurationItemVersion": "1.3",
    "configurationItemCaptureTime": "2026-03-01T10:00:00.000Z",
    "configurationStateId": 1772359200000,
    "awsAccountId": "111122223333",
    "configurationItemStatus": "OK",
    "resourceType": "AWS::EC2::Instance",
    "resourceId": "i-0a",
    "resourceName": None,
    "ARN": "arn:aws:ec2:eu-west-1:111122223333:instance/i-0a",
    "awsRegion": "eu-west-1",
    "configuration": {"imageId": "ami-0a"},
}


def test_the_items_of_a_snapshot_and_a_history() -> None:
    for head in ({"fileVersion": "1.0", "configSnapshotId": "s"}, {"fileVersion": "1.0"}):
        first, second = events({**head, "configurationItems": [ITEM, ITEM]})
        assert (first["source"], first["class_uid"]) == ("aws-config", 5002)
        assert first["time"] == "2026-03-01T10:00:00.000000Z"
        assert (first["cloud_account_uid"], first["cloud_region"]) == ("111122223333", "eu-west-1")
        assert first["resources_uid"] == ["arn:aws:ec2:eu-west-1:111122223333:instance/i-0a", "i-0a"]
        assert (first["device_uid"], first["status_code"]) == ("i-0a", "OK")
        assert json.loads(second["record"]) == ITEM


def test_a_change_keeps_what_changed() -> None:
    detail = {
        "recordVersion": "1.3",
        "messageType": "ConfigurationItemChangeNotification",
        "configurationItemDiff": {"changeType": "UPDATE", "changedProperties": {}},
        "notificationCreationTime": "2026-03-01T10:00:05.000Z",
        "configurationItem": ITEM,
    }
    (event,) = events({"version": "0", "detail-type": "Config Configuration Item Change", "detail": detail})
    assert (event["source"], event["class_uid"]) == ("aws-config-change", 5002)
    assert (event["time"], event["status_code"]) == ("2026-03-01T10:00:00.000000Z", "UPDATE")
    assert event["metadata_uid"] == "AWS::EC2::Instance/i-0a/1772359200000"
    assert json.loads(event["record"])["configurationItemDiff"]["changeType"] == "UPDATE"


def test_a_change_too_large_for_its_message() -> None:
    (event,) = events(
        {
            "messageType": "OversizedConfigurationItemChangeNotification",
            "notificationCreationTime": "2026-03-01T10:00:05.000Z",
            "configurationItemSummary": {
                k: ITEM[k] for k in ("resourceType", "resourceId", "awsAccountId", "awsRegion")
            },
        }
    )
    assert event["time"] == "2026-03-01T10:00:05.000000Z"
    assert event["resources_uid"] == ["i-0a"]


def test_a_change_of_compliance() -> None:
    detail = {
        "resourceId": "b",
        "resourceType": "AWS::S3::Bucket",
        "awsRegion": "eu-west-1",
        "awsAccountId": "111122223333",
        "configRuleName": "bucket-encrypted",
        "messageType": "ComplianceChangeNotification",
        "newEvaluationResult": {"complianceType": "NON_COMPLIANT", "resultRecordedTime": "2026-03-01T10:00:00.000Z"},
        "notificationCreationTime": "2026-03-01T10:00:05.000Z",
    }
    (event,) = events({"version": "0", "detail-type": "Config Rules Compliance Change", "detail": detail})
    assert (event["source"], event["class_uid"]) == ("aws-config-compliance", 2003)
    assert (event["status_id"], event["status_code"], event["activity_id"]) == (2, "NON_COMPLIANT", 1)
    assert event["finding_info_uid"] == "bucket-encrypted/AWS::S3::Bucket/b"


def test_an_item_without_its_time_is_rejected() -> None:
    item = {k: v for k, v in ITEM.items() if k != "configurationItemCaptureTime"}
    data = '{"fileVersion": "1.0", "configurationItems": [\n' + json.dumps(item) + "]}"
    assert [(r.line, r.reason) for r in rejected(data.encode())] == [(1, "JSON of no known source")]
