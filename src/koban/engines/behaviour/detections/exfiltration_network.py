from __future__ import annotations

from collections.abc import Iterator

from koban.engines.behaviour.batch import FLOWS, Batch, Hit, Observation, iso, size
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.spike import Spikes, spikes
from koban.model.alert import Entity

SEEN = Observation(
    "coalesce(src_endpoint_instance_uid, src_endpoint_ip)",
    "hour_of(time)",
    "inside(src_endpoint_ip) AND is_address(dst_endpoint_ip) AND NOT inside(dst_endpoint_ip)"
    " AND status_id IS DISTINCT FROM 2",
    "coalesce(traffic_bytes_out, traffic_bytes, 0)",
    FLOWS,
)


@behaviour(
    "exfiltration-network",
    "A host sends far more to the internet than it used to",
    "high",
    ("attack.exfiltration", "attack.t1048", "attack.t1567"),
    thresholds=Spikes(amount_min=200e6, amount_unlearned=5e9, deviations=8.0, times_highest=2.0),
    observes=(SEEN,),
)
def exfiltration_network(batch: Batch, settings: Spikes) -> Iterator[Hit]:
    """The bytes that one inside host sent to addresses of the internet in an hour, by flow logs, against its own
    hours.

    False positives: a first backup or migration, a release that many download.
    Response: see where it went (the largest destinations are in the alert) and which process sent it; isolate the
    host if nobody explains it; keep memory and disk.
    """
    for spike in spikes(batch, "exfiltration-network", SEEN, settings):
        to = _destinations(batch, spike.entity, iso(spike.hour)[:16])
        yield Hit(
            key=spike.key,
            why=f"{spike.entity} sent {size(spike.amount)} to the internet in the hour from"
            f" {iso(spike.hour)[:16]}, most of"
            f" it to {', '.join(f'{ip} ({size(sent)})' for ip, sent in to)}. {spike.normal(size)}",
            entities=(Entity("host", spike.entity), *(Entity("ip", ip) for ip, _ in to)),
            details=spike.details(),
            **spike.found.said(),
        )


def _destinations(batch: Batch, entity: str, hour: str) -> list[tuple[str, float]]:
    """The three addresses that got the most of it."""
    wanted = batch.table({"entity": [entity], "value": [hour]})
    rows = batch.rows(
        f"SELECT dst_endpoint_ip AS ip, sum(amount) AS sent FROM {SEEN.relation(batch)} o JOIN {wanted} w"
        " ON o.entity = w.entity AND o.value = w.value GROUP BY ip ORDER BY sent DESC, ip LIMIT 3"
    )
    return [(r["ip"], r["sent"]) for r in rows]
