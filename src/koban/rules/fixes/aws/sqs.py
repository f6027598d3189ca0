"""Fixes for Amazon SQS."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("sqs-queue-not-encrypted", put("SqsManagedSseEnabled", True))
