"""AWS VPC and transit gateway flow logs as text: with a header of any fields, or the default without one."""

from __future__ import annotations

import re

from koban.sources.logs.format import Lines, Read, Record, Rejected, Sample, json_records, text_lines
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


def _claims(sample: Sample) -> bool:
    return any(_DEFAULT_LINE.match(line) or header(line) for line in sample.lines[:5])


@text_lines(SOURCE, _claims, rank=-5)
def flow_lines(lines: Lines, sample: Sample) -> Read:
    lines = iter(lines)
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
