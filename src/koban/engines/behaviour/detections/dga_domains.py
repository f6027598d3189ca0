from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from koban.engines.behaviour.batch import LOOKUPS, Batch, Found, Hit, some
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.letters import pairs
from koban.engines.behaviour.settings import Thresholds, threshold
from koban.model.alert import Entity


@dataclass(frozen=True)
class Dga(Thresholds):
    """Many names that look like chance, within an hour."""

    domains_min: int = threshold(10, "different names of one host in an hour that look like chance and do not exist")
    domains_unanswered_min: int = threshold(25, "the same where the log does not say whether names exist")
    score_max: float = threshold(-0.5, "a name with a lower mean of bits a letter pair looks like chance")
    length_min: int = threshold(8, "shorter labels are not judged")


@behaviour(
    "dga-domains",
    "A host looks up many names that look made by chance",
    "high",
    ("attack.command-and-control", "attack.t1568.002"),
    thresholds=Dga(),
)
def dga_domains(batch: Batch, settings: Dga) -> Iterator[Hit]:
    """Malware that computes its names looks up one after another until one exists.  The registered part of each
    name is scored by its letter pairs against a list of words; one odd name is nothing, many of one host that do
    not exist are. Names that are made of words are not found.

    False positives: a browser that tests for hijacked answers (few names, without a dot); content networks.
    Response: see which process asks; look at names that did resolve in the same hour, which may be the way out;
    isolate the host.
    """
    given = batch.table({"pair": list(pairs()), "bits": list(pairs().values())}, {"bits": "double"})
    batch.connection.execute(f"CREATE OR REPLACE TEMP TABLE letter_pairs AS SELECT * FROM {given}")
    batch.connection.unregister(given)
    window = (
        "(SELECT *, coalesce(src_endpoint_instance_uid, src_endpoint_ip, device_hostname) AS source_host,"
        " parent_domain(query_hostname) AS parent, date_trunc('hour', time) AS hour"
        f" FROM {batch.window(LOOKUPS, 'hour')})"
    )
    batch.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE strange AS
        WITH names AS (SELECT DISTINCT parent, split_part(parent, '.', 1) AS label FROM {window} WHERE parent IS
            NOT NULL),
        long AS (SELECT * FROM names WHERE length(label) >= {int(settings.length_min)} AND NOT starts_with(label,
            'xn--')),
        split AS (SELECT parent, unnest(list_transform(range(1, length(label)), lambda i: substr(label, i, 2))) AS pair
            FROM long)
        SELECT parent, avg(bits) AS score FROM split JOIN letter_pairs USING (pair) GROUP BY parent
        HAVING avg(bits) < {float(settings.score_max)}"""
    )
    batch.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE chancy AS
        WITH asked AS (SELECT source_host, hour, parent,
            bool_and(rcode IN ('NXDOMAIN', 'NXDomain', '3', '9003')) AS missing
            FROM {window} JOIN strange USING (parent) WHERE source_host IS NOT NULL GROUP BY ALL)
        SELECT row_number() OVER (ORDER BY hour, source_host) AS hit, source_host, hour, count(*) AS names,
            count(*) FILTER (missing) AS missing, count(*) FILTER (missing IS NULL) AS unsaid,
            list(parent ORDER BY parent) AS parents FROM asked GROUP BY source_host, hour
        HAVING missing >= {int(settings.domains_min)} OR unsaid >= {int(settings.domains_unanswered_min)}"""
    )
    hits = batch.rows("SELECT * FROM chancy ORDER BY hit")
    if not hits:
        return
    found = batch.found(
        f"(SELECT w.*, c.hit FROM {window} w JOIN chancy c ON w.source_host = c.source_host AND w.hour = c.hour"
        " WHERE w.parent IN (SELECT parent FROM strange))"
    )
    for row in hits:
        exist = f"{row['missing']} of them do not exist" + (
            f", of {row['unsaid']} the log does not say it" if row["unsaid"] else ""
        )
        yield Hit(
            key=f"{row['source_host']}|{row['hour'].timestamp():.0f}",
            why=f"{row['source_host']} looked up {row['names']} names within the hour from"
            f" {row['hour']:%Y-%m-%dT%H:%M} whose letters follow each other as chance has it (score below"
            f" {settings.score_max}; words lie above 0): {some(row['parents'])}. {exist}.",
            entities=(Entity("host", row["source_host"]), *(Entity("domain", p) for p in row["parents"][:10])),
            details={"names": str(row["names"]), "missing": str(row["missing"])},
            **found.get(row["hit"], Found()).said(),
        )
