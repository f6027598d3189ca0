"""Fixes for Amazon API Gateway."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("apigateway-stage-tracing-off", put("TracingEnabled", True))
fixes("apigateway-stage-cache-unencrypted", put("MethodSettings[].CacheDataEncrypted", True))
fixes("apigateway-stage-logs-whole-requests", put("MethodSettings[].DataTraceEnabled", False, was=(True,)))
fixes(
    "apigateway-domain-tls-outdated",
    put("SecurityPolicy", "TLS_1_2"),
    note="clients that know nothing newer than TLS 1.1 can no longer connect",
)
