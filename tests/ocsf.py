"""What OCSF's published schema has against an event."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from koban.model.event import OCSF_VERSION

schemas = pytest.importorskip("ocsf_json_schema", reason="OCSF's schema is not installed: no event was checked")


@cache
def published() -> Any:
    return schemas.get_ocsf_schema(version=OCSF_VERSION)


@cache
def validator(class_uid: int, profiles: tuple[str, ...]) -> Draft202012Validator:
    compiler = schemas.OcsfJsonSchemaEmbedded(published())
    name = next(key for key, one in published()["classes"].items() if one["uid"] == class_uid)
    return Draft202012Validator(compiler.get_class_schema(class_name=name, profiles=list(profiles)))


def breaches(event: dict[str, Any]) -> list[str]:
    """What the schema has against an event."""
    check = validator(event["class_uid"], tuple(event["metadata"].get("profiles", ())))
    found = [f"{'.'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in check.iter_errors(event)]
    if event["type_uid"] != event["class_uid"] * 100 + event["activity_id"]:
        found.append("type_uid is not of the class and the activity")
    return found
