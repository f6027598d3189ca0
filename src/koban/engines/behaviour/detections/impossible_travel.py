from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from koban.engines.behaviour.batch import Batch, Found, Hit, Observation, iso
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.settings import Thresholds, threshold
from koban.model.alert import Entity

SEEN = Observation(
    "CASE WHEN person THEN principal ELSE actor_user_credential_uid END", "place", "status_id IS DISTINCT FROM 2"
)


@dataclass(frozen=True)
class Travel(Thresholds):
    """Two places, too soon after each other."""

    speed_max_km_h: float = threshold(1000.0, "faster than this is impossible: an airliner flies 900 km/h")
    distance_min_km: float = threshold(500.0, "shorter than this is not told: addresses are placed that badly")
    usual_days: int = threshold(3, "both places known of it on so many earlier days: usual (a VPN, a job elsewhere)")
    memory_days: int = threshold(30, "how long a place is remembered")


@behaviour(
    "impossible-travel",
    "One principal in two places, further apart than anyone travels",
    "high",
    ("attack.initial-access", "attack.t1078.004"),
    thresholds=Travel(),
    observes=(SEEN,),
    needs="coordinates",
)
def impossible_travel(batch: Batch, settings: Travel) -> Iterator[Hit]:
    """Two calls or sign-ins that succeeded, of one person (or of one set of temporary credentials of a role, since many
    may hold a role), came from places too far apart for the time between them.  It needs a database with coordinates,
    and is off without one: the middle of a country is no place.

    False positives: a VPN that was switched on; a mobile network that leaves the internet in another city.
    Response: ask the person where they are; see which of the two places is new; end the sessions and change the
    credentials if one of them is not theirs.
    """
    if not batch.geo.coordinates:
        return
    daily = batch.daily("impossible-travel")
    # a step is a change of place from one event to the next; the first new event follows the last known place
    batch.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE travelled AS
        WITH calls AS (SELECT entity, value AS place, time, day, src_endpoint_ip AS ip FROM {SEEN.relation(batch)}
            UNION ALL SELECT entity, arg_max(value, last_time), max(last_time), NULL, NULL FROM known
                WHERE baseline = 'impossible-travel' GROUP BY entity),
        steps AS (SELECT *, lag(place) OVER s AS from_place, lag(time) OVER s AS from_time FROM calls
            WINDOW s AS (PARTITION BY entity ORDER BY time, day NULLS FIRST, place)),
        moves AS (SELECT *, greatest(epoch(time) - epoch(from_time), 1) / 3600 AS hours,
            string_split(split_part(from_place, ' ', 1), ',')::DOUBLE[] AS a,
            string_split(split_part(place, ' ', 1), ',')::DOUBLE[] AS b
            FROM steps WHERE from_place <> place AND day IS NOT NULL),
        far AS (SELECT entity, day, from_place, place, from_time, time, hours, kilometres(a[1], a[2], b[1], b[2]) AS km
            FROM moves WHERE kilometres(a[1], a[2], b[1], b[2]) >= {float(settings.distance_min_km)}
                AND kilometres(a[1], a[2], b[1], b[2]) / hours > {float(settings.speed_max_km_h)}),
        firsts AS (SELECT *, least(place, from_place) AS one, greatest(place, from_place) AS other,
            min(from_time) OVER pair AS begins, max(time) OVER pair AS ends FROM far
            WINDOW pair AS (PARTITION BY entity, day, least(place, from_place), greatest(place, from_place))
            QUALIFY row_number() OVER (PARTITION BY entity, day, least(place, from_place),
            greatest(place, from_place) ORDER BY time) = 1),
        usual AS (SELECT f.entity, f.time, f.place, count(DISTINCT h.day) FILTER (h.value = f.place) AS to_days,
            count(DISTINCT h.day) FILTER (h.value = f.from_place) AS from_days FROM firsts f JOIN {daily} h
            ON h.entity = f.entity AND h.day < f.day AND h.day >= f.day - INTERVAL {int(settings.memory_days)} DAY
            GROUP BY ALL)
        SELECT row_number() OVER (ORDER BY f.time, f.entity) AS hit, f.*, coalesce(u.to_days, 0) AS to_days,
            coalesce(u.from_days, 0) AS from_days FROM firsts f LEFT JOIN usual u USING (entity, time, place)
        WHERE NOT (coalesce(u.to_days, 0) >= {int(settings.usual_days)}
            AND coalesce(u.from_days, 0) >= {int(settings.usual_days)})"""
    )
    hits = batch.rows("SELECT * FROM travelled ORDER BY hit")
    if not hits:
        return
    calls = SEEN.relation(batch, batch.between(SEEN.classes, [(row["begins"], row["ends"]) for row in hits]))
    found = batch.found(
        f"(SELECT o.*, t.hit FROM {calls} o JOIN travelled t ON o.entity = t.entity"
        " AND o.value IN (t.place, t.from_place) AND o.time BETWEEN t.begins AND t.ends)"
    )
    for row in hits:
        events = found.get(row["hit"], Found())
        one, two = _name(row["from_place"]), _name(row["place"])
        speed = row["km"] / row["hours"]
        kind = "credential" if row["entity"].startswith(("ASIA", "AKIA")) else "user"
        yield Hit(
            key=f"{row['entity']}|{row['day']}|{row['one']}|{row['other']}",
            why=f"{row['entity']} was in {one} at {iso(row['from_time'])} and in {two} {row['hours'] * 60:.0f}"
            f" minutes later:"
            f" {row['km']:,.0f} km, {speed:,.0f} km/h, where {settings.speed_max_km_h:,.0f} km/h is the most."
            f" On earlier"
            f" days of the last {settings.memory_days} it was seen in {one} on {row['from_days']} and in {two} on"
            f" {row['to_days']}.",
            entities=(Entity(kind, row["entity"]), *(Entity("ip", a) for a in events.addresses[:5])),
            details={
                "from": one,
                "to": two,
                "kilometres": f"{row['km']:.0f}",
                "minutes": f"{row['hours'] * 60:.1f}",
                "km_h": f"{speed:.0f}",
            },
            **events.said(),
        )


def _name(place: str) -> str:
    coordinates, _, name = place.partition(" ")
    return name or coordinates
