"""Comparing a resource with its code: what is the same however it is written, what is open, and what differs."""

import json
from typing import Any

import pytest

from koban.engines.drift import MOVING, NONE_IF_ABSENT, NOT_TOLD, compare, place_in, shown
from koban.model.aws.iam import Role
from koban.model.aws.lambda_ import Function
from koban.model.aws.s3 import Bucket
from koban.model.aws.securitygroup import SecurityGroup
from koban.model.document import fields_of
from koban.model.resource import Resource, resource_class
from koban.model.rule import case_resources
from koban.model.unknown import Maybe, Unknown
from koban.rules.catalog import catalog

OPEN = Unknown("var.x", "variable x has no default")


def differences(cls: type[Resource], code: Any, live: Any, **more: Any) -> list[str]:
    return [str(one) for one in compare(cls(code), cls(live), **more).differences]


def ingress(**more: Any) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"} | more


def group(*rules: Any) -> dict[str, Any]:
    return {"SecurityGroupIngress": list(rules)}


def trust(*statements: Any) -> dict[str, Any]:
    return {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}


def versioning(status: str) -> dict[str, Any]:
    return {"VersioningConfiguration": {"Status": status}}


def variables(**values: str) -> dict[str, Any]:
    return {"Environment": {"Variables": values}}


def tagged(**tags: str) -> dict[str, Any]:
    return {"Tags": [{"Key": key.replace("__", ":"), "Value": value} for key, value in tags.items()]}


SSH = {"FromPort": 22, "ToPort": 22}
EVERYTHING = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}
ALLOW = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "sts:AssumeRole"}


@pytest.mark.parametrize(
    ("cls", "code", "live"),
    [
        (Bucket, versioning("Enabled"), versioning("Enabled")),
        (Bucket, {"ObjectLockEnabled": "true"}, {"ObjectLockEnabled": True}),
        (Bucket, {"VersioningConfiguration": {"Status": "Suspended"}}, {}),  # the default is its explicit value
        (Bucket, {}, {"VersioningConfiguration": {"Status": "Enabled"}}),  # what code does not say is not its business
        (Bucket, {"AccessControl": "PublicRead"}, {}),  # no API tells it
        (SecurityGroup, group(ingress(), ingress(**SSH)), group(ingress(**SSH), ingress())),
        (SecurityGroup, group(ingress(FromPort="443")), group(ingress())),
        (SecurityGroup, group(ingress(IpProtocol="6")), group(ingress())),
        (SecurityGroup, group(ingress(IpProtocol=-1, FromPort=0, ToPort=0)), group(EVERYTHING)),
        (SecurityGroup, group(ingress(CidrIp="10.1.2.3/8")), group(ingress(CidrIp="10.0.0.0/8"))),
        (SecurityGroup, group(ingress(CidrIp=OPEN)), group(ingress())),
        (SecurityGroup, group(Maybe("condition", "open", (ingress(FromPort=22),))), group()),
        (SecurityGroup, {"SecurityGroupIngress": OPEN}, group(ingress())),
        (SecurityGroup, group(ingress()), {"SecurityGroupIngress": Unknown("", "AccessDenied")}),
        (Role, trust(ALLOW), trust({**ALLOW, "Sid": "One", "Action": ["sts:assumerole"]})),
        (Role, trust(ALLOW), trust({**ALLOW, "Principal": {"AWS": "444455556666"}})),
        (Role, {"AssumeRolePolicyDocument": json.dumps(trust(ALLOW)["AssumeRolePolicyDocument"])}, trust(ALLOW)),
        (Role, trust({**ALLOW, "Principal": {"AWS": OPEN}}), trust(ALLOW)),
        (Function, variables(KEY="hunter2"), variables(KEY="(a value)")),
        (Bucket, tagged(a="1"), tagged(aws__x="y", a="1")),
    ],
)  # fmt: skip
def test_what_says_the_same_or_may_do_so_is_no_difference(cls, code, live):
    assert differences(cls, code, live) == []


