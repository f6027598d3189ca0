"""Fixes for Amazon VPC."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes(
    "vpc-subnet-public-ip-on-launch",
    put("MapPublicIpOnLaunch", False),
    note="instances started from now on get no public address unless they ask for one",
)
fixes(
    "vpc-endpoint-service-accepts-by-itself",
    put("AcceptanceRequired", True),
    note="new connections wait until somebody accepts them",
)
fixes(
    "vpc-transit-gateway-accepts-by-itself",
    put("AutoAcceptSharedAttachments", "disable"),
    note="new attachments wait until somebody accepts them",
)
