"""Whatever comes in: nothing raises, each line ends up as a record or rejected, and its record is JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import duckdb
import pytest
from arro3.core import Array, DataType, Table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.sources.logs import (
    test_aws_findings,
    test_cloudfront,
    test_kubernetes,
    test_load_balancers,
    test_rds,
    test_route53,
    test_s3_access,
    test_vpc_flow,
)

from koban.model.event import is_path
from koban.sources.logs.format import Record, Rejected, Sample
from koban.sources.logs.formats import cloudfront, load_balancers, rds, route53, s3_access, vpc_flow
from koban.sources.logs.formats.cloudtrail import USER_IDENTITY, lake_export, lake_row
from koban.sources.logs.layout import Layout, csv_values, quoted
from koban.sources.logs.mapping import _FIELD, MACROS, Mapping, mapping, mappings, quote, select, steps
from koban.sources.logs.split import NotRecognised, numbered, split

S3 = test_s3_access.GET.format(agent="curl/8")
READERS: dict[str, tuple[Callable[..., Any], str]] = {
    "aws-vpc-flow": (vpc_flow.flow_lines, test_vpc_flow.HEADER + "\n" + test_vpc_flow.REJECTED),
    "aws-alb": (load_balancers.alb, test_load_balancers.ALB),
    "aws-elb": (load_balancers.classic, test_load_balancers.CLASSIC),
    "aws-nlb": (load_balancers.nlb, test_load_balancers.NLB),
    "aws-alb-connection": (load_balancers.connections, test_load_balancers.CONNECTION),
    "aws-s3-access": (s3_access.access, S3),
    "aws-cloudfront": (cloudfront.standard, test_cloudfront.HEADER + test_cloudfront.LINE),
    "aws-cloudfront-realtime": (cloudfront.realtime, "1772359200.1\t192.0.2.1\t192.0.2.2\t0\t200\t1\tGET\thttps\t"),
    "aws-route53-zone": (route53.zone_queries, test_route53.ZONE),
    "aws-rds-mysql-audit": (rds.mysql_audit, test_rds.QUERY),
    "aws-rds-postgresql": (rds.postgresql, test_rds.AUDIT),
    "aws-cloudtrail-lake": (lake_export, 'eventTime,eventName,eventSource\na,"b,""\nc",d'),
}

noise = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    [
        '"',
        '""',
        "\\",
        '\\"',
        "-",
        " ",
        "  ",
        "\t",
        ",",
        "'",
        "{",
        "}",
        "[",
        "]",
        "\n",
        "\r",
        "\x00",
        "\x1f",
        "\x85",
        "%s",
        "#Fields: a",
    ]
)


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """A text with pieces cut out, doubled and put in."""
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text)))
        end = draw(st.integers(at, min(len(text), at + 30)))
        text = text[:at] + draw(noise | st.just(text[at:end] * 2)) + text[end:]
    return text


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_each_line_is_a_record_or_rejected(name: str, data: st.DataObject) -> None:
    read, seed = READERS[name]
    text = "\n".join(data.draw(st.lists(damaged(seed) | noise, max_size=4)))
    lines = list(numbered(io.BytesIO(text.encode())))
    found = list(read(lines, Sample("x", text.encode())))
    for result in found:
        if isinstance(result, Record):
            assert isinstance(json.loads(result.record), dict)
    if name not in ("aws-rds-postgresql", "aws-cloudtrail-lake"):
        headers = {n for n, line in lines if line.startswith("#") or vpc_flow.header(line)}
        due = [n for n, line in lines if line.strip()]
        assert [n for n in due if n not in headers] == [r.line for r in found if r.line not in headers]
    else:  # records of several lines; what a Lake export begins with is its header
        due = [line for _, line in lines if line.strip()]
        kept = [r.raw_data or "" if isinstance(r, Record) else r.data.decode() for r in found]
        told = [line for text in kept for line in text.split("\n") if line.strip()]
        assert due[len(due) - len(told) :] == told
        assert name == "aws-cloudtrail-lake" or len(due) == len(told)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=300) | st.sampled_from([seed for _, seed in READERS.values()]).flatmap(damaged).map(str.encode)
)
def test_any_bytes(data: bytes) -> None:
    try:
        found = list(split(io.BytesIO(data), "x.log"))
    except NotRecognised:
        return
    for result in found:
        assert isinstance(result, Record | Rejected)
        if isinstance(result, Record):
            result.record.encode()


JSON = [
    json.dumps(value)
    for value in (
        test_aws_findings.GUARDDUTY,
        test_aws_findings.capital(test_aws_findings.GUARDDUTY),
        {"Findings": [test_aws_findings.ASFF]},
        {"version": "0", "detail-type": "x", "detail": {"findings": [test_aws_findings.ASFF]}},
        {"messageType": "DATA_MESSAGE", "logEvents": [{"message": test_vpc_flow.REJECTED}, {"message": S3}]},
        {"Type": "Notification", "TopicArn": "arn:", "Message": json.dumps(test_kubernetes.EXEC)},
        {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": [test_kubernetes.EXEC]},
        test_rds.STREAM,
        {"QueryResultRows": [[{"eventName": "a"}, {"eventJson": "{}"}]]},
    )
]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(JSON).flatmap(damaged))
def test_any_damage_to_json(text: str) -> None:
    try:
        found = list(split(io.BytesIO(text.encode()), "x.json"))
    except NotRecognised:
        return
    for result in found:
        if isinstance(result, Record):
            assert isinstance(json.loads(result.record), dict)
            result.record.encode()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)
KEYS = """
    Type Service Resource Severity Findings findings Records detail detail-type message messageType logEvents items kind
    apiVersion Message TopicArn QueryResultRows databaseActivityEventList databaseActivityEvents type event httpRequest
    configurationItems firewall_name webaclId auditID verb stage service resource severity eventSource eventName
    eventTime
