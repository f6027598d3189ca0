"""Posture rules for what must raise an alarm: one for each class of events that the CIS benchmark lists.

A class is watched where every one of its events passes some metric filter, on the log group of a trail that covers the
account, whose metric an alarm watches that tells a topic with a confirmed subscriber.  The filters' patterns are run
against sample events, so how a pattern is written does not matter.  A filter that an ordinary event passes as well
raises alarms about everything, and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.cloudtrail import Trail
from koban.model.aws.cloudwatch import Alarm
from koban.model.aws.logs import LogGroup, MetricFilter
from koban.model.aws.sns import Subscription, Topic
from koban.model.estate import Account
from koban.model.rule import Rule, rule
from koban.model.unknown import Unknown

Event = dict[str, Any]
OF_SERVICE = "cloudwatch"


def event(source: str, name: str, **more: Any) -> Event:
    """A CloudTrail record with what filters usually look at."""
    return {
        "eventVersion": "1.08",
        "eventType": "AwsApiCall",
        "eventCategory": "Management",
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "192.0.2.7",
        "userAgent": "aws-cli/2",
        "recipientAccountId": "111122223333",
        "userIdentity": {"type": "AssumedRole", "accountId": "111122223333", "arn": "arn:aws:sts::111122223333:x"},
        **more,
    }


def events(source: str, names: str) -> tuple[Event, ...]:
    return tuple(event(source, name) for name in names.split())


ORDINARY = event("ec2", "DescribeInstances", readOnly=True)
USER = {"type": "IAMUser", "accountId": "111122223333", "userName": "x"}
SIGN_IN = {"eventType": "AwsConsoleSignIn", "userIdentity": USER}
WITH_MFA = event(
    "signin",
    "ConsoleLogin",
    **SIGN_IN,
    additionalEventData={"MFAUsed": "Yes"},
    responseElements={"ConsoleLogin": "Success"},
)

REFUSED = (
    event("s3", "GetBucketAcl", errorCode="AccessDenied"),
    event("ec2", "RunInstances", errorCode="Client.UnauthorizedOperation"),
)
WITHOUT_MFA = (
    event(
        "signin",
        "ConsoleLogin",
        **SIGN_IN,
        additionalEventData={"MFAUsed": "No"},
        responseElements={"ConsoleLogin": "Success"},
    ),
)
ROOT = (event("s3", "ListBuckets", userIdentity={"type": "Root", "accountId": "111122223333"}),)
FAILED_SIGN_IN = (event("signin", "ConsoleLogin", **SIGN_IN, errorMessage="Failed authentication"),)
IAM_POLICIES = events(
    "iam",
    "DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy PutUserPolicy CreatePolicy"
    " DeletePolicy CreatePolicyVersion DeletePolicyVersion AttachRolePolicy DetachRolePolicy AttachUserPolicy"
    " DetachUserPolicy AttachGroupPolicy DetachGroupPolicy",
)
TRAILS = events("cloudtrail", "CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging")
KEYS = events("kms", "DisableKey ScheduleKeyDeletion")
BUCKET_POLICIES = events(
    "s3",
    "PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication DeleteBucketPolicy"
    " DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication",
)
CONFIG = events("config", "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel PutConfigurationRecorder")
SECURITY_GROUPS = events(
    "ec2",
    "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress"
    " RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup",
)
NETWORK_ACLS = events(
    "ec2",
    "CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry ReplaceNetworkAclEntry"
    " ReplaceNetworkAclAssociation",
)
GATEWAYS = events(
    "ec2",
    "CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway DeleteInternetGateway"
    " DetachInternetGateway",
)
ROUTES = events(
    "ec2",
    "CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable DeleteRoute"
    " DisassociateRouteTable",
)
NETWORKS = events(
    "ec2",
    "CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection CreateVpcPeeringConnection"
    " DeleteVpcPeeringConnection RejectVpcPeeringConnection AttachClassicLinkVpc DetachClassicLinkVpc"
    " DisableVpcClassicLink EnableVpcClassicLink",
)
ORGANIZATION = events(
    "organizations",
    "AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy DeclineHandshake"
    " DeleteOrganization DeleteOrganizationalUnit DeletePolicy DetachPolicy DisablePolicyType EnablePolicyType"
    " InviteAccountToOrganization LeaveOrganization MoveAccount RemoveAccountFromOrganization UpdatePolicy"
    " UpdateOrganizationalUnit",
)


def alarmed_filters(account: Account) -> Iterator[MetricFilter]:
    """The filters on the log groups of trails that cover the account, each with an alarm that somebody hears.

    One after the other, what was read first: where that settles the matter, what could not be read does not count.
    """
    for trail in account.every(Trail):
        if trail.covers_account and trail.log_group_arn:
            for one in trail.log_group.metric_filters:
                if any(alarm.notifies for alarm in one.alarms):
                    yield one


class Replayed:
    """What an iterator gives, as often as one likes: taken from it no sooner than needed, and once."""

    def __init__(self, source: Iterator[Any]) -> None:
        self.source = source
        self.taken: list[Any] = []

    def __iter__(self) -> Iterator[Any]:
        yield from self.taken
        for one in self.source:
            self.taken.append(one)
            yield one


def unwatched(account: Account, wanted: tuple[Event, ...], ordinary: Event = ORDINARY) -> bool:
    """Whether one of the events `wanted` would raise no alarm of its own."""
    filters = Replayed(alarmed_filters(account))
    return not all(any(one.counts(each) and not one.counts(ordinary) for one in filters) for each in wanted)


def _table(made: Rule, pattern: str, other: str) -> None:
    """The rule's table: a chain from trail to subscriber around `pattern`, and what breaks the chain."""
    group, topic = (
        "arn:aws:logs:eu-west-1:111122223333:log-group:trail:*",
        "arn:aws:sns:eu-west-1:111122223333:alarms",
    )

    def chain(text: Any, *, enabled: bool = True, confirmed: bool = True, logging: bool = True) -> tuple[Any, ...]:
        counted = {"MetricName": "m", "MetricNamespace": "n"}
        return (
            {},
            Trail(
                {
                    "TrailName": "t",
                    "IsMultiRegionTrail": True,
                    "IsLogging": logging,
                    "CloudWatchLogsLogGroupArn": group,
                }
            ),
            LogGroup({"LogGroupName": "trail", "Arn": group}),
            MetricFilter(
                {"FilterName": "f", "LogGroupName": "trail", "FilterPattern": text, "MetricTransformations": [counted]}
            ),
            Alarm(
                {
                    "AlarmName": "a",
                    "MetricName": "m",
                    "Namespace": "n",
                    "AlarmActions": [topic],
                    "ActionsEnabled": enabled,
                }
            ),
            Topic({"TopicName": "alarms", "TopicArn": topic}),
            Subscription({"TopicArn": topic, "Protocol": "email", "Confirmed": confirmed}),
        )

    made.cases(
        bad=[
            {},
            chain(other),
            chain(""),
            chain(pattern, enabled=False),
            chain(pattern, confirmed=False),
            chain(pattern, logging=False),
            chain(pattern)[:-3],
        ],
        good=[chain(pattern)],
        unknown=[chain(Unknown("FilterPattern", "AccessDenied logs:DescribeMetricFilters"))],
    )


