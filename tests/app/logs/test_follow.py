from __future__ import annotations

import gzip
import http.client
import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.app.logs.test_ingest import quarantined, record, uids
from tests.sources.logs.evtx import event, evtx

from koban.app.logs.follow import Directories, Follower
from koban.app.logs.ingest import Ingestion
from koban.app.logs.receiving import Listeners
from koban.lake.lake import Lake
from koban.sources.logs.format import Hints
from koban.sources.logs.inputs import inputs
from koban.sources.logs.receivers import http as http_receiver
from koban.sources.logs.receivers import syslog as syslog_receiver
from koban.sources.logs.receivers.spool import Spool, SpoolFull
from koban.sources.logs.receivers.syslog import Frames

TOKEN = "a-token-of-enough-characters"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


@pytest.fixture
def listeners(tmp_path: Path) -> Iterator[Listeners]:
    with Listeners(tmp_path / "spool") as made:
        yield made


def place(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition("/")[2].rpartition(":")
    return host, int(port)


def messages(lake: Lake) -> list[str]:
    rows = lake.connection().execute(f"SELECT raw_data FROM {lake.relation()} ORDER BY raw_data").fetchall()
    return [r[0] for r in rows]


def take(lake: Lake, listeners: Listeners, wanted: int) -> None:
    follower = Follower(lake, spool=listeners.spool)
    deadline = time.monotonic() + 20
    while listeners.spool.counts.messages < wanted and time.monotonic() < deadline:
        time.sleep(0.02)
    follower.round(last=True)


SYSLOG = "<34>1 2026-03-01T10:00:0{n}Z web-1 sshd 42 - - Accepted publickey for ana from 192.0.2.7 port 5{n} ssh2"


@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_syslog_reaches_the_lake(lake: Lake, listeners: Listeners, kind: str) -> None:
    address = place(listeners.syslog(kind, "127.0.0.1", 0))
    lines = [SYSLOG.format(n=n) for n in range(3)]
    if kind == "udp":
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for line in lines:
                sender.sendto(line.encode(), address)
    else:
        with socket.create_connection(address) as sender:
            sender.sendall(f"{lines[0]}\n{len(lines[1])} {lines[1]}{lines[2]}".encode())
    take(lake, listeners, 3)
    assert messages(lake) == lines
    assert list(listeners.spool.directory.iterdir()) == []


def post(address: tuple[str, int], body: bytes, **headers: str) -> int:
    connection = http.client.HTTPConnection(*address, timeout=10)
    connection.request("POST", "/v1/logs", body, headers)
    return connection.getresponse().status


def test_logs_may_be_posted_with_the_token(lake: Lake, listeners: Listeners) -> None:
    address = place(listeners.http("127.0.0.1", 0, TOKEN))
    body = gzip.compress(json.dumps({"Records": [record(1)]}).encode())
    assert post(address, body) == 401
    assert post(address, body, Authorization="Bearer wrong") == 401
    assert post(address, body, Authorization=f"Bearer {TOKEN}") == 202
    assert post(address, b"nobody knows this", Authorization=f"Bearer {TOKEN}") == 202
    take(lake, listeners, 2)
    assert uids(lake) == ["e1"]
    # what was promised to be kept is kept, also where nobody knows what it is
    ((_, _, data),) = quarantined(lake)
    assert data == b"nobody knows this"


def test_a_body_has_a_limit(listeners: Listeners, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_receiver, "BODY_BYTES_MAX", 10)
    address = place(listeners.http("127.0.0.1", 0, TOKEN))
    assert post(address, b"x" * 11, Authorization=f"Bearer {TOKEN}") == 413


def test_connections_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syslog_receiver._Tcp, "connections_max", 2)
    with Listeners(tmp_path / "spool") as listeners:
        address = place(listeners.syslog("tcp", "127.0.0.1", 0))
        held = [socket.create_connection(address) for _ in range(2)]
        time.sleep(0.2)
        with socket.create_connection(address) as third:
            assert third.recv(1) == b""
        for one in held:
            one.close()
        assert listeners.spool.counts.refused == 1


