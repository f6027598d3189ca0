from __future__ import annotations

from collections.abc import Iterator

from koban.engines.behaviour.batch import Batch, Hit, Observation
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.novelty import FirstSeen, novelties, told

SEEN = Observation("principal", "country", "status_id IS DISTINCT FROM 2")


@behaviour(
    "first-seen-country",
    "A principal calls from a country that is new for it",
    "medium",
    ("attack.initial-access", "attack.t1078.004"),
    thresholds=FirstSeen(values_max=8),
    observes=(SEEN,),
    needs="country",
)
def first_seen_country(batch: Batch, settings: FirstSeen) -> Iterator[Hit]:
    """A call or sign-in that succeeded came from a country that this user or role never called from before.

    False positives: travel; a new office or VPN exit; a service that moved to another region's addresses.
    Response: ask the person behind the principal by another way than mail; look at what was done from that address
    (koban detect timeline); if it was not them, disable the credential and end its sessions.
    """
    for new in novelties(batch, "first-seen-country", SEEN, settings):
        yield told(new, f"{new.entity} called from {new.value} for the first time", country=new.value)
