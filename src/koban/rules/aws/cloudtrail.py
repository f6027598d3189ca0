"""Posture rules for AWS CloudTrail: what is recorded, and who can undo the record."""

from __future__ import annotations

from typing import Any

from koban.model.aws.cloudtrail import EventDataStore, Trail
from koban.model.aws.kms import Key
from koban.model.aws.logs import LogGroup
from koban.model.aws.s3 import Bucket, BucketPolicy
from koban.model.estate import Account
from koban.model.rule import rule
from koban.model.unknown import Unknown

DENIED = Unknown("x", "AccessDenied cloudtrail:GetEventSelectors")


def own(trail: Trail) -> Any:
    """A trail of the organisation is judged once, in the account that has it."""
    return trail.own


def has_bucket(trail: Trail) -> Any:
    return trail.own and trail.bucket


def _trail(**more: Any) -> Trail:
    return Trail({"TrailName": "t", "S3BucketName": "b", "IsMultiRegionTrail": True, **more})


@rule(
    "high",
    Account,
    "aws-fsbp:CloudTrail.1",
    "cis-aws-7.0:4.1",
    "cis-aws-3.0:3.1",
    "nist-csf-2.0:PR.PS-04",
    "nist-csf-2.0:DE.CM-09",
    only="live",
)
def cloudtrail_not_in_all_regions(account: Account) -> bool:
    """No trail records all management events of this account in every region.

    Why: an attacker works where nobody looks; what is not recorded can be neither noticed nor investigated.
    Fix: make one trail for all regions that records reads and writes, best for the whole organisation.
    """
    return not any(trail.covers_account for trail in account.every(Trail))


