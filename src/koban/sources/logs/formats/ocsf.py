"""Events that are OCSF already, whoever wrote them."""

from __future__ import annotations

from typing import Any

from koban.sources.logs.format import json_records


@json_records("ocsf", rank=-5)
def ocsf(record: dict[str, Any]) -> bool:
    """`class_uid`, `metadata.product`, and a category, type or activity."""
    return (
        isinstance(record.get("class_uid"), int)
        and isinstance(record.get("metadata"), dict)
        and "product" in record["metadata"]
        and bool(record.keys() & {"category_uid", "type_uid", "activity_id"})
    )
