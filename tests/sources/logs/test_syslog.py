from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.logs.events import events, rejected

from koban.sources.logs.format import Record, Rejected
from koban.sources.logs.formats.syslog import SOURCE, parse, parse_syslog
from koban.sources.logs.split import NotRecognised, split

WHEN = datetime(2026, 3, 5, 12, tzinfo=UTC)


def fields(text: str, when: datetime = WHEN) -> dict[str, Any]:
    found = parse(text, when)
    assert found is not None, text
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "<38>Mar  1 10:00:00 web-1 sshd[812]: hello",
            {
                "facility": "auth",
                "severity": "info",
                "timestamp": "Mar  1 10:00:00",
                "_time": "2026-03-01T10:00:00Z",
                "host": "web-1",
                "program": "sshd",
                "pid": "812",
                "message": "hello",
            },
        ),
        (
            "Dec 31 23:59:59 web-1 kernel: [ 12.5] up",
            {
                "timestamp": "Dec 31 23:59:59",
                "_time": "2025-12-31T23:59:59Z",
                "host": "web-1",
                "program": "kernel",
                "message": "[ 12.5] up",
            },
        ),
        (
            "2026-03-01T10:00:00.123456+01:00 web-1 CRON[9]: (root) CMD (run)",
            {
                "timestamp": "2026-03-01T10:00:00.123456+01:00",
                "host": "web-1",
                "program": "CRON",
                "pid": "9",
                "message": "(root) CMD (run)",
            },
        ),
        (
            "<13>Mar  1 2025 10:00:00 fw-1 : %ASA-6-302013: Built",
            {
                "facility": "user",
                "severity": "notice",
                "timestamp": "Mar  1 2025 10:00:00",
                "_time": "2025-03-01T10:00:00Z",
                "host": "fw-1",
                "message": ": %ASA-6-302013: Built",
            },
        ),
        (
            "<34>Mar  1 10:00:00 su: no host here",
            {
                "facility": "auth",
                "severity": "crit",
                "timestamp": "Mar  1 10:00:00",
                "_time": "2026-03-01T10:00:00Z",
                "program": "su",
                "message": "no host here",
            },
        ),
        (
            '<165>1 2026-03-01T10:00:00.003Z web-1 app 12 ID47 [a@1 k="v\\"\\]\\\\" e=""][b@1] \ufeffhello\nworld',
            {
                "facility": "local4",
                "severity": "notice",
                "timestamp": "2026-03-01T10:00:00.003Z",
                "host": "web-1",
                "program": "app",
                "pid": "12",
                "msgid": "ID47",
                "structured_data": {"a@1": {"k": 'v"]\\', "e": ""}, "b@1": {}},
                "message": "hello\nworld",
            },
        ),
        ("<0>1 - - - - - -", {"facility": "kern", "severity": "emerg", "message": ""}),
    ],
)
def test_a_message_is_read(text: str, expected: dict[str, Any]) -> None:
    assert fields(text) == expected


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("Mar  6 11:00:00 h p: x", "2026-03-06T11:00:00Z"),  # a clock ahead of ours, or a zone
        ("Mar  6 13:00:00 h p: x", "2025-03-06T13:00:00Z"),
        ("Feb 29 00:00:00 h p: x", "2024-02-29T00:00:00Z"),
        ("Mar  1 10:00:00.25 h p: x", "2026-03-01T10:00:00.25Z"),
    ],
)
def test_the_year_is_the_latest_that_is_not_in_the_future(text: str, time: str) -> None:
    assert fields(text)["_time"] == time


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "<192>Mar  1 10:00:00 h p: x",
        "Feb 30 10:00:00 h p: x",
        "Mar 1 25:00:00 h p: x",
        "<1>1 - - - - - [a",
    ],
)
def test_what_is_no_message(text: str) -> None:
    assert parse(text, WHEN) is None


def test_the_year_comes_from_when_the_input_was_written() -> None:
    stream = io.BytesIO(b"Mar  1 10:00:00 web-1 sshd[8]: x\n")
    (record,) = split(stream, "auth.log", datetime(2019, 5, 1, tzinfo=UTC))
    assert isinstance(record, Record)
    assert json.loads(record.record)["_time"] == "2019-03-01T10:00:00Z"


def test_a_failed_login_becomes_an_event() -> None:
    line = (
        "2026-03-01T10:00:00+00:00 web-1 sshd[812]: Failed password for invalid user bob from 192.0.2.7 port 51234 ssh2"
    )
    (event,) = events(line + "\n")
    assert event["source"] == SOURCE
    assert (event["class_uid"], event["activity_id"], event["status_id"]) == (3002, 1, 2)
    assert event["time"] == "2026-03-01T10:00:00.000000Z"
    assert (event["user_name"], event["src_endpoint_ip"], event["src_endpoint_port"]) == ("bob", "192.0.2.7", 51234)
    assert event["device_hostname"] == "web-1"
    assert event["raw_data"] == line
    assert {"bob", "192.0.2.7", "web-1"} <= set(event["observables"])


