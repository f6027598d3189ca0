from __future__ import annotations

from collections.abc import Iterator

from koban.engines.behaviour.batch import Batch, Hit, Observation
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.novelty import FirstSeen, novelties, told

SEEN = Observation(
    "cloud_account_uid",
    "concat_ws(':', api_service_name, api_operation)",
    "status_id IS DISTINCT FROM 2 AND api_operation IS NOT NULL AND activity_id IN (1, 3, 4, 99) AND class_uid <> 3002",
)


@behaviour(
    "first-seen-operation",
    "An operation that changes something is new for the account",
    "low",
    ("attack.persistence", "attack.defense-evasion"),
    thresholds=FirstSeen(observations_min=500, values_max=2000),
    observes=(SEEN,),
)
def first_seen_operation(batch: Batch, settings: FirstSeen) -> Iterator[Hit]:
    """Nobody in this account called this operation before; operations that only read do not count.

    False positives: a new service in use, a change of the platform.
    Response: see who called it and what it changed; an operation that switches protection or logging off is a case of
    its own.
    """
    for new in novelties(batch, "first-seen-operation", SEEN, settings):
        who = new.found.evidence[0].summary if new.found.evidence else ""
        known = (
            f"since {new.since:%Y-%m-%d}, in {new.observations:,} changes on {new.days} days,"
            f" {len(new.normal)} other operations"
        )
        yield told(new, f"{new.value} was called in account {new.entity} for the first time ({who})", "account", known)
