"""Fixes for Amazon OpenSearch Service."""

from __future__ import annotations

from koban.model.fix import fixes, put

MOVED = "the domain's data is moved to new nodes while it runs"

for prefix in ("opensearch", "es"):
    fixes(f"{prefix}-domain-nodes-without-tls", put("NodeToNodeEncryptionOptions.Enabled", True), note=MOVED)
    fixes(f"{prefix}-domain-unencrypted", put("EncryptionAtRestOptions.Enabled", True), replaces=True)
    fixes(
        f"{prefix}-domain-old-tls",
        put("DomainEndpointOptions.EnforceHTTPS", True),
        put("DomainEndpointOptions.TLSSecurityPolicy", "Policy-Min-TLS-1-2-PFS-2023-10"),
        note="clients over plain HTTP, and those that know nothing newer than TLS 1.1, can no longer connect",
    )