cloudtrail_not_in_all_regions.cases(
    bad=[
        {},
        ({}, _trail(IsMultiRegionTrail=False)),
        ({}, _trail(IsLogging=False)),
        ({}, _trail(EventSelectors=[{"ReadWriteType": "WriteOnly"}])),
    ],
    good=[
        ({}, _trail()),
        ({}, _trail(Own=False)),
        (
            {},
            _trail(AdvancedEventSelectors=[{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]),
        ),
    ],
    unknown=[({}, _trail(EventSelectors=DENIED, AdvancedEventSelectors=DENIED))],
)


@rule("high", Account, "aws-fsbp:CloudTrail.3", "nist-csf-2.0:PR.PS-04", "nist-csf-2.0:DE.CM-09", only="live")
def cloudtrail_off(account: Account) -> bool:
    """No trail of this account records anything.

    Why: CloudTrail's own event history ends after 90 days, and holds no data events.
    Fix: make a trail and start its logging.
    """
    return not any(trail.logging for trail in account.every(Trail))


cloudtrail_off.cases(bad=[{}, ({}, _trail(IsLogging=False))], good=[({}, _trail())])


@rule(
    "medium",
    Account,
    "aws-fsbp:S3.22",
    "cis-aws-7.0:4.8",
    "cis-aws-3.0:3.8",
    "nist-csf-2.0:PR.PS-04",
    "nist-csf-2.0:DE.CM-09",
    only="live",
)
def cloudtrail_s3_writes_not_recorded(account: Account) -> bool:
    """No trail for all regions records who writes and deletes objects in S3.

    Why: without data events a trail is silent about deleted, overwritten and encrypted objects.
    Fix: add data events of S3, write-only at least and for all buckets, to the trail for all regions.
    """
    return not any(t.logging and t.multi_region and t.touches_objects("write") for t in account.every(Trail))


EVERY_OBJECT = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]
ONE_BUCKET = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::one/"]}]
MANAGEMENT = [{"Field": "eventCategory", "Equals": ["Management"]}]
S3_DATA = [
    {"Field": "eventCategory", "Equals": ["Data"]},
    {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
]

cloudtrail_s3_writes_not_recorded.cases(
    bad=[
        ({}, _trail()),
        ({}, _trail(EventSelectors=[{"DataResources": ONE_BUCKET}])),
        ({}, _trail(EventSelectors=[{"ReadWriteType": "ReadOnly", "DataResources": EVERY_OBJECT}])),
        (
            {},
            _trail(AdvancedEventSelectors=[{"FieldSelectors": [*S3_DATA, {"Field": "readOnly", "Equals": ["true"]}]}]),
        ),
    ],
    good=[
        ({}, _trail(EventSelectors=[{"ReadWriteType": "WriteOnly", "DataResources": EVERY_OBJECT}])),
        ({}, _trail(AdvancedEventSelectors=[{"FieldSelectors": S3_DATA}])),
        (
            {},
            _trail(AdvancedEventSelectors=[{"FieldSelectors": [*S3_DATA, {"Field": "readOnly", "Equals": ["false"]}]}]),
        ),
    ],
    unknown=[({}, _trail(EventSelectors=DENIED, AdvancedEventSelectors=DENIED))],
)


@rule(
    "medium",
    Account,
    "aws-fsbp:S3.23",
    "cis-aws-7.0:4.9",
    "cis-aws-3.0:3.9",
    "nist-csf-2.0:PR.PS-04",
    "nist-csf-2.0:DE.CM-09",
    only="live",
)
def cloudtrail_s3_reads_not_recorded(account: Account) -> bool:
    """No trail for all regions records who reads objects in S3.

    Why: after a leak nobody can tell which objects were taken.
    Fix: add data events of S3, read-only at least and for all buckets, to the trail for all regions.
    """
    return not any(t.logging and t.multi_region and t.touches_objects("read") for t in account.every(Trail))


cloudtrail_s3_reads_not_recorded.cases(
    bad=[
        ({}, _trail()),
        ({}, _trail(EventSelectors=[{"ReadWriteType": "WriteOnly", "DataResources": EVERY_OBJECT}])),
    ],
    good=[
        ({}, _trail(EventSelectors=[{"DataResources": EVERY_OBJECT}])),
        ({}, _trail(AdvancedEventSelectors=[{"FieldSelectors": S3_DATA}])),
    ],
)


@rule("high", Trail, "nist-csf-2.0:PR.PS-04", "nist-csf-2.0:DE.CM-09", when=own)
def cloudtrail_trail_not_logging(trail: Trail) -> bool:
    """The trail is there but records nothing.

    Why: stopping the trail is an attacker's first step, and a stopped trail looks like a working one in a list.
    Fix: start logging, and find out who stopped it.
    """
    return not trail.logging


cloudtrail_trail_not_logging.cases(bad=[{"IsLogging": False}], good=[{"IsLogging": True}], skipped=[{"Own": False}])


def _another_covers(trail: Trail) -> bool:
    """Whether a trail beside it records all that it leaves out, as beside one for data events alone."""
    return any(other.covers_account for other in trail.in_account.every(Trail))


@rule("medium", Trail, "aws-fsbp:CloudTrail.1", "nist-csf-2.0:PR.PS-04", when=own)
def cloudtrail_trail_of_one_region(trail: Trail) -> bool:
    """The trail records one region only.

    Why: servers started in a region that you never use leave no record.
    Fix: make it a trail for all regions.
    """
    return not trail.multi_region and not _another_covers(trail)


cloudtrail_trail_of_one_region.cases(
    bad=[{}, ({}, _trail(IsLogging=False))], good=[{"IsMultiRegionTrail": True}, ({}, _trail())]
)


@rule("medium", Trail, "aws-fsbp:CloudTrail.1", "nist-csf-2.0:PR.PS-04", when=own)
def cloudtrail_trail_without_management_events(trail: Trail) -> bool:
    """The trail does not record all management events, reads and writes.

    Why: the calls that create users, open networks and list what there is to steal are management events.
    Fix: record management events of type All.
    """
    return not trail.all_management and not _another_covers(trail)


cloudtrail_trail_without_management_events.cases(
    bad=[
        {"EventSelectors": [{"IncludeManagementEvents": False, "DataResources": EVERY_OBJECT}]},
        {"EventSelectors": [{"ReadWriteType": "ReadOnly"}]},
        {"AdvancedEventSelectors": [{"FieldSelectors": S3_DATA}]},
        {"AdvancedEventSelectors": [{"FieldSelectors": [*MANAGEMENT, {"Field": "readOnly", "Equals": ["false"]}]}]},
        {"AdvancedEventSelectors": [{"FieldSelectors": [*MANAGEMENT, {"Field": "eventSource", "Equals": ["x"]}]}]},
    ],
    good=[
        {},
        {"AdvancedEventSelectors": [{"FieldSelectors": MANAGEMENT}]},
        ({"AdvancedEventSelectors": [{"FieldSelectors": S3_DATA}]}, _trail()),
        {"EventSelectors": [{"ReadWriteType": "ReadOnly"}, {"ReadWriteType": "WriteOnly"}]},
    ],
    unknown=[{"EventSelectors": DENIED, "AdvancedEventSelectors": DENIED}],
)


@rule("low", Trail, "nist-csf-2.0:PR.PS-04", when=own)
def cloudtrail_trail_leaves_out_services(trail: Trail) -> bool:
    """The trail leaves out the management events of some services.

    Why: calls to KMS and to the data API of RDS, the ones that can be left out, show who decrypts and queries data.
    Fix: record them too; when their number costs too much, record at least the writes.
    """
    return bool(trail.excluded_sources)


cloudtrail_trail_leaves_out_services.cases(
    bad=[
        {"EventSelectors": [{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}]},
        {
            "AdvancedEventSelectors": [
                {
                    "FieldSelectors": [
                        {"Field": "eventCategory", "Equals": ["Management"]},
                        {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]},
                    ]
                }
            ]
        },
    ],
    good=[{}, {"AdvancedEventSelectors": [{"FieldSelectors": S3_DATA}]}],
    unknown=[{"EventSelectors": DENIED, "AdvancedEventSelectors": DENIED}],
)