def _named(wanted: tuple[Event, ...]) -> str:
    """A filter pattern for the names of events, as most people write it."""
    return "{ " + " || ".join(f"($.eventName = {one['eventName']})" for one in wanted) + " }"


@rule(
    "medium",
    Account,
    "cis-aws-7.0:5.1",
    "cis-aws-3.0:4.1",
    "nist-csf-2.0:DE.CM-09",
    "nist-csf-2.0:DE.AE-06",
    only="live",
)
def cloudwatch_refused_calls_not_watched(account: Account) -> bool:
    """Nobody is alarmed when API calls are refused for lack of rights.

    Why: refusals in number are somebody trying what a stolen key can do.
    Fix: filter the trail's log group for calls that end in AccessDenied or UnauthorizedOperation; set an alarm
    on the filter's metric, and send it to a topic that people subscribe to.
    """
    return unwatched(account, REFUSED)


_table(
    cloudwatch_refused_calls_not_watched,
    '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
    '{ $.errorCode = "ThrottlingException" }',
)


@rule(
    "medium",
    Account,
    "cis-aws-7.0:5.2",
    "cis-aws-3.0:4.2",
    "nist-csf-2.0:DE.CM-09",
    "nist-csf-2.0:DE.AE-06",
    only="live",
)
def cloudwatch_sign_in_without_mfa_not_watched(account: Account) -> bool:
    """Nobody is alarmed when somebody signs in to the console without MFA.

    Why: a password alone, guessed or phished, was enough to come in.
    Fix: filter the trail's log group for successful ConsoleLogin events of users where MFAUsed is not Yes; set
    an alarm on the filter's metric, and send it to a topic that people subscribe to.
    """
    return unwatched(account, WITHOUT_MFA, WITH_MFA)