def test_what_no_program_is_known_for_stays_a_base_event() -> None:
    (event,) = events("2026-03-01T10:00:00Z web-1 frobnicator: all is well\n")
    assert (event["class_uid"], event["message"], event["actor_process_name"]) == (0, "all is well", "frobnicator")
    assert "status_id" not in event


def test_a_line_that_is_no_message_is_rejected_with_its_number() -> None:
    found = rejected(b"Mar  1 10:00:00 web-1 a: x\n\nMar  1 10:00:00 web-1 a: y\n  at Main.java:12\n")
    assert [(r.line, r.reason, r.data) for r in found] == [
        (4, "no syslog message: no time in its place", b"  at Main.java:12")
    ]


def test_counted_frames_hold_lines_of_their_own() -> None:
    first = "<34>1 2026-03-01T10:00:00Z web-1 app - - - a\nb ü".encode()
    second = b"<34>1 2026-03-01T10:00:01Z web-1 app - - - c"
    data = b"%d %s%d %s" % (len(first), first, len(second), second)
    assert [e["message"] for e in events_of(data)] == ["a\nb ü", "c"]


def test_a_broken_frame_is_rejected() -> None:
    good = b"<34>1 2026-03-01T10:00:00Z web-1 app - - - a"
    data = b"%d %snonsense\n%d %s\n99 <34>1 cut" % (len(good), good, len(good), good)
    assert len(events_of(data)) == 2
    assert [(r.line, r.reason) for r in rejected(data)] == [
        (2, "no count of a syslog frame"),
        (4, "a syslog frame that ends early"),
    ]


def events_of(data: bytes) -> list[dict[str, Any]]:
    return events(data)  # type: ignore[arg-type]


def test_a_listener_gets_a_record_whatever_comes() -> None:
    record = parse_syslog("<34>sshd[3]: no time\n", WHEN)
    found = json.loads(record.record)
    assert found["_time"] == "2026-03-05T12:00:00+00:00"
    assert (found["_time_of"], found["program"], found["message"]) == ("receipt", "sshd", "no time")
    late = json.loads(parse_syslog("<34>Mar  4 10:00:00 web-1 sshd[3]: x", WHEN).record)
    assert (late["_time"], late["_received"]) == ("2026-03-04T10:00:00Z", "2026-03-05T12:00:00+00:00")
    assert "_time_of" not in late


def test_a_listener_gets_a_line_of_auditd_as_such() -> None:
    text = '<13>Mar  4 10:00:00 web-1 audisp-syslog: type=EXECVE msg=audit(1772359200.123:1): argc=1 a0="id"'
    record = parse_syslog(text, WHEN)
    assert record.source == "linux-auditd"
    assert json.loads(record.record)["node"] == "web-1"


def test_a_nil_timestamp_is_quarantined_not_guessed() -> None:
    (event,) = events("<0>1 - - - - - - x\n")
    assert "time" not in event


@given(st.lists(st.one_of(st.binary(max_size=60), st.sampled_from([b"Mar  1 10:00:00 h p: ", b"<34>1 - - - - - [a "]))))
def test_any_lines_end_in_a_record_or_a_rejection(parts: list[bytes]) -> None:
    lines = [b"Mar  1 10:00:00 web-1 sshd[1]: x"] * 60 + parts
    data = b"\n".join(lines)
    try:
        found = list(split(io.BytesIO(data), "x"))
    except NotRecognised:
        return
    assert {r.line for r in found} == {
        n for n, line in enumerate(data.split(b"\n"), 1) if line.decode("utf-8", "backslashreplace").strip()
    }


@given(st.text(max_size=200), st.sampled_from(["", "<34>", "<34>1 ", "<34>1 - - - - - ", "Mar  1 10:00:00 "]))
def test_a_listener_never_fails(text: str, head: str) -> None:
    record = parse_syslog(head + text, WHEN)
    assert isinstance(json.loads(record.record), dict)


@given(st.binary(max_size=300))
def test_any_frames_end_in_a_record_or_a_rejection(data: bytes) -> None:
    found = list(split(io.BytesIO(b"44 <34>1 2026-03-01T10:00:00Z web-1 app - - - a" + data), "x"))
    assert all(isinstance(r, Record | Rejected) for r in found)
    assert isinstance(found[0], Record)
