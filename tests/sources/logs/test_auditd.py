from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.logs.events import events, mapped, rejected, results

from koban.sources.logs.format import Hints, Record, Rejected
from koban.sources.logs.formats.auditd import OPEN_EVENTS_MAX, Joiner, fields_of
from koban.sources.logs.split import NotRecognised, split

SYSCALL = (
    "arch=c000003e syscall=59 success=yes exit=0 a0=5563a a1=5563b a2=0 a3=0 items=2 ppid=800 pid=812 auid=1000 uid=0 "
    'ses=3 comm="curl" exe="/usr/bin/curl" key="exec"\x1dARCH=x86_64 SYSCALL=execve AUID="ana" UID="root"'
)
EXECVE = 'argc=3 a0="curl" a1="-o" a2=2F746D702F61206220C3BC'


def line(serial: int, type: str, body: str, second: int = 1772359200) -> str:
    return f"type={type} msg=audit({second}.123:{serial}): {body}"


def records(*lines: str) -> list[dict[str, Any]]:
    return [json.loads(r.record) for r in results("\n".join(lines).encode()) if isinstance(r, Record)]


def test_the_lines_of_an_event_become_one_record() -> None:
    (event,) = records(
        line(1, "SYSCALL", SYSCALL),
        line(1, "EXECVE", EXECVE),
        line(1, "CWD", 'cwd="/root"'),
        line(1, "PATH", 'item=0 name="/usr/bin/curl" nametype=NORMAL'),
        line(1, "PATH", 'item=1 name="/lib64/ld.so" nametype=NORMAL'),
        line(1, "PROCTITLE", "proctitle=6375726C002D6F"),
    )
    assert event["type"] == ["SYSCALL", "EXECVE", "CWD", "PATH", "PROCTITLE"]
    assert [event[f"a{n}"] for n in range(3)] == ["curl", "-o", "/tmp/a b ü"]
    assert "a3" not in event
    assert event["name"] == ["/usr/bin/curl", "/lib64/ld.so"]
    assert (event["exe"], event["comm"], event["key"], event["cwd"]) == ("/usr/bin/curl", "curl", "exec", "/root")
    assert (event["proctitle"], event["SYSCALL"], event["AUID"]) == ("curl -o", "execve", "ana")
    assert (event["_action"], event["_command_line"], event["_path"]) == ("exec", "curl -o /tmp/a b ü", "/usr/bin/curl")
    assert "_incomplete" not in event


def test_an_execution_becomes_an_event() -> None:
    text = "\n".join((line(1, "SYSCALL", SYSCALL), line(1, "EXECVE", EXECVE)))
    (event,) = events("node=web-1 " + text.replace("\n", "\nnode=web-1 "))
    assert (event["class_uid"], event["activity_id"], event["status_id"]) == (1007, 1, 1)
    assert event["time"] == "2026-03-01T10:00:00.123000Z"
    assert (event["process_file_path"], event["process_cmd_line"]) == ("/usr/bin/curl", "curl -o /tmp/a b ü")
    assert (event["process_pid"], event["actor_process_pid"]) == (812, 800)
    assert (event["actor_user_name"], event["actor_user_uid"], event["device_hostname"]) == ("ana", "1000", "web-1")
    assert event["raw_data"].count("\n") == 1


def test_events_that_are_mixed_are_told_apart() -> None:
    found = records(
        line(1, "SYSCALL", SYSCALL),
        line(2, "SYSCALL", SYSCALL),
        line(2, "EXECVE", EXECVE),
        line(1, "EXECVE", 'a0="id"'),
    )
    assert [(e["_serial"], e["a0"]) for e in found] == [("1", "id"), ("2", "curl")]


def test_the_same_serial_of_two_hosts_is_two_events() -> None:
    found = records("node=a " + line(1, "EXECVE", 'a0="x"'), "node=b " + line(1, "EXECVE", 'a0="y"'))
    assert [(e["node"], e["a0"]) for e in found] == [("a", "x"), ("b", "y")]


def test_an_event_cut_at_the_end_is_kept_and_says_so() -> None:
    (event,) = records(line(1, "SYSCALL", SYSCALL), line(1, "EXECVE", 'argc=3 a0="curl"'))
    assert event["_incomplete"] is True
    assert event["_command_line"] == "curl"


def test_an_event_goes_on_in_the_next_batch() -> None:
    joiner = Joiner()
    assert list(joiner.add(1, line(1, "SYSCALL", SYSCALL))) == []
    assert list(joiner.add(1, line(1, "EXECVE", EXECVE))) == []
    (record,) = joiner.add(2, line(1, "EOE", ""))
    assert isinstance(record, Record)
    assert json.loads(record.record)["type"] == ["SYSCALL", "EXECVE"]
    assert list(joiner.rest()) == []


def test_what_is_open_is_bounded() -> None:
    joiner = Joiner()
    done = [r for n in range(1000) for r in joiner.add(n, line(n, "SYSCALL", SYSCALL))]
    assert len(done) == 1000 - OPEN_EVENTS_MAX
    late = list(joiner.add(1, line(5000, "SYSCALL", SYSCALL, second=1772359300)))
    assert len(late) == OPEN_EVENTS_MAX


