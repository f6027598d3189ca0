"""AWS VPC and transit gateway flow logs as text: with a header of any fields, or the default without one.

Other fields without a header (as CloudWatch Logs keeps them) are read where the user names them (`--flow-fields`), and
only where what a line holds fits them; where nobody does, an input that looks so is not read, and says that.
"""

from __future__ import annotations

import re

from koban.sources.logs.format import (
    Lines,
    NotRecognised,
    Read,
    Record,
    Rejected,
    Sample,
    json_records,
    text_lines,
)
from koban.sources.logs.layout import Layout

SOURCE = "aws-vpc-flow"

DEFAULT = tuple(
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action"
    " log-status".split()
)
FIELDS = frozenset(
    [
        *DEFAULT,
        *"""
        vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id sublocation-type
        sublocation-id pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path resource-type tgw-id
        tgw-attachment-id tgw-src-vpc-account-id tgw-dst-vpc-account-id tgw-src-vpc-id tgw-dst-vpc-id
        tgw-src-subnet-id tgw-dst-subnet-id tgw-src-eni tgw-dst-eni tgw-src-az-id tgw-dst-az-id
        tgw-pair-attachment-id packets-lost-no-route packets-lost-blackhole packets-lost-mtu-exceeded
        packets-lost-ttl-expired ecs-cluster-arn ecs-cluster-name ecs-container-instance-arn
        ecs-container-instance-id ecs-container-id ecs-second-container-id ecs-service-name
        ecs-task-definition-arn ecs-task-arn ecs-task-id reject-reason resource-id encryption-status
        """.split(),
    ]
)
"""The fields of versions 2 to 10."""

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
_DEFAULT_LINE = re.compile(
    r"\d{1,2} (?:\d{12}|unknown) \S+ (?:[0-9A-Fa-f.:]+|-) (?:[0-9A-Fa-f.:]+|-) (?:\d+|-) (?:\d+|-) (?:\d+|-) (?:\d+|-)"
    r" (?:\d+|-) \d{9,11} \d{9,11} (?:ACCEPT|REJECT|-) (?:OK|NODATA|SKIPDATA)\s*\Z"
)
_STATES = ("OK", "NODATA", "SKIPDATA", "-")


def header(line: str) -> tuple[str, ...]:
    """The fields that a header names; none where the line is no header."""
    names = tuple(line.split())
    known = sum(name in FIELDS for name in names)
    if known < max(2, len(names) / 2) or len(set(names)) < len(names) or not all(map(_NAME.match, names)):
        return ()
    return names


_ADDRESS = re.compile(r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}|-)\Z")
_COUNT = re.compile(r"(?:\d+|-)\Z")
_SECONDS = re.compile(r"\d{9,11}\Z")
_KINDS = {
    **dict.fromkeys(("srcaddr", "dstaddr", "pkt-srcaddr", "pkt-dstaddr"), _ADDRESS),
    **dict.fromkeys("version srcport dstport protocol packets bytes tcp-flags traffic-path".split(), _COUNT),
    **dict.fromkeys(("start", "end"), _SECONDS),
    "action": re.compile(r"(?:ACCEPT|REJECT|-)\Z"),
    "log-status": re.compile(r"(?:OK|NODATA|SKIPDATA|-)\Z"),
    "account-id": re.compile(r"(?:\d{12}|unknown|-)\Z"),
    "interface-id": re.compile(r"(?:eni-\w+|-)\Z"),
    "flow-direction": re.compile(r"(?:ingress|egress|-)\Z"),
    "vpc-id": re.compile(r"(?:vpc-\w+|-)\Z"),
    "subnet-id": re.compile(r"(?:subnet-\w+|-)\Z"),
    "instance-id": re.compile(r"(?:i-\w+|-)\Z"),
    "type": re.compile(r"(?:IPv4|IPv6|EFA|-)\Z"),
}
"""What the values of a field look like, for fields that may be told by it."""


def field_names(text: str) -> tuple[str, ...]:
    """The fields that a user names, also as AWS writes it: `${srcaddr} ${dstaddr}`.  `ValueError` says why not."""
    names = tuple(name.strip("${}") for name in re.split(r"[\s,]+", text.strip()) if name)
    unknown = [name for name in names if name not in FIELDS]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no field of VPC flow logs, such as srcaddr or log-status")
    if len(set(names)) < len(names):
        raise ValueError("a field is named twice")
    if not {"srcaddr", "dstaddr"} & set(names) or not {"start", "end"} & set(names):
        raise ValueError("without an address and without start or end there is no flow to tell of")
    return names


