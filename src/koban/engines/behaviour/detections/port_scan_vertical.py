from __future__ import annotations

from collections.abc import Iterator

from koban.engines.behaviour.batch import Batch, Hit
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.scanning import Scans, scans
from koban.model.alert import Entity


@behaviour(
    "port-scan-vertical",
    "A source tries many ports of one host",
    "high",
    ("attack.discovery", "attack.t1046"),
    thresholds=Scans(),
)
def port_scan_vertical(batch: Batch, settings: Scans) -> Iterator[Hit]:
    """One source tried many ports of one host within an hour, mostly in vain, by flow logs.  From inside it is of
    level high; from the internet, where it happens all the time, low.

    False positives: your own scanner of vulnerabilities.
    Response: from inside, see which process scans and how that host was entered; isolate it; from outside, see
    which of the tried ports answered.
    """
    port = "lpad(CAST(dst_endpoint_port AS VARCHAR), 5, ' ')"
    for scan in scans(batch, settings, "dst_endpoint_ip", port):
        ports = ", ".join(p.strip() for p in scan.examples[:10])
        yield Hit(
            key=scan.key,
            why=f"{scan.source} tried {scan.targets} ports of {scan.target} within the hour from"
            f" {scan.hour:%Y-%m-%dT%H:%M}, {scan.vain} of them in vain; ports {ports}, ... A client uses few ports of a"
            f" host: {settings.targets_min} are the limit.",
            entities=(Entity("ip", scan.source), Entity("host", scan.target)),
            level="" if scan.inside else "low",
            details={"ports": str(scan.targets), "in_vain": str(scan.vain)},
            **scan.found.said(),
        )
