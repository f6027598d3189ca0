from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.sources.logs.events import events, rejected

SAMPLES = Path(__file__).parent / "samples"

NSG: dict[str, Any] = {
    "time": "2026-03-01T10:00:00.1Z",
    "macAddress": "000D3AF87856",
    "category": "NetworkSecurityGroupFlowEvent",
    "resourceId": "/SUBSCRIPTIONS/S1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/N",
    "operationName": "NetworkSecurityGroupFlowEvents",
    "properties": {"Version": 2, "flows": []},
}


def nsg(*tuples: str, rule: str = "Deny") -> dict[str, Any]:
    flows = [{"rule": rule, "flows": [{"mac": "000D3AF87856", "flowTuples": list(tuples)}]}]
    return NSG | {"properties": {"Version": 2, "flows": flows}}


def test_each_flow_tuple_is_an_event_of_its_own() -> None:
    denied = "1772359190,203.0.113.9,10.5.16.4,28746,443,U,I,D,B,,,,"
    ended = "1772359191,10.5.16.4,198.51.100.2,59831,443,T,O,A,E,1,66,2,132"
    first, second = sorted(events({"records": [nsg(denied, ended)]}), key=lambda e: e["time"])
    assert first["time"] == "2026-03-01T09:59:50.000000Z"
    assert (first["class_uid"], first["activity_id"], first["status_id"]) == (4001, 5, 2)
    assert (first["src_endpoint_ip"], first["src_endpoint_port"]) == ("203.0.113.9", 28746)
    assert (first["dst_endpoint_ip"], first["dst_endpoint_port"]) == ("10.5.16.4", 443)
    assert (first["connection_info_protocol_num"], first["connection_info_direction_id"]) == (17, 1)
    assert "traffic_bytes" not in first
    assert first["cloud_account_uid"] == "s1"
    record = json.loads(first["record"])
    assert (record["FlowTuple"], record["rule"], record["mac"]) == (denied, "Deny", "000D3AF87856")
    assert (second["traffic_bytes"], second["traffic_packets"]) == (198, 3)
    assert (second["traffic_bytes_out"], second["traffic_bytes_in"]) == (66, 132)


def test_version_1_of_a_flow_has_no_state() -> None:
    (event,) = events(nsg("1772359192,10.0.0.4,10.0.0.5,1,2,T,O,A"))
    assert (event["activity_id"], event["status_id"], event["connection_info_protocol_num"]) == (6, 1, 6)


@pytest.mark.parametrize("text", ["", "soon,10.0.0.4,10.0.0.5,1,2,T,O,A", "1772359192,10.0.0.4", "1,2,3,4,5,6,7,8" * 3])
def test_a_tuple_that_is_no_flow_is_rejected_with_its_text(text: str) -> None:
    found = rejected(json.dumps({"records": [nsg("1772359192,10.0.0.4,10.0.0.5,1,2,T,O,A", text)]}).encode())
    assert [(r.reason, r.data) for r in found] == [("no flow tuple", text.encode())]


@pytest.mark.parametrize("flows", [[], [{"rule": "r"}], [{"flows": None}], [{"flows": [{"flowTuples": []}]}]])
def test_a_log_without_flows_gives_none(flows: Any) -> None:
    text = json.dumps(NSG | {"properties": {"flows": flows}})
    assert (events(text), rejected(text.encode())) == ([], [])


@pytest.mark.parametrize(
    "flows", [[1], [{"flows": True}], [{"flows": ["x"]}], [{"flows": [{"flowTuples": {"a": 1}}]}], [None]]
)
def test_flows_of_odd_shape_are_rejected(flows: Any) -> None:
    (found,) = rejected(json.dumps(NSG | {"properties": {"flows": flows}}).encode())
    assert "of a flow log" in found.reason
    groups = json.loads(json.dumps(flows).replace("flows", "flowGroups"))
    (found,) = rejected(json.dumps({"flowRecords": {"flows": groups}}).encode())
    assert "of a flow log" in found.reason