def test_a_full_spool_refuses_and_loses_nothing(tmp_path: Path, lake: Lake) -> None:
    spool = Spool(tmp_path / "spool", bytes_max=400)
    spool.line("syslog", "192.0.2.1", "2026-03-01T10:00:00Z", SYSLOG.format(n=1))
    with pytest.raises(SpoolFull):
        spool.body("http", b"x" * 400)
    Follower(lake, spool=spool).round(last=True)
    spool.body("http", b"x" * 400)
    assert len(messages(lake)) == 1


def test_what_a_dead_process_received_is_taken_in_by_the_next(tmp_path: Path, lake: Lake) -> None:
    spool = Spool(tmp_path / "spool")
    spool.line("syslog", "192.0.2.1", "2026-03-01T10:00:00Z", SYSLOG.format(n=1))
    assert spool._open is not None
    spool._open.flush()
    again = Spool(tmp_path / "spool")
    Follower(lake, spool=again).round()
    assert messages(lake) == [SYSLOG.format(n=1)]


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([b"a\nb\n"], [b"a", b"b"]),
        ([b"a", b"b\nc"], [b"ab"]),
        ([b"3 abc4 d\nef"], [b"abc", b"d\nef"]),
        ([b"1", b"2 0123456789", b"ab"], [b"0123456789ab"]),
        ([b"<34>1 x\n"], [b"<34>1 x"]),
    ],
)
def test_frames(blocks: list[bytes], expected: list[bytes]) -> None:
    frames = Frames()
    assert [f for block in blocks for f in frames.feed(block)] == expected


def test_a_frame_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syslog_receiver, "LINE_BYTES_MAX", 10)
    for data in (b"99 x", b"x" * 11):
        frames = Frames()
        frames.feed(data)
        assert frames.broken


def follow(lake: Lake, directory: Path, state: Path) -> Any:
    return Follower(lake, directories=Directories([directory], state)).round()


def test_a_directory_is_followed_through_growth_and_rotation(lake: Lake, tmp_path: Path) -> None:
    logs, state = tmp_path / "logs", tmp_path / "state.json"
    logs.mkdir()
    path = logs / "events.json"
    path.write_text(json.dumps(record(0)) + "\n" + json.dumps(record(1))[:20])
    follow(lake, logs, state)
    assert uids(lake) == ["e0"]
    with path.open("a") as file:
        file.write(json.dumps(record(1))[20:] + "\n")
    follow(lake, logs, state)
    assert uids(lake) == ["e0", "e1"]
    path.rename(logs / "events.json.1")
    path.write_text(json.dumps(record(2)) + "\n")
    follow(lake, logs, state)
    follow(lake, logs, state)
    assert uids(lake) == ["e0", "e1", "e2"]
    state.unlink()
    os.utime(path)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    import boto3
    from moto.server import ThreadedMotoServer

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    yield {"sqs": boto3.client("sqs", endpoint_url=url), "s3": boto3.client("s3", endpoint_url=url)}
    server.stop()


