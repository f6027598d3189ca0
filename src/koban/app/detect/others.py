"""Alerts that do not come of rules: behaviour unlike what was normal, and known indicators."""

from __future__ import annotations

from collections.abc import Sequence

from koban.engines.behaviour.evaluate import evaluate, off
from koban.engines.geo import Geo
from koban.lake.lake import Lake
from koban.model.alert import Alert


def behaviours(lake: Lake, since: str, until: str, geoip: Sequence[str] = ()) -> tuple[list[Alert], list[str]]:
    """What is unlike what was normal, and which detections are off and why.  Raises `BadDatabase`."""
    geo = Geo.open(geoip)
    return list(evaluate(lake, since, until, geo=geo)), [f"{o.name}: {o.reason}" for o in off(geo)]


def indicators(lake: Lake, since: str, until: str) -> list[Alert]:
    """Events that match indicators of threat intelligence; none where there are no indicators."""
    from koban.app.intelligence import match
    from koban.lake.indicators import Indicators

    if not Indicators(lake).revision():
        return []
    run = match(lake, since, until)
    return list(run.alerts())
