from __future__ import annotations

from collections.abc import Iterator

from koban.engines.behaviour.batch import Batch, Hit, Observation
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.novelty import FirstSeen, novelties, told

SEEN = Observation(
    "actor_user_credential_uid",
    "'AS' || asn",
    "status_id IS DISTINCT FROM 2 AND (actor_user_credential_uid LIKE 'AKIA%'"
    " OR actor_user_credential_uid LIKE '%/serviceAccounts/%/keys/%')",
)


@behaviour(
    "access-key-new-asn",
    "A long-lived access key is used from a new network",
    "high",
    ("attack.initial-access", "attack.t1078.004", "attack.credential-access", "attack.t1552"),
    thresholds=FirstSeen(learning_days=7, observations_min=20, values_max=5),
    observes=(SEEN,),
    needs="asn",
)
def access_key_new_asn(batch: Batch, settings: FirstSeen) -> Iterator[Hit]:
    """A key that is used by few networks (a job, a build server) succeeded from an autonomous system it never came
    from.

    False positives: a job that moved to another provider; a key that a person carries about (values_max says who
    roams).
    Response: deactivate the key unless its owner explains it; see all that it did from the new network; find where
    it leaked (repositories, images, build logs); replace it with a role.
    """
    for new in novelties(batch, "access-key-new-asn", SEEN, settings):
        name = batch.organisation(new.found.addresses)
        network = f"{new.value} ({name})" if name else new.value
        yield told(
            new, f"the key {new.entity} was used from {network} for the first time", "credential", organisation=name
        )