"""


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS.split()), anything, max_size=6))
def test_any_object_under_the_names_that_formats_look_for(record: dict[str, Any]) -> None:
    for result in split(io.BytesIO(json.dumps(record).encode()), "x.json"):
        if isinstance(result, Record):
            result.record.encode()


@given(st.lists(noise, max_size=8), st.integers(0, 6))
def test_a_layout_writes_what_it_was_given(values: list[str], names: int) -> None:
    layout = Layout([f"f{n}%" for n in range(names)], 0)
    found = json.loads(layout.record(values))
    expected = {n: v for n, v in zip(layout.names, values, strict=False) if v not in ("-", "")}
    if more := " ".join(values[names:]):
        expected["_more"] = more
    assert found == expected


@given(
    st.lists(
        st.text(st.characters(codec="ascii", exclude_characters='"\\ \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f,'), min_size=1)
    )
)
def test_quoted_takes_apart_what_was_put_together(values: list[str]) -> None:
    assert quoted(" ".join(f'"{v}"' if n % 2 else v for n, v in enumerate(values))) == values


@given(st.lists(st.text(max_size=6), min_size=1, max_size=5))
def test_csv_takes_apart_what_was_put_together(values: list[str]) -> None:
    assert csv_values(",".join('"' + v.replace('"', '""') + '"' for v in values)) == values


@given(st.text(alphabet="{}=, abtype", max_size=40))
def test_a_row_of_lake_is_understood_or_left(text: str) -> None:
    found = lake_row(text, USER_IDENTITY)
    assert found is None or isinstance(found, dict)


@given(st.lists(st.binary(max_size=20).map(lambda b: b.replace(b"\n", b"")), max_size=6), st.booleans())
def test_lines_are_those_that_readline_gives(lines: list[bytes], ends: bool) -> None:
    data = b"\n".join(lines) + (b"\n" if ends else b"")
    stream = io.BytesIO(data)
    expected = [line.decode("utf-8", "backslashreplace").rstrip("\r\n") for line in iter(stream.readline, b"")]
    assert [text for _, text in numbered(io.BytesIO(data))] == expected


def test_lines_over_blocks() -> None:
    data = b"".join(b"%d" % n * 40000 + b"\xff\xc3\n" for n in range(60)) + "é".encode() * 300000
    found = list(numbered(io.BytesIO(data)))
    assert [n for n, _ in found] == list(range(1, 62))
    assert found[-1][1] == "é" * 300000
    assert found[12][1] == "12" * 40000 + "\\xff\\xc3"


# -- mappings are total ------------------------------------------------------------------------------------------------


def paths(table: Mapping) -> list[str]:
    found = set()
    for expression in [*table.columns.values(), *(c.when for c in table.classes)]:
        found |= {expression} if is_path(expression) else {m[1] for m in _FIELD.finditer(expression)}
    return sorted(found - {""})


def put(record: Any, keys: tuple[str | int, ...], value: Any) -> Any:
    """A record with a value under a path, where what is there lets it."""
    if not keys:
        return value
    key, *rest = keys
    if isinstance(key, int):
        if not isinstance(record, list):
            record = []
        at = max(key, 0)
        record += [None] * (at + 1 - len(record))
        record[at] = put(record[at], tuple(rest), value)
    else:
        if not isinstance(record, dict):
            record = {}
        record[key] = put(record.get(key), tuple(rest), value)
    return record


odd = (
    st.sampled_from(
        [
            "",
            "-",
            "x",
            "1",
            "-1",
            "1e400",
            "99999999999999999999",
            "2026-03-01T10:00:00Z",
            "2026-13-45",
            "1.5",
            "[",
            "a:b:c",
            "arn:aws:s3:::b",
            "true",
            "NaN",
            "infinity",
            "é\x00",
            "294277-01-01",
            "'",
            0,
            -1,
            1.5,
            2**63,
            10**40,
            True,
            False,
            None,
        ]
    )
    | anything
)


@cache
def connection() -> Any:
    made = duckdb.connect(config={"threads": 1})
    made.execute("SET TimeZone = 'UTC'")
    for macro in MACROS:
        made.execute(macro)
    return made


OURS = [m.source for m in mappings() if m.source.startswith(("aws-", "kubernetes-"))]


@pytest.mark.parametrize("source", OURS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_value_of_any_field_breaks_a_mapping(source: str, data: st.DataObject) -> None:
    table = mapping(source)
    records = []
    for _ in range(data.draw(st.integers(1, 5))):
        record: Any = {}
        for path in data.draw(st.lists(st.sampled_from(paths(table)), max_size=12)):
            record = put(record, steps(path), data.draw(odd))
        records.append(json.dumps(record))
    text, number = DataType.utf8(), DataType.int64()
    rows = Table.from_pydict(
        {
            "record": Array(records, text),
            "raw_data": Array([None] * len(records), text),
            "origin": Array(["x"] * len(records), text),
            "origin_line": Array(range(len(records)), number),
        }
    )
    connection().register("records", rows)
    found = connection().execute(f"SELECT source, class_uid FROM ({select(table, 'records')})").fetchall()
    connection().execute(f"SELECT max(hash(COLUMNS(*))) FROM ({select(table, 'records')})").fetchall()
    assert [row[0] for row in found] == [source] * len(records)
    assert all(row[1] is not None for row in found)
    assert quote(source)
