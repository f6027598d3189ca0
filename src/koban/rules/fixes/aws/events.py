"""Fixes for Amazon EventBridge."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("events-endpoint-not-replicated", put("ReplicationConfig.State", "ENABLED"))
