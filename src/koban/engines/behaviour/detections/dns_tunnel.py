from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from koban.engines.behaviour.batch import LOOKUPS, Batch, Found, Hit, size
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.settings import Thresholds, threshold
from koban.model.alert import Entity


@dataclass(frozen=True)
class Tunnel(Thresholds):
    """Data in the names that a host looks up below one domain, within an hour."""

    names_min: int = threshold(100, "different names below the domain")
    names_carrying_min: int = threshold(40, "the same where most queries are of types that carry data (TXT, NULL, ...)")
    carrying_share: float = threshold(0.5, "share of such types that counts as most")
    length_min: float = threshold(20.0, "mean length of what stands before the domain")
    unique_share_min: float = threshold(0.6, "different names as a share of the queries: a tunnel asks nothing twice")
    entropy_min: float = threshold(3.2, "bits a character of all those names (letters drawn by chance: 4.7, hex: 4)")
    bytes_min: float = threshold(3000.0, "characters in those names, which is what went out")
    domains_ignored: tuple[str, ...] = threshold((), "domains that are known to carry data (reputation lookups)")


@behaviour(
    "dns-tunnel",
    "A host sends data in the names that it looks up",
    "high",
    ("attack.command-and-control", "attack.t1071.004", "attack.exfiltration", "attack.t1048.003", "attack.t1572"),
    thresholds=Tunnel(),
)
def dns_tunnel(batch: Batch, settings: Tunnel) -> Iterator[Hit]:
    """One host looked up many long names below one domain, hardly one twice: whoever runs the domain's name server
    reads them.  Volume, length, uniqueness, entropy and types of query all have to speak for it.

    False positives: reputation services of virus scanners and mail filters (list them in domains_ignored); some
    content networks.
    Response: see which process asks; block the domain; the alert says about how much went out.
    """
    ignored = ", ".join("'" + d.lower().replace("'", "''") + "'" for d in settings.domains_ignored) or "''"
    window = (
        "(SELECT *, coalesce(src_endpoint_instance_uid, src_endpoint_ip, device_hostname) AS source_host,"
        " parent_domain(query_hostname) AS parent, date_trunc('hour', time) AS hour,"
        " rtrim(lower(query_hostname), '.') AS name"
        f" FROM {batch.window(LOOKUPS, 'hour')})"
    )
    least = min(settings.names_min, settings.names_carrying_min)
    batch.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE carried AS
        WITH names AS (SELECT source_host, parent, hour, name, count(*) AS queries,
            count(*) FILTER (upper(query_type) IN ('TXT', 'NULL', 'CNAME', 'MX', 'SRV', 'PRIVATE', '16', '10', '5'))
                AS carrying
            FROM {window} WHERE source_host IS NOT NULL AND parent IS NOT NULL AND parent NOT IN ({ignored})
                AND length(name) > length(parent) + 1 AND NOT ends_with(name, '.arpa') GROUP BY ALL),
        parts AS (SELECT *, substr(name, 1, length(name) - length(parent) - 1) AS part FROM names),
        volumes AS (SELECT source_host, parent, hour, count(*) AS names, sum(queries)::BIGINT AS queries,
            sum(carrying) / sum(queries) AS carrying, avg(length(part)) AS length, sum(length(part))::BIGINT AS
                carried_bytes
            FROM parts GROUP BY ALL
            HAVING names >= {int(least)} AND length >= {float(settings.length_min)}
                AND carried_bytes >= {float(settings.bytes_min)}
                AND names >= {float(settings.unique_share_min)} * queries
                AND (names >= {int(settings.names_min)} OR carrying >= {float(settings.carrying_share)})),
        letters AS (SELECT source_host, parent, hour, unnest(string_split(part, '')) AS letter
            FROM parts JOIN volumes USING (source_host, parent, hour)),
        entropies AS (SELECT source_host, parent, hour, entropy(letter) AS entropy FROM letters GROUP BY ALL)
        SELECT row_number() OVER (ORDER BY hour, source_host, parent) AS hit, v.*, e.entropy FROM volumes v
        JOIN entropies e USING (source_host, parent, hour) WHERE e.entropy >= {float(settings.entropy_min)}"""
    )
    hits = batch.rows("SELECT * FROM carried ORDER BY hit")
    if not hits:
        return
    found = batch.found(
        f"(SELECT w.*, c.hit FROM {window} w JOIN carried c ON w.source_host = c.source_host AND w.parent = c.parent"
        " AND w.hour = c.hour)"
    )
    for row in hits:
        yield Hit(
            key=f"{row['source_host']}|{row['parent']}|{row['hour'].timestamp():.0f}",
            why=f"{row['source_host']} looked up {row['names']} different names below {row['parent']} in"
            f" {row['queries']}"
            f" queries within the hour from {row['hour']:%Y-%m-%dT%H:%M}: {row['length']:.0f} characters each"
            f" on average,"
            f" {row['entropy']:.1f} bits a character, {100 * row['carrying']:.0f}% of types that carry data. Names that"
            f" people use are short and come again. About {size(row['carried_bytes'])} went out.",
            entities=(Entity("host", row["source_host"]), Entity("domain", row["parent"])),
            details={
                "names": str(row["names"]),
                "queries": str(row["queries"]),
                "length_mean": f"{row['length']:.1f}",
                "entropy": f"{row['entropy']:.2f}",
                "carrying_share": f"{row['carrying']:.2f}",
                "bytes": str(row["carried_bytes"]),
            },
            **found.get(row["hit"], Found()).said(),
        )
