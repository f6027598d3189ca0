"""Fixes for Classic Load Balancers."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("elb-connection-draining-off", put("ConnectionDrainingPolicy.Enabled", True))
fixes("elb-cross-zone-off", put("CrossZone", True))
