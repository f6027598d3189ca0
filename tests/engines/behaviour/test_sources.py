"""Detections over records as their sources write them, mapped as ingestion maps them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.engines.behaviour.events import ACCOUNT, Event, alerts, at
from tests.engines.behaviour.places import CLOUD, NEW_YORK, networks
from tests.sources.logs.events import events

from koban.model.event import CLASS_NAMES

SAMPLES = Path(__file__).parents[2] / "sources" / "logs" / "samples"


def mapped(lines: Sequence[Any]) -> list[Event]:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + "\n"
    found = []
    for event in events(text):
        row = {k: v for k, v in event.items() if k not in ("class_uid", "day", "origin", "origin_line", "observables")}
        row = {k: v for k, v in row.items() if not isinstance(v, list) and not k.endswith("created_time")}
        found.append(
            row
            | {
                "time": datetime.fromisoformat(event["time"]),
                "class": CLASS_NAMES[event["class_uid"]],
                "record": json.loads(event["record"]),
                "ingested_time": datetime.fromisoformat(event["time"]),
            }
        )
    return found


def test_sign_ins_of_entra() -> None:
    sample = json.loads((SAMPLES / "entra-signin.jsonl").read_text(encoding="utf-8").splitlines()[0])

    def sign_in(day: float, country: str) -> dict[str, Any]:
        properties = sample["properties"] | {
            "createdDateTime": at(day).isoformat(),
            "location": {"countryOrRegion": country},
        }
        return sample | {"time": at(day).isoformat(), "properties": properties}

    usual = [sign_in(d / 4, "DE") for d in range(80)]
    [alert] = alerts("first-seen-country", mapped([*usual, sign_in(20, "BR")]))
    assert alert.entities[0].name == "ana@example.com"
    assert "BR" in alert.why


def test_calls_of_google_cloud_that_are_denied() -> None:
    lines = (SAMPLES / "gcp-audit.jsonl").read_text(encoding="utf-8").splitlines()
    denied = next(d for d in map(json.loads, lines) if d["protoPayload"].get("status", {}).get("code") == 7)
    [alert] = alerts(
        "denied-burst", mapped([denied | {"timestamp": at(0, 1, 0, n / 10).isoformat()} for n in range(120)])
    )
    assert alert.entities[0].name == "ana@example.com"
    assert alert.count == 120


def test_flow_logs() -> None:
    begin = int(at(0, 10).timestamp())
    lines = [
        f"2 {ACCOUNT} eni-0a 10.0.0.5 10.0.1.1 55555 {port} 6 1 40 {begin + port} {begin + port + 60} REJECT OK"
        for port in range(1, 90)
    ]
    [alert] = alerts("port-scan-vertical", mapped(lines))
    assert "tried 89 ports of 10.0.1.1" in alert.why


def cloudtrail(time: datetime, ip: str) -> dict[str, Any]:
    role = f"arn:aws:iam::{ACCOUNT}:role/web"
    return {
        "eventVersion": "1.11",
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "s3.amazonaws.com",
        "eventName": "ListBuckets",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": ip,
        "userAgent": "aws-cli/2",
        "eventID": time.isoformat(),
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT,
        "userIdentity": {
            "type": "AssumedRole",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/web/i-0123456789abcdef0",
            "accountId": ACCOUNT,
            "accessKeyId": "ASIAEXAMPLE",
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": role, "userName": "web"}},
        },
    }


def test_credentials_of_an_instance_in_cloudtrail() -> None:
    usual = [cloudtrail(at(1) + timedelta(hours=h), CLOUD) for h in range(10)]
    [alert] = alerts("instance-credentials-outside", mapped([*usual, cloudtrail(at(3), NEW_YORK)]), networks())
    assert alert.evidence[0].summary == "web ListBuckets on s3.amazonaws.com from 203.0.113.9"
