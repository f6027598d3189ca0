"""Fixes for AWS DataSync."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("datasync-task-unverified", put("Options.VerifyMode", "ONLY_FILES_TRANSFERRED"))
