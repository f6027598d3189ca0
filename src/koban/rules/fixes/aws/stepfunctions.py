"""Fixes for AWS Step Functions."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("stepfunctions-state-machine-tracing-off", put("TracingConfiguration.Enabled", True))