def test_new_objects_are_heard_of_through_a_queue(lake: Lake, aws: dict[str, Any]) -> None:
    s3, sqs = aws["s3"], aws["sqs"]
    s3.create_bucket(Bucket="trail", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    url = sqs.create_queue(QueueName="new", Attributes={"VisibilityTimeout": "0"})["QueueUrl"]
    for n in range(2):
        body = gzip.compress(json.dumps({"Records": [record(n)]}).encode())
        etag = s3.put_object(Bucket="trail", Key=f"a b/{n}.json.gz", Body=body)["ETag"]
        entity = {"key": f"a+b/{n}.json.gz", "size": len(body), "eTag": etag.strip('"')}
        notice = {
            "Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "trail"}, "object": entity}}]
        }
        wrapped = {"Type": "Notification", "Message": json.dumps(notice)} if n else notice
        for _ in range(2):
            sqs.send_message(QueueUrl=url, MessageBody=json.dumps(wrapped))
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"Event": "s3:TestEvent"}))
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    follower = Follower(lake, queue_urls=[url], **aws)
    for _ in range(3):
        follower.round(last=True)
    assert uids(lake) == ["e0", "e1"]
    assert [q[2] for q in quarantined(lake)] == [b"poison"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


# files that grow


def add(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def grown(path: Path) -> None:
    """Makes a file look as if nobody had written to it for a while."""
    then = time.time() - 60
    os.utime(path, (then, then))


ZEEK = "#separator \\x09\n#set_separator\t,\n#path\tdns\n#fields\tts\tuid\tquery\n#types\ttime\tstring\tstring\n"


def test_rows_added_to_a_zeek_log_are_read_by_its_header(lake: Lake, tmp_path: Path) -> None:
    logs, state = tmp_path / "logs", tmp_path / "state.json"
    logs.mkdir()
    path = logs / "dns.log"
    path.write_text(ZEEK + "1772359200.0\tC1\ta.example.com\n")
    follow(lake, logs, state)
    for n in range(2, 4):
        add(path, f"177235920{n}.0\tC{n}\tb{n}.example.com\n")
        follow(lake, logs, state)
    sql = f"SELECT query_hostname FROM {lake.relation()} ORDER BY time"
    asked = [row[0] for row in lake.connection().execute(sql).fetchall()]
    assert asked == ["a.example.com", "b2.example.com", "b3.example.com"]
    assert quarantined(lake) == []


def audit(serial: int, type: str, body: str, second: int) -> str:
    return f"type={type} msg=audit({1772359200 + second}.100:{serial}): {body}\n"


def test_the_lines_of_one_event_of_auditd_are_one_event_however_they_come(lake: Lake, tmp_path: Path) -> None:
    logs, state = tmp_path / "logs", tmp_path / "state.json"
    logs.mkdir()
    path = logs / "audit.log"
    call = "arch=c000003e syscall=59 success=yes exit=0 items=1 ppid=1 pid=2 auid=1000 uid=0 exe=/bin/id"
    path.write_text(audit(1, "USER_CMD", "pid=1 msg='cmd=6964 res=success'", 0) + audit(2, "SYSCALL", call, 10))
    follow(lake, logs, state)
    assert [json.loads(r)["_serial"] for (r,) in records(lake)] == ["1"]
    add(path, audit(2, "EXECVE", 'argc=1 a0="id"', 10) + audit(3, "SYSCALL", call, 11))
    follow(lake, logs, state)
    assert len(records(lake)) == 1
    add(path, audit(2, "PATH", 'item=0 name="/bin/id"', 10))
    grown(path)
    follow(lake, logs, state)
    found = {json.loads(r)["_serial"]: json.loads(r) for (r,) in records(lake)}
    assert sorted(found) == ["1", "2", "3"]
    assert (found["2"]["a0"], found["2"]["name"]) == ("id", "/bin/id")
    assert "_incomplete" not in found["2"]


def records(lake: Lake) -> list[Any]:
    return lake.connection().execute(f"SELECT record FROM {lake.relation()}").fetchall()


def sysmon(*names: str) -> list[Any]:
    return [event("System", "Service Control Manager", 7045, {"ServiceName": n}) for n in names]


def services(lake: Lake) -> list[str]:
    return sorted(json.loads(r)["ServiceName"] for (r,) in records(lake))


def test_records_added_to_an_evtx_file_in_place_land_once(lake: Lake, tmp_path: Path) -> None:
    logs, state = tmp_path / "logs", tmp_path / "state.json"
    logs.mkdir()
    path = logs / "System.evtx"
    path.write_bytes(evtx(sysmon("a", "b")))
    follow(lake, logs, state)
    follow(lake, logs, state)
    assert services(lake) == ["a", "b"]
    size = path.stat().st_size
    path.write_bytes(evtx(sysmon("a", "b", "c")))  # within its chunk: no byte longer, and another header
    assert path.stat().st_size == size
    follow(lake, logs, state)
    assert services(lake) == ["a", "b", "c"]
    path.write_bytes(evtx(sysmon("a", "b", "c"), sysmon("d")))
    follow(lake, logs, state)
    Ingestion(lake).take(inputs(str(logs)))
    assert services(lake) == ["a", "b", "c", "d"]
    path.write_bytes(evtx(sysmon("x", "y", "z", "u", "v")))  # cleared, and written anew
    follow(lake, logs, state)
    assert services(lake) == ["a", "b", "c", "d", "u", "v", "x", "y", "z"]
    assert quarantined(lake) == []


def test_an_evtx_file_that_made_room_goes_on_after_the_last_record(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "System.evtx"
    path.write_bytes(evtx(sysmon("a", "b")))
    Ingestion(lake).take(inputs(str(path)))
    whole = evtx(sysmon("a", "b"), sysmon("c"))
    path.write_bytes(whole[:4096] + whole[4096 + 65536 :])
    Ingestion(lake).take(inputs(str(path)))
    assert services(lake) == ["a", "b", "c"]


def test_an_input_that_needs_to_be_told_more_is_not_taken_for_done(lake: Lake, tmp_path: Path) -> None:
    logs, state = tmp_path / "logs", tmp_path / "state.json"
    logs.mkdir()
    (logs / "flows.log").write_text("10.0.0.4 198.51.100.2 1772359200 1772359260 ACCEPT\n")
    assert "--flow-fields" in follow(lake, logs, state).unreadable[0]
    hints = Hints(("srcaddr", "dstaddr", "start", "end", "action"))
    Follower(lake, directories=Directories([logs], state), hints=hints).round()
    assert len(records(lake)) == 1


def test_what_is_added_to_a_packed_file_is_read(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(json.dumps(record(0)).encode() + b"\n"))
    Ingestion(lake).take(inputs(str(path)))
    with path.open("ab") as file:
        file.write(gzip.compress(json.dumps(record(1)).encode() + b"\n"))
    Ingestion(lake).take(inputs(str(path)))
    assert uids(lake) == ["e0", "e1"]


def aged(path: Path, seconds: float) -> None:
    """As if it had been written so long ago."""
    then = time.time() - seconds
    os.utime(path, (then, then))


@pytest.mark.parametrize(
    ("cut", "age", "taken"),
    [
        (1.0, 0, 0),  # somebody may still write to it
        (1.0, 10, 40),
        (0.5, 10, 0),  # nobody has written for a moment, but its end is missing
        (0.5, 120, None),  # its end will not come: what can be read is, and what breaks off is said
    ],
)
def test_a_packed_file_is_read_when_it_is_whole(
    lake: Lake, tmp_path: Path, cut: float, age: float, taken: int | None
) -> None:
    logs, state = tmp_path / "logs", tmp_path / "state.json"
    logs.mkdir()
    packed = gzip.compress("\n".join(json.dumps(record(n, userAgent=os.urandom(40).hex())) for n in range(40)).encode())
    (logs / "a.json.gz").write_bytes(packed[: int(len(packed) * cut)])
    aged(logs / "a.json.gz", age)
    follow(lake, logs, state)
    if taken is None:
        assert 5 < len(uids(lake)) < 40
        assert any("breaks off" in reason for reason, _, _ in quarantined(lake))
    else:
        assert len(uids(lake)) == taken
        assert quarantined(lake) == []
        # and all of it once its end has come
        (logs / "a.json.gz").write_bytes(packed)
        aged(logs / "a.json.gz", 10)
        follow(lake, logs, state)
        assert (len(uids(lake)), quarantined(lake)) == (40, [])


def test_a_packed_file_of_several_parts_is_whole_when_the_last_is(lake: Lake, tmp_path: Path) -> None:
    logs, state = tmp_path / "logs", tmp_path / "state.json"
    logs.mkdir()
    parts = [gzip.compress(json.dumps(record(n)).encode() + b"\n") for n in range(3)]
    (logs / "a.json.gz").write_bytes(b"".join(parts)[:-3])
    aged(logs / "a.json.gz", 10)
    follow(lake, logs, state)
    assert uids(lake) == []
    (logs / "a.json.gz").write_bytes(b"".join(parts))
    aged(logs / "a.json.gz", 10)
    follow(lake, logs, state)
    assert uids(lake) == ["e0", "e1", "e2"]
