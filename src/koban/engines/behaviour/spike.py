"""How much of something in an hour, against the hours before: robust statistics, so that one odd hour changes little.

The limit is the median of the entity's active hours plus so many median absolute deviations (MAD), and never below a
floor; an hour also has to be above all hours before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from koban.engines.behaviour.batch import Batch, Found, Observation, day
from koban.engines.behaviour.settings import Thresholds, threshold

NORMAL_MAD = 1.4826
"""A normal distribution's standard deviation in median absolute deviations."""


@dataclass(frozen=True)
class Spikes(Thresholds):
    """Much more in an hour than in the active hours before."""

    amount_min: float = threshold(20.0, "the least in one hour that is told")
    amount_unlearned: float = threshold(100.0, "the least in one hour that is told of one without a baseline; 0: never")
    deviations: float = threshold(6.0, "how many standard deviations (1.4826 MAD) above the median")
    times_highest: float = threshold(1.5, "how many times the highest hour before")
    hours_min: int = threshold(24, "active hours on earlier days that make a baseline")
    learning_days: int = threshold(7, "days since the first of them")
    memory_days: int = threshold(30, "how far back hours count")


@dataclass(frozen=True)
class Spike:
    """An hour in which an entity did far more than before."""

    entity: str
    hour: datetime
    amount: float
    limit: float
    median: float
    deviation: float
    highest: float
    hours: int
    since: datetime | None
    learned: bool
    found: Found

    @property
    def key(self) -> str:
        return f"{self.entity}|{self.hour.timestamp():.0f}"

    def normal(self, said: Callable[[float], str]) -> str:
        """What was normal, in words; `said` writes an amount."""
        if not self.learned or self.since is None:
            return (
                f"It has no baseline yet ({self.hours} active hours on earlier days); the limit for that is"
                f" {said(self.limit)}."
            )
        return (
            f"Normal is a median of {said(self.median)} an hour (deviation {said(self.deviation)}, at most"
            f" {said(self.highest)}) over {self.hours} active hours since {day(self.since)}; the limit is"
            f" {said(self.limit)}."
        )

    def details(self) -> dict[str, str]:
        """The figures behind it."""
        return {
            "amount": f"{self.amount:.0f}",
            "median": f"{self.median:.1f}",
            "deviation": f"{self.deviation:.1f}",
            "highest": f"{self.highest:.0f}",
            "hours": str(self.hours),
            "limit": f"{self.limit:.1f}",
        }


def spikes(
    batch: Batch, baseline: str, observation: Observation, settings: Spikes, evidence: str = "true"
) -> Iterator[Spike]:
    """The hours, touched by new events, whose amount is above the limit.  `value` of the observation is the hour."""
    daily = batch.daily(baseline)
    least = settings.amount_min
    batch.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE spiked AS
        WITH d AS (SELECT *, hour_time(value) AS hour FROM {daily}),
        candidates AS (SELECT * FROM d WHERE fresh_time IS NOT NULL AND amount >= {least}),
        judged AS (SELECT c.entity, c.value, c.hour, c.amount, count(h.hour) AS hours, min(h.first_time) AS since,
            coalesce(median(h.amount), 0) AS median, coalesce(mad(h.amount), 0) * {NORMAL_MAD} AS deviation,
            coalesce(max(h.amount), 0) AS highest
            FROM candidates c LEFT JOIN d h ON h.entity = c.entity AND h.day < c.day
                AND h.day >= c.day - INTERVAL {int(settings.memory_days)} DAY
            GROUP BY c.entity, c.value, c.hour, c.amount),
        limited AS (SELECT *, hours >= {int(settings.hours_min)}
                AND since <= hour - INTERVAL {int(settings.learning_days)} DAY AS learned,
            greatest({least}, median + {settings.deviations} * deviation, highest * {settings.times_highest}) AS above
            FROM judged)
        SELECT row_number() OVER (ORDER BY hour, entity) AS hit, *,
            CASE WHEN learned THEN above ELSE {settings.amount_unlearned} END AS lim FROM limited
        WHERE CASE WHEN learned THEN amount >= above
            ELSE {settings.amount_unlearned} > 0 AND amount >= {settings.amount_unlearned}
                AND amount >= highest * {settings.times_highest} END"""
    )
    hits = batch.rows("SELECT * FROM spiked ORDER BY hit")
    if not hits:
        return
    hours = [(row["hour"], row["hour"] + timedelta(hours=1)) for row in hits]
    events = observation.relation(batch, batch.between(observation.classes, hours))
    found = batch.found(
        f"(SELECT o.*, s.hit FROM {events} o JOIN spiked s"
        f" ON o.entity = s.entity AND o.value = s.value WHERE {evidence})"
    )
    for row in hits:
        yield Spike(
            row["entity"],
            row["hour"],
            row["amount"],
            row["lim"],
            row["median"],
            row["deviation"],
            row["highest"],
            row["hours"],
            row["since"],
            bool(row["learned"]),
            found.get(row["hit"], Found()),
        )
