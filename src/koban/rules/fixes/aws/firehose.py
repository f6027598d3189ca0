"""Fixes for Amazon Data Firehose."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes(
    "firehose-stream-not-encrypted",
    put("DeliveryStreamEncryptionConfigurationInput.KeyType", "AWS_OWNED_CMK"),
)
