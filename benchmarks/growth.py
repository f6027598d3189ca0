"""How time and memory grow: 1, 10, 100 accounts; 1,000, 10,000, 100,000 resources."""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path

from benchmarks.live import CREDENTIALS, clients, emulator
from benchmarks.measure import KOBAN, Taken, run

REGION = "eu-west-1"


def main() -> None:
    """Print seconds and peak memory for growing numbers of accounts and of resources."""
    accounts()
    resources()


def accounts() -> None:
    """Organisations of 1, 10 and 100 accounts with the same few resources in each, scanned over HTTP."""
    print("\naccounts (one region, ten log groups in each)")
    for count in (1, 10, 100):
        with emulator() as url, tempfile.TemporaryDirectory() as scratch:
            _organisation(url, count)
            output = Path(scratch) / "results.jsonl"
            command = [
                *KOBAN,
                "scan",
                "aws",
                "--org",
                "--regions",
                REGION,
                "--no-baseline",
                "-f",
                "jsonl",
                "-o",
                output,
                "-q",
            ]
            taken = run(command, {**CREDENTIALS, "AWS_ENDPOINT_URL": url})
            _line(f"{count} accounts", count, taken)


def resources() -> None:
    """Spools of 1,000, 10,000 and 100,000 security groups and volumes, judged and written."""
    print("\nresources (judged out of the spool, every result written)")
    for count in (1_000, 10_000, 100_000):
        with tempfile.TemporaryDirectory() as scratch:
            script = f"from benchmarks.growth import judge; judge({count}, {scratch!r})"
            import sys

            taken = run([sys.executable, "-c", script])
            _line(f"{count:,} resources", count, taken)


def judge(count: int, directory: str) -> None:
    """Keep `count` resources in a spool, then judge all of them by every rule of their types."""
    from datetime import UTC, datetime

    from koban.engines.posture import evaluate
    from koban.ledger.spool import Spool
    from koban.model.resource import resource_class
    from koban.rules.catalog import catalog

    rules = catalog()
    spool = Spool(Path(directory) / "spool.sqlite", datetime.now(UTC), "growth")
    unit = spool.begin("111122223333", REGION, "growth")
    group, volume = resource_class("AWS::EC2::SecurityGroup"), resource_class("AWS::EC2::Volume")
    ingress = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}]
    for start in range(0, count, 500):
        made = []
        for number in range(start, min(count, start + 500)):
            cls, document = (
                (group, {"GroupId": f"sg-{number}", "GroupName": f"g{number}", "SecurityGroupIngress": ingress})
                if number % 2
                else (volume, {"VolumeId": f"vol-{number}", "Encrypted": False})
            )
            made.append(cls(document, account="111122223333", region=REGION))
        spool.add(unit, made)
    spool.finish(unit)
    with (Path(directory) / "results.jsonl").open("w", encoding="utf-8") as out:
        for result in evaluate(rules, spool.stream()):
            out.write(json.dumps(result.as_json()) + "\n")


def _organisation(url: str, count: int) -> None:
    management = clients(url)
    organizations = management("organizations")
    organizations.create_organization(FeatureSet="ALL")
    ids = [organizations.describe_organization()["Organization"]["MasterAccountId"]]
    for number in range(count - 1):
        made = organizations.create_account(AccountName=f"a{number}", Email=f"a{number}@example.com")
        ids.append(made["CreateAccountStatus"]["AccountId"])
    for account in ids:
        client = management if account == ids[0] else _as(url, management, account)
        for number in range(10):
            client("logs", REGION).create_log_group(logGroupName=f"g{number}")


def _as(url: str, management: object, account: str) -> object:
    import boto3

    key = management("sts").assume_role(  # type: ignore[operator]
        RoleArn=f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole", RoleSessionName="bench"
    )["Credentials"]
    made = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"])
    return lambda service, region: made.client(service, region_name=region, endpoint_url=url)


def _line(what: str, count: int, taken: Taken) -> None:
    print(
        f"  {what:20}{taken.wall:9.1f} s wall {taken.cpu:9.1f} s CPU {taken.memory:8.0f} MiB   "
        f"{taken.cpu / count * 1000:8.2f} ms CPU each   exit {taken.code}",
        flush=True,
    )


if __name__ == "__main__":
    started = time.perf_counter()
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main()
    print(f"took {time.perf_counter() - started:.0f} s")
