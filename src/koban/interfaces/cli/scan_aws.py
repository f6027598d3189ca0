"""`koban scan aws`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from koban.interfaces.cli.options import Words, example, flat
from koban.interfaces.cli.scan import EXIT_CODES, common

SERVICES_HELP = "Only these services, by Koban's names (s3, vpc, msk) or the AWS SDK's (ec2, kafka)."


@click.command(
    epilog=EXIT_CODES
    + "\n\n"
    + example(
        "koban scan aws --profile audit",
        "koban scan aws --org --framework cis-aws-7.0 --output report.html",
        "koban scan aws --regions eu-west-1 --services s3,iam --format jsonl --only fail",
        "koban scan aws --iac infra/ --state prod.tfstate",
    )
)
@click.option("--profile", default="", help="The profile of your AWS configuration to ask with.")
@click.option("--role-arn", default="", metavar="ARN", help="The role to assume before anything is read.")
@click.option("--external-id", default="", metavar="ID", help="The external id that the role asks for.")
@click.option("--org", is_flag=True, help="Read every account of the organisation.")
@click.option("--org-role", default="", metavar="NAME", help="The role to assume in each account.")
@click.option("--accounts", type=Words(), multiple=True, help="Only these accounts, as 12 digits.")
@click.option("--regions", type=Words(), multiple=True, help="Only these regions.  Default: all that are enabled.")
@click.option("--services", type=Words(), multiple=True, help=SERVICES_HELP)
@click.option("--exclude-services", type=Words(), multiple=True, help="All services but these.")
@click.option(
    "--max-rate",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help="At most N requests a second to each account, region and service, so that your own never wait.",
)
@click.option(
    "--iac",
    "iac",
    metavar="PATH",
    multiple=True,
    help="The code that made it: a directory, file or glob of CloudFormation, SAM or Terraform, with the states beside "
    "it (several times if you like).  Findings then name file, line and address, and drift is listed.",
)
@click.option(
    "--state",
    "states",
    metavar="FILE",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False),
    help="A state of Terraform: terraform.tfstate, or what `terraform show -json` prints (several times if you like).",
)
@click.option("--resume", is_flag=True, help="Go on with the same scan that was interrupted; ask nothing twice.")
@click.option(
    "--spool",
    "spool",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where what was read is kept meanwhile.  Default: your cache directory.",
)
@common
def aws(
    profile: str,
    role_arn: str,
    external_id: str,
    org: bool,
    org_role: str,
    accounts: tuple[tuple[str, ...], ...],
    regions: tuple[tuple[str, ...], ...],
    services: tuple[tuple[str, ...], ...],
    exclude_services: tuple[tuple[str, ...], ...],
    max_rate: float | None,
    iac: tuple[str, ...],
    states: tuple[str, ...],
    resume: bool,
    spool: Path | None,
    **asked: Any,
) -> int:
    """Judge live AWS accounts: one, several, or an organisation.  Reads only; `koban aws policy` prints what it needs.

    Credentials come from where the AWS command line takes them: the environment, a profile, the instance.
    """
    from koban.interfaces.cli.output import say
    from koban.interfaces.cli.progress import Bar
    from koban.interfaces.cli.running import judge

    given = {
        "profile": profile,
        "role_arn": role_arn,
        "external_id": external_id,
        "org": org,
        "org_role": org_role,
        "accounts": flat(accounts),
        "regions": flat(regions),
        "services": flat(services),
        "exclude_services": flat(exclude_services),
        "resume": resume,
        "max_rate": max_rate,
        "directory": spool,
    }

    def start(plan: Any, bar: Bar) -> Any:
        from koban.app.aws import AwsOptions, Progress, scan_aws

        def heard(at: Progress) -> None:
            where = "  ".join(filter(None, (at.account, at.region or "global", at.service)))
            bar.show(where, f"{at.resources:,} resources, {at.calls:,} calls", at.done, at.total)

        options = AwsOptions(**{name: value for name, value in given.items() if value})  # type: ignore[arg-type]
        code = None
        if iac or states:
            from koban.app.code import Code

            bar.show("Reading the code")
            code = Code(iac, states)
        bar.show("Signing in")
        return scan_aws(options, plan.rules, plan.amend if plan.use is not None else None, heard, code, plan.watcher)

    try:
        kept = {name: value for name, value in given.items() if name not in ("resume", "directory")}
        return judge(start, kind="aws", options=kept, with_code=bool(iac or states), **asked)
    except KeyboardInterrupt:
        say("koban: the same command with --resume goes on from here")
        raise
