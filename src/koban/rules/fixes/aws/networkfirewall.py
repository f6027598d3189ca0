"""Fixes for AWS Network Firewall."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("networkfirewall-deletion-protection-off", put("DeleteProtection", True))
fixes("networkfirewall-subnet-protection-off", put("SubnetChangeProtection", True))
