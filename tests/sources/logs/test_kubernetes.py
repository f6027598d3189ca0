from __future__ import annotations

import json
from typing import Any

from tests.sources.logs.events import events, rejected

EXEC: dict[str, Any] = {
    "kind": "Event",
    "apiVersion": "audit.k8s.io/v1",
    "level": "Request",
    "auditID": "a1",
    "stage": "ResponseComplete",
    "requestURI": "/api/v1/namespaces/default/pods/web/exec?command=sh",
    "verb": "create",
    "user": {
        "username": "deploy",
        "uid": "u1",
        "groups": ["system:authenticated"],
        "extra": {
            "arn": ["arn:aws:sts::111122223333:assumed-role/deploy/ana"],
            "accessKeyId": ["ASIAEXAMPLE"],
            "sessionName": ["ana"],
        },
    },
    "sourceIPs": ["192.0.2.1"],
    "userAgent": "kubectl/v1.31",
    "objectRef": {"resource": "pods", "namespace": "default", "name": "web", "subresource": "exec", "apiVersion": "v1"},
    "responseStatus": {"code": 101},
    "requestReceivedTimestamp": "2026-03-01T10:00:00.123456Z",
    "stageTimestamp": "2026-03-01T10:00:01.000000Z",
    "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "RBAC"},
}


def test_an_audit_event() -> None:
    (event,) = events(json.dumps(EXEC) + "\n")
    assert (event["source"], event["class_uid"], event["activity_id"]) == ("kubernetes-audit", 6003, 1)
    assert event["time"] == "2026-03-01T10:00:00.123456Z"
    assert (event["api_operation"], event["api_service_name"]) == ("create", "pods")
    assert event["resources_uid"] == ["default/pods/web/exec"]
    assert (event["actor_user_name"], event["actor_user_type"]) == ("deploy", "User")
    assert event["actor_user_uid"] == "arn:aws:sts::111122223333:assumed-role/deploy/ana"
    assert (event["actor_user_credential_uid"], event["actor_session_uid"]) == ("ASIAEXAMPLE", "ana")
    assert (event["src_endpoint_ip"], event["http_request_user_agent"]) == ("192.0.2.1", "kubectl/v1.31")
    assert event["http_request_url_path"] == "/api/v1/namespaces/default/pods/web/exec"
    assert (event["status_id"], event["http_response_code"]) == (1, 101)
    assert "cloud_provider" not in event


def test_what_is_forbidden() -> None:
    denied = {
        "user": {"username": "system:serviceaccount:default:web"},
        "responseStatus": {"code": 403, "reason": "Forbidden", "message": "secrets is forbidden"},
        "annotations": {"authorization.k8s.io/decision": "forbid", "authorization.k8s.io/reason": ""},
    }
    (event,) = events(EXEC | denied)
    assert (event["status_id"], event["actor_user_type"]) == (2, "ServiceAccount")
    assert (event["api_response_error"], event["api_response_error_message"]) == ("Forbidden", "secrets is forbidden")


def test_a_list_as_the_webhook_sends_it() -> None:
    assert (
        len(events({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": [EXEC, EXEC]})) == 2
    )


def test_eks_is_known_by_its_log_group() -> None:
    (event,) = events(
        {
            "messageType": "DATA_MESSAGE",
            "owner": "111122223333",
            "logGroup": "/aws/eks/prod/cluster",
            "logStream": "kube-apiserver-audit-1",
            "logEvents": [{"id": "1", "timestamp": 1, "message": json.dumps(EXEC)}],
        }
    )
    assert (event["cloud_provider"], event["cloud_account_uid"]) == ("AWS", "111122223333")
    assert event["metadata_tenant_uid"] == "prod"


def test_another_object_of_kubernetes_is_rejected_with_its_line() -> None:
    found = rejected(f'{json.dumps(EXEC)}\n{{"kind": "Pod", "apiVersion": "v1"}}\n'.encode())
    assert [(r.line, r.reason) for r in found] == [(2, "JSON of no known source")]
