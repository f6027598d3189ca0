"""Fixes for AWS KMS."""

from __future__ import annotations

from koban.model.fix import Limit, fixes, put

fixes("kms-key-rotation-off", put("EnableKeyRotation", True))
fixes("kms-key-rotation-slow", put("RotationPeriodInDays", Limit("rotation_days_max")))
