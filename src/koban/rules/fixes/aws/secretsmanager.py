"""Fixes for AWS Secrets Manager."""

from __future__ import annotations

from koban.model.fix import Limit, fixes, put

fixes("secretsmanager-rotation-slow", put("RotationRules.AutomaticallyAfterDays", Limit("rotation_days_max")))