_table(
    cloudwatch_sign_in_without_mfa_not_watched,
    '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }',
    '{ $.eventName = "ConsoleLogin" }',
)


@rule(
    "high",
    Account,
    "cis-aws-7.0:5.3",
    "cis-aws-3.0:4.3",
    "nist-csf-2.0:DE.CM-09",
    "nist-csf-2.0:DE.AE-06",
    only="live",
)
def cloudwatch_root_use_not_watched(account: Account) -> bool:
    """Nobody is alarmed when root is used.

    Why: root can do everything and nothing restrains it, so each use is either planned or an emergency.
    Fix: filter the trail's log group for calls whose userIdentity.type is Root and that no service made; set an
    alarm on the filter's metric, and send it to a topic that people subscribe to.
    """
    return unwatched(account, ROOT)


_table(
    cloudwatch_root_use_not_watched,
    '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }',
    '{ $.userIdentity.type = "IAMUser" }',
)


@rule(
    "medium",
    Account,
    "cis-aws-7.0:5.4",
    "cis-aws-3.0:4.4",
    "nist-csf-2.0:DE.CM-09",
    "nist-csf-2.0:DE.AE-06",
    only="live",
)
def cloudwatch_iam_policy_changes_not_watched(account: Account) -> bool:
    """Nobody is alarmed when IAM policies change.

    Why: attackers widen their rights and leave themselves a way back through policies.
    Fix: filter the trail's log group for the calls that create, delete, attach, detach and write IAM policies;
    set an alarm on the filter's metric, and send it to a topic that people subscribe to.
    """
    return unwatched(account, IAM_POLICIES)


_table(cloudwatch_iam_policy_changes_not_watched, _named(IAM_POLICIES), _named(IAM_POLICIES[1:]))


@rule(
    "high",
    Account,
    "cis-aws-7.0:5.5",
    "cis-aws-3.0:4.5",
    "nist-csf-2.0:DE.CM-09",
    "nist-csf-2.0:DE.AE-06",
    only="live",
)
def cloudwatch_trail_changes_not_watched(account: Account) -> bool:
    """Nobody is alarmed when a trail is changed or stopped.

    Why: who wants to stay unseen stops the recording first.
    Fix: filter the trail's log group for CreateTrail, UpdateTrail, DeleteTrail, StartLogging and StopLogging;
    set an alarm on the filter's metric, and send it to a topic that people subscribe to.
    """
    return unwatched(account, TRAILS)


_table(cloudwatch_trail_changes_not_watched, _named(TRAILS), _named(TRAILS[1:]))


