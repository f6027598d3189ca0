"""`koban aws`: what AWS needs so that Koban can read."""

from __future__ import annotations

import json
from typing import Any

import click

from koban.interfaces.cli.options import Words, debug, example, flat
from koban.interfaces.cli.output import output, say


@click.group(epilog=example("koban aws policy", "koban aws policy --format stackset > role.yaml"))
def aws() -> None:
    """What AWS needs so that Koban can read."""


@aws.command(
    epilog=example(
        "koban aws policy --services s3,iam",
        "koban aws policy --org --org-role KobanReadOnly",
        "koban aws policy --format stackset --output koban-role.yaml",
        "koban aws policy --format terraform --output koban-role.tf",
    )
)
@click.option("--services", type=Words(), multiple=True, help="Only what these services need, such as s3,iam.")
@click.option("--exclude-services", type=Words(), multiple=True, help="What all services but these need.")
@click.option("--org", is_flag=True, help="Also what starting `koban scan aws --org` needs.  For --format json.")
@click.option("--org-role", default="", metavar="NAME", help="The role that --org assumes in each account.")
@click.option("--role", default="", metavar="NAME", help="The name of the role that stackset and terraform make.")
@click.option("--split", is_flag=True, help="A list of policies that each fit in a managed policy.  For --format json.")
@click.option(
    "-f",
    "--format",
    "format_name",
    type=click.Choice(["json", "stackset", "terraform", "actions"]),
    default="json",
    show_default=True,
    help="A policy document; the role as a CloudFormation template for a StackSet, or as Terraform; bare actions.",
)
@click.option("-o", "--output", "name", metavar="FILE", help="Write to FILE in place of standard output.")
@debug
def policy(
    services: tuple[tuple[str, ...], ...],
    exclude_services: tuple[tuple[str, ...], ...],
    org: bool,
    org_role: str,
    role: str,
    split: bool,
    format_name: str,
    name: str | None,
) -> int:
    """Print the least rights that a scan needs: exactly the calls that it makes, all of them reading."""
    from koban.app import aws_policy
    from koban.app.aws import ORG_ROLE

    chosen = flat(services), flat(exclude_services)
    if format_name in ("stackset", "terraform"):
        make = aws_policy.stack_set if format_name == "stackset" else aws_policy.terraform
        text = make(*chosen, role or aws_policy.ROLE)
    elif format_name == "actions":
        text = "".join(f"{one}\n" for one in aws_policy.actions(*chosen, org))
    else:
        text = _json(aws_policy.policies(*chosen, org, org_role or ORG_ROLE), split)
    with output(name) as stream:
        stream.write(text)
    return 0


def _json(documents: list[dict[str, Any]], split: bool) -> str:
    if split:
        return json.dumps(documents, indent=2) + "\n"
    if len(documents) > 1:
        say(
            f"koban: too long for one managed policy: --split makes {len(documents)}, --format stackset or terraform "
            "makes a role that has them all"
        )
    statements = [statement for one in documents for statement in one["Statement"]]
    return json.dumps({**documents[0], "Statement": statements}, indent=2) + "\n"
