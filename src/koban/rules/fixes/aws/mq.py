"""Fixes for Amazon MQ."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("mq-broker-minor-updates-off", put("AutoMinorVersionUpgrade", True))
fixes("mq-broker-general-log-off", put("Logs.General", True), note="its logs are paid for by size")
fixes("mq-broker-audit-log-off", put("Logs.Audit", True), note="its logs are paid for by size")
