"""Fixes for AWS AppSync."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("appsync-api-tracing-off", put("XrayEnabled", True))
fixes(
    "appsync-api-introspection-on",
    put("IntrospectionConfig", "DISABLED"),
    note="tools that ask the API for its schema get no answer",
)
fixes("appsync-cache-unencrypted", put("AtRestEncryptionEnabled", True), replaces=True)
fixes("appsync-cache-in-clear", put("TransitEncryptionEnabled", True), replaces=True)
