from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from koban.engines.behaviour.batch import Batch, Hit, Observation
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.novelty import FirstSeen, novelties, told
from koban.engines.behaviour.settings import threshold

READS = "('GetSecretValue', 'BatchGetSecretValue', 'GetParameter', 'GetParameters', 'GetParametersByPath',"
READS += " 'GetPasswordData', 'GetSessionToken', 'GetFederationToken', 'AssumeRole', 'GetAuthorizationToken')"
GROUP = (
    "CASE WHEN actor_session_issuer LIKE 'arn:%:role/%' THEN actor_session_issuer"
    " ELSE 'users of ' || api_service_name || ' in account ' || cloud_account_uid END"
)
MEMBER = "CASE WHEN actor_session_issuer LIKE 'arn:%:role/%' THEN actor_session_uid ELSE principal END"
WHERE = "status_id IS DISTINCT FROM 2 AND api_operation IS NOT NULL AND class_uid <> 3002"

SEEN = Observation(GROUP, "concat_ws(':', api_service_name, api_operation)", WHERE)
MEMBERS = Observation(GROUP, MEMBER, WHERE, name="members")


@dataclass(frozen=True)
class Peers(FirstSeen):
    """What a group of peers does."""

    observations_min: int = threshold(200, "no alert until so many calls of the group were seen on earlier days")
    values_max: int = threshold(150, "a group that uses more operations than this has no pattern: not told")
    peers_min: int = threshold(3, "so many other members on earlier days make a group")


@behaviour(
    "rare-for-peers",
    "A principal does what none of its peers does",
    "medium",
    ("attack.privilege-escalation", "attack.t1078.004"),
    thresholds=Peers(),
    observes=(SEEN, MEMBERS),
)
def rare_for_peers(batch: Batch, settings: Peers) -> Iterator[Hit]:
    """An operation that changes something, or reads secrets, was called by one member of a group of which nobody
    had called it before.  Peers are the sessions of one role; for users, those of the same account who use the same
    service.

    False positives: new work of a team, the first run of a new version.
    Response: see whether the principal's task explains it; ask its owner; narrow the role to what its group uses.
    """
    new = [n for n in novelties(batch, "rare-for-peers", SEEN, settings) if _matters(n.value) and n.found.evidence]
    if not new:
        return
    peers = {
        r["hit"]: (r["actor"], r["peers"])
        for r in batch.rows(
            f"WITH actors AS (SELECT n.hit, n.entity, n.day, arg_min({MEMBER}, o.time) AS actor FROM novel n"
            f" JOIN {SEEN.relation(batch)} o ON o.entity = n.entity AND o.value = n.value AND o.day = n.day"
            " GROUP BY ALL) SELECT a.hit, a.actor, count(DISTINCT m.value) AS peers FROM actors a JOIN"
            f" {batch.daily('rare-for-peers.members')} m ON m.entity = a.entity AND m.day < a.day"
            f" AND m.day >= a.day - INTERVAL {int(settings.memory_days)} DAY AND m.value <> a.actor GROUP BY ALL"
        )
    }
    for one in new:
        actor, others = peers.get(one.hit, ("", 0))
        if others >= settings.peers_min:
            yield told(
                one,
                f"{actor} called {one.value}, as none of its {others} peers ({one.entity}) ever did",
                "group",
                peers=str(others),
                actor=str(actor),
            )


def _matters(operation: str) -> bool:
    name = operation.rpartition(":")[2]
    if f"'{name}'" in READS:
        return True
    return not name.startswith(("Get", "List", "Describe", "Head", "Lookup", "Search", "Query", "Scan", "BatchGet"))
