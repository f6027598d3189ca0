from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.app.logs.test_ingest import record, trail

from koban.app.detect.timeline import moments, write_html
from koban.app.logs.ingest import Ingestion
from koban.engines.timeline import Moment
from koban.lake.lake import Lake
from koban.sources.logs.inputs import inputs


def as_user(name: str, key: str) -> dict[str, Any]:
    return {
        "type": "IAMUser",
        "userName": name,
        "arn": f"arn:aws:iam::111122223333:user/{name}",
        "accessKeyId": key,
    }


def as_role(role: str, session: str, key: str) -> dict[str, Any]:
    return {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::111122223333:assumed-role/{role}/{session}",
        "accessKeyId": key,
        "sessionContext": {"sessionIssuer": {"userName": role}},
    }


def assumed(n: int, by: dict[str, Any], role: str, session: str, key: str) -> dict[str, Any]:
    return record(
        n,
        eventSource="sts.amazonaws.com",
        eventName="AssumeRole",
        userIdentity=by,
        responseElements={
            "credentials": {"accessKeyId": key},
            "assumedRoleUser": {"arn": f"arn:aws:sts::111122223333:assumed-role/{role}/{session}"},
        },
    )


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(str(tmp_path / "lake"))
    trail(
        tmp_path / "logs" / "a.json.gz",
        record(0, eventName="ConsoleLogin", userIdentity=as_user("ana", "AKIAANA")),
        assumed(60, as_user("ana", "AKIAANA"), "deploy", "d1", "ASIA1"),
        assumed(120, as_role("deploy", "d1", "ASIA1"), "admin", "a1", "ASIA2"),
        record(180, eventName="DeleteTrail", userIdentity=as_role("admin", "a1", "ASIA2"), errorCode="AccessDenied"),
        record(240, eventName="DeleteTrail", userIdentity=as_role("admin", "other", "ASIA9")),
        record(300, eventName="ListUsers", userIdentity=as_user("bo", "AKIABO"), sourceIPAddress="203.0.113.9"),
    )
    Ingestion(made).take(inputs(str(tmp_path / "logs")))
    return made


def of(lake: Lake, entity: str) -> list[Moment]:
    return list(moments(lake, entity, "2026-03-01T00:00:00", "2026-03-02T00:00:00"))


def test_roles_lead_back_to_the_person(lake: Lake) -> None:
    found = of(lake, "ana")
    assert [(m.what, m.who) for m in found] == [
        ("ConsoleLogin", "ana"),
        ("AssumeRole", "ana"),
        ("AssumeRole", "ana"),
        ("DeleteTrail", "ana"),
    ]
    assert [v.rpartition(":")[2] for v in found[-1].via] == ["assumed-role/deploy/d1", "assumed-role/admin/a1"]
    assert found[-1].outcome == "AccessDenied"


def test_a_session_whose_beginning_nobody_saw_says_its_name(lake: Lake) -> None:
    (moment,) = of(lake, "arn:aws:sts::111122223333:assumed-role/admin/other")
    assert moment.who == "other (admin)"


def test_an_address(lake: Lake) -> None:
    assert [m.who for m in of(lake, "203.0.113.9")] == ["bo"]


def test_nobody(lake: Lake) -> None:
    assert of(lake, "nobody") == []


def test_the_page_tells_what_was_done_again_and_again_once() -> None:
    stream = io.StringIO()
    moment = Moment("2026-03-01T00:00:00.000Z", "ana", (), "GetObject", "b", "", "ok", "", "", "", "", "", 0)
    others = [replace(moment, time=f"2026-03-01T00:00:0{n}.000Z") for n in (1, 2)]
    write_html(stream, "ana", "2026-03-01", "2026-03-02", [moment, *others, replace(moment, outcome="AccessDenied")])
    page = stream.getvalue()
    assert page.count("<li>") == 2
    assert "<b>x3</b>" in page
    assert "00:00:00 to 00:00:02" in page
    assert "4 events" in page


def test_the_page_escapes_what_logs_say() -> None:
    stream = io.StringIO()
    odd = "<img onerror=alert(1)>"
    moment = Moment("2026-03-01T00:00:00.000Z", odd, (odd,), odd, odd, odd, odd, odd, odd, odd, "", "", 0, (odd,))
    write_html(stream, odd, "2026-03-01", "2026-03-02", [moment])
    assert "<img" not in stream.getvalue()