@rule(
    "medium",
    Account,
    "cis-aws-7.0:5.6",
    "cis-aws-3.0:4.6",
    "nist-csf-2.0:DE.CM-09",
    "nist-csf-2.0:DE.AE-06",
    only="live",
)
def cloudwatch_failed_sign_ins_not_watched(account: Account) -> bool:
    """Nobody is alarmed when sign-ins to the console fail.

    Why: many failures in a short time are somebody guessing passwords.
    Fix: filter the trail's log group for ConsoleLogin events with the message Failed authentication; set an
    alarm on the filter's metric, and send it to a topic that people subscribe to.
    """
    return unwatched(account, FAILED_SIGN_IN, WITH_MFA)


_table(
    cloudwatch_failed_sign_ins_not_watched,
    '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }',
    '{ $.eventName = "ConsoleLogin" }',
)


@rule(
    "high",
    Account,
    "cis-aws-7.0:5.7",
    "cis-aws-3.0:4.7",
    "nist-csf-2.0:DE.CM-09",
    "nist-csf-2.0:DE.AE-06",
    only="live",
)
def cloudwatch_key_deletion_not_watched(account: Account) -> bool:
    """Nobody is alarmed when a KMS key is disabled or its deletion is scheduled.

    Why: data whose key is gone is gone too; an alarm leaves the waiting time to cancel it.
    Fix: filter the trail's log group for DisableKey and ScheduleKeyDeletion of kms.amazonaws.com; set an alarm
    on the filter's metric, and send it to a topic that people subscribe to.
    """
    return unwatched(account, KEYS)


_table(cloudwatch_key_deletion_not_watched, _named(KEYS), _named(KEYS[1:]))


@rule(
    "medium",
    Account,
    "cis-aws-7.0:5.8",
    "cis-aws-3.0:4.8",
    "nist-csf-2.0:DE.CM-09",
    "nist-csf-2.0:DE.AE-06",
    only="live",
)
def cloudwatch_bucket_policy_changes_not_watched(account: Account) -> bool:
    """Nobody is alarmed when policies, ACLs or other settings of S3 buckets change.

    Why: one change of a bucket policy can make its data public.
    Fix: filter the trail's log group for the calls that write or delete bucket policies, ACLs, CORS, lifecycle
    and replication; set an alarm on the filter's metric, and send it to a topic that people subscribe to.
    """
    return unwatched(account, BUCKET_POLICIES)


_table(cloudwatch_bucket_policy_changes_not_watched, _named(BUCKET_POLICIES), _named(BUCKET_POLICIES[1:]))


@rule(
    "medium",
    Account,
    "cis-aws-7.0:5.9",
    "cis-aws-3.0:4.9",
    "nist-csf-2.0:DE.CM-09",
    "nist-csf-2.0:DE.AE-06",
    only="live",
)
def cloudwatch_config_changes_not_watched(account: Account) -> bool:
    """Nobody is alarmed when AWS Config is changed or stopped.

    Why: without Config nobody sees what was changed afterwards.
    Fix: filter the trail's log group for StopConfigurationRecorder, DeleteDeliveryChannel, PutDeliveryChannel
    and PutConfigurationRecorder; set an alarm on the filter's metric, and send it to a topic that people
    subscribe to.
    """
    return unwatched(account, CONFIG)


_table(cloudwatch_config_changes_not_watched, _named(CONFIG), _named(CONFIG[1:]))


@rule(
    "medium",
    Account,
    "cis-aws-7.0:5.10",
    "cis-aws-3.0:4.10",
    "nist-csf-2.0:DE.CM-09",
    "nist-csf-2.0:DE.AE-06",
    only="live",
)
def cloudwatch_security_group_changes_not_watched(account: Account) -> bool:
    """Nobody is alarmed when security groups change.

    Why: one new rule opens a server to the internet.
    Fix: filter the trail's log group for the calls that create, delete and change security groups; set an alarm
    on the filter's metric, and send it to a topic that people subscribe to.
    """
    return unwatched(account, SECURITY_GROUPS)


_table(cloudwatch_security_group_changes_not_watched, _named(SECURITY_GROUPS), _named(SECURITY_GROUPS[1:]))