def _fits(values: list[str], names: tuple[str, ...]) -> bool:
    return len(values) == len(names) and all(
        name not in _KINDS or _KINDS[name].match(value) for name, value in zip(names, values, strict=True)
    )


def _named(sample: Sample) -> tuple[str, ...]:
    """The fields that the user names, where most of the first lines fit them."""
    names = sample.hints.flow_fields
    if not names:
        return ()
    lines = [line.split() for line in sample.lines[:5]]
    return names if lines and 2 * sum(_fits(values, names) for values in lines) > len(lines) else ()


def _claims(sample: Sample) -> bool:
    return bool(_named(sample)) or any(_DEFAULT_LINE.match(line) or header(line) for line in sample.lines[:5])


def _is_headless(sample: Sample) -> bool:
    """Whether the lines look like flows whose fields nobody names: an address, a time, and an action or a state."""
    lines = [set(_kinds(line)) for line in sample.lines[:5]]
    return bool(lines) and 2 * sum({"address", "time", "word"} <= kinds for kinds in lines) >= len(lines)


def _kinds(line: str) -> list[str]:
    found = []
    for value in line.split()[:60]:
        if value != "-" and _ADDRESS.match(value):
            found.append("address")
        elif _SECONDS.match(value):
            found.append("time")
        elif value in ("ACCEPT", "REJECT", "OK", "NODATA", "SKIPDATA") or value.startswith("eni-"):
            found.append("word")
    return found


@text_lines("aws-vpc-flow-without-header", _is_headless, rank=90)
def headless(lines: Lines, sample: Sample) -> Read:
    raise NotRecognised(
        f"{sample.name}: of no known log format; it looks like VPC flow logs without the header of their fields:"
        " name its fields with --flow-fields, as in --flow-fields 'srcaddr dstaddr start end action'"
    )


def _header_of(sample: Sample) -> list[str]:
    return [line for line in sample.lines[:5] if header(line)][:1]


@text_lines(SOURCE, _claims, rank=-5, header=_header_of)
def flow_lines(lines: Lines, sample: Sample) -> Read:
    lines = iter(lines)
    if names := _named(sample):
        yield from _of_names(lines, names)
        return
    layout = Layout(DEFAULT)
    size, state = len(DEFAULT), len(DEFAULT) - 1
    for number, line in lines:
        values = line.split()
        if len(values) == size and values[state] in _STATES:
            plain = '"' not in line and "\\" not in line and line.isprintable()
            yield Record(SOURCE, layout.record(values, plain), number, line)
        elif names := header(line):
            layout, size = Layout(names), len(names)
            state = names.index("log-status") if "log-status" in names else -1
            if state < 0:
                yield from _without_state(lines, layout)
                return
        elif values:
            reason = (
                f"{len(values)} fields where {size} are due"
                if len(values) != size
                else f"log-status is {values[state][:40]}"
            )
            yield Rejected(reason, line.encode(), number)


def _of_names(lines: Lines, names: tuple[str, ...]) -> Read:
    layout = Layout(names)
    for number, line in lines:
        values = line.split()
        if _fits(values, names):
            yield Record(SOURCE, layout.record(values), number, line)
        elif values:
            yield Rejected("not of the fields that were named", line.encode(), number)


def _without_state(lines: Lines, layout: Layout) -> Read:
    size = len(layout.names)
    for number, line in lines:
        values = line.split()
        if len(values) == size and values[0] not in FIELDS:
            yield Record(SOURCE, layout.record(values), number, line)
        elif names := header(line):
            layout, size = Layout(names), len(names)
        elif values:
            yield Rejected(f"{len(values)} fields where {size} are due", line.encode(), number)


@json_records(SOURCE)
def flow(record: dict[str, object]) -> bool:
    """A flow log in JSON or Parquet, under AWS's own names of the fields."""
    return (
        "srcaddr" in record
        and "dstaddr" in record
        and ("interface-id" in record or "log-status" in record or "account-id" in record or "tgw-id" in record)
    )
