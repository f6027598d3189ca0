"""Posture rules for Amazon SNS."""

from __future__ import annotations

from koban.model.aws.sns import WATCHED, Subscription, Topic, TopicPolicy
from koban.model.rule import rule
from koban.model.unknown import Unknown

DENIED = Unknown("x", "AccessDenied sns:GetTopicAttributes")
OWN_ONLY = {"StringEquals": {"AWS:SourceOwner": "111122223333"}}


def _policy(who: object, **more: object) -> dict[str, object]:
    statement = {"Effect": "Allow", "Principal": who, "Action": "SNS:Publish", "Resource": "*", **more}
    return {"Topics": ["t"], "PolicyDocument": {"Statement": [statement]}}


@rule("medium", Topic, "aws-fsbp:SNS.1", "nist-csf-2.0:PR.DS-01")
def sns_topic_not_encrypted(topic: Topic) -> bool:
    """Messages of the topic are not encrypted with a KMS key while they wait for delivery.

    Why: alarms and notices often carry account numbers, names and links that only their readers should see.
    Fix: set a KMS key for the topic, a customer managed one where AWS services publish to it.
    """
    return not topic.key_id


sns_topic_not_encrypted.cases(
    bad=[{}], good=[{"KmsMasterKeyId": "alias/aws/sns"}], unknown=[{"KmsMasterKeyId": DENIED}]
)


@rule(
    "low",
    Topic,
    "nist-csf-2.0:PR.PS-04",
    when=lambda topic: any(one.protocol in WATCHED for one in topic.subscriptions),
)
def sns_topic_delivery_not_logged(topic: Topic) -> bool:
    """Nobody records whether the topic's messages reach their receivers.

    Why: when alarms get lost, there is nothing that says so.
    Fix: turn on delivery status logging for the protocols of the topic's subscriptions.
    """
    return not any(one.failure_role or one.success_role for one in topic.delivery_logs)


LOGGED = {"DeliveryStatusLogging": [{"Protocol": "lambda", "FailureFeedbackRoleArn": "r"}]}

sns_topic_delivery_not_logged.cases(
    bad=[({"TopicName": "t"}, Subscription({"TopicArn": "t", "Protocol": "lambda"}))],
    good=[({"TopicName": "t", **LOGGED}, Subscription({"TopicArn": "t", "Protocol": "lambda"}))],
    unknown=[
        ({"TopicName": "t", "DeliveryStatusLogging": DENIED}, Subscription({"TopicArn": "t", "Protocol": "lambda"}))
    ],
    skipped=[{}, ({"TopicName": "t"}, Subscription({"TopicArn": "t", "Protocol": "email"}))],
)


@rule("high", TopicPolicy, "aws-fsbp:SNS.4", "cis-aws-7.0:2.21", "nist-csf-2.0:PR.AA-05")
def sns_topic_public(policy: TopicPolicy) -> bool:
    """Anyone can publish to the topic, or subscribe to it.

    Why: strangers read your notices, or send false ones that set off whatever listens.
    Fix: name the accounts or services in the topic policy, or add a condition on aws:SourceArn or aws:SourceOwner.
    """
    return policy.policy.public


sns_topic_public.cases(
    bad=[_policy("*"), _policy({"AWS": "*"})],
    good=[_policy({"AWS": "*"}, Condition=OWN_ONLY), _policy({"Service": "events.amazonaws.com"})],
    unknown=[{"Topics": ["t"], "PolicyDocument": DENIED}],
)


@rule("low", TopicPolicy, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:GV.SC-07", only="live")
def sns_topic_cross_account(policy: TopicPolicy) -> bool:
    """The topic's policy lets in another account by name.

    Why: notices leave your control through accounts that somebody trusted once and nobody looks at since.
    Fix: confirm that the account is yours or a partner's; else remove it.
    """
    return bool(policy.policy.accounts_beside(policy.account))


sns_topic_cross_account.cases(
    bad=[_policy({"AWS": "444455556666"})],
    good=[_policy({"AWS": "111122223333"})],
    unknown=[{"Topics": ["t"], "PolicyDocument": DENIED}],
)


@rule("low", TopicPolicy, "nist-csf-2.0:PR.DS-02")
def sns_topic_without_tls(policy: TopicPolicy) -> bool:
    """The topic takes messages that do not come over TLS.

    Why: whoever is on the network path reads and changes what is sent in plain HTTP.
    Fix: add a statement to the topic policy that denies sns:Publish where aws:SecureTransport is false.
    """
    return not policy.policy.tls_only


sns_topic_without_tls.cases(
    bad=[_policy({"AWS": "111122223333"})],
    good=[_policy("*", Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})],
    unknown=[{"Topics": ["t"], "PolicyDocument": DENIED}],
)


@rule("medium", Subscription, "nist-csf-2.0:PR.DS-02", when=lambda one: one.protocol in ("http", "https"))
def sns_subscription_over_http(subscription: Subscription) -> bool:
    """The topic's messages are sent to a web address without TLS.

    Why: whoever is on the network path reads the messages, and can swallow an alarm.
    Fix: subscribe the https address of the receiver, and remove this subscription.
    """
    return subscription.protocol == "http"


sns_subscription_over_http.cases(
    bad=[{"Protocol": "http", "Endpoint": "http://example.com/hook"}],
    good=[{"Protocol": "https", "Endpoint": "https://example.com/hook"}],
    skipped=[{"Protocol": "email"}],
)
