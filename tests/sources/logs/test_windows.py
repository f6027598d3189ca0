from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.logs.events import events, rejected, results
from tests.sources.logs.evtx import CHUNK_BYTES, event, evtx

from koban.sources.logs.format import Record, Rejected
from koban.sources.logs.split import NotRecognised, split

SECURITY = ("Security", "Microsoft-Windows-Security-Auditing")
SYSMON = ("Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon")
CREATED = {
    "SubjectUserSid": "S-1-5-18",
    "SubjectUserName": "ana",
    "SubjectDomainName": "CORP",
    "SubjectLogonId": "0x3e7",
    "NewProcessId": "0x1a4",
    "NewProcessName": "C:\\Windows\\System32\\cmd.exe",
    "ProcessId": "0x10",
    "CommandLine": 'cmd.exe /c "echo <&>"',
    "ParentProcessName": "C:\\Windows\\explorer.exe",
    "MandatoryLabel": "S-1-16-12288",
}


def xml(channel: str, provider: str, number: int, data: dict[str, str], more: str = "") -> str:
    from xml.sax.saxutils import escape, quoteattr

    inside = "".join(f"<Data Name={quoteattr(k)}>{escape(v)}</Data>" for k, v in data.items())
    return (
        '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>'
        f"<Provider Name={quoteattr(provider)}/><EventID Qualifiers='0'>{number}</EventID><Level>0</Level>"
        "<TimeCreated SystemTime='2026-03-01T10:00:00.1234567Z'/><EventRecordID>7</EventRecordID>"
        f"<Execution ProcessID='4' ThreadID='8'/><Channel>{channel}</Channel><Computer>ws-1.example.com</Computer>"
        f"<Security/></System><EventData>{inside}</EventData>{more}</Event>"
    )


def records(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(r.record) for r in results(data) if isinstance(r, Record)]


def test_a_process_becomes_an_event() -> None:
    (found,) = events(xml(*SECURITY, 4688, CREATED))
    assert (found["source"], found["class_uid"], found["activity_id"]) == ("windows-security", 1007, 1)
    assert found["time"] == "2026-03-01T10:00:00.123456Z"
    assert (found["process_file_path"], found["process_pid"]) == ("C:\\Windows\\System32\\cmd.exe", 420)
    assert found["process_cmd_line"] == 'cmd.exe /c "echo <&>"'
    assert (found["actor_process_file_path"], found["actor_process_pid"]) == ("C:\\Windows\\explorer.exe", 16)
    assert (found["process_name"], found["actor_process_name"]) == ("cmd.exe", "explorer.exe")
    assert (found["actor_user_name"], found["device_hostname"]) == ("ana", "ws-1.example.com")
    record = json.loads(found["record"])
    assert (record["EventID"], record["_User"], record["_IntegrityLevel"]) == ("4688", "CORP\\ana", "High")
    assert (record["Provider_Name"], record["Execution_ProcessID"]) == (SECURITY[1], "4")
    assert "Security_UserID" not in record


def test_evtx_xml_and_json_say_the_same() -> None:
    (first,) = records(evtx([event(*SECURITY, 4688, CREATED)]))
    (second,) = records(xml(*SECURITY, 4688, CREATED).encode())
    system = {
        "Provider": {"#attributes": {"Name": SECURITY[1]}},
        "EventID": {"#attributes": {"Qualifiers": 0}, "#text": 4688},
    }
    system |= {"Channel": "Security", "Computer": "ws-1.example.com"}
    (third,) = records(json.dumps({"Event": {"System": system, "EventData": CREATED}}).encode())
    names = {*CREATED, "_User", "_IntegrityLevel", "EventID", "Channel", "Computer", "Provider_Name"}
    for other in (second, third):
        assert {k: other.get(k) for k in names} == {k: first.get(k) for k in names}


def test_a_file_of_several_chunks() -> None:
    logs = evtx([event(*SECURITY, 4624, {"TargetUserName": "ana"})] * 3, [event(*SYSMON, 1, {"Image": "C:\\a.exe"})])
    assert [(r.source, r.line) for r in results(logs) if isinstance(r, Record)] == [
        ("windows-security", 1),
        ("windows-security", 2),
        ("windows-security", 3),
        ("windows-sysmon-process", 4),
    ]


