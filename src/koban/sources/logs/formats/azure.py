"""Azure and Entra: activity log, sign-ins, audit and risk, as diagnostic settings, Graph and Log Analytics write them.

Log Analytics gives rows: one JSON object each (data export, the command line), or a query's answer with `tables`, their
`columns` and `rows`.  Where a column holds JSON as text, it is unfolded, and the row as it came is kept beside it.

A flow log holds many flows in one record.  Each flow tuple becomes a record of its own, with the record's resource and
rule beside it; its fields bear the names of Azure's own flow tables (`SrcIp`, `DestPort`, ...), and `FlowTuple` is the
tuple as it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from koban.sources.logs.format import Record, Rejected, as_json, envelope, json_records

ACTIVITY = frozenset(
    "Administrative Security ServiceHealth Alert Recommendation Policy Autoscale ResourceHealth".casefold().split()
)
SIGNIN = tuple(
    f"{kind}SignInLogs" for kind in ("", "NonInteractiveUser", "ServicePrincipal", "ManagedIdentity", "ADFS")
)
RISK = ("UserRiskEvents", "ServicePrincipalRiskEvents")
WRAPPERS = ("records", "value")


def _inner(record: dict[str, Any], key: str = "properties") -> dict[str, Any]:
    inner = record.get(key)
    return inner if isinstance(inner, dict) else {}


@json_records("azure-activity", wrappers=WRAPPERS)
def activity(record: dict[str, Any]) -> bool:
    """A `category` of the activity log, `resourceId` and `operationName`."""
    return (
        "time" in record
        and "operationName" in record
        and isinstance(record.get("resourceId"), str)
        and str(record.get("category", "")).casefold() in ACTIVITY
    )


@json_records("azure-activity-api", wrappers=WRAPPERS)
def activity_api(record: dict[str, Any]) -> bool:
    """`eventTimestamp`, `eventDataId` and an `operationName` with `value`."""
    return "eventTimestamp" in record and "eventDataId" in record and isinstance(record.get("operationName"), dict)


@json_records("entra-signin", wrappers=WRAPPERS)
def signin(record: dict[str, Any]) -> bool:
    """A `category` of sign-ins, and `properties`."""
    return str(record.get("category")) in SIGNIN and isinstance(record.get("properties"), dict)


@json_records("entra-signin-graph", wrappers=WRAPPERS)
def signin_graph(record: dict[str, Any]) -> bool:
    """`createdDateTime`, `appId` and `status` of a sign-in."""
    return "createdDateTime" in record and "appId" in record and isinstance(record.get("status"), dict)


@json_records("entra-audit", wrappers=WRAPPERS)
def audit(record: dict[str, Any]) -> bool:
    """`category` AuditLogs, with `activityDisplayName` in `properties`."""
    return (
        record.get("category") == "AuditLogs" and "operationName" in record and "activityDisplayName" in _inner(record)
    )


@json_records("entra-audit-graph", wrappers=WRAPPERS)
def audit_graph(record: dict[str, Any]) -> bool:
    """`activityDateTime`, `activityDisplayName` and `loggedByService`."""
    return "activityDateTime" in record and "activityDisplayName" in record and "loggedByService" in record


@json_records("entra-risk", wrappers=WRAPPERS)
def risk(record: dict[str, Any]) -> bool:
    """A `category` of risk events, with `riskEventType` in `properties`."""
    return str(record.get("category")) in RISK and "riskEventType" in _inner(record)


@json_records("entra-risk-graph", wrappers=WRAPPERS)
def risk_graph(record: dict[str, Any]) -> bool:
    """`riskEventType` and `detectedDateTime`."""
    return "riskEventType" in record and "detectedDateTime" in record


ANALYTICS = {
    "SigninLogs": "entra-signin-analytics",
    "AADNonInteractiveUserSignInLogs": "entra-signin-analytics",
    "AADServicePrincipalSignInLogs": "entra-signin-analytics",
    "AADManagedIdentitySignInLogs": "entra-signin-analytics",
    "ADFSSignInLogs": "entra-signin-analytics",
    "AuditLogs": "entra-audit-analytics",
    "AzureActivity": "azure-activity-analytics",
}
"""Tables of Log Analytics that are read, with their mappings."""
UNFOLDED = frozenset(
    """
    AdditionalDetails AuthenticationDetails AuthenticationProcessingDetails Authorization Claims
    ConditionalAccessPolicies DeviceDetail HTTPRequest InitiatedBy LocationDetails MfaDetail Properties Status
    TargetResources
    """.split()
)
"""Columns that hold JSON, as it is or as text."""


def _analytics(record: dict[str, Any]) -> str | None:
    """The mapping of a row of Log Analytics."""
    kind = record.get("Type")
    return ANALYTICS.get(kind) if isinstance(kind, str) and "TimeGenerated" in record else None


@json_records("entra-signin-analytics", wrappers=WRAPPERS)
def signin_analytics(record: dict[str, Any]) -> bool:
    """`TimeGenerated`, and a `Type` that is a table of sign-ins."""
    return _analytics(record) == "entra-signin-analytics"


@json_records("entra-audit-analytics", wrappers=WRAPPERS)
def audit_analytics(record: dict[str, Any]) -> bool:
    """`TimeGenerated`, and the `Type` AuditLogs."""
    return _analytics(record) == "entra-audit-analytics"


@json_records("azure-activity-analytics", wrappers=WRAPPERS)
def activity_analytics(record: dict[str, Any]) -> bool:
    """`TimeGenerated`, and the `Type` AzureActivity."""
    return _analytics(record) == "azure-activity-analytics"


def _folded(record: dict[str, Any]) -> dict[str, Any]:
    """The columns whose text is JSON, as what it says."""
    found: dict[str, Any] = {}
    for name in UNFOLDED:
        if name in record and isinstance(text := record[name], str) and text.lstrip()[:1] in ("{", "["):
            try:
                found[name] = json.loads(text)
            except (ValueError, RecursionError):
                continue
    return found


@envelope("azure-log-analytics-row", lambda r: _analytics(r) is not None and bool(_folded(r)))
def analytics_row(record: dict[str, Any]) -> Iterator[Any]:
    """A row of Log Analytics with JSON as text."""
    yield Record(str(_analytics(record)), as_json(record | _folded(record)), 0, as_json(record))


def _part(holder: dict[str, Any], *names: str) -> Any:
    return next((holder[name] for name in names if name in holder), None)


def _is_answer(record: dict[str, Any]) -> bool:
    tables = _part(record, "tables", "Tables")
    return isinstance(tables, list) and any(
        isinstance(t, dict) and _part(t, "columns", "Columns") is not None and _part(t, "rows", "Rows") is not None
        for t in tables
    )


@envelope("azure-log-analytics", _is_answer)
def analytics_answer(record: dict[str, Any]) -> Iterator[Any]:
    """What a query of Log Analytics answers: tables with columns and rows."""
    for table in _part(record, "tables", "Tables"):
        columns = _part(table, "columns", "Columns") if isinstance(table, dict) else None
        rows = _part(table, "rows", "Rows") if isinstance(table, dict) else None
        if not isinstance(columns, list) or not isinstance(rows, list):
            yield _rejected("a table of Log Analytics without columns and rows", table)
            continue
        names = [str(_part(c, "name", "ColumnName")) if isinstance(c, dict) else str(c) for c in columns]
        for row in rows:
            if not isinstance(row, list) or len(row) != len(names):
                yield _rejected("a row of Log Analytics that does not fit its columns", row)
            else:
                yield {name: value for name, value in zip(names, row, strict=True) if value is not None}


@json_records("azure-nsg-flow")
def nsg_flow(record: dict[str, Any]) -> bool:
    """A tuple of `properties.flows`."""
    return "FlowTuple" in record and record.get("category") == "NetworkSecurityGroupFlowEvent"


@json_records("azure-vnet-flow")
def vnet_flow(record: dict[str, Any]) -> bool:
    """A tuple of `flowRecords.flows`."""
    return "FlowTuple" in record and record.get("category") == "FlowLogFlowEvent"


NSG_FIELDS = (
    "FlowTime",
    "SrcIp",
    "DestIp",
    "SrcPort",
    "DestPort",
    "L4Protocol",
    "FlowDirection",
    "FlowStatus",
    "FlowState",
    "PacketsSrcToDest",
    "BytesSrcToDest",
    "PacketsDestToSrc",
    "BytesDestToSrc",
)
VNET_FIELDS = (*NSG_FIELDS[:7], "FlowState", "FlowEncryption", *NSG_FIELDS[9:])
NSG_FIELDS_MIN = 8
"""Version 1 ends with the decision."""


@envelope("azure-nsg-flow-log", lambda r: isinstance(_inner(r).get("flows"), list) and "flowRecords" not in r)
def nsg_flow_log(record: dict[str, Any]) -> Iterator[Any]:
    """Flow logs of network security groups, versions 1 and 2."""
    about = {k: v for k, v in record.items() if k != "properties"}
    about["category"] = "NetworkSecurityGroupFlowEvent"
    for rule in _objects(record["properties"], "flows"):
        for flow in _objects(rule, "flows"):
            if isinstance(flow, Rejected):
                yield flow
                continue
            beside = about | {"rule": rule.get("rule"), "mac": flow.get("mac")}
            yield from _tuples(flow, beside, NSG_FIELDS, NSG_FIELDS_MIN)


@envelope("azure-vnet-flow-log", lambda r: isinstance(_inner(r, "flowRecords").get("flows"), list))
def vnet_flow_log(record: dict[str, Any]) -> Iterator[Any]:
    """Flow logs of virtual networks."""
    about = {k: v for k, v in record.items() if k != "flowRecords"}
    about["category"] = "FlowLogFlowEvent"
    for acl in _objects(record["flowRecords"], "flows"):
        for group in _objects(acl, "flowGroups"):
            if isinstance(group, Rejected):
                yield group
                continue
            beside = about | {"aclID": acl.get("aclID"), "rule": group.get("rule")}
            yield from _tuples(group, beside, VNET_FIELDS, len(VNET_FIELDS))


def _objects(holder: Any, key: str) -> Iterator[Any]:
    """The objects of the array under a key, and what should be one and is none as rejected."""
    if isinstance(holder, Rejected):
        yield holder
        return
    for item in _items(holder, key):
        yield item if isinstance(item, dict | Rejected) else _rejected(f"{key} of a flow log with no object", item)


def _items(holder: dict[str, Any], key: str) -> list[Any]:
    items = holder.get(key)
    if items is None:
        return []
    return items if isinstance(items, list) else [_rejected(f"{key} of a flow log is no list", items)]


def _rejected(reason: str, value: Any) -> Rejected:
    return Rejected(reason, as_json({"value": value}).encode(), 0)


def _tuples(holder: dict[str, Any], beside: dict[str, Any], names: tuple[str, ...], least: int) -> Iterator[Any]:
    for text in _items(holder, "flowTuples"):
        if isinstance(text, Rejected):
            yield text
            continue
        values = str(text).split(",")
        if not least <= len(values) <= len(names) or not values[0].isdigit():
            yield Rejected("no flow tuple", str(text).encode("utf-8", "backslashreplace"), 0)
            continue
        told = {name: value for name, value in zip(names, values, strict=False) if value != ""}
        yield beside | told | {"FlowTuple": text}
