"""Fixes for Amazon Kinesis."""

from __future__ import annotations

from koban.model.fix import Limit, fixes, put

fixes(
    "kinesis-stream-not-encrypted",
    put("StreamEncryption", {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}),
)
fixes(
    "kinesis-stream-keeps-too-briefly",
    put("RetentionPeriodHours", Limit("kept_hours_min")),
    note="records are kept, and paid for, for longer",
)