@rule(
    "medium",
    Trail,
    "aws-fsbp:CloudTrail.4",
    "cis-aws-7.0:4.2",
    "cis-aws-3.0:3.2",
    "nist-csf-2.0:PR.PS-04",
    "nist-csf-2.0:PR.DS-01",
    when=own,
)
def cloudtrail_log_validation_off(trail: Trail) -> bool:
    """Nothing proves that the trail's log files were not changed or deleted.

    Why: evidence that could have been edited is worth little, to you and to a court.
    Fix: turn on log file validation, and validate the digests from time to time.
    """
    return not trail.validated


cloudtrail_log_validation_off.cases(bad=[{}], good=[{"EnableLogFileValidation": True}])


@rule(
    "medium",
    Trail,
    "aws-fsbp:CloudTrail.2",
    "cis-aws-7.0:4.5",
    "cis-aws-3.0:3.5",
    "nist-csf-2.0:PR.DS-01",
    when=own,
)
def cloudtrail_not_encrypted_with_kms(trail: Trail) -> bool:
    """The trail's log files are not encrypted with a KMS key.

    Why: logs hold names, addresses and parameters; with a KMS key, reading them needs the right to the key as well.
    Fix: give the trail a customer managed KMS key whose policy lets CloudTrail encrypt.
    """
    return not trail.key_id


cloudtrail_not_encrypted_with_kms.cases(bad=[{}], good=[{"KMSKeyId": "arn:aws:kms:eu-west-1:111122223333:key/1"}])


@rule("low", Trail, "cis-aws-7.0:4.6", "cis-aws-3.0:3.6", "nist-csf-2.0:PR.DS-01", when=lambda t: t.own and t.key_id)
def cloudtrail_key_not_rotated(trail: Trail) -> bool:
    """The key that encrypts the trail's log files is never rotated.

    Why: the longer one key is in use, the more it opens when it leaks.
    Fix: turn on the yearly rotation of the KMS key.
    """
    return not trail.key.rotation


def _key(rotated: bool) -> Key:
    return Key({"KeyId": "k", "EnableKeyRotation": rotated})


cloudtrail_key_not_rotated.cases(
    bad=[({"KMSKeyId": "k"}, _key(False))],
    good=[({"KMSKeyId": "k"}, _key(True))],
    unknown=[{"KMSKeyId": "elsewhere"}],
    skipped=[{}],
)


@rule("low", Trail, "aws-fsbp:CloudTrail.5", "nist-csf-2.0:DE.CM-09", "nist-csf-2.0:DE.AE-02", when=own)
def cloudtrail_not_sent_to_log_group(trail: Trail) -> bool:
    """The trail's events do not reach CloudWatch Logs.

    Why: files in a bucket raise no alarm; metric filters and alarms work on a log group.
    Fix: give the trail a log group and a role, or confirm that another tool watches the bucket.
    """
    return not trail.log_group_arn


