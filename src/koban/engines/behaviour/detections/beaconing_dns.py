from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from koban.engines.behaviour.batch import LOOKUPS, Batch, Hit, Observation
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.regularity import Beacons, beacons
from koban.engines.behaviour.settings import threshold
from koban.model.alert import Entity

SEEN = Observation("parent_domain(query_hostname)", "''", classes=LOOKUPS)
ESTATE = Observation("'estate'", "''", classes=LOOKUPS, name="estate")


@dataclass(frozen=True)
class DnsBeacons(Beacons):
    """Lookups at even distances, of a domain that is new."""

    new_days: int = threshold(7, "a domain that was looked up more than so many days before is not new: not told")
    memory_days: int = threshold(60, "how long a domain is remembered")


@behaviour(
    "beaconing-dns",
    "A host looks a new domain up like a clock",
    "medium",
    ("attack.command-and-control", "attack.t1071.004"),
    thresholds=DnsBeacons(),
    observes=(SEEN, ESTATE),
)
def beaconing_dns(batch: Batch, settings: DnsBeacons) -> Iterator[Hit]:
    """A host looked a domain up at even distances, few others did, and nobody had before the last days.  Busy
    clients ask again whenever an answer expires, which is regular too; that is why well-known domains are left out.

    False positives: a new product that calls home.
    Response: see which process asks; see what the name resolves to and where it is registered; block the name.
    """
    window = batch.window(LOOKUPS, "day")
    contacts = (
        "(SELECT *, coalesce(src_endpoint_instance_uid, src_endpoint_ip, device_hostname) AS source_host,"
        f" parent_domain(query_hostname) AS target, CAST(time AS VARCHAR) AS contact FROM {window})"
    )
    touched = (
        "(source_host, target) IN (SELECT (coalesce(src_endpoint_instance_uid, src_endpoint_ip, device_hostname),"
        f" parent_domain(query_hostname)) FROM {batch.events(LOOKUPS)})"
        f" AND NOT EXISTS (SELECT 1 FROM {batch.daily('beaconing-dns')} k WHERE k.entity = target"
        f" AND k.day < r.day - INTERVAL {int(settings.new_days)} DAY"
        f" AND k.day >= r.day - INTERVAL {int(settings.memory_days)} DAY)"
    )
    since = batch.rows(f"SELECT min(day) AS day FROM {batch.daily('beaconing-dns.estate')}")[0]["day"]
    for beacon in beacons(batch, contacts, settings, touched):
        known_days = (beacon.day - since).days if since else 0
        new = (
            f"Nobody looked that domain up before the last {settings.new_days} days; lookups are known since {since}."
            if known_days >= settings.new_days
            else f"Lookups are known for {known_days} days only, so whether the domain is new is not known."
        )
        yield Hit(
            key=f"{beacon.source}|{beacon.target}|{beacon.day}",
            why=f"{beacon.said('looked up names of')}. {new}",
            entities=(Entity("host", beacon.source), Entity("domain", beacon.target)),
            details=beacon.details(),
            **beacon.found.said(),
        )
