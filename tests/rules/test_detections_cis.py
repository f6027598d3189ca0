"""The events of which CIS's AWS benchmark (7.0, section 5) wants to hear: a detection bears each one's control."""

import re
from dataclasses import replace
from typing import Any

import pytest

from koban.app.detections import detections, failures_of
from koban.engines.detection.rules import RuleSet
from koban.rules.framework import framework

FRAMEWORK = framework("cis-aws-7.0")
RULES = detections()
SOURCE = "aws-cloudtrail"
WHO = {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ana", "userName": "ana"}


def calls(service: str, *names: str) -> list[dict[str, Any]]:
    return [{"eventSource": f"{service}.amazonaws.com", "eventName": name, "userIdentity": WHO} for name in names]


def one(service: str, name: str, **more: Any) -> dict[str, Any]:
    return calls(service, name)[0] | more


FAILED = one("signin", "ConsoleLogin", sourceIPAddress="203.0.113.9", responseElements={"ConsoleLogin": "Failure"})
DENIED = one("iam", "ListUsers", errorCode="AccessDenied")

EVENTS: dict[str, list[dict[str, Any] | list[dict[str, Any]]]] = {
    "5.1": [[{"at": 0, "repeat": 20, "every": "5s", "event": DENIED}]],
    "5.2": [
        one(
            "signin", "ConsoleLogin", responseElements={"ConsoleLogin": "Success"},
            additionalEventData={"MFAUsed": "No"},
        ),
    ],
    "5.3": [
        one("s3", "DeleteBucket", userIdentity={"type": "Root"}, eventType="AwsApiCall"),
        one(
            "signin", "ConsoleLogin", userIdentity={"type": "Root"}, eventType="AwsConsoleSignIn",
            responseElements={"ConsoleLogin": "Success"},
        ),
    ],
    "5.4": calls(
        "iam", "DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy", "PutRolePolicy",
        "PutUserPolicy", "CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion",
        "AttachRolePolicy", "DetachRolePolicy", "AttachUserPolicy", "DetachUserPolicy", "AttachGroupPolicy",
        "DetachGroupPolicy",
    ),
    "5.5": calls("cloudtrail", "CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"),
    "5.6": [[{"at": 0, "repeat": 5, "every": "30s", "event": FAILED}]],
    "5.7": calls("kms", "DisableKey", "ScheduleKeyDeletion"),
    "5.8": calls(
        "s3", "PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle", "PutBucketReplication",
        "DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication",
    ),
    "5.9": calls(
        "config", "StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder"
    ),
    "5.10": calls(
        "ec2", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress",
        "RevokeSecurityGroupEgress", "CreateSecurityGroup", "DeleteSecurityGroup",
    ),
    "5.11": calls(
        "ec2", "CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry",
        "ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation",
    ),
    "5.12": calls(
        "ec2", "CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway", "CreateInternetGateway",
        "DeleteInternetGateway", "DetachInternetGateway",
    ),
    "5.13": calls(
        "ec2", "CreateRoute", "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation", "DeleteRouteTable",
        "DeleteRoute", "DisassociateRouteTable",
    ),
    "5.14": calls(
        "ec2", "CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection",
        "CreateVpcPeeringConnection", "DeleteVpcPeeringConnection", "RejectVpcPeeringConnection",
        "AttachClassicLinkVpc", "DetachClassicLinkVpc", "DisableVpcClassicLink", "EnableVpcClassicLink",
    ),
    "5.15": calls(
        "organizations", "AcceptHandshake", "AttachPolicy", "CreateAccount", "CreateOrganizationalUnit", "CreatePolicy",
        "DeclineHandshake", "DeleteOrganization", "DeleteOrganizationalUnit", "DeletePolicy", "DetachPolicy",
        "DisablePolicyType", "EnablePolicyType", "InviteAccountToOrganization", "LeaveOrganization", "MoveAccount",
        "RemoveAccountFromOrganization", "UpdatePolicy", "UpdateOrganizationalUnit",
    ),
}  # fmt: skip
"""By control: events, or lists of events that only together call for the alarm."""


def test_every_control_that_asks_for_an_alarm_is_here():
    asked = {one.id for one in FRAMEWORK.controls.values() if one.id.startswith("5.") and "alarm" in one.title}
    assert set(EVENTS) == asked


def test_tags_name_controls_that_exist():
    prefix = f"{FRAMEWORK.id}."
    named = {tag.removeprefix(prefix) for rule in RULES.listed for tag in rule.tags if tag.startswith("cis-aws-")}
    assert named <= set(FRAMEWORK.controls)


@pytest.mark.parametrize("control", EVENTS)
def test_a_detection_of_the_control_fires(control):
    tests = [
        {"fires": True, "source": SOURCE, "events" if isinstance(given, list) else "event": given}
        for given in EVENTS[control]
    ]
    tagged = [rule for rule in RULES.listed if f"{FRAMEWORK.id}.{control}" in rule.tags]
    asked = [replace(rule, said_tests=lambda: tests) for rule in tagged]
    bases = {RULES.of(base) for rule in tagged for base in rule.referred}
    wrong = [failure.text for failure in failures_of(RuleSet([*asked, *bases], []), asked)]
    fired = {
        at
        for at in range(len(tests))
        for rule in asked
        if not any(re.match(rf"{rule.name}: test {at + 1}\b", text) for text in wrong)
    }
    assert [test for at, test in enumerate(tests) if at not in fired] == []
