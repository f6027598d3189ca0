"""OCSF Compliance Findings (class 2003): one JSON array, one event a line."""

from __future__ import annotations

from typing import Any, TextIO

from koban.app.reports.report import Context, compact
from koban.app.reports.tally import Tally
from koban.app.scan import Scan
from koban.model.resource import partition_of
from koban.model.result import Result, Verdict
from koban.model.rule import Severity

OCSF_VERSION = "1.5.0"
SEVERITIES: dict[Severity, tuple[int, str]] = {
    "info": (1, "Informational"),
    "low": (2, "Low"),
    "medium": (3, "Medium"),
    "high": (4, "High"),
    "critical": (5, "Critical"),
}
# An unknown is OCSF's Warning: "did not yield a result due to missing information".
COMPLIANCE: dict[Verdict, tuple[int, str]] = {
    "pass": (1, "Pass"),
    "unknown": (2, "Warning"),
    "fail": (3, "Fail"),
    "excepted": (3, "Fail"),
}
STATUS_NEW, STATUS_SUPPRESSED, STATUS_RESOLVED = (1, "New"), (3, "Suppressed"), (4, "Resolved")
PROVIDERS = {"AWS": "AWS", "Microsoft": "Azure", "google": "GCP"}


class Ocsf:
    def __init__(self, stream: TextIO, context: Context) -> None:
        self.stream = stream
        self.context = context
        self.time = int(context.started.timestamp() * 1000)
        self.written = 0
        stream.write("[")

    def add(self, result: Result) -> None:
        self.stream.write((",\n" if self.written else "\n") + compact(event(result, self.context, self.time)))
        self.written += 1

    def finish(self, scan: Scan, tally: Tally) -> None:
        self.stream.write("\n]\n")


def event(result: Result, context: Context, time: int) -> dict[str, Any]:
    """A result as an event; `time` is in milliseconds."""
    r = result.resource
    severity_id, severity = SEVERITIES[result.severity]
    compliance_id, compliance = COMPLIANCE[result.verdict]
    status_id, status = {"excepted": STATUS_SUPPRESSED, "pass": STATUS_RESOLVED}.get(result.verdict, STATUS_NEW)
    made: dict[str, Any] = {
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "type_uid": 200301,
        "type_name": "Compliance Finding: Create",
        "time": time,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "message": result.message,
        "metadata": {
            "version": OCSF_VERSION,
            "product": {"name": "Koban", "vendor_name": "Koban", "version": context.version or "0.0.0"},
            "event_code": result.rule,
            **({"profiles": ["cloud"]} if r.account is not None else {}),
        },
        "finding_info": {
            "uid": result.fingerprint,
            "title": context.summary(result),
            "desc": _why(result, context),
            "created_time": time,
            "types": ["Posture"],
        },
        "compliance": {
            "status_id": compliance_id,
            "status": compliance,
            "control": result.rule,
            "standards": list(dict.fromkeys(one.split(":", 1)[0] for one in result.controls)),
            "requirements": list(result.controls),
        },
        "resources": [_resource(result)],
    }
    if result.because:
        made["status_detail"] = "; ".join(result.because)
    if result.fix:
        made["remediation"] = {"desc": result.fix}
    if r.account is not None:
        made["cloud"] = cloud(r.type, r.account, r.region)
    made["unmapped"] = {"verdict": result.verdict, "because": list(result.because)}
    return made


def _why(result: Result, context: Context) -> str:
    known = context.rules.get(result.rule)
    return known.why if known is not None else result.message


def _resource(result: Result) -> dict[str, Any]:
    r = result.resource
    made: dict[str, Any] = {"uid": r.uid, "type": r.type, "name": r.name or r.address or r.uid}
    if r.region is not None:
        made["region"] = r.region
    if r.account is not None and r.type.startswith("AWS::"):
        made["cloud_partition"] = partition_of(r.region or "")
    if r.file is not None:
        made["data"] = {"file": r.file, "line": r.line, "address": r.address}
    return made


def cloud(type: str, account: str, region: str | None, name: str | None = None) -> dict[str, Any]:
    """Whose cloud it is: the provider that a resource's type tells, the account, the region."""
    kind = type.replace("Koban::", "").split("::")[0].split(".")[0]
    provider = PROVIDERS.get(kind, kind)
    account_type = {"AWS": (10, "AWS Account"), "GCP": (5, "GCP Account")}.get(provider, (99, "Other"))
    made: dict[str, Any] = {
        "provider": provider,
        "account": {"uid": account, "name": name or account, "type_id": account_type[0], "type": account_type[1]},
    }
    if region is not None:
        made["region"] = region
    return made


def report(stream: TextIO, context: Context) -> Ocsf:
    return Ocsf(stream, context)
