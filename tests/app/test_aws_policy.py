"""Least privilege: what is printed is what is called, and nothing of it writes."""

from __future__ import annotations

import json
import re
from functools import cache

import botocore.loaders
import pytest
import yaml

from koban.app.aws import AwsError
from koban.app.aws_policy import (
    POLICIES_PER_ROLE_MAX,
    POLICY_CHARACTERS_MAX,
    actions,
    characters,
    policies,
    stack_set,
    terraform,
)
from koban.sources.aws.actions import ACTIONS, NEVER, READING_TOO, action_of, only_reads
from koban.sources.aws.collector import collectors
from koban.sources.aws.session import ORGANISATION_CALLS, SETUP_CALLS

DECLARED = sorted(
    {call for one in collectors() for call in one.calls} | {*ORGANISATION_CALLS, *SETUP_CALLS} - {"sts:AssumeRole"}
)
LOADER = botocore.loaders.create_loader()


@cache
def operations(service: str) -> set[str]:
    return set(LOADER.load_service_model(service, "service-2")["operations"])


@cache
def actions_in_schemas() -> set[str]:
    """Every IAM action that the public CloudFormation schemas name, in lower case."""
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

    found: set[str] = set()
    for type_name in PROVIDER_SCHEMA_MANAGER.get_resource_types("us-east-1"):
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", type_name).schema
        for handler in schema.get("handlers", {}).values():
            found.update(str(one).lower() for one in handler.get("permissions", ()))
    return found


@pytest.mark.parametrize("operation", DECLARED)
def test_a_declared_operation_exists_and_only_reads(operation: str) -> None:
    service, _, name = operation.partition(":")
    assert name in operations(service)
    assert only_reads(operation), f"{operation} is not named like reading, or hands out secrets"


def test_one_operation_alone_is_not_named_like_reading() -> None:
    assert READING_TOO == ("iam:GenerateCredentialReport",)
    assert not any(only_reads(one) for one in (*NEVER, "s3:PutBucketPolicy", "ec2:CreateSnapshot", "iam:DeleteUser"))


def test_services_speak_the_prefixes_that_the_schemas_know() -> None:
    known = {one.partition(":")[0] for one in actions_in_schemas()}
    # No CloudFormation type asks for these; the service's own list of actions has them.
    known |= {
        "account",
        "sts",
        "s3express",
        "ecr-public",
        "health",
        "support",
        "trustedadvisor",
        "dax",
        "route53domains",
    }
    assert {action_of(one).partition(":")[0] for one in DECLARED} <= known


def test_actions_renamed_are_known_to_the_schemas() -> None:
    unknown = {one for one in ACTIONS.values() if one.lower() not in actions_in_schemas()}
    # Account-wide ones that no CloudFormation handler needs.
    assert unknown <= {"s3:ListAllMyBuckets", "s3express:ListAllMyDirectoryBuckets", "s3:GetAccountPublicAccessBlock"}


def test_policies_hold_every_action_and_fit() -> None:
    documents = policies(org=True)
    listed = [one for document in documents for one in document["Statement"][0]["Action"]]
    assert listed == actions(org=True)
    assert set(listed) == {action_of(one) for one in DECLARED}
    assert all(characters(one) <= POLICY_CHARACTERS_MAX for one in documents)
    assert len(documents) <= POLICIES_PER_ROLE_MAX
    assert not any("*" in one for one in listed)


def test_an_organisation_needs_one_role_more() -> None:
    (assume,) = [s for s in policies(("s3",), org=True)[0]["Statement"] if s["Sid"] == "KobanAssume"]
    assert (assume["Action"], assume["Resource"]) == (
        "sts:AssumeRole",
        "arn:*:iam::*:role/OrganizationAccountAccessRole",
    )
    assert "sts:AssumeRole" not in json.dumps(policies(("s3",)))


def test_a_choice_of_services_asks_for_less() -> None:
    few = actions(("sns",))
    assert "sns:ListTopics" in few
    assert not [one for one in few if one.startswith(("s3:", "iam:"))]
    assert not [one for one in actions(exclude=("sns",)) if one.startswith("sns:")]
    with pytest.raises(AwsError, match="no service 'teleport'"):
        actions(("teleport",))


def test_the_stack_set_template_is_valid_and_trusts_by_external_id() -> None:
    from cfnlint import api

    text = stack_set()
    problems = api.lint(text, regions=["us-east-1"])
    assert [str(one) for one in problems if one.rule.id.startswith("E")] == []
    template = yaml.safe_load(text)
    role = template["Resources"]["Role"]["Properties"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}
    assert len(role["ManagedPolicyArns"]) == len(policies())
    assert len(text) < 51_200


def test_the_terraform_module_holds_the_same_actions() -> None:
    text = terraform(("s3", "iam"))
    assert set(re.findall(r'"([a-z0-9-]+:[A-Z]\w+)"', text)) - {"sts:AssumeRole", "sts:ExternalId"} == set(
        actions(("s3", "iam"))
    )
    assert text.count("{") == text.count("}")
    assert 'variable "external_id"' in text
