from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from tests.sources.logs.events import events, mapped, rejected, results

from koban.sources.logs.format import Hints, NotRecognised, Record, Rejected, Sample
from koban.sources.logs.formats.vpc_flow import field_names, flow_lines, header
from koban.sources.logs.split import split

REJECTED = "2 111122223333 eni-0a 192.0.2.1 198.51.100.7 443 50000 6 10 840 1772359200 1772359260 REJECT OK"
ACCEPTED = "2 111122223333 eni-0a 2001:db8::1 2001:db8::2 50000 22 6 3 180 1772359201 1772359261 ACCEPT OK"
NODATA = "2 111122223333 eni-0a - - - - - - - 1772359200 1772359260 - NODATA"
SKIPDATA = "2 unknown eni-0a - - - - - - - 1772359200 1772359260 - SKIPDATA"
HEADER = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)


@pytest.mark.parametrize("before", ["", HEADER + "\n"])
def test_the_default_format_with_and_without_its_header(before: str) -> None:
    first, second = events(before + REJECTED + "\r\n\n" + ACCEPTED + "\n")
    assert first["source"] == "aws-vpc-flow"
    assert first["class_uid"] == 4001
    assert first["time"] == "2026-03-01T10:00:00.000000Z"
    assert (first["activity_id"], first["status_id"], first["status_code"]) == (5, 2, "REJECT")
    assert (first["src_endpoint_ip"], first["src_endpoint_port"]) == ("192.0.2.1", 443)
    assert (first["dst_endpoint_ip"], first["dst_endpoint_port"]) == ("198.51.100.7", 50000)
    assert first["connection_info_protocol_num"] == 6
    assert (first["traffic_bytes"], first["traffic_packets"], first["traffic_bytes_out"]) == (840, 10, 840)
    assert first["cloud_account_uid"] == "111122223333"
    assert first["resources_uid"] == ["eni-0a"]
    assert first["raw_data"] == REJECTED
    assert json.loads(first["record"]) == dict(zip(HEADER.split(), REJECTED.split(), strict=True))
    assert (second["activity_id"], second["status_id"]) == (6, 1)
    assert "2001:db8::2" in second["observables"]
    assert second["origin_line"] - first["origin_line"] == 2


def test_fields_of_later_versions_in_any_order() -> None:
    (event,) = events(
        "flow-direction instance-id srcaddr dstaddr vpc-id pkt-dst-aws-service reject-reason region action start"
        " log-status traffic-path\n"
        "egress i-0a 192.0.2.1 198.51.100.7 vpc-0a S3 BPA eu-west-1 REJECT 1772359200 OK 8\n"
    )
    assert event["connection_info_direction_id"] == 2
    assert event["src_endpoint_instance_uid"] == "i-0a"
    assert event["src_endpoint_vpc_uid"] == "vpc-0a"
    assert event["dst_endpoint_svc_name"] == "S3"
    assert event["status_detail"] == "BPA"
    assert event["cloud_region"] == "eu-west-1"
    assert json.loads(event["record"])["traffic-path"] == "8"


def test_of_traffic_that_came_in_the_instance_is_not_the_source() -> None:
    (event,) = events(
        "flow-direction instance-id srcaddr dstaddr start\ningress i-0a 192.0.2.1 198.51.100.7 1772359200\n"
    )
    assert "src_endpoint_instance_uid" not in event
    assert event["resources_uid"] == ["i-0a"]


def test_a_transit_gateways_log() -> None:
    (event,) = events(
        "version resource-type account-id tgw-id tgw-attachment-id tgw-src-vpc-id tgw-src-eni srcaddr dstaddr start"
        " log-status packets-lost-no-route\n"
        "6 TransitGateway 111122223333 tgw-0a tgw-attach-0a vpc-0a eni-0b 192.0.2.1 198.51.100.7 1772359200 OK 4\n"
    )
    assert (event["src_endpoint_vpc_uid"], event["src_endpoint_interface_uid"]) == ("vpc-0a", "eni-0b")
    assert event["resources_uid"] == ["tgw-0a", "tgw-attach-0a"]


def test_no_data_is_said_and_what_is_missing_is_absent() -> None:
    for line, state in ((NODATA, "NODATA"), (SKIPDATA, "SKIPDATA")):
        (event,) = events(line)
        assert event["status_detail"] == state
        assert event["activity_id"] == 0
        assert not {"src_endpoint_ip", "dst_endpoint_port", "traffic_bytes", "status_code", "status_id"} & set(event)
        assert "srcaddr" not in json.loads(event["record"])
        assert event["raw_data"] == line