@rule(
    "low",
    Account,
    "cis-aws-7.0:5.11",
    "cis-aws-3.0:4.11",
    "nist-csf-2.0:DE.CM-09",
    "nist-csf-2.0:DE.AE-06",
    only="live",
)
def cloudwatch_network_acl_changes_not_watched(account: Account) -> bool:
    """Nobody is alarmed when network ACLs change.

    Why: a changed ACL lifts a barrier around whole subnets.
    Fix: filter the trail's log group for the calls that create, delete and change network ACLs and their
    entries; set an alarm on the filter's metric, and send it to a topic that people subscribe to.
    """
    return unwatched(account, NETWORK_ACLS)


_table(cloudwatch_network_acl_changes_not_watched, _named(NETWORK_ACLS), _named(NETWORK_ACLS[1:]))


@rule(
    "low",
    Account,
    "cis-aws-7.0:5.12",
    "cis-aws-3.0:4.12",
    "nist-csf-2.0:DE.CM-09",
    "nist-csf-2.0:DE.AE-06",
    only="live",
)
def cloudwatch_gateway_changes_not_watched(account: Account) -> bool:
    """Nobody is alarmed when network gateways change.

    Why: a new gateway is a new way out for data.
    Fix: filter the trail's log group for the calls that create, delete, attach and detach internet and customer
    gateways; set an alarm on the filter's metric, and send it to a topic that people subscribe to.
    """
    return unwatched(account, GATEWAYS)


_table(cloudwatch_gateway_changes_not_watched, _named(GATEWAYS), _named(GATEWAYS[1:]))


@rule(
    "low",
    Account,
    "cis-aws-7.0:5.13",
    "cis-aws-3.0:4.13",
    "nist-csf-2.0:DE.CM-09",
    "nist-csf-2.0:DE.AE-06",
    only="live",
)
def cloudwatch_route_changes_not_watched(account: Account) -> bool:
    """Nobody is alarmed when route tables change.

    Why: a changed route leads traffic past the firewall or through an attacker's server.
    Fix: filter the trail's log group for the calls that create, replace and delete routes and route tables; set
    an alarm on the filter's metric, and send it to a topic that people subscribe to.
    """
    return unwatched(account, ROUTES)


_table(cloudwatch_route_changes_not_watched, _named(ROUTES), _named(ROUTES[1:]))


@rule(
    "low",
    Account,
    "cis-aws-7.0:5.14",
    "cis-aws-3.0:4.14",
    "nist-csf-2.0:DE.CM-09",
    "nist-csf-2.0:DE.AE-06",
    only="live",
)
def cloudwatch_network_changes_not_watched(account: Account) -> bool:
    """Nobody is alarmed when VPCs or their peerings change.

    Why: a new peering joins your network to one that you do not control.
    Fix: filter the trail's log group for the calls that create, delete and change VPCs and peering connections;
    set an alarm on the filter's metric, and send it to a topic that people subscribe to.
    """
    return unwatched(account, NETWORKS)


_table(cloudwatch_network_changes_not_watched, _named(NETWORKS), _named(NETWORKS[1:]))


@rule(
    "medium",
    Account,
    "cis-aws-7.0:5.15",
    "cis-aws-3.0:4.15",
    "nist-csf-2.0:DE.CM-09",
    "nist-csf-2.0:DE.AE-06",
    only="live",
)
def cloudwatch_organization_changes_not_watched(account: Account) -> bool:
    """Nobody is alarmed when the AWS organisation changes.

    Why: an account that leaves the organisation leaves all of its guardrails.
    Fix: filter the trail's log group for the calls of organizations.amazonaws.com that change accounts, units
    and policies; set an alarm on the filter's metric, and send it to a topic that people subscribe to.
    """
    return unwatched(account, ORGANIZATION)


_table(cloudwatch_organization_changes_not_watched, _named(ORGANIZATION), _named(ORGANIZATION[1:]))
