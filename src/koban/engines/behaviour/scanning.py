"""Connections to many ports or many hosts within an hour, most of them in vain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from koban.engines.behaviour.batch import FLOWS, Batch, Found
from koban.engines.behaviour.settings import Thresholds, threshold


@dataclass(frozen=True)
class Scans(Thresholds):
    """Many targets of one source within an hour."""

    targets_min: int = threshold(50, "different targets (ports of one host, or hosts at one port)")
    vain_share_min: float = threshold(0.5, "share of them that was rejected, or never got past three packets")
    packets_vain_max: int = threshold(3, "a flow with no more packets than this came to nothing")
    outside: bool = threshold(
        True, "whether sources on the internet are told too, at level low: they scan all the time"
    )


@dataclass(frozen=True)
class Scan:
    """One scan."""

    source: str
    target: str
    hour: datetime
    targets: int
    vain: int
    inside: bool
    examples: tuple[str, ...]
    found: Found

    @property
    def key(self) -> str:
        return f"{self.source}|{self.target}|{self.hour.timestamp():.0f}"


def scans(batch: Batch, settings: Scans, fixed: str, varied: str) -> Iterator[Scan]:
    """The sources that tried `varied` (SQL) with the same `fixed` (SQL), in hours with new events.

    A flow from a service's port to a client's is an answer: many clients of one server are no scan.
    """
    window = (
        f"(SELECT *, {fixed} AS fixed, {varied} AS varied, date_trunc('hour', time) AS hour"
        f" FROM {batch.window(FLOWS, 'hour')} WHERE src_endpoint_ip IS NOT NULL AND dst_endpoint_port > 0"
        " AND dst_endpoint_port < 32768 AND NOT coalesce(src_endpoint_port < 1024 AND dst_endpoint_port >= 1024, false)"
        " AND coalesce(connection_info_protocol_num, 6) IN (6, 17))"
    )
    vain = f"status_id = 2 OR traffic_packets <= {int(settings.packets_vain_max)}"
    outside = "" if settings.outside else "AND inside(src_endpoint_ip)"
    batch.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE scanned AS
        WITH tried AS (SELECT src_endpoint_ip, fixed, hour, varied, bool_and(coalesce({vain}, false)) AS vain
            FROM {window} WHERE fixed IS NOT NULL AND varied IS NOT NULL {outside} GROUP BY ALL)
        SELECT row_number() OVER (ORDER BY hour, src_endpoint_ip, fixed) AS hit, src_endpoint_ip, fixed, hour,
            inside(src_endpoint_ip) AS within, count(*) AS targets, count(*) FILTER (vain) AS vain,
            list(varied ORDER BY varied)[:20] AS examples FROM tried GROUP BY src_endpoint_ip, fixed, hour
        HAVING targets >= {int(settings.targets_min)} AND vain >= {float(settings.vain_share_min)} * targets"""
    )
    hits = batch.rows("SELECT * FROM scanned ORDER BY hit")
    if not hits:
        return
    found = batch.found(
        f"(SELECT w.*, s.hit FROM {window} w JOIN scanned s ON w.src_endpoint_ip = s.src_endpoint_ip"
        " AND w.fixed = s.fixed AND w.hour = s.hour)"
    )
    for row in hits:
        yield Scan(
            row["src_endpoint_ip"],
            row["fixed"],
            row["hour"],
            row["targets"],
            row["vain"],
            bool(row["within"]),
            tuple(row["examples"]),
            found.get(row["hit"], Found()),
        )
