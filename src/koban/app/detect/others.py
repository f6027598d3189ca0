"""Alerts that do not come of rules: behaviour unlike what was normal, and known indicators."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from koban.engines.behaviour.detection import thresholds
from koban.engines.behaviour.evaluate import evaluate, off
from koban.engines.behaviour.settings import read
from koban.engines.geo import Geo
from koban.lake.lake import Lake
from koban.model.alert import Alert


def behaviours(
    lake: Lake, since: str, until: str, geoip: Sequence[str] = (), limits: Path | None = None
) -> tuple[list[Alert], list[str]]:
    """What is unlike what was normal, and which detections are off and why.  Raises `BadDatabase`, `BadSettings`.

    `limits` is a file of thresholds that count instead of the detections' own.
    """
    geo = Geo.open(geoip)
    settings = read(thresholds(), limits) if limits else thresholds()
    return list(evaluate(lake, since, until, settings, geo)), [f"{o.name}: {o.reason}" for o in off(geo, settings)]


def indicators(lake: Lake, since: str, until: str) -> list[Alert]:
    """Events that match indicators of threat intelligence; none where there are no indicators."""
    from koban.app.intelligence import match
    from koban.lake.indicators import Indicators

    if not Indicators(lake).revision():
        return []
    run = match(lake, since, until)
    return list(run.alerts())