GROUP = "arn:aws:logs:eu-west-1:111122223333:log-group:trail:*"

cloudtrail_not_sent_to_log_group.cases(bad=[{}], good=[{"CloudWatchLogsLogGroupArn": GROUP}])


def _quiet(days: float, days_max: int) -> bool:
    return days == -1 or days > days_max


@rule(
    "medium",
    Trail,
    "nist-csf-2.0:DE.CM-09",
    only="live",
    when=lambda trail: trail.own and trail.logging and trail.log_group_arn,
)
def cloudtrail_log_group_gets_nothing(trail: Trail, *, quiet_days_max: int = 1) -> bool:
    """The trail's events no longer reach its log group.

    Why: every alarm built on the log group is silent, and silence looks like peace.
    Fix: repair the role with which CloudTrail writes, and the log group if somebody deleted it.
    """
    return bool(trail.log_group_error) or _quiet(trail.log_group_delivery_days, quiet_days_max)


cloudtrail_log_group_gets_nothing.cases(
    bad=[
        {"CloudWatchLogsLogGroupArn": GROUP},
        {"CloudWatchLogsLogGroupArn": GROUP, "LatestCloudWatchLogsDeliveryTime": "2020-01-01T00:00:00Z"},
    ],
    good=[{"CloudWatchLogsLogGroupArn": GROUP, "LatestCloudWatchLogsDeliveryTime": "2999-01-01T00:00:00Z"}],
    skipped=[{}, {"CloudWatchLogsLogGroupArn": GROUP, "IsLogging": False}],
)


@rule("medium", Trail, "nist-csf-2.0:PR.PS-04", when=lambda trail: trail.own and trail.log_group_arn)
def cloudtrail_log_group_keeps_too_briefly(trail: Trail, *, kept_days_min: int = 365) -> bool:
    """The log group of the trail drops events before a year has passed.

    Why: intruders are often found months after they came in; the investigation starts with the first day.
    Fix: set the log group's retention to 365 days or more, or to never expire.
    """
    return bool(0 < trail.log_group.retention_days < kept_days_min)


def _group(days: int) -> LogGroup:
    return LogGroup({"LogGroupName": "trail", "Arn": GROUP, "RetentionInDays": days})


cloudtrail_log_group_keeps_too_briefly.cases(
    bad=[({"CloudWatchLogsLogGroupArn": GROUP}, _group(90))],
    good=[({"CloudWatchLogsLogGroupArn": GROUP}, _group(365)), ({"CloudWatchLogsLogGroupArn": GROUP}, _group(0))],
    unknown=[{"CloudWatchLogsLogGroupArn": GROUP}],
    skipped=[{}],
)


@rule("high", Trail, "nist-csf-2.0:PR.PS-04", only="live", when=lambda trail: trail.own and trail.logging)
def cloudtrail_delivery_failing(trail: Trail) -> bool:
    """The trail cannot write its log files to the bucket.

    Why: calls go on and no record of them is kept; a bucket policy that shuts CloudTrail out has this effect.
    Fix: look at the delivery error of the trail, then repair the bucket, its policy or the key's policy.
    """
    return bool(trail.delivery_error)


cloudtrail_delivery_failing.cases(
    bad=[{"LatestDeliveryError": "AccessDenied"}], good=[{}], skipped=[{"IsLogging": False}]
)


@rule("low", Trail, "nist-csf-2.0:DE.AE-02", when=own)
def cloudtrail_insights_off(trail: Trail) -> bool:
    """Nobody is told when the number of API calls or errors is unusual.

    Why: a burst of calls, or of refusals, is what a stolen key in use looks like.
    Fix: turn on CloudTrail Insights for call rate and error rate, or watch for the same elsewhere.
    """
    return not (trail.has_insights or trail.insight_types)


cloudtrail_insights_off.cases(
    bad=[{}],
    good=[{"HasInsightSelectors": True}, {"InsightSelectors": [{"InsightType": "ApiCallRateInsight"}]}],
)


def _stored(bucket: dict[str, Any], *policies: Any) -> tuple[Any, ...]:
    """A row: a trail, the bucket that it writes to, and that bucket's policy."""
    rest = (BucketPolicy({"Bucket": "b", "PolicyDocument": one}) for one in policies)
    return ({"S3BucketName": "b"}, Bucket({"BucketName": "b", **bucket}), *rest)


