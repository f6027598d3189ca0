from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from koban.engines.behaviour.batch import Batch, Found, Hit, Observation, day
from koban.engines.behaviour.detection import behaviour
from koban.engines.behaviour.settings import Thresholds, threshold
from koban.model.alert import Entity

GRANTS = (
    "CreateRole UpdateAssumeRolePolicy PutBucketPolicy PutBucketAcl PutObjectAcl PutKeyPolicy CreateKey CreateGrant"
    " AddPermission AddPermission20150331v2 AddLayerVersionPermission20181031 PutResourcePolicy PutRepositoryPolicy"
    " SetRepositoryPolicy SetQueueAttributes CreateQueue SetTopicAttributes CreateTopic ModifySnapshotAttribute"
    " ModifyImageAttribute ModifyFpgaImageAttribute ModifyDBSnapshotAttribute ModifyDBClusterSnapshotAttribute"
    " AuthorizeSnapshotAccess CreateResourceShare AssociateResourceShare PutVaultAccessPolicy"
    " PutBackupVaultAccessPolicy"
    " ModifyVpcEndpointServicePermissions CreateVpcPeeringConnection PutResourcePolicyV2 PutEventBusPolicy"
    " PutPermission"
    " PutDestinationPolicy ShareDirectory PutAccessPointPolicy PutRegistryPolicy CreateMember InviteMembers"
).split()
"""Operations that let another account in, or give it something."""

ACCOUNTS = (
    "list_distinct(regexp_extract_all(coalesce(json_extract_string(record, '$.requestParameters'), ''),"
    " '(?:^|[^0-9A-Za-z-])([0-9]{12})(?:[^0-9A-Za-z-]|$)', 1))"
)

_LISTED = ", ".join(f"'{g}'" for g in GRANTS)

# an account is the estate's own when its events come here
OWN = Observation("'estate'", "cloud_account_uid", "source = 'aws-cloudtrail'", name="own")
SEEN = Observation(
    "'estate'",
    f"unnest(CASE WHEN api_operation IN ({_LISTED}) THEN {ACCOUNTS} ELSE [] END"
    " || CASE WHEN api_operation LIKE 'AssumeRole%' AND actor_user_account_uid <> cloud_account_uid"
    " THEN [actor_user_account_uid] ELSE [] END)",
    "source = 'aws-cloudtrail' AND status_id IS DISTINCT FROM 2 AND (api_operation LIKE 'AssumeRole%'"
    f" OR api_operation IN ({_LISTED}))",
)


@dataclass(frozen=True)
class External(Thresholds):
    """An account outside, seen for the first time."""

    learning_days: int = threshold(7, "no alert until the estate's trails have been known for so many days")
    memory_days: int = threshold(365, "an account not seen for so many days is new again")


@behaviour(
    "new-external-account",
    "An account outside the estate is let in for the first time",
    "high",
    ("attack.persistence", "attack.t1098", "attack.exfiltration", "attack.t1537"),
    thresholds=External(),
    observes=(SEEN, OWN),
)
def new_external_account(batch: Batch, settings: External) -> Iterator[Hit]:
    """A role was assumed from an account, or a trust, a resource policy, or the sharing of a snapshot or image
    names one, that was never seen in the estate.  An account is the estate's own when its trail comes into the
    lake.

    False positives: a new supplier; a new account of yours whose trail does not come in yet; AWS's own accounts
    that get logs.
    Response: ask who let it in and whose it is; take the permission back; see what was read meanwhile.
    """
    own, seen = batch.daily("new-external-account.own"), batch.daily("new-external-account")
    memory = int(settings.memory_days)
    batch.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE external AS
        WITH d AS (SELECT *, lag(last_time) OVER (PARTITION BY value ORDER BY day) AS before FROM {seen}),
        own AS (SELECT value, min(first_time) AS since, sum(observations)::BIGINT AS calls FROM {own} GROUP BY value),
        estate AS (SELECT min(since) AS since, count(*) AS accounts FROM own)
        SELECT row_number() OVER (ORDER BY first_time, value) AS hit, value, day, first_time AS time, estate.since,
            estate.accounts FROM d, estate
        WHERE fresh_time IS NOT NULL AND NOT later AND value NOT IN (SELECT value FROM own)
            AND (before IS NULL OR before < first_time - INTERVAL {memory} DAY)
            AND estate.since <= first_time - INTERVAL {int(settings.learning_days)} DAY"""
    )
    hits = batch.rows("SELECT * FROM external ORDER BY hit")
    if not hits:
        return
    known = batch.rows(f"SELECT value, min(first_time) AS first FROM {seen} GROUP BY value")
    found = batch.found(
        f"(SELECT o.*, e.hit FROM {SEEN.relation(batch)} o JOIN external e ON o.value = e.value AND o.day = e.day)"
    )
    for row in hits:
        events = found.get(row["hit"], Found())
        others = sum(1 for k in known if k["first"] < row["time"] and k["value"] != row["value"])
        what = events.evidence[0].summary if events.evidence else ""
        yield Hit(
            key=f"{row['value']}|{row['day']}",
            why=f"Account {row['value']} appeared for the first time ({what}). Trails of the estate's {row['accounts']}"
            f" account(s) are known since {day(row['since'])}; {others} other outside account(s) were seen in"
            f" that time.",
            entities=(Entity("account", row["value"]), *(Entity("ip", a) for a in events.addresses[:5])),
            details={"external_account": row["value"], "known_others": str(others)},
            **events.said(),
        )
