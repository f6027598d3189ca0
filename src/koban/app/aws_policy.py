"""The least rights that a scan needs, made from what the collectors declare: policy, StackSet template, Terraform."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import yaml

from koban.app.aws import ORG_ROLE, choose, with_needed
from koban.sources.aws.actions import action_of
from koban.sources.aws.collector import collectors
from koban.sources.aws.session import ORGANISATION_CALLS, SETUP_CALLS

POLICY_CHARACTERS_MAX = 6144  # of a managed policy; AWS does not count white space
POLICIES_PER_ROLE_MAX = 10
ROLE = "KobanReadOnly"
SESSION_SECONDS = 3600


def actions(include: Iterable[str] = (), exclude: Iterable[str] = (), org: bool = False) -> list[str]:
    """The IAM actions for the chosen services, sorted.  `org` adds what listing an organisation's accounts needs.

    Raises AwsError for a service that there is not.
    """
    every = collectors()
    chosen = with_needed(choose(every, include, exclude), every)
    operations = {operation for one in chosen for operation in one.calls}
    operations |= {one for one in SETUP_CALLS if one != "sts:AssumeRole"}
    if org:
        operations |= set(ORGANISATION_CALLS)
    return sorted({action_of(one) for one in operations})


def policies(
    include: Iterable[str] = (), exclude: Iterable[str] = (), org: bool = False, org_role: str = ORG_ROLE
) -> list[dict[str, Any]]:
    """The policy documents for the chosen services, as few as fit in managed policies.

    `org` is for the identity that starts a scan of a whole organisation: it may assume `org_role` in each account.
    """
    documents: list[dict[str, Any]] = []
    waiting = actions(include, exclude, org)
    first: list[dict[str, Any]] = []
    if org:
        resource = f"arn:*:iam::*:role/{org_role}"
        first = [{"Sid": "KobanAssume", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource}]
    while waiting:
        kept = _fitting(waiting, first)
        documents.append(_document([*_reading(waiting[:kept], len(documents) + 1), *first]))
        waiting, first = waiting[kept:], []
    return documents


def _fitting(names: list[str], statements: list[dict[str, Any]]) -> int:
    size = characters(_document([*_reading([], 99), *statements]))
    for position, name in enumerate(names):
        size += len(name) + 3  # its quotes and comma
        if size > POLICY_CHARACTERS_MAX:
            return position
    return len(names)


def _reading(names: list[str], number: int) -> list[dict[str, Any]]:
    return [{"Sid": f"KobanRead{number}", "Effect": "Allow", "Action": names, "Resource": "*"}]


def _document(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


def characters(document: dict[str, Any]) -> int:
    """How long a policy is for AWS."""
    return len(json.dumps(document, separators=(",", ":")))


def _trust(principal: Any, external_id: Any) -> dict[str, Any]:
    return _document(
        [
            {
                "Effect": "Allow",
                "Principal": {"AWS": principal},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
            }
        ]
    )


def stack_set(include: Iterable[str] = (), exclude: Iterable[str] = (), role: str = ROLE) -> str:
    """A CloudFormation template of the read-only role, to roll out as a StackSet.

    Its parameters are the account that scans (`TrustedAccountId`) and the external id that it must give.
    """
    resources: dict[str, Any] = {}
    for number, document in enumerate(policies(include, exclude), start=1):
        properties = {"Description": f"What Koban reads, part {number}", "PolicyDocument": document}
        resources[f"Read{number}"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}
    principal = {"Fn::Sub": "arn:${AWS::Partition}:iam::${TrustedAccountId}:root"}
    resources["Role"] = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": {"Ref": "RoleName"},
            "Description": "Koban reads this account's configuration with it, and changes nothing",
            "MaxSessionDuration": SESSION_SECONDS,
            "AssumeRolePolicyDocument": _trust(principal, {"Ref": "ExternalId"}),
            "ManagedPolicyArns": [{"Ref": name} for name in resources],
        },
    }
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The read-only role with which Koban scans this account",
        "Parameters": {
            "TrustedAccountId": {
                "Type": "String",
                "AllowedPattern": r"^\d{12}$",
                "Description": "The account from which Koban scans",
            },
            "ExternalId": {
                "Type": "String",
                "MinLength": 8,
                "NoEcho": True,
                "Description": "A word of your own that Koban must give when it takes the role (--external-id)",
            },
            "RoleName": {"Type": "String", "Default": role, "Description": "What the role is called"},
        },
        "Resources": resources,
        "Outputs": {"RoleArn": {"Description": "For koban scan aws --role-arn", "Value": {"Fn::GetAtt": "Role.Arn"}}},
    }
    return yaml.safe_dump(template, sort_keys=False, width=120)


def terraform(include: Iterable[str] = (), exclude: Iterable[str] = (), role: str = ROLE) -> str:
    """A Terraform module of the read-only role, in one file."""
    blocks = [
        _variable("trusted_account_id", "The account from which Koban scans", "", r"can(regex(\"^\\d{12}$\", VALUE))"),
        _variable(
            "external_id", "A word of your own that Koban must give when it takes the role", "", "length(VALUE) >= 8"
        ),
        _variable("role_name", "What the role is called", role, ""),
        'data "aws_partition" "current" {}',
    ]
    principal = "arn:${data.aws_partition.current.partition}:iam::${var.trusted_account_id}:root"
    trust = _indented(_trust(principal, "${var.external_id}"))
    blocks.append(
        'resource "aws_iam_role" "koban" {\n'
        "  name                 = var.role_name\n"
        '  description          = "Koban reads this account\'s configuration with it, and changes nothing"\n'
        f"  max_session_duration = {SESSION_SECONDS}\n"
        f"  assume_role_policy   = jsonencode({trust})\n}}"
    )
    for number, document in enumerate(policies(include, exclude), start=1):
        blocks.append(
            f'resource "aws_iam_policy" "koban_{number}" {{\n'
            f'  name_prefix = "${{var.role_name}}-{number}-"\n'
            f"  policy      = jsonencode({_indented(document)})\n}}"
        )
        blocks.append(
            f'resource "aws_iam_role_policy_attachment" "koban_{number}" {{\n'
            "  role       = aws_iam_role.koban.name\n"
            f"  policy_arn = aws_iam_policy.koban_{number}.arn\n}}"
        )
    arn = "aws_iam_role.koban.arn"
    blocks.append(f'output "role_arn" {{\n  description = "For koban scan aws --role-arn"\n  value       = {arn}\n}}')
    return "\n\n".join(blocks) + "\n"


def _variable(name: str, description: str, default: str, condition: str) -> str:
    lines = [f'variable "{name}" {{', "  type        = string", f'  description = "{description}"']
    if default:
        lines.append(f'  default     = "{default}"')
    if condition:
        test = condition.replace("VALUE", f"var.{name}").replace('\\"', '"')
        lines += ["  validation {", f"    condition     = {test}", f'    error_message = "{description}."', "  }"]
    return "\n".join([*lines, "}"])


def _indented(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2).replace("\n", "\n  ")
