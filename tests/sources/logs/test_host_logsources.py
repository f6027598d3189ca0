"""The Sigma logsources of host and network mappings: which records they take, and under which names."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest
from tests.sources.logs.events import results

from koban.model.event import LogSource, Mapping
from koban.sources.logs.format import Record
from koban.sources.logs.mapping import json_path, mapping, quote

SAMPLES = Path(__file__).parent / "samples"


def records(source: str) -> list[str]:
    return [
        r.record
        for path in sorted(SAMPLES.iterdir())
        if path.name.split(".")[0] == source
        for r in results(path.read_bytes(), path.name)
        if isinstance(r, Record)
    ]


def field(path: str) -> str:
    return f"json_extract_string(record, {quote(json_path(path))})"


def taken(source: str, logsource: LogSource) -> list[dict[str, str | None]]:
    """The records of the samples that a logsource takes: the values of its renamed fields."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("CREATE TABLE records AS SELECT unnest(?::VARCHAR[]) AS record", [records(source)])
    when = re.sub(r"\{([^{}]+)\}", lambda m: field(m[1]), logsource.when or "TRUE")
    columns = ", ".join(f"{field(path)} AS {json.dumps(name)}" for name, path in logsource.fields.items()) or "1 AS one"
    found = connection.execute(f"SELECT {columns} FROM records WHERE {when}")
    names = [d[0] for d in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def logsource(table: Mapping, category: str, service: str) -> LogSource:
    (found,) = [s for s in table.logsources if (s.category, s.service) == (category, service) and s.when]
    return found


@pytest.mark.parametrize(
    ("source", "category", "service", "expected"),
    [
        ("linux-syslog", "", "sshd", 4),
        ("linux-syslog", "", "sudo", 2),
        ("linux-syslog", "", "cron", 2),
        ("linux-auditd", "process_creation", "", [{"Image": "/usr/bin/curl", "CommandLine": "curl -o /tmp/a b x=1", "CurrentDirectory": "/home/ana/my files", "User": "root", "ProcessId": "812", "ParentProcessId": "800", "LogonId": "3"}, {"Image": "/usr/bin/curl", "CommandLine": "curl -o /tmp/a b ü", "CurrentDirectory": "/root", "User": "root", "ProcessId": "812", "ParentProcessId": "800", "LogonId": "3"}]),
        ("linux-auditd", "network_connection", "", [{"Image": "/usr/bin/curl", "DestinationIp": "203.0.113.9", "DestinationPort": "443", "User": "www-data", "ProcessId": "813"}, {"Image": "/usr/bin/nc", "DestinationIp": "192.0.2.10", "DestinationPort": "8080", "User": None, "ProcessId": "814"}]),
        ("linux-auditd", "file_event", "", [{"Image": "/usr/bin/tee", "TargetFilename": "/etc/cron.d/job", "User": None, "ProcessId": "813"}]),
        ("linux-sysmon", "process_creation", "", 1),
        ("windows-security", "process_creation", "", [{"Image": "C:\\Windows\\System32\\cmd.exe", "ParentImage": "C:\\Windows\\explorer.exe", "User": "CORP\\ana", "IntegrityLevel": "High", "LogonId": "0x3e7", "ProcessId": "0x1a4", "ParentProcessId": "0x10"}]),
        ("windows-security", "registry_set", "", [{"Image": "C:\\a.exe", "TargetObject": "HKLM\\SOFTWARE\\Example\\Run", "Details": "1"}]),
        ("windows-security", "network_connection", "", [{"Image": "\\device\\harddiskvolume1\\a.exe", "DestinationIp": "198.51.100.9", "DestinationPort": "443", "SourceIp": "192.0.2.1", "Initiated": "true"}]),
        ("windows-sysmon", "network_connection", "", 1),
        ("windows-sysmon", "registry_event", "", 4),
        ("windows-sysmon", "registry_add", "", 1),
        ("windows-sysmon", "registry_delete", "", 1),
        ("windows-sysmon", "registry_set", "", 1),
        ("windows-sysmon", "dns_query", "", 2),
        ("windows-sysmon", "image_load", "", 1),
        ("windows-events", "ps_script", "", 2),
        ("windows-events", "ps_classic_start", "", 2),
        ("windows-events", "", "system", 3),
        ("windows-events", "", "windefend", [{"ThreatName": "x", "OldValue": "0", "NewValue": "1", "ProcessName": "C:\\a.exe", "SourceName": "System", "Feature_Name": "Example"}, {"ThreatName": "Test:Win32/X", "OldValue": None, "NewValue": None, "ProcessName": "C:\\a.exe", "SourceName": None, "Feature_Name": None}]),
        ("windows-events", "antivirus", "", [{"Signature": "Test:Win32/X", "Filename": "C:\\x.exe"}]),
        ("zeek", "", "x509", 2),
        ("zeek", "dns", "", 4),
        ("zeek", "firewall", "", 2),
        ("suricata-eve", "dns", "", 3),
    ],
)  # fmt: skip
def test_a_logsource_takes_its_records_under_its_names(
    source: str, category: str, service: str, expected: int | list[dict[str, str | None]]
) -> None:
    found = taken(source, logsource(mapping(source), category, service))
    assert (len(found) if isinstance(expected, int) else found) == expected