def test_a_corrupt_chunk_is_rejected_and_the_rest_is_read() -> None:
    logs = bytearray(evtx(*[[event("System", "x", n, {"k": "v"})] for n in range(3)]))
    logs[4096 + CHUNK_BYTES : 4096 + CHUNK_BYTES + 8] = b"XXXXXXXX"
    assert [e["EventID"] for e in records(bytes(logs))] == ["0", "2"]
    ((number, reason),) = [(r.line, r.reason) for r in rejected(bytes(logs))]
    assert number == 2
    assert reason.startswith("corrupt EVTX: Failed to parse chunk number 1")


def test_a_corrupt_record_is_rejected_and_the_rest_is_read() -> None:
    logs = bytearray(evtx([event("System", "x", n, {}) for n in range(2)]))
    logs[4096 + 512 + 30 : 4096 + 512 + 60] = b"\xff" * 30
    assert [e["EventID"] for e in records(bytes(logs))] == ["1"]
    assert [r.line for r in rejected(bytes(logs))] == [1]


@pytest.mark.parametrize(
    ("cut", "reason"),
    [
        (40000, "the EVTX file ends within a chunk"),
        (CHUNK_BYTES, "the EVTX file ends early: 1 of its 2 chunks are missing"),
    ],
)
def test_a_file_that_ends_early_says_so(cut: int, reason: str) -> None:
    logs = evtx([event("System", "x", 1, {})], [event("System", "x", 2, {})])[:-cut]
    assert [e["EventID"] for e in records(logs)] == ["1"]
    assert [r.reason for r in rejected(logs)] == [reason]


def test_a_head_without_a_file_is_rejected() -> None:
    assert [r.reason.split(":")[0] for r in rejected(b"ElfFile\0" + b"\xff" * 5000)] == ["no readable EVTX file"]


@pytest.mark.skipif("KOBAN_EVTX" not in os.environ, reason="KOBAN_EVTX names no directory of real EVTX files")
def test_real_files() -> None:
    files = sorted(Path(os.environ["KOBAN_EVTX"]).glob("*.evtx"))
    assert files
    for file in files:
        found = events(file.read_bytes())  # type: ignore[arg-type]
        assert found, file
        assert all("time" in e for e in found if json.loads(e["record"]).get("TimeCreated_SystemTime")), file


def test_events_stand_in_an_element_or_alone_in_any_encoding() -> None:
    one, two = xml(*SECURITY, 4624, {"TargetUserName": "ana"}), xml("System", "x", 1, {"k": "ü"})
    whole = f'<?xml version="1.0" encoding="utf-16" standalone="yes"?>\r\n<Events>\n{one}\n{two}</Events>\n'
    for data in (
        (one + two).encode(),
        f"{one}\n{two}\n".encode(),
        whole.encode("utf-8-sig"),
        b"\xff\xfe" + whole.encode("utf-16-le"),
        b"\xfe\xff" + whole.encode("utf-16-be"),
    ):
        assert [(e["EventID"], e.get("k")) for e in records(data)] == [("4624", None), ("1", "ü")]
        assert rejected(data) == []


def test_the_line_of_an_event() -> None:
    one = xml("System", "x", 1, {})
    assert [r.line for r in results(f"<Events>\n{one}\n\n{one}\n</Events>".encode())] == [2, 4]


BOMB = '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>\n'


def test_entities_are_not_expanded() -> None:
    data = (BOMB + xml("System", "x", 1, {"k": "&c;"}).replace("&amp;c;", "&c;")).encode()
    assert records(data) == []
    assert [r.reason for r in rejected(data)] == [
        "a document type declaration",
        "no readable Event element: undefined entity",
    ]


def test_nothing_outside_is_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    head = f'<!DOCTYPE e [<!ENTITY x SYSTEM "file://{secret}">]>'
    for data in (
        head + xml("System", "x", 1, {"k": "v"}).replace(">v<", ">&x;<"),
        xml("System", "x", 1, {}).replace("<System>", head + "<System>"),
    ):
        found = results(data.encode())
        assert all(isinstance(r, Rejected) for r in found)


