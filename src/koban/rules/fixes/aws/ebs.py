"""Fixes for Amazon EBS."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("ebs-volume-unencrypted", put("Encrypted", True), replaces=True)
