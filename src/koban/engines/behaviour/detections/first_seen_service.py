from __future__ import annotations

from collections.abc import Iterator

from koban.engines.behaviour.batch import Batch, Hit, Observation
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.novelty import FirstSeen, novelties, told

SEEN = Observation("principal", "api_service_name", "status_id IS DISTINCT FROM 2")


@behaviour(
    "first-seen-service",
    "A principal uses a service that is new for it",
    "low",
    ("attack.discovery", "attack.t1526"),
    thresholds=FirstSeen(observations_min=100, values_max=40),
    observes=(SEEN,),
)
def first_seen_service(batch: Batch, settings: FirstSeen) -> Iterator[Hit]:
    """A principal whose services were known called another one, and the call succeeded.

    False positives: a new task of the same person, a new feature of an application.
    Response: see which operations it called there; several new services within an hour are discovery: look at the
    credential's other alerts; take permissions away that the principal does not need.
    """
    for new in novelties(batch, "first-seen-service", SEEN, settings):
        yield told(new, f"{new.entity} used {new.value} for the first time", service=new.value)