def test_files_with_headers_of_their_own_may_follow_each_other() -> None:
    data = f"{HEADER}\n{REJECTED}\ndstaddr srcaddr start\n198.51.100.7 192.0.2.1 1772359200\n"
    data += "srcaddr dstaddr start\n192.0.2.2 198.51.100.7 1772359200\n"
    assert [e["src_endpoint_ip"] for e in events(data)] == ["192.0.2.1", "192.0.2.1", "192.0.2.2"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2 111122223333 eni-0a", "3 fields where 14 are due"),
        (REJECTED + " more", "15 fields where 14 are due"),
        (REJECTED[:-2] + "WHAT", "log-status is WHAT"),
    ],
)
def test_what_is_no_record_is_rejected_with_its_line(line: str, reason: str) -> None:
    (bad,) = rejected(f"{REJECTED}\n{line}\n{ACCEPTED}\n".encode())
    assert (bad.reason, bad.line, bad.data) == (reason, 2, line.encode())
    assert len(results(f"{REJECTED}\n{line}\n{ACCEPTED}\n".encode())) == 3


def test_without_a_state_the_count_alone_tells_a_record() -> None:
    (bad,) = rejected(b"srcaddr dstaddr start\n192.0.2.1 198.51.100.7\n192.0.2.1 198.51.100.7 1772359200\n")
    assert (bad.reason, bad.line) == ("2 fields where 3 are due", 2)


def test_lines_in_a_list_are_read_once() -> None:
    lines = [(1, "srcaddr dstaddr start"), (2, "192.0.2.1 198.51.100.7 1772359200")]
    assert [r.line for r in flow_lines(lines, Sample("", b""))] == [2]


def test_odd_bytes_stay_in_the_record() -> None:
    line = REJECTED.replace("eni-0a", 'e"\\n').encode() + b"\n" + REJECTED.replace("eni-0a", "e").encode()[:15]
    first, *_ = results(line.replace(b"eni", b"\xff"))
    assert json.loads(first.record)["interface-id"] == 'e"\\n'  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("srcaddr dstaddr", ("srcaddr", "dstaddr")),
        ("dstaddr field-of-tomorrow srcaddr", ("dstaddr", "field-of-tomorrow", "srcaddr")),
        ("srcaddr", ()),
        ("srcaddr srcaddr", ()),
        ("type region of this text", ()),
        ("srcaddr dstaddr 5", ()),
    ],
)
def test_header(line: str, names: tuple[str, ...]) -> None:
    assert header(line) == names


# without a header, in a format of one's own


NAMES = ("srcaddr", "dstaddr", "dstport", "start", "end", "action", "flow-direction")
OWN = b"10.0.0.4 198.51.100.2 443 1772359200 1772359260 ACCEPT egress\n- - - 1772359200 1772359260 - -\n"


def test_a_format_of_ones_own_is_read_by_the_fields_that_are_named() -> None:
    found = list(split(io.BytesIO(OWN + b"10.0.0.4 here\n"), "x", hints=Hints(NAMES)))
    assert [type(r) for r in found] == [Record, Record, Rejected]
    first, second = mapped("aws-vpc-flow", [r for r in found if isinstance(r, Record)])
    assert (first["src_endpoint_ip"], first["dst_endpoint_ip"], first["dst_endpoint_port"]) == (
        "10.0.0.4",
        "198.51.100.2",
        443,
    )
    assert second["time"] == "2026-03-01T10:00:00.000000Z"


def test_without_the_names_it_is_not_read_and_the_reason_says_what_to_do() -> None:
    with pytest.raises(NotRecognised, match="--flow-fields"):
        split(io.BytesIO(OWN), "x")
    # in an envelope each line is rejected
    message = {"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1", "timestamp": 1, "message": OWN.decode()[:60]}]}
    (left,) = rejected(json.dumps(message).encode())
    assert "--flow-fields" in left.reason


def test_names_do_not_touch_what_they_do_not_fit() -> None:
    text = (Path(__file__).parent / "samples" / "aws-vpc-flow.log").read_bytes()
    plain = list(split(io.BytesIO(text), "x"))
    assert list(split(io.BytesIO(text), "x", hints=Hints(NAMES))) == plain
    wrong = OWN.replace(b"443", b"eni-1")
    with pytest.raises(NotRecognised):
        split(io.BytesIO(wrong), "x", hints=Hints(NAMES))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("srcaddr sport start", "'sport' is no field"),
        ("srcaddr srcaddr start", "named twice"),
        ("action start", "without an address"),
        ("srcaddr dstaddr", "without start or end"),
    ],
)
def test_names_that_cannot_be(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        field_names(text)


def test_names_may_be_written_as_aws_does() -> None:
    assert field_names("${srcaddr} ${start}") == field_names("srcaddr,start") == ("srcaddr", "start")
