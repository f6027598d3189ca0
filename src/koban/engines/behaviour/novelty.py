"""What is seen of somebody for the first time, after a time of learning.

Events are taken in the order of their time: each is compared with all that came before it, in earlier runs or in the
same one.  So the same events give the same alerts, however they are cut into runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from koban.engines.behaviour.batch import Batch, Found, Hit, Observation, day, iso, some
from koban.engines.behaviour.settings import Learned, threshold
from koban.model.alert import Entity


@dataclass(frozen=True)
class FirstSeen(Learned):
    """Something new of an entity that has been known for a while."""

    values_max: int = threshold(15, "an entity with more known values than this roams: nothing new of it is told")


@dataclass(frozen=True)
class Novelty:
    """A value that an entity shows for the first time."""

    entity: str
    value: str
    time: datetime
    since: datetime
    observations: int
    days: int
    normal: tuple[tuple[str, int], ...]
    """The values known before, the commonest first, with how often each was seen."""
    found: Found
    hit: int = 0

    @property
    def key(self) -> str:
        return f"{self.entity}|{self.value}|{day(self.time)}"

    def before(self, events: str = "calls") -> str:
        """What was normal, in words."""
        known = some([f"{value} ({count:,})" for value, count in self.normal]) if self.normal else "nothing"
        return f"since {day(self.since)}, in {self.observations:,} {events} on {self.days} days: {known}"


def novelties(
    batch: Batch, baseline: str, observation: Observation, settings: FirstSeen, where: str = "true"
) -> Iterator[Novelty]:
    """The values that their entities never showed within the memory, learned entities only, on the day that they came.

    More of it on the same day is told under the same key: all of the day makes one alert.
    """
    daily = batch.daily(baseline)
    memory, learning = int(settings.memory_days), int(settings.learning_days)
    batch.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE novel AS
        WITH d AS (SELECT * FROM {daily}),
        entities AS (SELECT entity, day, sum(observations) AS observations, min(first_time) AS first_time FROM d
            GROUP BY entity, day),
        learned AS (SELECT entity, day, min(first_time) OVER back AS since,
            sum(observations) OVER earlier AS observations, count(*) OVER earlier AS days FROM entities
            WINDOW back AS (PARTITION BY entity ORDER BY day RANGE BETWEEN INTERVAL {memory} DAY PRECEDING AND
                CURRENT ROW),
            earlier AS (PARTITION BY entity ORDER BY day
                RANGE BETWEEN INTERVAL {memory} DAY PRECEDING AND INTERVAL 1 DAY PRECEDING)),
        seen AS (SELECT *, lag(last_time) OVER (PARTITION BY entity, value ORDER BY day) AS before FROM d)
        SELECT row_number() OVER (ORDER BY s.first_time, s.entity, s.value) AS hit, s.entity, s.value, s.day,
            s.first_time AS time, l.since, l.observations::BIGINT AS observations, l.days
        FROM seen s JOIN learned l USING (entity, day)
        WHERE s.fresh_time IS NOT NULL AND NOT s.later
            AND (s.before IS NULL OR s.before < s.first_time - INTERVAL {memory} DAY)
            AND l.since <= s.first_time - INTERVAL {learning} DAY
            AND coalesce(l.observations, 0) >= {int(settings.observations_min)} AND ({where})"""
    )
    hits = batch.rows("SELECT * FROM novel ORDER BY hit")
    if not hits:
        return
    normal = _normal(batch, daily, memory)
    found = batch.found(
        f"(SELECT o.*, n.hit FROM {observation.relation(batch)} o JOIN novel n"
        " ON o.entity = n.entity AND o.value = n.value AND o.day = n.day)"
    )
    for row in hits:
        known = normal.get(row["hit"], ())
        if len(known) > settings.values_max:
            continue
        yield Novelty(
            row["entity"],
            row["value"],
            row["time"],
            row["since"],
            row["observations"] or 0,
            row["days"] or 0,
            tuple(known),
            found.get(row["hit"], Found()),
            row["hit"],
        )


def told(new: Novelty, came: str, kind: str = "user", normal: str = "", **details: str) -> Hit:
    """The hit of a novelty: `came` says in words what came, `normal` what was normal (the known values)."""
    addresses = new.found.addresses
    return Hit(
        key=new.key,
        why=f"{came}. Normal is, {normal or new.before()}.",
        entities=(Entity(kind, new.entity), *(Entity("ip", a) for a in addresses[:5])),
        details={
            "new": new.value,
            "known": ", ".join(value for value, _ in new.normal[:20]),
            "known_since": iso(new.since),
            "observations": str(new.observations),
            "days": str(new.days),
            **details,
        },
        **new.found.said(),
    )


def _normal(batch: Batch, daily: str, memory: int) -> dict[int, Sequence[tuple[str, int]]]:
    """The values that the entities of the hits had shown on earlier days, by hit."""
    rows = batch.rows(
        f"SELECT n.hit, d.value, sum(d.observations)::BIGINT AS observations FROM novel n JOIN {daily} d"
        f" ON d.entity = n.entity AND d.day < n.day AND d.day >= n.day - INTERVAL {memory} DAY AND d.value <> n.value"
        " GROUP BY n.hit, d.value ORDER BY n.hit, observations DESC, d.value"
    )
    normal: dict[int, list[tuple[str, int]]] = {}
    for row in rows:
        normal.setdefault(row["hit"], []).append((row["value"], row["observations"]))
    return {hit: tuple(values) for hit, values in normal.items()}
