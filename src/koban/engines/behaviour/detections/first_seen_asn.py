from __future__ import annotations

from collections.abc import Iterator

from koban.engines.behaviour.batch import Batch, Hit, Observation
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.novelty import FirstSeen, novelties, told

SEEN = Observation("principal", "'AS' || asn", "status_id IS DISTINCT FROM 2")


@behaviour(
    "first-seen-asn",
    "A principal calls from a network that is new for it",
    "low",
    ("attack.initial-access", "attack.t1078.004"),
    thresholds=FirstSeen(),
    observes=(SEEN,),
    needs="asn",
)
def first_seen_asn(batch: Batch, settings: FirstSeen) -> Iterator[Hit]:
    """A call or sign-in that succeeded came from an autonomous system that this principal never called from before.

    False positives: a new provider at home, a mobile network, an office that changed its line.
    Response: see who runs that network (a hosting provider or a VPN is unlike an employee's line); compare with the
    user agent and the operations of the same hour; ask the person where they are.
    """
    for new in novelties(batch, "first-seen-asn", SEEN, settings):
        name = batch.organisation(new.found.addresses)
        network = f"{new.value} ({name})" if name else new.value
        yield told(new, f"{new.entity} called from {network} for the first time", organisation=name)