def test_a_virtual_networks_flow() -> None:
    flows = [
        {
            "aclID": "a",
            "flowGroups": [
                {
                    "rule": "BlockHighRisk",
                    "flowTuples": ["1772359193607,203.0.113.37,10.0.0.6,22730,22,6,I,D,NX,0,0,0,0"],
                }
            ],
        }
    ]
    (event,) = events({"category": "FlowLogFlowEvent", "macAddress": "00", "flowRecords": {"flows": flows}})
    assert event["time"] == "2026-03-01T09:59:53.607000Z"
    assert (event["activity_id"], event["status_id"], event["status_detail"]) == (5, 2, "BlockHighRisk")
    assert (event["connection_info_protocol_num"], event["traffic_bytes"]) == (6, 0)
    assert json.loads(event["record"])["FlowEncryption"] == "NX"


def sample(name: str) -> list[dict[str, Any]]:
    return events((SAMPLES / name).read_bytes())


def test_the_activity_log() -> None:
    created, denied, bare = sample("azure-activity.json")
    assert created["api_operation"] == "MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/SECURITYRULES/WRITE"
    assert (created["activity_id"], created["status_id"], created["time"]) == (1, 1, "2026-03-01T10:00:00.123456Z")
    assert created["actor_user_name"] == "ana@example.com"
    assert created["actor_user_uid"] == "aaaaaaaa-0000-0000-0000-000000000001"
    assert created["actor_session_is_mfa"] is True
    assert (denied["activity_id"], denied["status_id"], denied["api_response_error"]) == (4, 2, "Forbidden")
    assert denied["actor_user_name"] == "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"
    assert bare["status_id"] == 0
    assert "actor_user_name" not in bare


def test_the_activity_log_behind_an_event_hub_is_lines() -> None:
    lines = "\n".join(json.dumps({"records": [one]}) for one in json.loads(raw("azure-activity.json"))["records"])
    assert [e["api_operation"] for e in events(lines)] == [e["api_operation"] for e in sample("azure-activity.json")]


def raw(name: str) -> str:
    return (SAMPLES / name).read_text(encoding="utf-8")


def test_the_activity_log_of_the_api() -> None:
    created, failed = sample("azure-activity-api.json")
    assert created["api_operation"] == "Microsoft.Compute/virtualMachines/write"
    assert (created["activity_id"], created["status_id"], created["src_endpoint_ip"]) == (1, 1, "198.51.100.8")
    assert (failed["activity_id"], failed["status_id"], failed["api_response_error"]) == (2, 2, "Failed")


def test_who_signed_in_and_how_it_went() -> None:
    ana, denied, principal, identity = sample("entra-signin.jsonl")
    assert (ana["class_uid"], ana["activity_id"], ana["status_id"]) == (3002, 1, 1)
    assert (ana["actor_user_name"], ana["actor_session_is_mfa"]) == ("ana@example.com", True)
    assert (ana["src_endpoint_location_country"], ana["src_endpoint_autonomous_system_number"]) == ("DE", 64500)
    assert (denied["status_id"], denied["status_code"], denied["severity_id"]) == (2, "50126", 4)
    assert "actor_session_is_mfa" not in denied
    assert (principal["actor_user_name"], principal["actor_user_uid"]) == ("deployer", "spn1")
    assert identity["actor_user_type"] == "managedIdentity"
    assert "src_endpoint_ip" not in identity


def test_graph_says_the_same_of_a_sign_in() -> None:
    diagnostic, graph = sample("entra-signin.jsonl")[0], sample("entra-signin-graph.json")[0]
    same = ("actor_user_name", "actor_user_uid", "src_endpoint_ip", "status_id", "status_code", "device_uid")
    assert [graph[name] for name in same] == [diagnostic[name] for name in same]
    assert graph["time"] == "2026-03-01T10:00:00.123456Z"


