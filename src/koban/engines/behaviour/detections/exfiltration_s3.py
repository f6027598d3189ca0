from __future__ import annotations

from collections.abc import Iterator

from koban.engines.behaviour.batch import Batch, Hit, Observation, iso, size
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.spike import Spikes, spikes
from koban.model.alert import Entity

SEEN = Observation(
    "principal",
    "hour_of(time)",
    "api_service_name = 's3.amazonaws.com' AND api_operation IN ('GetObject', 'SelectObjectContent')"
    " AND status_id IS DISTINCT FROM 2",
    "coalesce(TRY_CAST(json_extract_string(record, '$.additionalEventData.bytesTransferredOut') AS DOUBLE), 0)",
)


@behaviour(
    "exfiltration-s3",
    "A principal reads far more out of S3 than it used to",
    "high",
    ("attack.collection", "attack.t1530", "attack.exfiltration"),
    thresholds=Spikes(amount_min=200e6, amount_unlearned=20e9, deviations=8.0, times_highest=2.0),
    observes=(SEEN,),
)
def exfiltration_s3(batch: Batch, settings: Spikes) -> Iterator[Hit]:
    """The bytes that one principal got out of objects in an hour, by CloudTrail's data events, against its own
    hours. Where data events are not logged there is nothing to judge.

    False positives: a new analysis, a restore.
    Response: see which buckets and objects, and to which address; ask the owner; take the permission away while you
    ask.
    """
    for spike in spikes(batch, "exfiltration-s3", SEEN, settings):
        yield Hit(
            key=spike.key,
            why=f"{spike.entity} read {size(spike.amount)} out of S3 in the hour from {iso(spike.hour)[:16]}."
            f" {spike.normal(size)}",
            entities=(Entity("user", spike.entity), *(Entity("ip", a) for a in spike.found.addresses[:5])),
            details=spike.details(),
            **spike.found.said(),
        )
