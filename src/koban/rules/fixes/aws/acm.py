"""Fixes for AWS Certificate Manager."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("acm-transparency-logging-off", put("CertificateTransparencyLoggingPreference", "ENABLED"))
