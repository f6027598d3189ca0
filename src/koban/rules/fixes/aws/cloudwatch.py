"""Fixes for Amazon CloudWatch."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("cloudwatch-alarm-actions-off", put("ActionsEnabled", True))
