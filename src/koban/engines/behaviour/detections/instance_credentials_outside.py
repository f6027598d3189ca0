from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from koban.engines.behaviour.batch import Batch, Found, Hit, Observation, day, some
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.settings import Thresholds, threshold
from koban.model.alert import Entity

AWS_NETWORKS = (16509, 14618, 8987, 7224, 9059, 10124, 17493, 39111, 58588, 62785, 135630, 135971)
"""Autonomous systems of AWS."""

SEEN = Observation(
    "actor_session_uid",
    "src_endpoint_ip || CASE WHEN asn IS NULL THEN '' ELSE ' AS' || asn END",
    "regexp_matches(actor_session_uid, '^i-([0-9a-f]{8}|[0-9a-f]{17})$') AND is_address(src_endpoint_ip)"
    " AND NOT inside(src_endpoint_ip) AND src_endpoint_vpc_uid IS NULL",
)


@dataclass(frozen=True)
class Outside(Thresholds):
    """An instance's credentials, from an address that is not the instance's."""

    known_min: int = threshold(5, "without a network: calls on earlier days that make an instance's addresses known")
    memory_days: int = threshold(30, "how long an instance's addresses are remembered")
    networks_own: tuple[str, ...] = threshold((), "numbers of your own networks, whose proxies instances use")


@behaviour(
    "instance-credentials-outside",
    "Credentials of an instance are used outside of it",
    "critical",
    ("attack.credential-access", "attack.t1552.005", "attack.lateral-movement", "attack.t1550.001"),
    thresholds=Outside(),
    observes=(SEEN,),
    needs="asn",
)
def instance_credentials_outside(batch: Batch, settings: Outside) -> Iterator[Hit]:
    """A role session of an instance (its name is the instance's id) called from an address of the internet that is
    not of AWS's networks; or, where no database tells the network, from one that the instance never used while it
    has others. Also calls that failed count.

    False positives: instances whose traffic leaves through your own data centre (networks_own); without a database
    of networks, an instance that was stopped and started with a new public address.
    Response: revoke the role's sessions older than now; find how the metadata service was reached (turn version 2
    on); see all that was done from that address.
    """
    aws = ", ".join(str(a) for a in AWS_NETWORKS)
    own = ", ".join(str(int(str(n).upper().removeprefix("AS"))) for n in settings.networks_own) or "-1"
    batch.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE outside AS
        WITH d AS (SELECT *, TRY_CAST(nullif(split_part(value, ' AS', 2), '') AS BIGINT) AS asn,
                split_part(value, ' ', 1) AS ip FROM {batch.daily("instance-credentials-outside")}),
        new AS (SELECT entity, ip, any_value(asn) AS asn, day, min(first_time) AS time, bool_or(later) AS later FROM d
            GROUP BY entity, ip, day HAVING min(fresh_time) IS NOT NULL),
        judged AS (SELECT n.*, sum(h.observations) FILTER (h.ip <> n.ip)::BIGINT AS others,
            min(h.first_time) AS since, count(*) FILTER (h.ip = n.ip) AS same_days,
            list(DISTINCT h.ip) FILTER (h.ip <> n.ip) AS addresses
            FROM new n LEFT JOIN d h ON h.entity = n.entity AND h.day < n.day
                AND h.day >= n.day - INTERVAL {int(settings.memory_days)} DAY GROUP BY ALL)
        SELECT row_number() OVER (ORDER BY time, entity, ip) AS hit, *, asn IS NOT NULL AS by_network FROM judged
        WHERE NOT later AND same_days = 0 AND CASE WHEN asn IS NOT NULL THEN asn NOT IN ({aws}, {own})
            ELSE others >= {int(settings.known_min)} END"""
    )
    hits = batch.rows("SELECT * FROM outside ORDER BY hit")
    if not hits:
        return
    found = batch.found(
        f"(SELECT o.*, t.hit FROM {SEEN.relation(batch)} o JOIN outside t ON o.entity = t.entity"
        " AND o.src_endpoint_ip = t.ip AND o.day = t.day)"
    )
    for row in hits:
        addresses = sorted(row["addresses"] or [])
        before = (
            f"since {day(row['since'])} it called from {some(addresses)} ({row['others']:,} calls)"
            if addresses
            else "no call of it from the internet was seen before"
        )
        name = batch.organisation([row["ip"]])
        network = (
            f"which is of AS{row['asn']}{f' ({name})' if name else ''}, not of AWS"
            if row["by_network"]
            else "which it never used; no database tells whose network that is"
        )
        yield Hit(
            key=f"{row['entity']}|{row['ip']}|{row['day']}",
            why=f"The credentials of instance {row['entity']} were used from {row['ip']}, {network}; {before}.",
            entities=(Entity("session", row["entity"]), Entity("ip", row["ip"])),
            details={"address": row["ip"], "asn": str(row["asn"] or ""), "known": ", ".join(addresses[:20])},
            level="" if row["by_network"] else "high",
            **found.get(row["hit"], Found()).said(),
        )