def test_the_directorys_audit() -> None:
    role, group, account, consent, policy = sample("entra-audit.jsonl")
    assert (role["class_uid"], role["activity_id"], role["user_name"]) == (3005, 1, "bo@example.com")
    assert role["http_request_user_agent"] == "Mozilla/5.0"
    assert (group["class_uid"], group["activity_id"], group["group_name"]) == (3006, 3, "Admins")
    assert (account["class_uid"], account["activity_id"], account["user_uid"]) == (3001, 5, "u2")
    assert (consent["class_uid"], consent["status_id"], consent["actor_user_name"]) == (3004, 2, "Sync")
    assert "actor_user_name" not in policy
    graph = sample("entra-audit-graph.json")
    for name in ("class_uid", "activity_id", "user_name", "group_name", "actor_user_uid"):
        assert [e.get(name) for e in graph] == [e.get(name) for e in (role, group, account, consent, policy)]


def test_a_risk_is_a_finding() -> None:
    travel, alert = sample("entra-risk.jsonl")
    assert (travel["class_uid"], travel["severity_id"], travel["finding_info_title"]) == (2004, 3, "unlikelyTravel")
    assert travel["time"] == "2026-03-01T12:00:00.000000Z"
    assert alert["severity_id"] == 0


@pytest.mark.parametrize(
    "record",
    [
        {"time": "2026-03-01T10:00:00Z", "category": "SignInLogs"},
        {"time": "2026-03-01T10:00:00Z", "category": "Administrative", "operationName": "x"},
        {"category": "AuditLogs", "operationName": "x", "properties": {}},
        {"riskEventType": "x"},
    ],
)
def test_what_lacks_its_marks_is_of_no_known_source(record: dict[str, Any]) -> None:
    (found,) = rejected(json.dumps({"records": [record]}).encode())
    assert found.reason == "JSON of no known source"


def test_a_time_that_is_none_is_no_guess() -> None:
    (event,) = events({"time": "soon", "category": "Alert", "operationName": "x", "resourceId": "/subscriptions/s"})
    assert "time" not in event


# Log Analytics


ROW: dict[str, Any] = json.loads((SAMPLES / "azure-activity-analytics.jsonl").read_text().splitlines()[0])


def test_a_row_of_log_analytics_is_unfolded_and_kept_as_it_came() -> None:
    (event,) = events(ROW)
    assert json.loads(event["raw_data"]) == ROW
    record = json.loads(event["record"])
    assert record["Claims"] == json.loads(ROW["Claims"])
    assert {k: v for k, v in record.items() if not isinstance(v, dict)} == {
        k: v for k, v in ROW.items() if not isinstance(record[k], dict)
    }
    assert (event["source"], event["activity_id"], event["status_id"]) == ("azure-activity-analytics", 1, 1)
    assert (event["actor_user_name"], event["actor_session_is_mfa"]) == ("ana@example.com", True)
    assert event["metadata_tenant_uid"] != ROW["TenantId"], "TenantId is the workspace"


@pytest.mark.parametrize("capital", [False, True])
def test_a_query_of_log_analytics_answers_with_rows(capital: bool) -> None:
    names = ("Tables", "Columns", "Rows", "ColumnName") if capital else ("tables", "columns", "rows", "name")
    tables, columns, rows, name = names
    row = ROW | {"Resource": None}
    data = {tables: [{columns: [{name: n} for n in row], rows: [list(row.values()), [1], 7]}]}
    (event,) = events(data)
    assert "Resource" not in json.loads(event["record"])
    assert event["actor_user_name"] == "ana@example.com"
    reasons = [r.reason for r in rejected(json.dumps(data).encode())]
    assert reasons == ["a row of Log Analytics that does not fit its columns"] * 2


def test_text_that_is_no_json_stays_text() -> None:
    (event,) = events(ROW | {"Claims": "{broken", "Authorization": "[" * 100_000, "Properties": "plain"})
    record = json.loads(event["record"])
    assert (record["Claims"], record["Properties"]) == ("{broken", "plain")
    assert "actor_session_issuer" not in event


def test_rows_of_other_tables_are_rejected() -> None:
    assert [r.reason for r in rejected(json.dumps(ROW | {"Type": "Heartbeat"}).encode())] == ["JSON of no known source"]
