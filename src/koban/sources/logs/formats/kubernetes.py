"""Kubernetes audit events, of EKS or any other cluster: lines, lists, or CloudWatch Logs around them."""

from __future__ import annotations

from typing import Any

from koban.sources.logs.format import envelope, json_records


@json_records("kubernetes-audit")
def audit(record: dict[str, Any]) -> bool:
    return "auditID" in record and "verb" in record and "stage" in record


@envelope(
    "kubernetes-audit-list",
    lambda r: (
        r.get("kind") == "EventList"
        and str(r.get("apiVersion")).startswith("audit.k8s.io/")
        and isinstance(r.get("items"), list)
    ),
)
def audit_list(record: dict[str, Any]) -> Any:
    """What the API server's webhook sends."""
    return record["items"]
