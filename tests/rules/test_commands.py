"""The commands that findings of live accounts offer: known to the API, filled in safely, and true."""

from __future__ import annotations

import re
import shlex

import pytest
from tests.rules import cli

from koban.app import rulebook
from koban.model.command import Command, filled
from koban.model.document import fields_of
from koban.rules.commands import every_command

COMMANDS = every_command()
OF_FINDINGS = {"name", "arn", "account", "region"}


def test_there_are_many_and_each_is_of_a_rule_for_live_resources() -> None:
    assert len(COMMANDS) >= 60
    rules = rulebook.rules()
    assert [one for one in COMMANDS if one not in rules or rules[one].only == "code"] == []


@pytest.mark.parametrize("rule", COMMANDS)
def test_the_api_knows_it(rule: str) -> None:
    words = [re.sub(r"<[A-Z_]+>|\{[A-Za-z][A-Za-z0-9.]*\}", "0123456789ab", word) for word in COMMANDS[rule].words]
    cli.read(words)


@pytest.mark.parametrize("rule", COMMANDS)
def test_what_it_takes_from_the_document_is_there(rule: str) -> None:
    paths = {one for word in COMMANDS[rule].words for one in re.findall(r"\{([A-Za-z][A-Za-z0-9.]*)\}", word)}
    for cls in rulebook.rules()[rule].types:
        known = {*cls.ids, *(field.path for field in fields_of(cls))}
        assert paths - OF_FINDINGS <= known, cls.type


def made(line: str) -> Command:
    return Command("x", tuple(shlex.split(line)))


def test_it_is_quoted_for_the_shell() -> None:
    one = made("aws s3api put-bucket-versioning --bucket {BucketName} --mfa '<SERIAL CODE>'")
    said = filled(one, {"BucketName": "a'; rm -rf ~; echo '"}, region="eu-west-1")
    assert said is not None
    assert shlex.split(said)[4] == "a'; rm -rf ~; echo '"
    assert said.endswith("'<SERIAL CODE>' --region eu-west-1")


NO_NAMES = (None, {"Ref": "X"}, "--debug", "a\nb", "", True)


@pytest.mark.parametrize("document", [None, {}, *({"BucketName": one} for one in NO_NAMES)])
def test_without_what_it_names_there_is_none(document: object) -> None:
    assert filled(made("aws s3api get-bucket-acl --bucket {BucketName}"), document) is None


def test_the_arn_is_one() -> None:
    one = made("aws elbv2 describe --load-balancer-arn {arn}")
    assert filled(one, {}, uid="not one") is None
    assert filled(one, {}, uid="arn:aws:x:::y") == "aws elbv2 describe --load-balancer-arn arn:aws:x:::y"