def test_a_broken_event_is_rejected_with_its_line_and_the_rest_is_read() -> None:
    good = xml("System", "x", 1, {})
    data = f"<Events>\n{good}\n<Event><System></Event>\n{good}\nrubbish\n{good}\n<Event><System>".encode()
    assert len(records(data)) == 3
    assert [(r.line, r.reason) for r in rejected(data)] == [
        (3, "no readable Event element: mismatched tag"),
        (5, "no Event element"),
        (7, "no readable Event element: no element found"),
    ]


def test_what_is_nested_too_deeply_is_rejected() -> None:
    data = b"<Event>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</Event>"
    assert [r.reason for r in rejected(data)] == ["no readable Event element: nested too deeply"]


def test_user_data_unnamed_data_and_names_that_system_has() -> None:
    user = "<UserData><LogFileCleared xmlns='x'><SubjectUserName>ana</SubjectUserName><Channel>Other</Channel></LogFileCleared></UserData>"
    text = xml("System", "Microsoft-Windows-Eventlog", 104, {}, user).replace("<EventData></EventData>", "")
    unnamed = xml(
        "Windows PowerShell",
        "PowerShell",
        400,
        {"Level": "x"},
        "<RenderingInfo Culture='en'><Message>m</Message></RenderingInfo>",
    )
    unnamed = unnamed.replace("</EventData>", "<Data>a</Data><Data>HostApplication=b</Data></EventData>")
    first, second = records(f"{text}{unnamed}".encode())
    assert (first["SubjectUserName"], first["UserData_Channel"], first["Channel"]) == ("ana", "Other", "System")
    assert (second["Data"], second["EventData_Level"], second["Level"]) == ("a\nHostApplication=b", "x", "0")
    assert (second["Message"], second["RenderingInfo_Culture"]) == ("m", "en")


