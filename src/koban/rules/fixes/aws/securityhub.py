"""Fixes for AWS Security Hub."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("securityhub-new-controls-off", put("AutoEnableControls", True))
