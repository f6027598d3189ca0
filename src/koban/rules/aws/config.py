"""Posture rules for AWS Config."""

from __future__ import annotations

from koban.model.aws.config import DeliveryChannel, Recorder
from koban.model.aws.lambda_ import Function
from koban.model.aws.s3 import Bucket, BucketPolicy
from koban.model.estate import Account, Region
from koban.model.rule import rule
from koban.model.unknown import Unknown

USED = Function({"FunctionName": "f"})
LINKED = "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
DENIED = Unknown("x", "AccessDenied config:DescribeConfigurationRecorderStatus")


@rule(
    "medium",
    Region,
    "aws-fsbp:Config.1",
    "cis-aws-7.0:4.3",
    "cis-aws-3.0:3.3",
    "nist-csf-2.0:ID.AM-01",
    "nist-csf-2.0:DE.CM-09",
    only="live",
    when=lambda region: region.in_use,
)
def config_off(region: Region) -> bool:
    """AWS Config does not record this region, though the account uses it.

    Why: without a history of settings nobody can say what was changed, when, and what it was before.
    Fix: turn on a recorder for all resource types, and a delivery channel, in this region.
    """
    return not any(one.recording for one in region.every(Recorder)) or not region.every(DeliveryChannel)


config_off.cases(
    bad=[
        ({}, USED),
        ({}, USED, Recorder({"Name": "r", "Recording": False}), DeliveryChannel({"Name": "d"})),
        ({}, USED, Recorder({"Name": "r"})),
    ],
    good=[({}, USED, Recorder({"Name": "r"}), DeliveryChannel({"Name": "d"}))],
    unknown=[({}, USED, Recorder({"Name": "r", "Recording": DENIED}), DeliveryChannel({"Name": "d"}))],
    skipped=[{}],
)


@rule("medium", Recorder, "aws-fsbp:Config.1", "cis-aws-7.0:4.3", "cis-aws-3.0:3.3", "nist-csf-2.0:ID.AM-01")
def config_recorder_partial(recorder: Recorder) -> bool:
    """The recorder leaves out some types of resources.

    Why: what is not recorded has no history, and rules of Config and Security Hub do not see it.
    Fix: record all supported resource types.
    """
    return not recorder.records_all


config_recorder_partial.cases(
    bad=[
        {"RecordingGroup": {"AllSupported": False, "ResourceTypes": ["AWS::EC2::Instance"]}},
        {"RecordingGroup": {"RecordingStrategy": {"UseOnly": "EXCLUSION_BY_RESOURCE_TYPES"}}},
    ],
    good=[{}, {"RecordingGroup": {"AllSupported": True}}],
    unknown=[{"RecordingGroup": DENIED}],
)


@rule(
    "low",
    Account,
    "cis-aws-7.0:4.3",
    "cis-aws-3.0:3.3",
    "nist-csf-2.0:ID.AM-01",
    only="live",
    when=lambda account: account.every(Recorder),
)
def config_identities_not_recorded(account: Account) -> bool:
    """In no region does AWS Config record users, groups, roles and policies.

    Why: IAM is the same in all regions, so one recorder has to include it; else changes of rights have no history.
    Fix: include global resource types in the recorder of one region.
    """
    return not any(one.recording and one.records_identities for one in account.every(Recorder))


config_identities_not_recorded.cases(
    bad=[({}, Recorder({"Name": "r"}))],
    good=[
        ({}, Recorder({"Name": "r", "RecordingGroup": {"AllSupported": True, "IncludeGlobalResourceTypes": True}})),
        ({}, Recorder({"RecordingGroup": {"RecordingStrategy": {"UseOnly": "EXCLUSION_BY_RESOURCE_TYPES"}}})),
    ],
    skipped=[{}],
)


@rule("low", Recorder, "aws-fsbp:Config.1", "nist-csf-2.0:PR.AA-05", when=lambda recorder: recorder.role_arn)
def config_recorder_without_service_linked_role(recorder: Recorder) -> bool:
    """The recorder works with a role of your own, not with the one that AWS keeps for it.

    Why: AWS adds rights to its own role when Config learns new types; a hand-made role falls behind or has too much.
    Fix: let the recorder use the service-linked role AWSServiceRoleForConfig.
    """
    return not recorder.service_linked


config_recorder_without_service_linked_role.cases(
    bad=[{"RoleARN": "arn:aws:iam::111122223333:role/mine"}], good=[{"RoleARN": LINKED}], skipped=[{}]
)


@rule("medium", Recorder, "cis-aws-7.0:4.3", "cis-aws-3.0:3.3", "nist-csf-2.0:DE.CM-09", only="live")
def config_recorder_failing(recorder: Recorder) -> bool:
    """The recorder's last attempt to record failed.

    Why: Config looks turned on, and the history has stopped.
    Fix: look at the recorder's last error; most often its role lacks a right.
    """
    return recorder.last_status == "FAILURE"


config_recorder_failing.cases(bad=[{"LastStatus": "FAILURE"}], good=[{}], unknown=[{"LastStatus": DENIED}])


@rule("medium", DeliveryChannel, "nist-csf-2.0:PR.PS-04", only="live")
def config_delivery_failing(channel: DeliveryChannel) -> bool:
    """AWS Config cannot deliver what it records.

    Why: the history never reaches the bucket in which you would look for it.
    Fix: look at the channel's last error, then repair the bucket, its policy or the key's policy.
    """
    return bool(channel.last_error)


config_delivery_failing.cases(
    bad=[{"LastDeliveryError": "AccessDenied"}], good=[{}], unknown=[{"LastDeliveryError": DENIED}]
)


@rule("high", DeliveryChannel, "nist-csf-2.0:PR.AA-05", when=lambda channel: channel.bucket)
def config_bucket_public(channel: DeliveryChannel) -> bool:
    """Anyone on the internet can reach the bucket with the records of AWS Config.

    Why: the records describe every resource and setting of the account, a map for an attack.
    Fix: turn on Block Public Access for the bucket and the account.
    """
    return bool(channel.bucket.public)


ANYONE = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}
OPEN = {"BucketName": "b", "PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}

config_bucket_public.cases(
    bad=[({"S3BucketName": "b"}, Bucket(OPEN), BucketPolicy({"Bucket": "b", "PolicyDocument": ANYONE}))],
    good=[({"S3BucketName": "b"}, Bucket({"BucketName": "b"}))],
    unknown=[{"S3BucketName": "elsewhere"}],
    skipped=[{}],
)
