from __future__ import annotations

from collections.abc import Iterator

from koban.engines.behaviour.batch import Batch, Hit
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.scanning import Scans, scans
from koban.model.alert import Entity


@behaviour(
    "port-scan-horizontal",
    "A source tries one port of many hosts",
    "high",
    ("attack.discovery", "attack.t1046", "attack.t1018"),
    thresholds=Scans(),
)
def port_scan_horizontal(batch: Batch, settings: Scans) -> Iterator[Hit]:
    """One source tried the same port of many hosts within an hour, mostly in vain, by flow logs.  From inside it is
    of level high; from the internet, where it happens all the time, low.

    False positives: your own scanner or monitoring, after hosts went away.
    Response: from inside, see which process scans and how that host was entered; isolate it; from outside, see
    which hosts answered.
    """
    port = "CAST(connection_info_protocol_num AS VARCHAR) || '/' || dst_endpoint_port"
    for scan in scans(batch, settings, f"coalesce({port}, '6/' || dst_endpoint_port)", "dst_endpoint_ip"):
        number = scan.target.rpartition("/")[2]
        yield Hit(
            key=scan.key,
            why=f"{scan.source} tried port {number} of {scan.targets} hosts within the hour from"
            f" {scan.hour:%Y-%m-%dT%H:%M}, {scan.vain} of them in vain; {', '.join(scan.examples[:5])}, ..."
            f" {settings.targets_min} are the limit.",
            entities=(Entity("ip", scan.source), *(Entity("host", h) for h in scan.examples[:10])),
            level="" if scan.inside else "low",
            details={"hosts": str(scan.targets), "in_vain": str(scan.vain), "port": number},
            **scan.found.said(),
        )