@pytest.mark.parametrize(
    ("channel", "number", "data", "expected"),
    [
        (SECURITY, 4624, {"TargetUserName": "ana", "IpAddress": "192.0.2.7"}, {"class_uid": 3002, "activity_id": 1, "status_id": 1, "user_name": "ana", "src_endpoint_ip": "192.0.2.7"}),
        (SECURITY, 4625, {"TargetUserName": "ana", "IpAddress": "-", "SubStatus": "0xc000006a"}, {"class_uid": 3002, "status_id": 2, "status_code": "0xc000006a", "src_endpoint_ip": None}),
        (SECURITY, 4769, {"TargetUserName": "ana@EXAMPLE.COM", "ServiceName": "krbtgt", "IpAddress": "::ffff:192.0.2.7", "Status": "0x0"}, {"class_uid": 3002, "activity_id": 4, "src_endpoint_ip": "192.0.2.7", "dst_endpoint_svc_name": "krbtgt"}),
        (SECURITY, 4720, {"TargetUserName": "eve", "SubjectUserName": "ana"}, {"class_uid": 3001, "activity_id": 1, "user_name": "eve", "actor_user_name": "ana"}),
        (SECURITY, 4732, {"TargetUserName": "Administrators", "MemberName": "-", "MemberSid": "S-1-5-21-1"}, {"class_uid": 3006, "activity_id": 3, "group_name": "Administrators", "user_uid": "S-1-5-21-1", "user_name": None}),
        (SECURITY, 1102, {}, {"class_uid": 1008, "activity_id": 1}),
        (SECURITY, 4698, {"TaskName": "\\t"}, {"class_uid": 1006, "activity_id": 1}),
        (SECURITY, 4657, {"ObjectName": "\\REGISTRY\\MACHINE\\SOFTWARE\\a", "ObjectValueName": "b", "OperationType": "%%1904"}, {"class_uid": 201002, "activity_id": 2, "reg_key_path": "HKLM\\SOFTWARE\\a\\b"}),
        (SECURITY, 5156, {"Application": "\\device\\harddiskvolume1\\a.exe", "Direction": "%%14593", "DestAddress": "192.0.2.9", "DestPort": "443", "Protocol": "6"}, {"class_uid": 4001, "activity_id": 1, "dst_endpoint_ip": "192.0.2.9", "dst_endpoint_port": 443, "connection_info_direction_id": 2, "connection_info_protocol_num": 6, "actor_process_name": "a.exe"}),
        (SECURITY, 4663, {"ObjectType": "File", "ObjectName": "C:\\a"}, {"class_uid": 1001, "file_path": "C:\\a"}),
        (SECURITY, 9999, {}, {"class_uid": 0}),
        (SYSMON, 1, {"Image": "C:\\a.exe", "ParentImage": "C:\\b.exe", "CommandLine": "a", "Hashes": "MD5=AA,SHA256=BB"}, {"source": "windows-sysmon-process", "process_file_path": "C:\\a.exe", "actor_process_file_path": "C:\\b.exe", "process_file_hashes": ["AA", "BB"]}),
        (SYSMON, 3, {"Image": "C:\\a.exe", "Initiated": "true", "Protocol": "tcp", "SourceIp": "192.0.2.1", "DestinationIp": "192.0.2.2", "DestinationPort": "443"}, {"class_uid": 4001, "actor_process_file_path": "C:\\a.exe", "process_file_path": None, "connection_info_direction_id": 2}),
        (SYSMON, 10, {"SourceImage": "C:\\a.exe", "TargetImage": "C:\\lsass.exe", "TargetProcessId": "4"}, {"class_uid": 1007, "activity_id": 3, "actor_process_file_path": "C:\\a.exe", "process_file_path": "C:\\lsass.exe", "process_pid": 4}),
        (SYSMON, 12, {"EventType": "DeleteValue", "TargetObject": "HKU\\a"}, {"class_uid": 201002, "activity_id": 4, "reg_key_path": "HKU\\a"}),
        (SYSMON, 14, {"EventType": "RenameKey", "TargetObject": "HKU\\a"}, {"class_uid": 201001, "activity_id": 5}),
        (SYSMON, 22, {"QueryName": "a.example.com", "QueryStatus": "0", "QueryResults": "type:  5 b.example.com;::ffff:192.0.2.5;"}, {"class_uid": 4003, "query_hostname": "a.example.com", "answers": ["b.example.com", "192.0.2.5"], "rcode": "NOERROR"}),
        (SYSMON, 22, {"QueryName": "a.example.com", "QueryStatus": "9003", "QueryResults": "-"}, {"answers": None, "rcode": "NXDOMAIN", "status_id": 2}),
        (("System", "Service Control Manager"), 7045, {"ServiceName": "s", "ImagePath": "C:\\s.exe"}, {"class_uid": 201004, "activity_id": 1, "file_path": "C:\\s.exe"}),
        (("Microsoft-Windows-PowerShell/Operational", "Microsoft-Windows-PowerShell"), 4104, {"ScriptBlockText": "ls"}, {"class_uid": 1009, "message": "ls"}),
        (("Microsoft-Windows-Windows Defender/Operational", "Microsoft-Windows-Windows Defender"), 1116, {"Threat Name": "Test:Win32/X", "Process Name": "C:\\a.exe", "Category Name": "Trojan"}, {"class_uid": 2004, "finding_info_title": "Test:Win32/X", "finding_info_types": ["Trojan"], "actor_process_name": "a.exe"}),
        (("Microsoft-Windows-TerminalServices-LocalSessionManager/Operational", "x"), 21, {"User": "CORP\\ana", "SessionID": "2", "Address": "192.0.2.7"}, {"class_uid": 3002, "activity_id": 1, "user_name": "CORP\\ana", "actor_user_name": None, "src_endpoint_ip": "192.0.2.7"}),
    ],
)  # fmt: skip
def test_an_event_is_of_its_class(
    channel: tuple[str, str], number: int, data: dict[str, str], expected: dict[str, Any]
) -> None:
    (found,) = events(xml(*channel, number, data))
    assert {k: found.get(k) for k in expected} == expected


