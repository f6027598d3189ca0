"""What policy documents say, in tables of (what it is, statements, expected)."""

import json
from urllib.parse import quote

import pytest

from koban.model.aws.policy import Policy, policy
from koban.model.document import Part
from koban.model.unknown import Unknown, World, WorldsNeeded, open_world


def allow(action="s3:GetObject", resource="*", principal=None, condition=None, effect="Allow"):
    statement = {"Effect": effect, "Action": action, "Resource": resource}
    if principal is not None:
        statement["Principal"] = principal
    if condition is not None:
        statement["Condition"] = condition
    return statement


def of(*statements):
    return Policy({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.mark.parametrize(
    ("statement", "public"),
    [
        (allow(principal="*"), True),
        (allow(principal={"AWS": "*"}), True),
        (allow(principal={"AWS": ["arn:aws:iam::111122223333:root", "*"]}), True),
        ({"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}, "Action": "*", "Resource": "*"}, True),
        (allow(principal={"AWS": "arn:aws:iam::111122223333:root"}), False),
        (allow(principal={"Service": "sns.amazonaws.com"}), False),
        (allow(principal="*", effect="Deny"), False),
    ],
)
def test_who_is_let_in(statement, public):
    assert of(statement).public == public


@pytest.mark.parametrize(
    ("condition", "narrowed"),
    [
        ({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3"}}, True),
        ({"StringEquals": {"AWS:PRINCIPALORGID": ["o-a1b2c3"]}}, True),
        ({"StringEquals": {"aws:PrincipalOrgID": Unknown("Org", "parameter Org has no default")}}, True),
        ({"StringLike": {"aws:PrincipalOrgID": "o-*"}}, False),
        ({"StringLike": {"aws:PrincipalOrgID": "*"}}, False),
        ({"StringEquals": {"aws:SourceAccount": "111122223333"}}, True),
        ({"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}}, False),
        ({"StringNotEquals": {"aws:SourceAccount": "111122223333"}}, False),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3/r-ab12/*"}}, True),
        ({"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-a1b2c3/*"}}, False),
        ({"Null": {"aws:PrincipalOrgID": "false"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:alerts"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::my-bucket"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}, False),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, True),
        ({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}}, False),
        ({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}, False),
        ({"IpAddress": {"aws:SourceIp": "::/0"}}, False),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, True),
        ({"StringEquals": {"aws:PrincipalTag/team": "blue"}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, False),
        ({}, False),
    ],
)
def test_which_conditions_name_the_caller(condition, narrowed):
    statement = allow(principal="*", condition=condition)
    assert of(statement).statements[0].narrowed == narrowed
    assert of(statement).public == (not narrowed)


@pytest.mark.parametrize(
    ("statement", "admin"),
    [
        (allow("*", "*"), True),
        (allow(["s3:Get*", "*:*"], ["*"]), True),
        (allow("*", "arn:aws:s3:::b"), False),
        (allow("iam:*", "*"), False),
        (allow("*", "*", effect="Deny"), False),
    ],
)
def test_admin(statement, admin):
    assert of(statement).admin == admin


PLAIN = {"aws:SecureTransport": "false"}


@pytest.mark.parametrize(
    ("statement", "tls_only"),
    [
        (allow("s3:*", "*", "*", {"Bool": {"aws:SecureTransport": "false"}}, "Deny"), True),
        (allow("s3:*", "*", {"AWS": "*"}, {"Bool": {"AWS:securetransport": False}}, "Deny"), True),
        (allow("s3:*", "*", "*", {"Bool": {"aws:SecureTransport": "true"}}, "Deny"), False),
        (allow("s3:*", "*", "*", {"Bool": {"aws:SecureTransport": "false"}}), False),
        (allow("s3:*", "*", {"AWS": "111122223333"}, {"Bool": {"aws:SecureTransport": "false"}}, "Deny"), False),
        (allow("s3:*", "*", "*", {"Bool": {**PLAIN, "aws:PrincipalIsAWSService": "false"}}, "Deny"), True),
        (allow("s3:*", "*", "*", {"Bool": PLAIN, "StringEquals": {"aws:PrincipalAccount": "1"}}, "Deny"), False),
    ],
)
def test_tls_only(statement, tls_only):
    assert of(statement).tls_only == tls_only


@pytest.mark.parametrize(
    ("statement", "action", "allowed"),
    [
        (allow("s3:*"), "s3:GetObject", True),
        (allow("S3:getobject"), "s3:GetObject", True),
        (allow("s3:Get?bject"), "s3:GetObject", True),
        (allow("s3:Put*"), "s3:GetObject", False),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "s3:GetObject", True),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "iam:PassRole", False),
        (allow("s3:*", effect="Deny"), "s3:GetObject", False),
    ],
)
def test_allows(statement, action, allowed):
    assert of(statement).allows(action) == allowed


@pytest.mark.parametrize(
    ("statements", "everywhere"),
    [
        ([allow("kms:Decrypt")], True),
        ([allow("kms:*")], True),
        ([allow("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/k")], False),
        ([allow("kms:Decrypt", condition={"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}})], False),
        ([allow("kms:*"), allow("kms:Decrypt", effect="Deny")], False),
        ([allow("kms:*"), allow("kms:Decrypt", "arn:aws:kms:*:*:key/k", effect="Deny")], True),
    ],
)
def test_allows_everywhere(statements, everywhere):
    assert of(*statements).allows_everywhere("kms:Decrypt") == everywhere


def test_escalations_need_all_their_actions():
    assert of(allow("iam:PassRole")).escalations == ()
    assert of(allow(["iam:PassRole", "ec2:*"])).escalations == ("iam:PassRole + ec2:RunInstances",)
    assert of(allow("iam:PutUserPolicy")).escalations == ("iam:PutUserPolicy",)


def test_whole_services_leave_out_everything_and_single_actions():
    assert of(allow(["s3:*", "*", "*:*", "ec2:Describe*"])).whole_services == ("s3",)


def test_values_for_reads_only_conditions_that_must_match():
    key = "token.actions.githubusercontent.com:sub"
    (statement,) = of(allow(condition={"StringLike": {key: "repo:org/app:*"}})).statements
    assert statement.values_for(key) == ("repo:org/app:*",)
    (statement,) = of(allow(condition={"StringLikeIfExists": {key: "repo:org/app:*"}})).statements
    assert statement.values_for(key) == ()


def test_accounts_beside_ones_own():
    who = {"AWS": ["111122223333", "arn:aws:iam::444455556666:root", "*"]}
    assert of(allow(principal=who)).accounts_beside("111122223333") == ("444455556666",)


class Holder(Part):
    policy = policy("PolicyDocument", "A policy")


@pytest.mark.parametrize("written", [lambda d: d, json.dumps, lambda d: quote(json.dumps(d))])
def test_every_spelling_of_a_document_reads_the_same(written):
    document = {"Statement": [allow("*", "*")]}
    assert Holder({"PolicyDocument": written(document)}).policy.admin


def test_what_is_not_json_is_unknown_and_absent_is_empty():
    assert not Holder({}).policy.statements
    with pytest.raises(WorldsNeeded):
        bool(Holder({"PolicyDocument": "{oops"}).policy.public)


def test_an_unknown_part_leaves_open_only_what_hangs_on_it():
    unknown = Unknown("Resource", "parameter R has no default")
    policy_ = of(allow("*", [unknown]))
    with open_world(World((True,))):
        assert policy_.admin
    with open_world(World((False,))):
        assert not policy_.admin
    assert not of(allow("s3:*", unknown)).admin
