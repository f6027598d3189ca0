from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient
from tests.app.notify.receiver import mail_server, receiving
from tests.interfaces.api.filled import XSS, Filled, covering, estate, scan

from koban.app.notify.sender import AGAIN_SECONDS, Sender
from koban.ledger import schema

PATH = "/api/v1/notifications"
HOOK = {"kind": "webhook", "url": "https://hooks.example.com/koban"}
MAIL = {"kind": "email", "host": "smtp.example.com", "sender": "k@example.com", "recipients": ["a@example.com"]}


@pytest.fixture
def settings(settings: Any) -> Any:
    from dataclasses import replace

    return replace(settings, allow_private_webhooks=True)


def make(client: TestClient, options: dict[str, Any], **more: Any) -> Any:
    body = {"name": "n", "options": options, "events": ["finding.opened"], "severity": "low", **more}
    return client.post(PATH, json=body)


def sender(api: Any) -> Sender:
    return Sender(api.state.ledger, api.state.key, allow_private=True, address="https://koban.example/")


def test_only_admins_see_them_and_nobody_their_secrets(api: Any, admin: TestClient, approver: TestClient) -> None:
    assert make(approver, HOOK).status_code == 403
    assert approver.get(PATH).status_code == 403
    made = make(admin, HOOK)
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert len(secret) > 30
    path = f"{PATH}/{made.json()['id']}"
    make(admin, {**MAIL, "username": "k", "password": "p4ssw0rd!"}, name="m")
    make(admin, {"kind": "slack", "url": "https://hooks.slack.com/services/T0/B0/s3cr3tpart"}, name="s")
    told = admin.get(PATH).text + admin.get(path).text
    for hidden in (secret, "p4ssw0rd!", "s3cr3tpart"):
        assert hidden not in told
        with api.state.ledger.reading() as connection:
            rows = connection.execute(select(schema.notifications.c.options)).all()
            audited = connection.execute(select(schema.audit.c.detail)).all()
        assert hidden not in str(rows) + str(audited)
    assert make(admin, HOOK).status_code == 409
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404


def test_a_secret_stays_where_it_is_and_never_goes_to_another_place(api: Any, admin: TestClient) -> None:
    id = make(admin, {**MAIL, "username": "k", "password": "p4ssw0rd!"}).json()["id"]
    before = api.state.ledger
    changed = admin.patch(f"{PATH}/{id}", json={"options": {**MAIL, "username": "k", "sender": "other@example.com"}})
    assert changed.status_code == 200
    assert changed.json()["options"]["has_secret"]
    moved = admin.patch(f"{PATH}/{id}", json={"options": {**MAIL, "host": "evil.example.com", "username": "k"}})
    assert moved.status_code == 422
    assert moved.json()["errors"][0]["field"] == "options.password"
    assert admin.patch(f"{PATH}/{id}", json={"options": HOOK}).status_code == 422
    assert admin.patch(f"{PATH}/{id}", json={"enabled": False}, headers={"If-Match": '"x"'}).status_code == 412
    assert admin.patch(f"{PATH}/{id}", json={"enabled": False}).json()["enabled"] is False
    assert before is api.state.ledger


@pytest.mark.parametrize(
    "options",
    [
        {**HOOK, "url": "https://127.0.0.1/"},
        {**HOOK, "url": "https://169.254.169.254/latest/meta-data/"},
        {**HOOK, "url": "https://user:word@8.8.8.8/"},
        {**HOOK, "url": "http://8.8.8.8/"},
        {**HOOK, "url": "ftp://8.8.8.8/"},
        {**HOOK, "url": "https://x y/"},
        {**HOOK, "secret": "short"},
        {"kind": "slack", "url": "https://[::ffff:10.0.0.1]/"},
        {**MAIL, "security": "none"},
        {**MAIL, "recipients": []},
        {**MAIL, "recipients": ["a@example.com\r\nBcc: x@example.com"]},
        {**MAIL, "sender": "nobody"},
        {**MAIL, "host": "mail.example.com/x"},
        {"kind": "pager"},
    ],
)
def test_what_may_not_be_a_target(make_api: Any, settings: Any, options: dict[str, Any]) -> None:
    admin = make_api(settings, allow_private_webhooks=False).client("admin")
    answer = make(admin, options)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"].startswith("options")


def landed(filled: Filled) -> None:
    """A bucket that was mended is open to all again."""
    resources, results = estate()
    scan(filled.ledger, filled.estate, datetime.now(UTC), resources, results, covering())


def states(api: Any) -> list[str]:
    with api.state.ledger.reading() as connection:
        return list(connection.scalars(select(schema.deliveries.c.state).order_by(schema.deliveries.c.id)))


