"""Fixes for Route 53 Resolver."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("route53resolver-dns-firewall-unprotected", put("MutationProtection", "ENABLED"))
