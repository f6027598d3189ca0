"""Fixes for Amazon API Gateway v2."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("apigatewayv2-stage-logs-whole-messages", put("DefaultRouteSettings.DataTraceEnabled", False))
