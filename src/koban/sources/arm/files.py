"""Tells Azure Resource Manager's templates from other files."""

from __future__ import annotations

import re

from koban.sources.files import Dialect

TEMPLATE_SCHEMAS = ("deployment", "subscriptionDeployment", "managementGroupDeployment", "tenantDeployment")
KINDS = {f"{one}Template.json".lower(): one for one in TEMPLATE_SCHEMAS}

_SCHEMA = re.compile(rb"""deployment(?:Template|Parameters)\.json\b""", re.IGNORECASE)


def kind_of(schema: object) -> str:
    """Which of `TEMPLATE_SCHEMAS` the ``$schema`` of a file names, or ``parameters``; empty: none of them."""
    if not isinstance(schema, str):
        return ""
    name = schema.partition("#")[0].rpartition("/")[2].lower()
    if name in ("deploymentparameters.json", "subscriptiondeploymentparameters.json"):
        return "parameters"
    return KINDS.get(name, "")


ARM = Dialect(
    "arm",
    frozenset((".json", ".jsonc", ".template", ".jsn", "")),
    lambda path, data: b"$schema" in data and _SCHEMA.search(data) is not None,
)
