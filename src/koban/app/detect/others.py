"""Alerts that do not come of rules: behaviour unlike what was normal, and known indicators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from koban.engines.behaviour.detection import thresholds
from koban.engines.behaviour.evaluate import judging, off
from koban.engines.behaviour.settings import Thresholds, read
from koban.engines.geo import Geo
from koban.lake.lake import Lake
from koban.lake.spread import Spreading
from koban.model.alert import Alert


def normal(geoip: Sequence[str] = (), limits: Path | None = None) -> tuple[Mapping[str, Thresholds], Geo, list[str]]:
    """Thresholds and databases for behaviour, and which detections are off and why.

    `limits` is a file of thresholds that count instead of the detections' own.  Raises `BadDatabase`, `BadSettings`.
    """
    geo = Geo.open(geoip)
    settings = read(thresholds(), limits) if limits else thresholds()
    return settings, geo, [f"{o.name}: {o.reason}" for o in off(geo, settings)]


@contextmanager
def behaviours(
    lake: Lake,
    since: str,
    until: str,
    settings: Mapping[str, Thresholds] | None = None,
    geo: Geo | None = None,
    machines: Spreading | None = None,
) -> Iterator[list[Alert]]:
    """What is unlike what was normal; it counts as seen once the caller has kept the alerts, within."""
    with judging(lake, since, until, settings, geo, machines=machines) as alerts:
        yield list(alerts)


def indicators(lake: Lake, since: str, until: str, machines: Spreading | None = None) -> list[Alert]:
    """Events that match indicators of threat intelligence; none where there are no indicators."""
    from koban.app.intelligence import match
    from koban.lake.indicators import Indicators

    if not Indicators(lake).revision():
        return []
    run = match(lake, since, until, machines=machines)
    return list(run.alerts())