@rule("critical", Trail, "aws-fsbp:CloudTrail.6", "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.DS-01", when=has_bucket)
def cloudtrail_bucket_public(trail: Trail) -> bool:
    """Anyone on the internet can reach the bucket with the trail's log files.

    Why: the logs tell a stranger every user, role, address and habit of the account.
    Fix: turn on Block Public Access for the bucket and the account, and remove the public policy or ACL.
    """
    return bool(trail.bucket.public)


SHUT_OFF = {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}
ANYONE_READS = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}

cloudtrail_bucket_public.cases(
    bad=[_stored(SHUT_OFF, ANYONE_READS)],
    good=[_stored({}), _stored({}, ANYONE_READS)],
    unknown=[{"S3BucketName": "elsewhere"}],
    skipped=[{}],
)


@rule(
    "medium",
    Trail,
    "aws-fsbp:CloudTrail.7",
    "cis-aws-7.0:4.4",
    "cis-aws-3.0:3.4",
    "nist-csf-2.0:PR.PS-04",
    when=has_bucket,
)
def cloudtrail_bucket_not_access_logged(trail: Trail) -> bool:
    """Nobody records who reads or deletes the trail's log files.

    Why: an intruder who reads or removes the evidence leaves no mark.
    Fix: turn on server access logging of the trail's bucket, to another bucket.
    """
    return not trail.bucket.log_bucket_name


cloudtrail_bucket_not_access_logged.cases(
    bad=[_stored({})],
    good=[_stored({"LoggingConfiguration": {"DestinationBucketName": "logs"}})],
    unknown=[{"S3BucketName": "elsewhere"}],
)


@rule("medium", Trail, "nist-csf-2.0:PR.DS-11", "nist-csf-2.0:PR.PS-04", when=has_bucket)
def cloudtrail_bucket_not_versioned(trail: Trail) -> bool:
    """The bucket with the trail's log files keeps no earlier versions.

    Why: a log file that was overwritten or deleted is gone.
    Fix: turn on versioning of the trail's bucket.
    """
    return bool(trail.bucket.versioning != "Enabled")


VERSIONED = {"VersioningConfiguration": {"Status": "Enabled"}}

cloudtrail_bucket_not_versioned.cases(
    bad=[_stored({})], good=[_stored(VERSIONED)], unknown=[{"S3BucketName": "elsewhere"}]
)


@rule("medium", Trail, "nist-csf-2.0:PR.DS-11", "nist-csf-2.0:PR.PS-04", when=has_bucket)
def cloudtrail_bucket_deletable(trail: Trail) -> bool:
    """One stolen key is enough to delete the trail's log files for good.

    Why: intruders clean up; neither object lock nor MFA delete stands in their way here.
    Fix: turn on object lock with a default retention, or MFA delete, on the trail's bucket.
    """
    return not (trail.bucket.object_lock or trail.bucket.mfa_delete == "Enabled")


cloudtrail_bucket_deletable.cases(
    bad=[_stored({}), _stored(VERSIONED)],
    good=[
        _stored({"ObjectLockEnabled": True}),
        _stored({"VersioningConfiguration": {"Status": "Enabled", "MfaDelete": "Enabled"}}),
    ],
    unknown=[{"S3BucketName": "elsewhere"}],
)


@rule("medium", Trail, "nist-csf-2.0:PR.PS-04", "nist-csf-2.0:PR.DS-11", when=has_bucket)
def cloudtrail_bucket_keeps_too_briefly(trail: Trail, *, kept_days_min: int = 365) -> bool:
    """A lifecycle rule deletes the trail's log files before a year has passed.

    Why: intruders are often found months after they came in; the investigation starts with the first day.
    Fix: let the lifecycle rule expire log files after 365 days or more.
    """
    return any(
        0 < one.expiration_days < kept_days_min and one.concerns(trail.log_start) for one in trail.bucket.live_lifecycle
    )


def _expiring(days: int, prefix: str = "") -> dict[str, Any]:
    return {"LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ExpirationInDays": days, "Prefix": prefix}]}}


