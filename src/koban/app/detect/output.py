"""Alerts as people and programs read them: stories in a table, JSON lines, OCSF Detection Findings, a webhook."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TextIO

from koban.app.notify.address import PrivateAddress, Refused
from koban.app.notify.webhook import NoAnswer, Webhook, check, post
from koban.engines.alerting.stories import Story, stories
from koban.model.alert import LEVELS, Alert
from koban.model.event import OCSF_VERSION

SEVERITY = dict(zip(LEVELS, ("Informational", "Low", "Medium", "High", "Critical"), strict=True))
COLOURS = {"critical": "1;31", "high": "31", "medium": "33", "low": "36", "informational": "2"}
WEBHOOK_TRIES = 4


class BadWebhook(ValueError):
    """A webhook that is not called; the message says why."""


def as_row(alert: Alert) -> dict[str, Any]:
    """An alert as a line of JSON says it; keys in this order."""
    table = asdict(alert)
    table.pop("events")
    table.pop("key")
    return {"fingerprint": alert.fingerprint, **table}


def as_ocsf(alert: Alert, version: str) -> dict[str, Any]:
    """An alert as an OCSF Detection Finding."""
    severity_id = LEVELS.index(alert.level) + 1
    first, last = _milliseconds(alert.time_first), _milliseconds(alert.time_last)
    analytic = {"sigma": (1, "Rule"), "correlation": (1, "Rule"), "behaviour": (2, "Behavioral")}
    type_id, kind = analytic.get(alert.kind, (99, alert.kind))
    techniques = [t.removeprefix("attack.").upper() for t in alert.tags if t.startswith("attack.t")]
    observables = [
        {"name": f"entity.{e.kind}", "type_id": _observable(e.kind), "value": e.name} for e in alert.entities if e.name
    ]
    event: dict[str, Any] = {
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "type_uid": 200401,
        "type_name": "Detection Finding: Create",
        "time": last,
        "start_time": first,
        "end_time": last,
        "count": alert.count,
        "severity_id": severity_id,
        "severity": SEVERITY[alert.level],
        "status_id": 1,
        "status": "New",
        "is_alert": True,
        "message": alert.title,
        "metadata": {
            "version": OCSF_VERSION,
            "product": {"name": "Koban", "vendor_name": "Koban", "version": version},
            "event_code": alert.rule,
            **({"profiles": ["cloud"]} if alert.account else {}),
        },
        "finding_info": {
            "uid": alert.fingerprint,
            "title": alert.title,
            "desc": alert.why or alert.title,
            "first_seen_time": first,
            "last_seen_time": last,
            "created_time": last,
            "analytic": {"name": alert.title, "uid": alert.rule, "type_id": type_id, "type": kind},
            **(
                {
                    "attacks": [
                        {
                            "technique": {"uid": t.partition(".")[0]},
                            **({"sub_technique": {"uid": t}} if "." in t else {}),
                        }
                        for t in techniques
                    ]
                }
                if techniques
                else {}
            ),
        },
        "evidences": [
            {"data": {"time": e.time, "source": e.source, "origin": e.origin, "line": e.origin_line, "uid": e.uid}}
            for e in alert.evidence
        ],
        "observables": observables,
    }
    if alert.account:
        event["cloud"] = {"provider": "AWS", "account": {"uid": alert.account}}
        if alert.region:
            event["cloud"]["region"] = alert.region
    return event


def _observable(kind: str) -> int:
    return {"ip": 2, "user": 4, "host": 1, "domain": 1, "resource": 10, "account": 99}.get(kind, 99)


def _milliseconds(text: str) -> int:
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def write_jsonl(stream: TextIO, alerts: Iterable[Alert]) -> None:
    """One alert a line."""
    for alert in alerts:
        stream.write(json.dumps(as_row(alert), ensure_ascii=False) + "\n")


def write_ocsf(stream: TextIO, alerts: Iterable[Alert], version: str) -> None:
    """One Detection Finding a line."""
    for alert in alerts:
        stream.write(json.dumps(as_ocsf(alert, version), ensure_ascii=False) + "\n")


def write_stories(
    stream: TextIO, alerts: Sequence[Alert], doubles: Mapping[str, Sequence[Alert]], *, colour: bool, width: int
) -> None:
    """The alerts put together, the riskiest story first."""

    def paint(code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if colour else text

    for story in stories(alerts):
        for line in _story(story, doubles, paint, width):
            stream.write(line.rstrip() + "\n")
        stream.write("\n")


def _story(story: Story, doubles: Mapping[str, Sequence[Alert]], paint: Any, width: int) -> Iterator[str]:
    who = [e for e in story.entities if e.kind in ("user", "session", "host", "ip")][:3]
    named = ", ".join(_short(e.name) for e in who) or "nobody known"
    yield paint(COLOURS[story.level], story.level.upper()) + paint("1", f"  {named}")
    count = len(story.alerts)
    span = f"{story.time_first[:16].replace('T', ' ')} to {story.time_last[:16].replace('T', ' ')} UTC"
    yield paint("2", f"  {span}, {count} alert{'s' * (count != 1)}, risk {story.risk:.0f}")
    if story.tactics:
        yield paint("2", "  " + " > ".join(t.replace("-", " ") for t in story.tactics))
    for alert in story.alerts:
        level = f"{alert.level:<13}"
        times = f" x{alert.count}" if alert.count > 1 else ""
        text = f"{alert.title}{times}"
        who_ = _short(alert.entities[0].name) if alert.entities else ""
        room = max(20, width - 38)
        marked = paint(COLOURS[alert.level], level)
        yield f"  {alert.time_first[11:19]}  {marked} {text[:room]}{paint('2', '  ' + who_)}"
        for other in doubles.get(alert.fingerprint, ()):
            yield paint("2", f"            also said by {other.details.get('product', 'a product')}: {other.title}")


def _short(name: str) -> str:
    return name.rpartition(":")[2] if name.startswith("arn:") else name


def call(url: str, alerts: Iterable[Alert], *, secret: str = "", allow_private: bool = False) -> int:
    """Posts each alert to a webhook, signed where there is a secret; how many arrived.  Raises `BadWebhook`.

    `X-Koban-Signature: t=<seconds>,v1=<hex>` is HMAC-SHA256 over `<seconds>.<body>`.
    """
    hook = check_webhook(url, allow_private=allow_private)
    host = hook.place.host
    arrived = 0
    for alert in alerts:
        body = json.dumps(as_row(alert), ensure_ascii=False).encode()
        for attempt in range(WEBHOOK_TRIES):
            try:
                status = post(hook, body, {"Idempotency-Key": alert.fingerprint}, secret=secret)
                if status < 300:
                    arrived += 1
                    break
                if status < 500 and status != 429:
                    raise BadWebhook(f"{host} refused an alert: HTTP {status}")
            except NoAnswer:
                pass
            time.sleep(0.5 * 2**attempt)
        else:
            raise BadWebhook(f"{host} did not take an alert in {WEBHOOK_TRIES} tries; it is kept in the lake")
    return arrived


def check_webhook(url: str, *, allow_private: bool = False) -> Webhook:
    """That a URL may be called: HTTPS, or HTTP where private addresses are allowed.  Raises `BadWebhook`."""
    try:
        return check(url, allow_private=allow_private)
    except PrivateAddress as error:
        raise BadWebhook(f"{error}; say --allow-private-webhook if that is meant") from error
    except Refused as error:
        raise BadWebhook(str(error)) from error
