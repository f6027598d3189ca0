"""Alerts that do not come of rules: behaviour unlike what was normal, and known indicators."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from koban.engines.behaviour.detection import thresholds
from koban.engines.behaviour.evaluate import evaluate, off
from koban.engines.behaviour.settings import read
from koban.engines.geo import Geo
from koban.lake.lake import Lake
from koban.lake.spread import Spreading
from koban.model.alert import Alert


def behaviours(
    lake: Lake,
    since: str,
    until: str,
    geoip: Sequence[str] = (),
    limits: Path | None = None,
    machines: Spreading | None = None,
) -> tuple[list[Alert], list[str]]:
    """What is unlike what was normal, and which detections are off and why.  Raises `BadDatabase`, `BadSettings`.

    `limits` is a file of thresholds that count instead of the detections' own.
    """
    geo = Geo.open(geoip)
    settings = read(thresholds(), limits) if limits else thresholds()
    found = list(evaluate(lake, since, until, settings, geo, machines))
    return found, [f"{o.name}: {o.reason}" for o in off(geo, settings)]


def indicators(lake: Lake, since: str, until: str, machines: Spreading | None = None) -> list[Alert]:
    """Events that match indicators of threat intelligence; none where there are no indicators."""
    from koban.app.intelligence import match
    from koban.lake.indicators import Indicators

    if not Indicators(lake).revision():
        return []
    run = match(lake, since, until, machines=machines)
    return list(run.alerts())
