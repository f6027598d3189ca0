"""CloudTrail events by the million: some hundred varied ones of our own, each time a little different.

Most are what an estate does all day; one in fifty is an event that a test of one of Koban's detections is about, set
into a whole record.  The same seed gives the same events.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from koban.engines.detection.rules import own_detections

START = datetime(2026, 3, 2, tzinfo=UTC)
FILE_EVENTS = 2000
NOTABLE_SHARE = 0.02
ORDINARY: tuple[tuple[str, str, bool, dict[str, Any], Any], ...] = (
    ("ec2", "DescribeInstances", True, {"maxResults": 1000, "instancesSet": {}, "filterSet": {}}, None),
    ("ec2", "DescribeVolumes", True, {"filterSet": {"items": [{"name": "status"}]}}, None),
    ("ec2", "DescribeSecurityGroups", True, {"securityGroupSet": {}}, None),
    ("ec2", "CreateTags", False, {"resourcesSet": {"items": [{"resourceId": "i-{hex}"}]}}, {"_return": True}),
    ("s3", "GetObject", True, {"bucketName": "data-{few}", "key": "part/{hex}.parquet", "Host": "data.example"}, None),
    ("s3", "PutObject", False, {"bucketName": "logs-{few}", "key": "in/{hex}", "Host": "logs.example"}, None),
    ("s3", "HeadObject", True, {"bucketName": "data-{few}", "key": "part/{hex}"}, None),
    ("s3", "ListBuckets", True, {"Host": "s3.amazonaws.com"}, None),
    ("kms", "Decrypt", True, {"encryptionContext": {"aws:s3:arn": "arn:aws:s3:::data-{few}"}}, None),
    ("kms", "GenerateDataKey", True, {"keySpec": "AES_256", "keyId": "arn:aws:kms:eu-west-1:111122223333:key/k"}, None),
    ("sts", "AssumeRole", True, {"roleArn": "arn:aws:iam::111122223333:role/app-{few}", "roleSessionName": "s-{few}"},
     {"credentials": {"accessKeyId": "ASIA{HEX}", "expiration": "Mar 2, 2026, 5:00:00 PM"}}),
    ("sts", "GetCallerIdentity", True, {}, None),
    ("iam", "ListUsers", True, {"maxItems": 100}, None),
    ("iam", "GetRole", True, {"roleName": "app-{few}"}, None),
    ("dynamodb", "GetItem", True, {"tableName": "orders-{few}", "key": {"id": "{hex}"}}, None),
    ("dynamodb", "PutItem", False, {"tableName": "orders-{few}", "key": {"id": "{hex}"}}, None),
    ("lambda", "Invoke", False, {"functionName": "fn-{few}", "invocationType": "Event"}, None),
    ("lambda", "GetFunction20150331v2", True, {"functionName": "fn-{few}"}, None),
    ("logs", "DescribeLogGroups", True, {"limit": 50}, None),
    ("monitoring", "GetMetricData", True, {"startTime": "Mar 2, 2026, 4:00:00 PM"}, None),
    ("ssm", "UpdateInstanceInformation", False, {"instanceId": "i-{hex}", "agentVersion": "3.3.1"}, None),
    ("ssm", "GetParameter", True, {"name": "/app/{few}", "withDecryption": True}, None),
    ("secretsmanager", "GetSecretValue", True, {"secretId": "app-{few}"}, None),
    ("autoscaling", "DescribeAutoScalingGroups", True, {"maxRecords": 100}, None),
    ("ecr", "BatchGetImage", True, {"repositoryName": "app-{few}", "imageIds": [{"imageTag": "{hex}"}]}, None),
    ("elasticloadbalancing", "DescribeTargetHealth", True, {"targetGroupArn": "arn:aws:e:::t/{few}"}, None),
    ("cloudformation", "DescribeStacks", True, {"stackName": "stack-{few}"}, None),
    ("eks", "ListClusters", True, {}, None),
    ("rds", "DescribeDBInstances", True, {"dBInstanceIdentifier": "db-{few}"}, None),
    ("sqs", "GetQueueAttributes", True, {"queueUrl": "https://q.example/{few}"}, None),
)  # fmt: skip
AGENTS = ("aws-sdk-go-v2/1.30 lang/go", "Boto3/1.40 md/Botocore#1.40", "aws-cli/2.17", "APN/1.0 HashiCorp/1.0")


def templates() -> tuple[list[str], list[str]]:
    """The texts of ordinary and of notable events, with places to fill."""
    ordinary = []
    for number, (service, name, reads, asked, answered) in enumerate(ORDINARY * 4):
        over = {"eventSource": f"{service}.amazonaws.com", "eventName": name, "readOnly": reads}
        over |= {"requestParameters": asked or None, "responseElements": answered, "userAgent": AGENTS[number % 4]}
        if service == "s3" and "bucketName" in asked:
            arn = f"arn:aws:s3:::{asked['bucketName']}"
            over["resources"] = [
                {"type": "AWS::S3::Object", "ARN": f"{arn}/{asked.get('key')}"},
                {"accountId": "{account}", "type": "AWS::S3::Bucket", "ARN": arn},
            ]
        if number % 16 == 5:
            over |= {"errorCode": "AccessDenied", "errorMessage": "User is not authorized to perform: this"}
        ordinary.append(_text(over, number))
    notable: list[str] = []
    for detection in own_detections().detections:
        for test in detection.tests if "aws" in detection.file else ():
            for one in [test, *test.get("events", ())]:
                event = one.get("event")
                if isinstance(event, dict) and "eventSource" in event and "eventName" in event:
                    notable.append(_text({k: v for k, v in event.items() if k != "eventTime"}, len(notable)))
    return ordinary, notable


def _text(over: dict[str, Any], number: int) -> str:
    role = {
        "type": "AssumedRole",
        "principalId": "AROA{HEX}:s-{few}",
        "arn": "arn:aws:sts::{account}:assumed-role/app-{few}/s-{some}",
        "accountId": "{account}",
        "accessKeyId": "ASIA{HEX}",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": "AROA{HEX}",
                "arn": "arn:aws:iam::{account}:role/app-{few}",
                "accountId": "{account}",
                "userName": "app-{few}",
            },
            "attributes": {"creationDate": "2026-03-01T20:00:00Z", "mfaAuthenticated": "false"},
        },
    }
    user = {
        "type": "IAMUser",
        "principalId": "AIDA{HEX}",
        "arn": "arn:aws:iam::{account}:user/u-{few}",
        "accountId": "{account}",
        "accessKeyId": "AKIA{HEX}",
        "userName": "u-{few}",
    }
    whole = {
        "eventVersion": "1.11",
        "userIdentity": user if number % 4 == 3 else role,
        "eventTime": "{time}",
        "eventSource": "",
        "eventName": "",
        "awsRegion": "{region}",
        "sourceIPAddress": "{address}",
        "userAgent": "aws-cli/2.17",
        "requestParameters": None,
        "responseElements": None,
        "additionalEventData": {"SignatureVersion": "SigV4", "CipherSuite": "TLS_AES_128_GCM_SHA256", "id2": "{long}"},
        "requestID": "{HEX}",
        "eventID": "{uuid}",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "{account}",
        "eventCategory": "Management",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128", "clientProvidedHostHeader": "a.example"},
    } | over
    text = json.dumps(whole, separators=(",", ":")).replace("%", "%%")
    for name in ("time", "region", "address", "account", "hex", "HEX", "few", "some", "uuid", "long"):
        text = text.replace("{" + name + "}", f"%({name})s")
    return text


def events(count: int, seed: int = 1, start: datetime = START, span: timedelta = timedelta(days=3)) -> Iterator[str]:
    """So many events as JSON, in the order of their times, over some days."""
    dice = random.Random(seed)
    ordinary, notable = templates()
    step = span / max(count, 1)
    for number in range(count):
        bits = dice.getrandbits(128)
        digits = f"{bits:032x}"
        account = 111122223333 + bits % 9
        text = dice.choice(notable) if dice.random() < NOTABLE_SHARE else ordinary[bits % len(ordinary)]
        yield text % {
            "time": (start + step * number).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": ("eu-west-1", "us-east-1", "eu-central-1")[bits % 3],
            "address": f"{20 + (bits >> 8) % 180}.{(bits >> 16) % 8}.{(bits >> 24) % 250}.{(bits >> 32) % 250}",
            "account": account,
            "hex": digits[:16],
            "HEX": digits[16:].upper(),
            "few": (bits >> 40) % 60,
            "some": (bits >> 48) % 1000,
            "uuid": f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}",
            "long": f"{bits * 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << 256):064x}",
        }


def write(directory: Path, count: int, seed: int = 1) -> list[Path]:
    """So many events as CloudTrail delivers them to S3, gzipped; the files."""
    files: list[Path] = []
    held: list[str] = []

    def close() -> None:
        day = (START + timedelta(days=3) * (len(files) * FILE_EVENTS) / count).strftime("%Y/%m/%d")
        name = f"111122223333_CloudTrail_eu-west-1_{day.replace('/', '')}T0000Z_{len(files):012d}.json.gz"
        path = directory / "AWSLogs" / "111122223333" / "CloudTrail" / "eu-west-1" / day / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(f'{{"Records":[{",".join(held)}]}}'.encode(), 4))
        files.append(path)
        held.clear()

    for text in events(count, seed):
        held.append(text)
        if len(held) == FILE_EVENTS:
            close()
    if held:
        close()
    return files