def test_winlogbeat() -> None:
    record = {
        "@timestamp": "2026-03-01T10:00:00.123Z",
        "message": "m",
        "agent": {"name": "a"},
        "winlog": {
            "event_id": "1",
            "channel": SYSMON[0],
            "provider_name": SYSMON[1],
            "computer_name": "ws-1",
            "record_id": 7,
            "event_data": {"Image": "C:\\a.exe", "CommandLine": "a"},
            "process": {"pid": 4},
        },
    }
    (found,) = events(record)
    assert (found["source"], found["process_cmd_line"], found["device_hostname"]) == (
        "windows-sysmon-process",
        "a",
        "ws-1",
    )
    assert found["time"] == "2026-03-01T10:00:00.123000Z"
    kept = json.loads(found["record"])
    assert (kept["agent"], kept["winlog"]) == ({"name": "a"}, {"process": {"pid": 4}})


def test_nxlog_and_security_event() -> None:
    first = {
        "EventTime": "2026-03-01T10:00:00Z",
        "Hostname": "ws-1",
        "SourceName": SECURITY[1],
        "EventID": 4688,
        "Channel": "Security",
    }
    second = {"Type": "SecurityEvent", "TimeGenerated": "2026-03-01T10:00:00Z", "Computer": "ws-1", "EventID": 4688}
    for record in (first, second):
        (found,) = events(record | CREATED)
        assert (found["source"], found["class_uid"], found["device_hostname"]) == ("windows-security", 1007, "ws-1")
        assert (found["time"], found["process_pid"]) == ("2026-03-01T10:00:00.000000Z", 420)
        assert json.loads(found["record"])["_IntegrityLevel"] == "High"


def test_flat_json_is_kept_as_it_came() -> None:
    text = json.dumps({"EventID": 1, "Channel": SYSMON[0], "Provider_Name": SYSMON[1], "Image": "C:\\a.exe"}, indent=1)
    (found,) = events(text)
    assert (found["record"], found["source"]) == (text, "windows-sysmon-process")
    assert "time" not in found


def test_sysmon_for_linux_in_syslog() -> None:
    text = xml(
        "Linux-Sysmon/Operational",
        "Linux-Sysmon",
        1,
        {"Image": "/usr/bin/id", "CommandLine": "id", "ParentImage": "/bin/sh"},
    )
    (found,) = events(f"Mar  1 10:00:00 web-1 sysmon: {text}\n")
    assert (found["source"], found["class_uid"], found["process_file_path"]) == ("linux-sysmon", 1007, "/usr/bin/id")
    assert (found["process_name"], found["actor_process_file_path"]) == ("id", "/bin/sh")
    (broken,) = events("Mar  1 10:00:00 web-1 sysmon: <Event><a></Event>\n")
    assert broken["source"] == "linux-syslog"


@given(st.binary(max_size=300), st.sampled_from(["utf-8", "utf-16-le"]))
def test_any_bytes_after_an_event_end_in_a_record_or_a_rejection(data: bytes, encoding: str) -> None:
    good = xml("System", "x", 1, {}).encode(encoding)
    found = list(split(io.BytesIO(good + data + b"<Event>"), "x"))
    assert isinstance(found[0], Record)
    assert all(isinstance(r, Record | Rejected) for r in found)


@given(st.text(alphabet="<>/&;!EventDSysm ='\"[]", max_size=100))
def test_any_markup_ends_in_a_record_or_a_rejection(text: str) -> None:
    try:
        found = list(split(io.BytesIO(f"<Event>{text}".encode()), "x"))
    except NotRecognised:
        return
    assert all(isinstance(r, Record | Rejected) for r in found)


@given(st.integers(0, 1500), st.binary(min_size=1, max_size=40))
def test_no_byte_of_a_file_stops_it(at: int, noise: bytes) -> None:
    logs = bytearray(evtx([event("System", "x", n, {"k": "v"}) for n in range(2)]))
    logs[4096 + at : 4096 + at + len(noise)] = noise
    assert all(isinstance(r, Record | Rejected) for r in split(io.BytesIO(bytes(logs)), "x"))
