"""A row of the events table as a whole OCSF event: nested, named and valid for its class.

What the class asks for and the record did not say is written as "unknown" (or 0, which OCSF reads as unknown), never
made up.  What the row holds and the class has no place for stands under `unmapped`; the record itself in `raw_data`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from ipaddress import ip_address
from pathlib import PureWindowsPath
from typing import Any

from koban.model.event import CLASS_NAMES, CLASSES, COLUMNS, OCSF_VERSION
from koban.sources.logs.mapping import mappings

Event = dict[str, Any]

UNKNOWN = "unknown"
OWN_SOURCE = "ocsf"
"""The source whose records are OCSF events already."""

CATEGORIES = {
    0: "Uncategorized",
    1: "System Activity",
    2: "Findings",
    3: "Identity & Access Management",
    4: "Network Activity",
    5: "Discovery",
    6: "Application Activity",
}
SEVERITIES = {
    0: "Unknown",
    1: "Informational",
    2: "Low",
    3: "Medium",
    4: "High",
    5: "Critical",
    6: "Fatal",
    99: "Other",
}
STATUSES = {0: "Unknown", 1: "Success", 2: "Failure", 99: "Other"}
FINDING_STATUSES = {0: "Unknown", 1: "New", 2: "In Progress", 3: "Suppressed", 4: "Resolved", 5: "Archived"}
RCODES = {
    name: at
    for at, name in enumerate("NOERROR FORMERR SERVFAIL NXDOMAIN NOTIMP REFUSED YXDOMAIN YXRRSET NXRRSET".split())
} | {"NOTAUTH": 9, "NOTZONE": 10}

_HOST = "device actor"
_NETWORK = "src_endpoint dst_endpoint connection_info traffic tls ja4_fingerprint_list"
_IDENTITY = "actor src_endpoint http_request http_response"

ATTRIBUTES: dict[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in {
        "base_event": "",
        "file_activity": f"{_HOST} file",
        "kernel_extension_activity": f"{_HOST} driver",
        "kernel_activity": f"{_HOST} kernel",
        "memory_activity": f"{_HOST} process",
        "module_activity": f"{_HOST} module",
        "scheduled_job_activity": f"{_HOST} job",
        "process_activity": f"{_HOST} process module",
        "event_log_actvity": f"{_HOST} file src_endpoint dst_endpoint log_provider",
        "script_activity": f"{_HOST} script",
        "vulnerability_finding": "device finding_info resources vulnerabilities",
        "compliance_finding": "device finding_info resources compliance",
        "detection_finding": "device finding_info resources",
        "incident_finding": "finding_info_list assignee",
        "data_security_finding": f"{_HOST} finding_info resources src_endpoint dst_endpoint file",
        "account_change": f"{_IDENTITY} user",
        "authentication": f"{_IDENTITY} user dst_endpoint service",
        "authorize_session": f"{_IDENTITY} user dst_endpoint group privileges",
        "entity_management": f"{_IDENTITY} entity",
        "user_access": f"{_IDENTITY} user resources privileges",
        "group_management": f"{_IDENTITY} user group",
        "network_activity": _NETWORK,
        "http_activity": f"{_NETWORK} http_request http_response file",
        "dns_activity": f"{_NETWORK} query answers rcode rcode_id",
        "dhcp_activity": _NETWORK,
        "rdp_activity": f"{_NETWORK} device file",
        "smb_activity": f"{_NETWORK} file",
        "ssh_activity": f"{_NETWORK} file",
        "ftp_activity": f"{_NETWORK} file",
        "email_activity": "src_endpoint dst_endpoint email direction_id",
        "ntp_activity": f"{_NETWORK} version",
        "inventory_info": _HOST,
        "config_state": _HOST,
        "web_resources_activity": "src_endpoint dst_endpoint http_request http_response tls web_resources",
        "application_lifecycle": "app",
        "api_activity": "actor api src_endpoint dst_endpoint http_request http_response resources",
        "datastore_activity": f"{_IDENTITY} dst_endpoint database",
        "file_hosting": "actor file src_endpoint dst_endpoint connection_info",
        "registry_key_activity": f"{_HOST} reg_key",
        "registry_value_activity": f"{_HOST} reg_value",
        "windows_service_activity": f"{_HOST} win_service",
    }.items()
}
"""The attributes of each class that `to_ocsf` fills, beside those that every class has and those of profiles."""

_BASE = frozenset(
    "class_uid activity_id time severity_id status_id status_code status_detail message metadata raw_data".split()
)
_KEPT = frozenset("day source observables origin origin_line ingested_time record raw_data".split())
"""Columns that are no attribute of the event."""

_OBSERVABLES = {
    "user": (4, "User Name"),
    "credential": (19, "User Credential ID"),
    "session": (99, "Session UID"),
    "ip": (2, "IP Address"),
    "hostname": (1, "Hostname"),
    "fingerprint": (30, "Fingerprint"),
    "url": (6, "URL String"),
    "hash": (8, "Hash"),
    "device": (99, "Device UID"),
    "resource": (10, "Resource UID"),
    "vulnerability": (18, "CVE Object: uid"),
}
_EMAIL = re.compile(r"[a-zA-Z0-9!#$%&'*+-/=?^_`{|}~.]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+")
_HEX = re.compile(r"[0-9a-fA-F]+")
_METHODS = frozenset("OPTIONS GET HEAD POST PUT DELETE TRACE CONNECT".split())
_ALGORITHMS = {32: 1, 40: 2, 64: 3, 128: 4}


def to_ocsf(row: Mapping[str, Any]) -> Event:
    """The OCSF event of one row (column name to value; times as `datetime` or ISO text).

    An event that came as OCSF comes out as it came.
    """
    record = row.get("record")
    if row.get("source") == OWN_SOURCE and record:
        own: Event = json.loads(record)
        return own
    class_uid = int(row.get("class_uid") or 0)
    name = CLASS_NAMES.get(class_uid, "base_event")
    vendor, product = _products().get(str(row.get("source")), (None, str(row.get("source") or UNKNOWN)))
    event = _nested(row)
    loose: Event = {}
    _tidy(event, loose)
    _fill(event, name, product)
    profiles = _profiles(event, ATTRIBUTES[name])
    allowed = ATTRIBUTES[name] | _BASE | {key for _, keys in profiles for key in keys}
    for key in [key for key in event if key not in allowed]:
        loose[key] = event.pop(key)
    activity = int(event.get("activity_id") or 0)
    category = class_uid % 100000 // 1000
    severity = int(event.get("severity_id") or 0)
    event |= {
        "class_uid": class_uid,
        "class_name": _caption(name),
        "category_uid": category,
        "category_name": CATEGORIES.get(category, "Other"),
        "activity_id": activity,
        "type_uid": class_uid * 100 + activity,
        "severity_id": severity,
        "severity": SEVERITIES.get(severity, "Other"),
        "metadata": event.get("metadata", {})
        | {"version": OCSF_VERSION, "product": {"name": product} | ({"vendor_name": vendor} if vendor else {})}
        | ({"profiles": [p for p, _ in profiles]} if profiles else {})
        | ({"log_name": row["source"]} if row.get("source") else {})
        | ({"processed_time": _milliseconds(row["ingested_time"])} if row.get("ingested_time") else {}),
    }
    if activity == 99 and row.get("api_operation"):
        event["activity_name"] = row["api_operation"]
    if "status_id" in event:
        event["status"] = (FINDING_STATUSES if category == 2 else STATUSES).get(event["status_id"], "Other")
    if found := _observables(row):
        event["observables"] = found
    if text := row.get("raw_data") or record:
        event["raw_data"] = text
    if loose:
        event["unmapped"] = loose
    return event


@cache
def _products() -> dict[str, tuple[str, str]]:
    return {table.source: (table.vendor, table.product) for table in mappings()}


def _caption(name: str) -> str:
    if name == "inventory_info":
        return "Device Inventory Info"
    fixed = {
        "event_log_actvity": "Event Log Activity",
        "file_activity": "File System Activity",
        "config_state": "Device Config State",
        "user_access": "User Access Management",
        "file_hosting": "File Hosting Activity",
    }
    upper = {"http", "dns", "dhcp", "rdp", "smb", "ssh", "ftp", "ntp", "api"}
    return fixed.get(name) or " ".join(w.upper() if w in upper else w.capitalize() for w in name.split("_"))


def _nested(row: Mapping[str, Any]) -> Event:
    event: Event = {}
    for name, column in COLUMNS.items():
        value = row.get(name)
        if column.type == "texts" and value:
            value = [one for one in value if one]
        if value is None or value in ("", []) or name in _KEPT:
            continue
        if column.type == "time":
            value = _milliseconds(value)
        at = event
        *parents, last = column.ocsf.split(".")
        for parent in parents:
            at = at.setdefault(parent, {})
        at[last] = value
    return event


def _milliseconds(value: Any) -> int:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def _tidy(event: Event, loose: Event) -> None:
    """Objects where the columns have words; what breaks a type of OCSF goes to `loose`."""
    for key in ("src_endpoint", "dst_endpoint", "device"):
        if key in event:
            _endpoint(event[key], key, loose)
    for holder, key in ((event.get("actor", {}), "actor.user"), (event, "user")):
        if user := holder.get("user"):
            _user(user, key, loose)
    for key in ("file", "reg_key"):
        if key in event and not event[key].get("path"):
            loose[key] = event.pop(key)
    for one in (event.get("actor", {}).get("process"), event.get("process")):
        if one:
            _process(one, loose)
    if "file" in event:
        event["file"] = _file(event["file"], loose)
    if "resources_uid" in event:
        event["resources"] = [{"uid": uid} for uid in event.pop("resources_uid")]
    if "vulnerabilities_cve_uid" in event:
        event["vulnerabilities"] = [{"cve": {"uid": uid}} for uid in event.pop("vulnerabilities_cve_uid")]
    if "answers" in event:
        event["answers"] = [{"rdata": one} for one in event["answers"]]
    if "query" in event:
        event["query"].setdefault("hostname", UNKNOWN)
    if "rcode" in event:
        event["rcode_id"] = RCODES.get(str(event["rcode"]).upper(), 99)
    if "connection_info" in event:
        direction = event["connection_info"].get("direction_id", 0)
        event["connection_info"]["direction_id"] = direction if direction in (0, 1, 2, 3) else 99
    if tls := event.get("tls"):
        _tls(event, tls, loose)
    if "http_response" in event and not isinstance(event["http_response"].get("code"), int):
        loose["http_response"] = event.pop("http_response")
    request = event.get("http_request", {})
    if "http_method" in request and request["http_method"] not in _METHODS:  # OCSF has no other
        loose["http_request.http_method"] = request.pop("http_method")
    url = request.get("url")
    if url and not (url.get("url_string") or url.get("path")):
        url["url_string"] = url["hostname"]
    if "api" in event:
        event["api"].setdefault("operation", UNKNOWN)
    if "cloud" in event:
        event["cloud"].setdefault("provider", UNKNOWN)
    if "finding_info" in event:
        event["finding_info"].setdefault("uid", UNKNOWN)


def _endpoint(one: Event, name: str, loose: Event) -> None:
    if "ip" in one and not is_address(one["ip"]):
        text = one.pop("ip")
        place = "svc_name" if text.endswith(".amazonaws.com") and name != "device" else "name"
        one.setdefault(place, text)
    if not 0 <= one.get("port", 0) <= 65535:
        loose[f"{name}.port"] = one.pop("port")
    if name == "device":
        one["type_id"] = 0
    if not one.keys() & {"ip", "uid", "name", "hostname", "svc_name", "instance_uid", "interface_uid"}:
        one["name"] = UNKNOWN


def is_address(text: str) -> bool:
    """Whether a text is an IP address."""
    try:
        ip_address(text)
        return True
    except ValueError:
        return False


def _user(one: Event, name: str, loose: Event) -> None:
    if "email_addr" in one and not _EMAIL.fullmatch(one["email_addr"]):
        loose[f"{name}.email_addr"] = one.pop("email_addr")
    if not one.keys() & {"name", "uid", "account"}:
        one["name"] = one.get("email_addr", UNKNOWN)


def _process(one: Event, loose: Event) -> None:
    if "file" in one:
        one["file"] = _file(one["file"], loose)
    if "pid" not in one:
        one["uid"] = UNKNOWN


def _file(one: Event, loose: Event) -> Event:
    path = one.get("path")
    made: Event = {"name": PureWindowsPath(path).name or path if path else UNKNOWN, "type_id": 0}
    if path:
        made["path"] = path
    hashes = [_fingerprint(text) for text in one.get("hashes", ())]
    if known := [one for one in hashes if one is not None]:
        made["hashes"] = known
    if len(known) < len(hashes):
        loose["file.hashes"] = [text for text in one["hashes"] if _fingerprint(text) is None]
    return made


def _fingerprint(text: str) -> Event | None:
    """A hash, with or without its algorithm before it (`SHA256=...`)."""
    value = re.split(r"[=:]", text)[-1]
    if not _HEX.fullmatch(value):
        return None
    return {"algorithm_id": _ALGORITHMS.get(len(value), 0), "value": value}


def _tls(event: Event, tls: Event, loose: Event) -> None:
    ja4 = tls.pop("ja4_fingerprint", None)
    if ja4:
        event["ja4_fingerprint_list"] = [{"type_id": 1, "value": ja4["value"]}]
    if ja3 := tls.get("ja3_hash"):
        made = _fingerprint(ja3["value"])
        if made is None:
            loose["tls.ja3_hash"] = tls.pop("ja3_hash")
        else:
            tls["ja3_hash"] = made
    if tls:
        tls.setdefault("version", UNKNOWN)
    else:
        del event["tls"]


def _fill(event: Event, name: str, product: str) -> None:
    """What a class cannot be without."""
    wants = ATTRIBUTES[name]
    user = event.get("actor", {}).get("user")
    needs: dict[str, Callable[[], Any]] = {
        "process": lambda: {"uid": UNKNOWN},
        "file": lambda: {"name": UNKNOWN, "type_id": 0},
        "driver": lambda: {"file": event.pop("file", None) or {"name": UNKNOWN, "type_id": 0}},
        "kernel": lambda: {"name": UNKNOWN, "type_id": 0},
        "module": lambda: {"load_type_id": 0} | ({"file": event.pop("file")} if "file" in event else {}),
        "job": lambda: {"name": UNKNOWN, "file": event.pop("file", None) or {"name": UNKNOWN, "type_id": 0}},
        "script": lambda: {"type_id": 0, "script_content": {"value": UNKNOWN}},
        "log_provider": lambda: product,
        "finding_info": lambda: {"uid": UNKNOWN},
        "finding_info_list": lambda: [event.pop("finding_info", {"uid": UNKNOWN})],
        "assignee": lambda: {"name": UNKNOWN},
        "vulnerabilities": lambda: [{"cve": {"uid": UNKNOWN}}],
        "compliance": dict,
        # who signs in is whom the sign-in is about
        "user": lambda: dict(user) if user and name == "authentication" else {"name": UNKNOWN},
        "entity": lambda: _entity(event),
        "privileges": lambda: [UNKNOWN],
        "group": lambda: {"name": UNKNOWN},
        "query": lambda: {"hostname": UNKNOWN},
        "email": lambda: {"to": ["unknown@unknown.invalid"]},
        "direction_id": lambda: 0,
        "version": lambda: UNKNOWN,
        "web_resources": lambda: event.get("resources") or [{"name": UNKNOWN}],
        "app": lambda: {"name": product},
        "database": lambda: {"name": UNKNOWN, "type_id": 0},
        "reg_key": lambda: {"path": UNKNOWN},
        "reg_value": lambda: {"name": UNKNOWN, "path": event.pop("reg_key", {}).get("path", UNKNOWN)},
        "win_service": lambda: {"name": UNKNOWN, "service_type_id": 0},
        "api": lambda: {"operation": UNKNOWN},
    }
    optional = {
        "process_activity": {"module"},
        "event_log_actvity": {"file"},
        "data_security_finding": {"file"},
        "group_management": {"user"},
        "dns_activity": {"query"},
        "authorize_session": {"group" if "group" not in event else "privileges"},
    }.get(name, set())
    if name in _NETWORK_CLASSES:
        optional = optional | {"file"}
    for key in sorted(wants & needs.keys() - event.keys() - optional):
        event[key] = needs[key]()
    if "actor" in wants and name in _ACTOR_NEEDED:
        event.setdefault("actor", {"user": {"name": UNKNOWN}})
    if "device" in wants and name in _DEVICE_NEEDED:
        event.setdefault("device", {"name": UNKNOWN, "type_id": 0})
    if name in ("api_activity", "datastore_activity", "file_hosting") or (
        (name in _NETWORK_CLASSES) and "dst_endpoint" not in event
    ):
        event.setdefault("src_endpoint", {"name": UNKNOWN})
    if name == "authentication":
        _authenticated_where(event, product)
    if name == "http_activity" and not event.keys() & {"http_request", "http_response"}:
        event["http_request"] = {}
    if name == "incident_finding":
        event.setdefault("status_id", 0)


_NETWORK_CLASSES = frozenset(name for name, words in ATTRIBUTES.items() if "traffic" in words)
_SYSTEM = frozenset(name for name, uid in CLASSES.items() if uid % 100000 // 1000 == 1)
_DEVICE_NEEDED = (_SYSTEM | {"inventory_info", "config_state"}) - {"event_log_actvity"}
_ACTOR_NEEDED = (_SYSTEM - {"event_log_actvity", "scheduled_job_activity"}) | {
    "api_activity",
    "datastore_activity",
    "file_hosting",
}


def _entity(event: Event) -> Event:
    if user := event.get("user"):
        return {"user": user}
    if group := event.get("group"):
        return {"group": group}
    if resources := event.get("resources"):
        return {"uid": resources[0]["uid"]}
    return {"name": UNKNOWN}


def _authenticated_where(event: Event, product: str) -> None:
    """Where somebody signed in: the service that the record names, else the host, else the product that says so."""
    service = event.get("api", {}).get("service")
    if service:
        event["service"] = dict(service)
    elif "dst_endpoint" not in event:
        host = {k: v for k, v in event.get("device", {}).items() if k in ("hostname", "ip", "uid", "name")}
        if host:
            event["dst_endpoint"] = host
        else:
            event["service"] = {"name": product}


def _profiles(event: Event, own: frozenset[str]) -> list[tuple[str, tuple[str, ...]]]:
    """The profiles that the event needs, with the attributes that each adds."""
    found: list[tuple[str, tuple[str, ...]]] = []
    if "cloud" in event:
        found.append(("cloud", ("cloud", "api")))
    if {"actor", "device"} & event.keys() - own:
        found.append(("host", ("actor", "device")))
    return found


def _observables(row: Mapping[str, Any]) -> list[Event]:
    found: dict[tuple[str, str], Event] = {}
    for name, column in COLUMNS.items():
        if not column.observable or not row.get(name):
            continue
        type_id, kind = _OBSERVABLES.get(column.observable, (99, column.observable))
        if column.observable == "user" and column.ocsf.endswith(".uid"):
            type_id, kind = 31, "User Object: uid"
        elif column.observable == "user" and column.ocsf.endswith(".email_addr"):
            type_id, kind = 5, "Email Address"
        path = "resources[].uid" if name == "resources_uid" else column.ocsf
        for value in row[name] if column.type == "texts" else [row[name]]:
            if not value:
                continue
            told = (1, "Hostname") if type_id == 2 and not is_address(value) else (type_id, kind)
            found[path, value] = {"name": path, "type_id": told[0], "type": told[1], "value": value}
    return list(found.values())
