from __future__ import annotations

import io
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.sources.logs.events import events, rejected, results

from koban.sources.logs.format import Record, Rejected
from koban.sources.logs.split import NotRecognised, split

ENTRY = {
    "__CURSOR": "s=1;i=1",
    "__REALTIME_TIMESTAMP": "1772359200123456",
    "_BOOT_ID": "b1",
    "_HOSTNAME": "web-1",
    "SYSLOG_IDENTIFIER": "sshd",
    "_PID": "812",
    "PRIORITY": "6",
    "MESSAGE": "Failed password for root from 192.0.2.7 port 51234 ssh2",
}


def exported(**fields: str | bytes) -> bytes:
    text = b""
    for key, value in fields.items():
        if isinstance(value, bytes):
            text += key.encode() + b"\n" + len(value).to_bytes(8, "little") + value + b"\n"
        else:
            text += f"{key}={value}\n".encode()
    return text + b"\n"


def one(data: bytes) -> dict[str, Any]:
    (event,) = events(data)  # type: ignore[arg-type]
    return event


def test_json_and_export_say_the_same() -> None:
    first, second = one(json.dumps(ENTRY).encode()), one(exported(**ENTRY))
    skipped = ("raw_data",)
    assert {k: v for k, v in first.items() if k not in skipped} == {k: v for k, v in second.items() if k not in skipped}
    assert first["time"] == "2026-03-01T10:00:00.123456Z"
    assert (first["class_uid"], first["status_id"], first["user_name"]) == (3002, 2, "root")
    assert (first["src_endpoint_ip"], first["device_hostname"]) == ("192.0.2.7", "web-1")


def test_json_of_no_known_program_is_kept_as_it_came() -> None:
    text = json.dumps(ENTRY | {"SYSLOG_IDENTIFIER": "app", "MESSAGE": "hello"}, indent=1)
    event = one(text.encode())
    assert (event["record"], event["class_uid"]) == (text, 0)


def test_bytes_of_json_become_text() -> None:
    event = one(json.dumps(ENTRY | {"SYSLOG_IDENTIFIER": "app", "MESSAGE": [104, 105, 255]}).encode())
    assert event["message"] == "hi\\xff"


def test_a_binary_field_may_hold_lines() -> None:
    event = one(exported(**ENTRY | {"SYSLOG_IDENTIFIER": "app", "MESSAGE": b"a\n\nb\xff"}))
    assert event["message"] == "a\n\nb\\xff"


def test_a_field_said_twice_is_a_list() -> None:
    event = one(exported(**ENTRY).replace(b"_PID=812\n", b"_PID=812\nOBJECT=a\nOBJECT=b\n"))
    assert json.loads(event["record"])["OBJECT"] == ["a", "b"]


def test_broken_entries_are_rejected_and_the_rest_is_read() -> None:
    data = exported(**ENTRY) + b"__CURSOR=x\nno field\n\n" + exported(**ENTRY) + b"MESSAGE\n\xff\0\0\0\0\0\0\0cut"
    assert sum(isinstance(r, Record) for r in results(data)) == 2
    assert [(r.line, r.reason) for r in rejected(data)] == [
        (10, "no field of the journal's export format"),
        (22, "a binary field that does not end where it says"),
    ]


def test_no_time_is_no_guess() -> None:
    assert "time" not in one(exported(**ENTRY | {"__REALTIME_TIMESTAMP": "soon"}))


@given(st.binary(max_size=300))
def test_any_bytes_end_in_a_record_or_a_rejection(data: bytes) -> None:
    try:
        found = list(split(io.BytesIO(exported(**ENTRY) + data), "x"))
    except NotRecognised:
        return
    assert all(isinstance(r, Record | Rejected) for r in found)
    assert len(found) >= 1 + bool(data.strip(b"\r\n"))
