"""OCSF events of what the ledger holds: one JSON array, one event a line, in pieces, as it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from ipaddress import ip_address
from typing import Any, cast

from koban import __version__
from koban.app import rulebook
from koban.app.reports import ocsf
from koban.app.reports.report import Context, compact
from koban.ledger.audit import Entry
from koban.ledger.cases import Case
from koban.ledger.findings import Finding
from koban.ledger.resources import Resource
from koban.ledger.scans import Scan
from koban.model.resource import partition_of
from koban.model.result import Result, Subject, Verdict
from koban.model.rule import Severity

Event = dict[str, Any]
CATEGORIES = {2: "Findings", 3: "Identity & Access Management", 5: "Discovery", 6: "Application Activity"}
CLASSES = {
    2005: "Incident Finding",
    3002: "Authentication",
    3004: "Entity Management",
    5023: "Cloud Resources Inventory Info",
    6007: "Scan Activity",
}
OTHER = 99
CASE_STATES = {"open": (1, "New"), "working": (2, "In Progress"), "closed": (5, "Closed")}
SUCCESS, FAILURE = (1, "Success"), (2, "Failure")
SIGN_INS = {
    "session.start": (1, "Logon", SUCCESS),
    "session.refused": (1, "Logon", FAILURE),
    "session.end": (2, "Logoff", SUCCESS),
}
CHANGES = {
    "create": (1, "Create"),
    "edit": (3, "Update"),
    "change": (3, "Update"),
    "delete": (4, "Delete"),
    "revoke": (4, "Delete"),
}
SCAN_STATES = {
    "queued": (10, "Delayed"),
    "running": (1, "Started"),
    "landing": (1, "Started"),
    "landed": (2, "Completed"),
    "cancelled": (3, "Cancelled"),
    "failed": (6, "Error"),
}


def findings(found: Iterable[Finding]) -> Iterator[str]:
    """Compliance Findings (2003)."""
    context = Context(rules=rulebook.rules(), version=__version__)
    return _array(_finding(one, context) for one in found)


def resources(found: Iterable[Resource]) -> Iterator[str]:
    """Cloud Resources Inventory Info (5023): each resource as it was last read."""
    return _array(map(_resource, found))


def cases(found: Iterable[Case]) -> Iterator[str]:
    """Incident Findings (2005)."""
    return _array(map(_case, found))


def scans(found: Iterable[Scan]) -> Iterator[str]:
    """Scan Activity (6007)."""
    return _array(map(_scan, found))


def audit(found: Iterable[Entry]) -> Iterator[str]:
    """Who signed in, as Authentication (3002), and who changed what, as Entity Management (3004)."""
    return _array(map(_entry, found))


def _array(events: Iterable[Event]) -> Iterator[str]:
    before = "[\n"
    for one in events:
        yield before + compact(one)
        before = ",\n"
    yield "[\n]\n" if before == "[\n" else "\n]\n"


def _finding(one: Finding, context: Context) -> Event:
    """A finding with its life: when it was first and last seen, and how it stands."""
    subject = Subject(one.uid, one.type, one.name, one.account, one.region, one.address, one.file, one.line)
    result = Result(
        one.rule,
        cast(Verdict, one.verdict),
        cast(Severity, one.severity),
        subject,
        one.message,
        tuple(one.because),
        tuple(one.controls),
        one.fix,
    )
    seen = one.last_seen or one.first_seen
    made = ocsf.event(result, context, _milliseconds(seen))
    made["status_id"], made["status"] = {
        "excepted": ocsf.STATUS_SUPPRESSED,
        "resolved": ocsf.STATUS_RESOLVED,
        "passed": ocsf.STATUS_RESOLVED,
    }.get(one.status, ocsf.STATUS_NEW)
    made["finding_info"] |= {
        "uid": one.fingerprint,
        "created_time": _milliseconds(one.first_seen),
        "first_seen_time": _milliseconds(one.first_seen),
        "last_seen_time": _milliseconds(seen),
        "modified_time": _milliseconds(one.resolved or seen),
    }
    if one.account and one.account_name and "cloud" in made:
        made["cloud"]["account"]["name"] = one.account_name
    made["unmapped"] |= {"id": one.id, "target": one.target, "reopened": one.reopened, "not_read": one.not_read}
    return made


def _resource(one: Resource) -> Event:
    seen = _milliseconds(one.last_seen or one.first_seen)
    thing: Event = {
        "uid": one.uid,
        "type": one.type,
        "name": one.name or one.address or one.uid,
        "created_time": _milliseconds(one.first_seen),
        "modified_time": _milliseconds(one.since),
        "labels": [f"{name}:{value}" for name, value in one.tags.items()],
    }
    if one.region is not None:
        thing["region"] = one.region
    if one.account is not None and one.type.startswith("AWS::"):
        thing["cloud_partition"] = partition_of(one.region or "")
    if one.file is not None:
        thing["data"] = {"file": one.file, "line": one.line, "address": one.address}
    made = _event(5023, 2, "Collect", seen, "info") | {"resources": [thing]}
    if one.account is not None:
        made["metadata"]["profiles"] = ["cloud"]
        made["cloud"] = ocsf.cloud(one.type, one.account, one.region, one.account_name)
    made["unmapped"] = {
        "environment": one.environment,
        "gone_time": _milliseconds(one.gone) if one.gone is not None else None,
        "open_findings": vars(one.findings),
    }
    return made


def _case(one: Case) -> Event:
    activity = (3, "Close") if one.state == "closed" else (2, "Update") if one.updated > one.created else (1, "Create")
    made = _event(2005, *activity, _milliseconds(one.updated), one.severity)
    made["status_id"], made["status"] = CASE_STATES[one.state]
    made |= {
        "start_time": _milliseconds(one.created),
        "message": one.title,
        "desc": one.summary,
        "finding_info_list": [
            {
                "uid": f"case-{one.id}",
                "title": one.title,
                "created_time": _milliseconds(one.created),
                "modified_time": _milliseconds(one.updated),
                "related_events_count": one.findings,
            }
        ],
        "unmapped": {"open_findings": one.open},
    }
    if one.closed is not None:
        made["end_time"] = _milliseconds(one.closed)
    if one.owner_name is not None:
        made["assignee"] = {"uid": str(one.owner), "name": one.owner_name}
    else:  # the schema wants one of the two
        made["assignee_group"] = {"name": "nobody yet"}
    return made


def _scan(one: Scan) -> Event:
    made = _event(6007, *SCAN_STATES[one.state], _milliseconds(one.finished or one.started or one.queued), "info")
    made |= {
        "scan": {
            "uid": str(one.id),
            "name": one.target_name,
            "type_id": OTHER,
            "type": f"Posture: {one.target_kind}",
        },
        "unmapped": {"counts": one.counts, "asked_by": one.asked_by, "queued_time": _milliseconds(one.queued)},
    }
    if one.started is not None:
        made["start_time"] = _milliseconds(one.started)
    if one.finished is not None:
        made["end_time"] = _milliseconds(one.finished)
    if one.error is not None:
        made["status_id"], made["status"] = FAILURE
        made["status_detail"] = one.error
    return made


def _entry(one: Entry) -> Event:
    kind, _, done = one.action.partition(".")
    user = {"name": one.actor, "type_id": OTHER, "type": one.actor_kind}
    at = _milliseconds(one.at)
    if one.action in SIGN_INS:
        id, name, outcome = SIGN_INS[one.action]
        made = _event(3002, id, name, at, "info")
        made["status_id"], made["status"] = outcome
        made |= {"user": user, "service": {"name": "Koban"}}
        if outcome == FAILURE:
            made["status_detail"] = str(one.detail.get("why", ""))
    else:
        made = _event(3004, *CHANGES.get(done, (OTHER, done)), at, "info")
        made["actor"] = {"user": user}
        made["entity"] = {"name": one.object, "type": kind, "data": one.detail}
    if one.address:
        made["src_endpoint"] = {"ip" if _is_address(one.address) else "name": one.address}
    made["metadata"] |= {"uid": str(one.id), "event_code": one.action}
    return made


def _event(class_uid: int, activity: int, name: str, time: int, severity: str) -> Event:
    category = class_uid // 1000
    severity_id, caption = ocsf.SEVERITIES[cast(Severity, severity)]
    return {
        "activity_id": activity,
        "activity_name": name,
        "category_uid": category,
        "category_name": CATEGORIES[category],
        "class_uid": class_uid,
        "class_name": CLASSES[class_uid],
        "type_uid": class_uid * 100 + activity,
        "type_name": f"{CLASSES[class_uid]}: {name}",
        "time": time,
        "severity_id": severity_id,
        "severity": caption,
        "metadata": {
            "version": ocsf.OCSF_VERSION,
            "product": {"name": "Koban", "vendor_name": "Koban", "version": __version__},
        },
    }


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _milliseconds(when: datetime) -> int:
    return int(when.timestamp() * 1000)