cloudtrail_bucket_keeps_too_briefly.cases(
    bad=[_stored(_expiring(90)), _stored(_expiring(30, "AWSLogs/"))],
    good=[_stored({}), _stored(_expiring(365)), _stored(_expiring(7, "tmp/"))],
    unknown=[{"S3BucketName": "elsewhere"}],
)


@rule("medium", Trail, "nist-csf-2.0:PR.AA-05", when=has_bucket, only="live")
def cloudtrail_bucket_open_to_others(trail: Trail) -> bool:
    """The policy of the trail's bucket lets in other accounts, or everyone.

    Why: only CloudTrail writes the log, and only your own security team should read it.
    Fix: leave CloudTrail's service principal, and people of your own account, in the bucket policy.
    """
    return any(
        s.allows and ((s.anyone and not s.narrowed) or s.accounts_beside(trail.bucket.account))
        for one in trail.bucket.policies
        for s in one.policy.statements
    )


def _writer(principal: Any, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:PutObject", "Resource": "*", **more}
    return {"Statement": [statement]}


SERVICE = {"Service": "cloudtrail.amazonaws.com"}
SOURCE = {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/t"}}

cloudtrail_bucket_open_to_others.cases(
    bad=[_stored({}, _writer("*")), _stored({}, _writer({"AWS": "arn:aws:iam::444455556666:root"}))],
    good=[_stored({}), _stored({}, _writer(SERVICE)), _stored({}, _writer({"AWS": "111122223333"}))],
    unknown=[_stored({}, Unknown("x", "AccessDenied s3:GetBucketPolicy"))],
)


@rule("low", Trail, "nist-csf-2.0:PR.AA-05", when=has_bucket)
def cloudtrail_bucket_takes_any_trail(trail: Trail) -> bool:
    """The trail's bucket takes log files from trails of any account.

    Why: the policy names CloudTrail without saying whose, so a stranger's trail can write false logs into your bucket.
    Fix: add the condition aws:SourceArn with the trail's ARN to the statement for cloudtrail.amazonaws.com.
    """
    return any(
        s.allows and any(who == "cloudtrail.amazonaws.com" for who in s.principals) and not s.narrowed
        for one in trail.bucket.policies
        for s in one.policy.statements
    )


cloudtrail_bucket_takes_any_trail.cases(
    bad=[_stored({}, _writer(SERVICE))],
    good=[_stored({}), _stored({}, _writer(SERVICE, Condition=SOURCE))],
    unknown=[_stored({}, Unknown("x", "AccessDenied s3:GetBucketPolicy"))],
)


@rule("low", EventDataStore, "aws-fsbp:CloudTrail.10", "nist-csf-2.0:PR.DS-01")
def cloudtrail_event_data_store_not_encrypted_with_kms(store: EventDataStore) -> bool:
    """The event data store is not encrypted with a key of your own.

    Why: without your own key you can neither withdraw access to past events nor see who decrypts them.
    Fix: make the store with a customer managed KMS key; it cannot be changed to another later.
    """
    return not store.key_id


cloudtrail_event_data_store_not_encrypted_with_kms.cases(
    bad=[{}], good=[{"KmsKeyId": "k"}], unknown=[{"KmsKeyId": DENIED}]
)


@rule("low", EventDataStore, "nist-csf-2.0:PR.PS-04")
def cloudtrail_event_data_store_keeps_too_briefly(store: EventDataStore, *, kept_days_min: int = 365) -> bool:
    """The event data store drops events before a year has passed.

    Why: intruders are often found months after they came in; the investigation starts with the first day.
    Fix: set the retention of the store to 365 days or more.
    """
    return store.retention_days < kept_days_min


cloudtrail_event_data_store_keeps_too_briefly.cases(bad=[{"RetentionPeriod": 90}], good=[{}, {"RetentionPeriod": 2555}])


@rule("medium", EventDataStore, "nist-csf-2.0:PR.DS-11")
def cloudtrail_event_data_store_deletable(store: EventDataStore) -> bool:
    """One call deletes the event data store with all of its events.

    Why: intruders clean up; termination protection makes them take a second step that you can hear of.
    Fix: turn on termination protection.
    """
    return not store.protected


cloudtrail_event_data_store_deletable.cases(bad=[{"TerminationProtectionEnabled": False}], good=[{}])