@pytest.mark.parametrize(
    ("type", "body", "expected"),
    [
        ("PATH", "name=2F746D702F61", {"name": "/tmp/a"}),
        ("PATH", 'name="2F74"', {"name": "2F74"}),
        ("PATH", "inode=11 name=(null)", {"inode": "11"}),
        ("SYSCALL", "a0=ff key=61016263", {"a0": "ff", "key": "a bc"}),
        ("EXECVE", "a0=FF", {"a0": "\\xff"}),
        ("EXECVE", 'a1_len=4 a1[0]="ab" a1[1]="cd"', {"a1": "abcd"}),
        ("SOCKADDR", "saddr=0200SADDR={ saddr_fam=inet laddr=192.0.2.10 lport=80 }", {"saddr": "0200SADDR={"}),
        (
            "USER_AUTH",
            'pid=1 msg=\'op=PAM:authentication grantors=? acct=726F6F7420 exe="/bin/su" hostname=? res=failed\'\x1dUID="ana"',
            {
                "pid": "1",
                "op": "PAM:authentication",
                "grantors": "?",
                "acct": "root ",
                "exe": "/bin/su",
                "hostname": "?",
                "res": "failed",
                "UID": "ana",
            },
        ),
        (
            "USER_LOGIN",
            'msg=\'PAM: login acct="ana" : exe="/bin/login" (hostname=?, addr=?, terminal=tty1 res=success)\'',
            {"acct": "ana", "exe": "/bin/login", "hostname": "?", "addr": "?", "terminal": "tty1", "res": "success"},
        ),
        ("ADD_USER", "msg='op=adding user id=1002 res=success'", {"op": "adding user", "id": "1002", "res": "success"}),
    ],
)
def test_values_are_decoded(type: str, body: str, expected: dict[str, str]) -> None:
    found = fields_of(type, body)
    assert {k: v for k, v in found.items() if k in expected or type != "SOCKADDR"} == expected


@pytest.mark.parametrize(
    ("saddr", "place"),
    [
        ("02001F90C000020A0000000000000000", ("192.0.2.10", "8080")),
        ("0A0001BB0000000020010DB800000000000000000000000100000000", ("2001:db8::1", "443")),
        ("0A0001BB0000000000000000000000000000FFFFC000020A00000000", ("192.0.2.10", "443")),
        ("0100", (None, None)),
        ("02", (None, None)),
    ],
)
def test_a_socket_says_whom(saddr: str, place: tuple[str | None, str | None]) -> None:
    (event,) = records(line(1, "SYSCALL", "arch=c000003e syscall=42 items=0"), line(1, "SOCKADDR", f"saddr={saddr}"))
    assert (event.get("_address"), event.get("_port")) == place
    assert event["_action"] == "network_opened"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("arch=c000003e syscall=135 a0=40000", "personality"),
        ("arch=c00000b7 syscall=221", "execve"),
        ("arch=c000003e syscall=9999", None),
        ("arch=40000003 syscall=11", None),
    ],
)
def test_a_call_is_named_as_its_architecture_numbers_it(body: str, name: str | None) -> None:
    (event,) = records(line(1, "SYSCALL", body))
    assert event.get("SYSCALL") == name
    assert event["type"] == "SYSCALL"


def test_what_ausearch_writes_between_events_is_passed_over() -> None:
    text = f"----\ntime->Sun Mar  1 10:00:00 2026\n{line(1, 'EXECVE', EXECVE)}\n----\n{line(2, 'EXECVE', EXECVE)}\n"
    assert [r.line for r in results(text.encode())] == [3, 5]


def test_what_is_no_line_is_rejected_with_its_number() -> None:
    text = "\n".join(
        (line(1, "EXECVE", EXECVE), "nonsense", "type=EXECVE msg=audit(03/01/2026 10:00:00.123:9) : argc=1 a0=id")
    )
    assert [(r.line, r.reason) for r in rejected(text.encode())] == [
        (2, "no line of auditd"),
        (3, "a time that ausearch -i wrote for people"),
    ]


def test_lines_that_came_through_syslog_are_joined_too() -> None:
    lines = [
        f"Mar  1 10:00:00 web-1 audisp-syslog: {line(1, 'SYSCALL', SYSCALL)}",
        "Mar  1 10:00:00 web-1 kernel: up",
        f"Mar  1 10:00:00 web-2 audisp-syslog: {line(1, 'EXECVE', EXECVE)}",
        f"Mar  1 10:00:00 web-1 audisp-syslog: {line(1, 'EXECVE', EXECVE)}",
    ]
    found = results("\n".join(lines).encode())
    assert [(r.source, r.line) for r in found if isinstance(r, Record)] == [
        ("linux-syslog", 2),
        ("linux-auditd", 1),
        ("linux-auditd", 3),
    ]
    assert [json.loads(r.record)["node"] for r in found[1:] if isinstance(r, Record)] == ["web-1", "web-2"]


