from __future__ import annotations

from collections.abc import Iterator

from koban.engines.behaviour.batch import Batch, Hit, Observation
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.novelty import FirstSeen, novelties, told

SEEN = Observation(
    "principal",
    "json_extract_string(record, '$.requestParameters.instanceType')",
    "api_operation IN ('RunInstances', 'CreateFleet', 'RequestSpotInstances', 'ModifyInstanceAttribute')"
    " AND api_service_name = 'ec2.amazonaws.com' AND status_id IS DISTINCT FROM 2",
)


@behaviour(
    "first-seen-instance-type",
    "A principal starts a type of instance that is new for it",
    "medium",
    ("attack.impact", "attack.t1496"),
    thresholds=FirstSeen(observations_min=10, values_max=20),
    observes=(SEEN,),
)
def first_seen_instance_type(batch: Batch, settings: FirstSeen) -> Iterator[Hit]:
    """Somebody who starts instances started one of a type never started before, as miners of currency do.

    False positives: a new generation of the same family, a test of performance.
    Response: see the size and the number (large and GPU types above all) and the region; ask the owner; stop what
    nobody ordered, keep a snapshot of its disk.
    """
    for new in novelties(batch, "first-seen-instance-type", SEEN, settings):
        yield told(new, f"{new.entity} started {new.value} for the first time", instance_type=new.value)
