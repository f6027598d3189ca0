from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from koban.engines.behaviour.batch import Batch, Found, Hit, Observation, day
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.settings import Thresholds, threshold
from koban.model.alert import Entity

SEEN = Observation("principal", "''", "status_id IS DISTINCT FROM 2")


@dataclass(frozen=True)
class Dormant(Thresholds):
    """Silence, then a call."""

    dormant_days: int = threshold(45, "silence of so many days")
    days_active_min: int = threshold(3, "days on which it acted before the silence, so that it has been known at all")
    memory_days: int = threshold(365, "how far back it looks; what was silent for longer is taken for new")


@behaviour(
    "dormant-principal",
    "A principal that had long been silent acts again",
    "medium",
    ("attack.persistence", "attack.t1078.004"),
    thresholds=Dormant(),
    observes=(SEEN,),
)
def dormant_principal(batch: Batch, settings: Dormant) -> Iterator[Hit]:
    """A user or role that used to act, and then did nothing for weeks, called again and succeeded.

    False positives: long leave; jobs that run once a quarter.
    Response: see whether its owner is still there and did it; take away credentials that nobody has needed for so long.
    """
    batch.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE woken AS
        WITH d AS (SELECT * FROM {batch.daily("dormant-principal")}),
        seen AS (SELECT *, lag(last_time) OVER by_day AS before, count(*) OVER earlier AS days,
            min(first_time) OVER earlier AS since, sum(observations) OVER earlier AS calls FROM d
            WINDOW by_day AS (PARTITION BY entity ORDER BY day), earlier AS (PARTITION BY entity ORDER BY day
                RANGE BETWEEN INTERVAL {int(settings.memory_days)} DAY PRECEDING AND INTERVAL 1 DAY PRECEDING))
        SELECT row_number() OVER (ORDER BY first_time, entity) AS hit, entity, day, first_time AS time, before, days,
            since, calls::BIGINT AS calls FROM seen
        WHERE fresh_time IS NOT NULL AND NOT later
            AND before <= first_time - INTERVAL {int(settings.dormant_days)} DAY
            AND before >= first_time - INTERVAL {int(settings.memory_days)} DAY
            AND days >= {int(settings.days_active_min)}"""
    )
    hits = batch.rows("SELECT * FROM woken ORDER BY hit")
    if not hits:
        return
    found = batch.found(
        f"(SELECT o.*, w.hit FROM {SEEN.relation(batch)} o JOIN woken w ON o.entity = w.entity AND o.day = w.day)"
    )
    for row in hits:
        events = found.get(row["hit"], Found())
        silent = (row["time"] - row["before"]).days
        yield Hit(
            key=f"{row['entity']}|{row['day']}",
            why=f"{row['entity']} acted after {silent} days of silence. Before, since {day(row['since'])}, it had made"
            f" {row['calls']:,} calls on {row['days']} days, the last on {day(row['before'])}.",
            entities=(Entity("user", row["entity"]), *(Entity("ip", a) for a in events.addresses[:5])),
            details={"silent_days": str(silent), "last_before": day(row["before"]), "observations": str(row["calls"])},
            **events.said(),
        )
