"""Contacts that come as a clock does: the times between them, by median and median absolute deviation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from koban.engines.behaviour.batch import Batch, Found, iso
from koban.engines.behaviour.settings import Thresholds, threshold

CONTINUES_SECONDS = 660
"""Records of one connection that follow within this are one contact: flow logs report every ten minutes at the
latest."""


@dataclass(frozen=True)
class Beacons(Thresholds):
    """Contacts at even distances, within one day (UTC)."""

    contacts_min: int = threshold(24, "contacts in a day that make a pattern")
    interval_min_seconds: float = threshold(10.0, "shorter intervals are the work of one program at once")
    interval_max_seconds: float = threshold(7200.0, "longer intervals give too few contacts in a day")
    jitter_max: float = threshold(0.25, "deviation (1.4826 MAD) of the intervals, as a share of their median")
    coverage_min: float = threshold(0.6, "share of the time from first to last that the median interval explains")
    hours_min: float = threshold(1.0, "time from first to last contact")
    sources_max: int = threshold(3, "a target that more inside hosts contact on the day is a common service")


@dataclass(frozen=True)
class Beacon:
    """One host that contacts one target like a clock."""

    source: str
    target: str
    day: date
    contacts: int
    interval: float
    jitter: float
    first: datetime
    last: datetime
    sources: int
    found: Found

    def said(self, did: str) -> str:
        return (
            f"{self.source} {did} {self.target} {self.contacts} times between {iso(self.first)[:16]} and"
            f" {iso(self.last)[:16]}, every {_seconds(self.interval)} (median) with a deviation of"
            f" {100 * self.jitter:.0f}%; what people or load bring about deviates by about 100%"
        )

    def details(self) -> dict[str, str]:
        return {
            "contacts": str(self.contacts),
            "interval_seconds": f"{self.interval:.1f}",
            "jitter": f"{self.jitter:.3f}",
            "sources": str(self.sources),
        }


def beacons(batch: Batch, contacts: str, settings: Beacons, keep: str = "true") -> Iterator[Beacon]:
    """The beacons among `contacts`: SQL of events with `source_host`, `target` and `contact` (what makes several
    events one).

    `keep` is a condition over (source_host, target, day) of what is a beacon.
    """
    batch.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE regular AS
        WITH candidates AS (SELECT source_host, target, day FROM {contacts}
            WHERE source_host IS NOT NULL AND target IS NOT NULL GROUP BY ALL
            HAVING count(*) >= {int(settings.contacts_min)}),
        records AS (SELECT source_host, target, day, time,
            lag(time) OVER (PARTITION BY source_host, target, day, contact ORDER BY time) AS before
            FROM {contacts} JOIN candidates USING (source_host, target, day)),
        t AS (SELECT DISTINCT source_host, target, day, floor(epoch(time)) AS second FROM records
            WHERE before IS NULL OR before < time - INTERVAL {CONTINUES_SECONDS} SECOND),
        enough AS (SELECT source_host, target, day FROM t GROUP BY ALL HAVING count(*) >= {int(settings.contacts_min)}),
        popular AS (SELECT target, day, count(DISTINCT source_host) AS sources FROM {contacts} GROUP BY ALL),
        gaps AS (SELECT t.*, second - lag(second) OVER (PARTITION BY source_host, target, day ORDER BY second) AS gap
            FROM t JOIN enough USING (source_host, target, day)),
        r AS (SELECT source_host, target, day, count(*) AS contacts, median(gap) AS interval_seconds,
            mad(gap) * 1.4826 AS deviation, min(second) AS first, max(second) AS last FROM gaps GROUP BY ALL)
        SELECT row_number() OVER (ORDER BY r.day, source_host, target) AS hit, r.*, p.sources,
            make_timestamptz((first * 1000000)::BIGINT) AS first_time, make_timestamptz((last * 1000000)::BIGINT)
                AS last_time
        FROM r JOIN popular p USING (target, day)
        WHERE interval_seconds BETWEEN {float(settings.interval_min_seconds)} AND {float(settings.interval_max_seconds)}
            AND deviation <= {float(settings.jitter_max)} * interval_seconds
            AND (contacts - 1) * interval_seconds >= {float(settings.coverage_min)} * (last - first)
            AND last - first >= 3600 * {float(settings.hours_min)} AND p.sources <= {int(settings.sources_max)}
            AND ({keep})"""
    )
    hits = batch.rows("SELECT * FROM regular ORDER BY hit")
    if not hits:
        return
    found = batch.found(
        f"(SELECT c.*, r.hit FROM {contacts} c JOIN regular r ON c.source_host = r.source_host AND c.target = r.target"
        " AND c.day = r.day)"
    )
    for row in hits:
        yield Beacon(
            row["source_host"],
            row["target"],
            row["day"],
            row["contacts"],
            row["interval_seconds"],
            row["deviation"] / row["interval_seconds"],
            row["first_time"],
            row["last_time"],
            row["sources"],
            found.get(row["hit"], Found()),
        )


def _seconds(number: float) -> str:
    return f"{number:.0f} seconds" if number < 120 else f"{number / 60:.1f} minutes"