def test_membership_and_login_become_events() -> None:
    login = 'pid=9 uid=0 auid=1000 ses=4 msg=\'op=login acct="bob" exe="/usr/sbin/sshd" hostname=? addr=192.0.2.8 terminal=ssh res=failed\''
    member = 'pid=9 uid=0 auid=1000 msg=\'op=adding user to group grp="sudo" acct="eve" res=success\''
    first, second = events(line(1, "USER_LOGIN", login) + "\n" + line(2, "USER_MGMT", member))
    assert (first["class_uid"], first["status_id"], first["user_name"]) == (3002, 2, "bob")
    assert first["src_endpoint_ip"] == "192.0.2.8"
    assert (second["class_uid"], second["activity_id"], second["group_name"]) == (3006, 3, "sudo")


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.builds(lambda t, b: line(t, "EXECVE", "").encode() + b, st.integers(0, 5), st.binary(max_size=60)),
            st.builds(
                lambda t, b: line(t, "SOCKADDR", "saddr=").encode() + b, st.integers(0, 5), st.binary(max_size=60)
            ),
        )
    )
)
def test_any_lines_end_in_a_record_or_a_rejection(parts: list[bytes]) -> None:
    data = b"\n".join([line(9, "EXECVE", EXECVE).encode(), *parts])
    try:
        found = list(split(io.BytesIO(data), "x"))
    except NotRecognised:
        return
    kept = sum(r.raw_data.count("\n") + 1 if isinstance(r, Record) and r.raw_data else 1 for r in found)
    lines = [p.decode("utf-8", "backslashreplace").rstrip("\r\n") for p in data.split(b"\n")]
    assert kept == sum(bool(x.strip()) and not x.startswith(("----", "time->")) for x in lines)
    assert all(isinstance(r, Record | Rejected) for r in found)


# ausearch -i


PEOPLE = (Path(__file__).parent / "samples" / "linux-auditd.interpreted.log").read_text()


def test_what_ausearch_wrote_for_people_is_read() -> None:
    executed, connected, login = sorted(events(PEOPLE), key=lambda e: e["time"])
    assert executed["time"] == "2026-03-15T10:00:00.123000Z"
    assert (executed["process_cmd_line"], executed["process_file_path"]) == ("curl -o /tmp/a b x=1", "/usr/bin/curl")
    assert (executed["actor_user_name"], executed["process_pid"], executed["status_id"]) == ("ana", 812, 1)
    assert "actor_user_uid" not in executed, "a name is no number"
    record = json.loads(executed["record"])
    assert (record["a2"], record["cwd"], record["syscall"], record["key"]) == (
        "/tmp/a b x=1",
        "/home/ana/my files",
        "execve",
        "exec",
    )
    assert record["proctitle"] == "curl -o /tmp/a b x=1"
    assert record["name"] == ["/lib64/ld-linux-x86-64.so.2", "/usr/bin/curl"]
    assert "_incomplete" not in record
    assert (connected["dst_endpoint_ip"], connected["dst_endpoint_port"]) == ("203.0.113.9", 443)
    assert (connected["class_uid"], connected["actor_user_name"]) == (4001, "www-data")
    assert "status_id" not in connected
    assert (login["class_uid"], login["user_name"], login["src_endpoint_ip"]) == (3002, "ana", "192.0.2.7")
    assert login["status_id"] == 1


@pytest.mark.parametrize(
    ("date", "said", "time"),
    [
        ("15/03/2026", None, "2026-03-15"),
        ("03/15/26", None, "2026-03-15"),
        ("2026-03-04", None, "2026-03-04"),
        ("04.03.2026", None, "2026-03-04"),
        ("03/03/2026", None, "2026-03-03"),
        ("03/04/2026", True, "2026-04-03"),
        ("03/04/2026", False, "2026-03-04"),
        ("15/03/2026", False, "2026-03-15"),
        ("31/02/2026", None, ""),
        ("2026\u5e7403\u670804\u65e5", None, "2026-03-04"),
    ],
)
def test_a_date_is_read_in_the_order_that_it_or_the_user_says(date: str, said: bool | None, time: str) -> None:
    text = f"type=USER_LOGIN msg=audit({date} 10:00:00.5:1) : pid=1 uid=root msg='op=login acct=ana res=failed'\n"
    (found,) = split(io.BytesIO(text.encode()), "x", hints=Hints(day_first=said))
    if not time:
        assert isinstance(found, Rejected)
        return
    assert isinstance(found, Record)
    (event,) = mapped("linux-auditd", [found])
    assert event["time"] == f"{time}T10:00:00.500000Z"


def test_an_input_whose_dates_are_open_is_not_read_and_says_what_to_do() -> None:
    line = b"type=USER_LOGIN msg=audit(03/04/2026 10:00:00.5:1) : pid=1 uid=root msg='op=login res=failed'\n"
    with pytest.raises(NotRecognised, match=r"day or the month \(03/04/2026\): say --dates"):
        split(io.BytesIO(line), "x")
    told = line.replace(b"03/04/", b"03/31/")
    assert all(isinstance(r, Record) for r in split(io.BytesIO(line + told), "x"))
