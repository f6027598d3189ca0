from __future__ import annotations

from collections.abc import Iterator

from koban.engines.behaviour.batch import Batch, Hit, Observation
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.novelty import FirstSeen, novelties, told

SEEN = Observation(
    "cloud_account_uid",
    "CASE WHEN actor_user_type = 'Root' THEN 'root' ELSE 'others' END",
)


@behaviour(
    "root-first-use",
    "The root user acts for the first time in a long while",
    "high",
    ("attack.privilege-escalation", "attack.t1078.004"),
    thresholds=FirstSeen(learning_days=7, observations_min=1, values_max=2),
    observes=(SEEN,),
)
def root_first_use(batch: Batch, settings: FirstSeen) -> Iterator[Hit]:
    """The root user of an account did something, also in vain, that has been known long enough and had not seen it.

    False positives: the yearly drill; the few tasks that only root can do.
    Response: find who holds the root credentials and whether they used them; if nobody did, change the password and the
    second factor, delete root's access keys, and look at all that it did.
    """
    for new in novelties(batch, "root-first-use", SEEN, settings, "s.value = 'root'"):
        known = (
            f"since {new.since:%Y-%m-%d}, no act of root in {settings.memory_days} days,"
            f" in {new.observations:,} calls of others"
        )
        yield told(new, f"the root user of account {new.entity} acted", "account", known)
