from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from koban.engines.behaviour.batch import FLOWS, Batch, Hit
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.regularity import Beacons, beacons
from koban.engines.behaviour.settings import threshold
from koban.model.alert import Entity


@dataclass(frozen=True)
class FlowBeacons(Beacons):
    """Connections at even distances."""

    ports_ignored: tuple[str, ...] = threshold(("123",), "ports whose use is regular by design (NTP)")


@behaviour(
    "beaconing-flows",
    "A host connects to the internet like a clock",
    "medium",
    ("attack.command-and-control", "attack.t1071", "attack.t1571"),
    thresholds=FlowBeacons(),
)
def beaconing_flows(batch: Batch, settings: FlowBeacons) -> Iterator[Hit]:
    """An inside host began connections to one address and port of the internet at even distances, as malware does that
    asks for orders.  Records of one connection (same source port) count once, so the interval at which a flow log
    reports is not taken for a beat.

    False positives: monitoring, update checks and agents of a product that few hosts run.
    Response: see which process connects; look up the address in threat intelligence; compare the bytes of the contacts
    (equal sizes are a program's); isolate the host if it is not a known agent.
    """
    ports = ", ".join(str(int(p)) for p in settings.ports_ignored) or "-1"
    window = batch.window(FLOWS, "day")
    contacts = (
        "(SELECT *, coalesce(src_endpoint_instance_uid, src_endpoint_ip) AS source_host,"
        " dst_endpoint_ip || ':' || coalesce(dst_endpoint_port, 0) AS target,"
        " coalesce(connection_info_uid, CAST(src_endpoint_port AS VARCHAR), CAST(time AS VARCHAR)) AS contact"
        f" FROM {window} WHERE inside(src_endpoint_ip) AND is_address(dst_endpoint_ip) AND NOT inside(dst_endpoint_ip)"
        # an answer goes from a service's port to a client's
        f" AND coalesce(dst_endpoint_port, 0) NOT IN ({ports}) AND coalesce(dst_endpoint_port, 0) > 0"
        " AND NOT (src_endpoint_port < 1024 AND dst_endpoint_port >= 1024))"
    )
    touched = (
        "(source_host, target) IN (SELECT (coalesce(src_endpoint_instance_uid, src_endpoint_ip),"
        f" dst_endpoint_ip || ':' || coalesce(dst_endpoint_port, 0)) FROM {batch.events(FLOWS)})"
    )
    for beacon in beacons(batch, contacts, settings, touched):
        yield Hit(
            key=f"{beacon.source}|{beacon.target}|{beacon.day}",
            why=f"{beacon.said('connected to')}. {beacon.sources} inside host(s) contacted it that day.",
            entities=(Entity("host", beacon.source), Entity("ip", beacon.target.rpartition(":")[0])),
            details=beacon.details(),
            **beacon.found.said(),
        )
