from __future__ import annotations

from collections.abc import Iterator

from koban.engines.behaviour.batch import Batch, Hit, Observation
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.novelty import FirstSeen, novelties, told

SEEN = Observation(
    "principal",
    "cloud_region",
    "status_id IS DISTINCT FROM 2 AND coalesce(api_service_name, '') NOT IN"
    " ('iam.amazonaws.com', 'sts.amazonaws.com', 'route53.amazonaws.com', 'cloudfront.amazonaws.com',"
    " 'organizations.amazonaws.com', 'signin.amazonaws.com', 'support.amazonaws.com')",
)


@behaviour(
    "first-seen-region",
    "A principal works in a region that is new for it",
    "medium",
    ("attack.defense-evasion", "attack.t1535"),
    thresholds=FirstSeen(values_max=10),
    observes=(SEEN,),
)
def first_seen_region(batch: Batch, settings: FirstSeen) -> Iterator[Hit]:
    """A call that succeeded was made in a region in which this principal never worked; global services do not count.

    False positives: a new deployment, the console left in another region, an inventory tool.
    Response: see what was made there (instances above all); close regions that nobody needs with a service control
    policy; look for the same credential elsewhere.
    """
    for new in novelties(batch, "first-seen-region", SEEN, settings):
        yield told(new, f"{new.entity} worked in {new.value} for the first time", new_region=new.value)
