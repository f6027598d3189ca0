from __future__ import annotations

from collections.abc import Iterator

from koban.engines.behaviour.batch import Batch, Hit, Observation
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.novelty import FirstSeen, novelties, told

SEEN = Observation("principal", "client_family(http_request_user_agent)", "status_id IS DISTINCT FROM 2")


@behaviour(
    "first-seen-user-agent",
    "A principal calls with a kind of program that is new for it",
    "low",
    ("attack.initial-access", "attack.t1078.004"),
    thresholds=FirstSeen(),
    observes=(SEEN,),
)
def first_seen_user_agent(batch: Batch, settings: FirstSeen) -> Iterator[Hit]:
    """The family of the user agent (aws-cli, boto3, terraform, Firefox on Windows, ...; versions do not count) is new.

    False positives: a new tool, a new computer, a rewritten job.
    Response: see whether the address is new too; ask the owner of the principal about the tool; for a role of an
    application, look for the change that brought it.
    """
    for new in novelties(batch, "first-seen-user-agent", SEEN, settings):
        yield told(new, f"{new.entity} called with {new.value} for the first time", user_agent=new.value)