@pytest.mark.parametrize(
    ("cls", "code", "live", "expected"),
    [
        (Bucket, versioning("Enabled"), versioning("Suspended"),
         ["VersioningConfiguration.Status: Enabled -> Suspended"]),
        (Bucket, {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "IgnorePublicAcls": OPEN}},
         {"PublicAccessBlockConfiguration": {"BlockPublicAcls": False, "IgnorePublicAcls": False}},
         ["PublicAccessBlockConfiguration.BlockPublicAcls: true -> false"]),
        (SecurityGroup, group(ingress()), group(),
         ['SecurityGroupIngress: {"CidrIp":"0.0.0.0/0","FromPort":443,"IpProtocol":"tcp","ToPort":443} -> (nothing)']),
        (SecurityGroup, {}, group(ingress()),
         ['SecurityGroupIngress: (nothing) -> {"CidrIp":"0.0.0.0/0","FromPort":443,"IpProtocol":"tcp","ToPort":443}']),
        # An open group beside it does not take in what is open to everyone.
        (SecurityGroup, group({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "SourceSecurityGroupId": OPEN}),
         group(ingress(CidrIp="", SourceSecurityGroupId="sg-1"), ingress()),
         ['SecurityGroupIngress: (nothing) -> {"CidrIp":"0.0.0.0/0","FromPort":443,"IpProtocol":"tcp","ToPort":443}']),
        (Role, trust(ALLOW), trust({**ALLOW, "Principal": "*"}),
         ['AssumeRolePolicyDocument: {"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":'
          '{"AWS":"arn:aws:iam::444455556666:root"}}],"Ver... -> {"Statement":[{"Action":"sts:AssumeRole",'
          '"Effect":"Allow","Principal":"*"}],"Version":"2012-10-17"}']),
        (Role, {"Policies": []}, {"Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": []}}]},
         ['Policies: (nothing) -> {"PolicyDocument":{"Statement":[]},"PolicyName":"p"}']),
        (Function, variables(PASSWORD="hunter2"), variables(),
         ["Environment.Variables.PASSWORD: (a value) -> (nothing)"]),
        (Bucket, tagged(a="1"), tagged(a="2", b="3"),
         ["Tags.a: 1 -> 2"]),
    ],
)  # fmt: skip
def test_what_differs_is_named(cls, code, live, expected):
    assert differences(cls, code, live) == expected


def test_tags_that_a_state_does_not_have_are_somebody_elses():
    code, live = {"Tags": []}, {"Tags": [{"Key": "b", "Value": "3"}]}
    assert differences(Bucket, code, live, whole=True) == ["Tags.b: (nothing) -> 3"]


def test_what_is_written_beside_belongs_to_it():
    beside = {"SecurityGroupIngress": [ingress(FromPort=22, ToPort=22)]}
    live = group(ingress(FromPort=22, ToPort=22), ingress())
    assert differences(SecurityGroup, group(ingress()), live, beside=beside) == []
    assert len(differences(SecurityGroup, group(ingress()), group(ingress()), beside=beside)) == 1
    floating = {
        "SecurityGroupIngress": [Maybe("Rule", "nobody knows what it is on", (ingress(FromPort=22, ToPort=22),))]
    }
    assert differences(SecurityGroup, group(ingress()), live, beside=floating) == []
    assert differences(SecurityGroup, group(ingress()), group(ingress()), beside=floating) == []


def rows() -> dict[str, list[Any]]:
    """Every document of a rule's table, by type."""
    found: dict[str, list[Any]] = {}
    for rule in catalog():
        for cases in rule.table:
            for case in (*cases.bad, *cases.good):
                made, _ = case_resources(rule.type, case)
                found.setdefault(rule.type.type, []).append(made.document)
    return found


def test_nothing_differs_from_itself_and_what_is_open_from_nothing():
    """For every document of every rule's table, and whichever of its properties is not known."""
    for kind, documents in rows().items():
        cls = resource_class(kind)
        for document in documents:
            assert differences(cls, document, document, whole=True) == [], (kind, document)
            for name in document if isinstance(document, dict) else ():
                assert differences(cls, {**document, name: OPEN}, document) == [], (kind, name, document)
                assert differences(cls, document, {**document, name: Unknown(name, "AccessDenied")}) == []


def test_what_is_left_out_by_name_is_a_property_that_the_class_reads():
    for table in (NOT_TOLD, MOVING, NONE_IF_ABSENT):
        for kind, names in table.items():
            paths = {one.path for one in fields_of(resource_class(kind))}
            for name in names:
                assert any(path == name or path.split(".")[0].removesuffix("[]") == name for path in paths), (
                    kind,
                    name,
                )


@pytest.mark.parametrize(
    ("value", "path", "expected"),
    [
        ("AKIAIOSFODNN7EXAMPLE", "Parameters", "(a secret)"),
        ("hunter2hunter2", "MasterUserPassword", "(a value)"),
        ([{"Name": "DB_PASSWORD", "Value": "hunter2"}], "Environment", '[{"Name":"DB_PASSWORD","Value":"(a value)"}]'),
        ("#!/bin/sh\necho hi", "LaunchTemplateData.UserData", "(a value)"),
        (True, "X", "true"),
        ([], "X", "(nothing)"),
        ("x" * 200, "X", "x" * 117 + "..."),
    ],
)
def test_a_value_is_shown_short_and_without_secrets(value, path, expected):
    assert shown(value, path) == expected


def test_an_element_is_found_in_whatever_order():
    code = SecurityGroup(group(ingress(), ingress(FromPort=22, ToPort=22)))
    live = SecurityGroup(group(ingress(FromPort=22, ToPort=22), ingress(), ingress(FromPort=1)))
    assert place_in(code, live, ("SecurityGroupIngress", 0, "FromPort")) == ("SecurityGroupIngress", 1, "FromPort")
    assert place_in(code, live, ("SecurityGroupIngress", 2, "FromPort")) is None