def test_a_landed_scan_is_told_once_signed_and_retried(api: Any, filled: Filled, admin: TestClient) -> None:
    with receiving() as (url, hook):
        secret = make(
            admin, {**HOOK, "url": f"{url}/koban"}, events=["finding.reopened", "scan.landed"], severity="high"
        ).json()["secret"]
        landed(filled)
        assert states(api) == ["waiting", "waiting"]
        hook.answers.append(503)
        now = datetime.now(UTC)
        assert sender(api).once(now) == 2
        assert sorted(states(api)) == ["sent", "waiting"]
        assert sender(api).once(now) == 0  # not before its time
        assert sender(api).once(now + timedelta(seconds=AGAIN_SECONDS[0])) == 1
        assert states(api) == ["sent", "sent"]
    told = {json.loads(body)["event"]: (headers, body) for _, headers, body in hook.got}
    headers, body = told["finding.reopened"]
    moment, signature = (one.partition("=")[2] for one in headers["X-Koban-Signature"].split(","))
    assert signature == hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    said = json.loads(body)
    assert said["data"]["counts"] == {"critical": 2}
    assert said["data"]["findings"][0]["url"].startswith("https://koban.example/findings/")
    assert headers["Idempotency-Key"] == str(said["id"])
    assert len({json.loads(body)["id"] for _, _, body in hook.got}) == 2
    last = admin.get(PATH).json()["items"][0]["last"]
    assert (last["state"], last["error"]) == ("sent", None)


def test_what_never_arrives_is_given_up(api: Any, filled: Filled, admin: TestClient) -> None:
    with receiving() as (url, hook):
        make(admin, {**HOOK, "url": url}, events=["finding.reopened"])
        landed(filled)
        now = datetime.now(UTC)
        for seconds in (0, *AGAIN_SECONDS):
            hook.answers.append(500)
            now += timedelta(seconds=seconds)
            assert sender(api).once(now) == 1
        assert states(api) == ["given-up"]
        assert sender(api).once(now + timedelta(days=9)) == 0
    last = admin.get(PATH).json()["items"][0]["last"]
    assert (last["tries"], last["error"]) == (len(AGAIN_SECONDS) + 1, "127.0.0.1 answered HTTP 500")


def test_a_refusal_is_not_tried_again(api: Any, filled: Filled, admin: TestClient) -> None:
    with receiving() as (url, hook):
        hook.answers.append(410)
        make(admin, {**HOOK, "url": url}, events=["finding.reopened"])
        landed(filled)
        sender(api).once(datetime.now(UTC))
    assert states(api) == ["given-up"]


def test_a_private_address_is_refused_when_sending_too(
    api: Any, filled: Filled, admin: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name was public when the target was made."""
    with receiving() as (url, hook):
        make(admin, {**HOOK, "url": url}, events=["finding.reopened"])
        landed(filled)
        Sender(api.state.ledger, api.state.key).once(datetime.now(UTC))
    assert hook.got == []
    assert states(api) == ["given-up"]


def test_events_below_the_severity_or_not_asked_for_are_not_told(api: Any, filled: Filled, admin: TestClient) -> None:
    make(admin, HOOK, events=["finding.resolved", "scan.failed"])
    make(admin, HOOK, name="off", events=["finding.reopened"], enabled=False)
    landed(filled)
    assert states(api) == []


def test_exceptions_and_failed_scans_are_told(
    api: Any, filled: Filled, admin: TestClient, analyst: TestClient, approver: TestClient
) -> None:
    from koban.ledger.running import begin, fail

    make(admin, HOOK, events=["exception.asked", "exception.decided", "scan.failed", "case.opened"])
    soon = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    asked = {"rule": "s3-bucket-public", "reason": XSS, "expires": soon}
    id = analyst.post("/api/v1/exceptions", json=asked).json()["id"]
    approver.post(f"/api/v1/exceptions/{id}/reject", json={"reason": "no"})
    analyst.post("/api/v1/cases", json={"title": "c", "severity": "critical"})
    fail(filled.ledger, begin(filled.ledger, filled.code, "x"), "no such directory")
    with api.state.ledger.reading() as connection:
        told = connection.execute(select(schema.deliveries.c.event, schema.deliveries.c.body)).all()
    assert [one.event for one in told] == ["exception.asked", "exception.decided", "case.opened", "scan.failed"]
    assert told[1].body["text"] == "no"
    assert told[3].body["text"] == "no such directory"


def test_a_test_says_whether_it_arrived(api: Any, admin: TestClient, tmp_path: Path, monkeypatch: Any) -> None:
    with receiving() as (url, hook):
        id = make(admin, {"kind": "slack", "url": url}).json()["id"]
        assert admin.post(f"{PATH}/{id}/test").json() == {"sent": True, "error": None}
        assert json.loads(hook.got[0][2])["text"].startswith("*Koban: this is a test*")
        hook.answers.append(404)
        assert admin.post(f"{PATH}/{id}/test").json()["error"] == "127.0.0.1 refused it: HTTP 404"
    with mail_server(tmp_path) as (port, server, cert):
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        options = {**MAIL, "host": "localhost", "port": port, "username": "k", "password": "pw"}
        id = make(admin, options, name="m").json()["id"]
        assert admin.post(f"{PATH}/{id}/test").json() == {"sent": True, "error": None}
        assert server.got[0]["user"] == ["k", "pw"]
        assert b"this is a test" in server.got[0]["text"]


def test_two_senders_send_each_message_once(api: Any, filled: Filled, admin: TestClient) -> None:
    import threading

    with receiving() as (url, hook):
        for number in range(4):
            make(admin, {**HOOK, "url": url}, name=str(number), events=["finding.reopened", "scan.landed"])
        landed(filled)
        now = datetime.now(UTC)
        threads = [threading.Thread(target=sender(api).once, args=(now,)) for _ in range(3)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert len({json.loads(body)["id"] for _, _, body in hook.got}) == len(hook.got) == 8
