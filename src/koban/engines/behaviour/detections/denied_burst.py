from __future__ import annotations

from collections.abc import Iterator

from koban.engines.behaviour.batch import Batch, Hit, Observation, iso
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.spike import Spikes, spikes
from koban.model.alert import Entity

DENIED = "denied(api_response_error, status_code, source)"
# all calls are observed, so that an hour without a denied one counts as such
SEEN = Observation("principal", "hour_of(time)", "true", f"CASE WHEN {DENIED} THEN 1 ELSE 0 END")


def count(number: float) -> str:
    return f"{number:.0f}"


@behaviour(
    "denied-burst",
    "A principal is denied far more often than it used to be",
    "medium",
    ("attack.discovery", "attack.t1580", "attack.t1069.003"),
    thresholds=Spikes(),
    observes=(SEEN,),
)
def denied_burst(batch: Batch, settings: Spikes) -> Iterator[Hit]:
    """More calls of one principal were denied in an hour than its own active hours let expect: somebody tries what the
    credential can do.

    False positives: a policy that was narrowed, a broken deployment that retries.
    Response: see which operations were tried (many services: discovery) and from where; look for what succeeded between
    them; disable the credential if its owner did not do it.
    """
    for spike in spikes(batch, "denied-burst", SEEN, settings, DENIED):
        yield Hit(
            key=spike.key,
            why=f"{spike.amount:.0f} calls of {spike.entity} were denied in the hour from"
            f" {iso(spike.hour)[:16]}. {spike.normal(count)}",
            entities=(Entity("user", spike.entity), *(Entity("ip", a) for a in spike.found.addresses[:5])),
            details=spike.details(),
            **spike.found.said(),
        )
