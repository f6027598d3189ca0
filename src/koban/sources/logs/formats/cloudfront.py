"""Amazon CloudFront: standard logs (tabs, with a header), JSON and Parquet of their second version, real-time logs."""

from __future__ import annotations

import re
from typing import Any

from koban.sources.logs.format import Lines, Read, Record, Rejected, Sample, json_records, text_lines
from koban.sources.logs.layout import Layout

SOURCE = "aws-cloudfront"

REALTIME = Layout(
    "timestamp c-ip s-ip time-to-first-byte sc-status sc-bytes cs-method cs-protocol cs-host cs-uri-stem cs-bytes"
    " x-edge-location x-edge-request-id x-host-header time-taken cs-protocol-version c-ip-version cs-user-agent"
    " cs-referer cs-cookie cs-uri-query x-edge-response-result-type x-forwarded-for ssl-protocol ssl-cipher"
    " x-edge-result-type fle-encrypted-fields fle-status sc-content-type sc-content-len sc-range-start sc-range-end"
    " c-port x-edge-detailed-result-type c-country cs-accept-encoding cs-accept cache-behavior-path-pattern cs-headers"
    " cs-header-names cs-headers-count primary-distribution-id primary-distribution-dns-name origin-fbl origin-lbl"
    " asn".split(),
    least=40,
)
_REALTIME_LINE = re.compile(
    r"\d{10}(?:\.\d+)?\t[0-9A-Fa-f.:]+\t[0-9A-Fa-f.:]+\t[\d.-]+\t\d{3}\t\d+\t[A-Z]+\t(?:https?|wss?|grpcs?)\t"
)


@json_records(SOURCE)
def request(record: dict[str, Any]) -> bool:
    return "x-edge-location" in record and ("c-ip" in record or "cs-uri-stem" in record)


def _fields(line: str) -> tuple[str, ...]:
    """The fields that a header names; none where they are not CloudFront's (other servers write such headers too)."""
    if not line.startswith("#Fields:"):
        return ()
    names = tuple(line[8:].split())
    return names if any(name.startswith("x-edge-") for name in names) else ()


@text_lines(SOURCE, lambda s: any(map(_fields, s.lines[:3])), rank=-2)
def standard(lines: Lines, sample: Sample) -> Read:
    layout = Layout(())
    for number, line in lines:
        if line.startswith("#"):
            if names := _fields(line):
                layout = Layout(names)
            continue
        values = line.split("\t")
        if layout.names and len(values) == len(layout.names):
            yield Record(SOURCE, layout.record(values), number, line)
        elif line.strip():
            reason = f"{len(values)} fields where the header names {len(layout.names)}"
            yield Rejected(reason if layout.names else "a line before the header", line.encode(), number)


@text_lines("aws-cloudfront-realtime", lambda s: any(map(_REALTIME_LINE.match, s.lines[:3])))
def realtime(lines: Lines, sample: Sample) -> Read:
    """Real-time logs with all their fields: they name none, so a choice of them cannot be told."""
    for number, line in lines:
        values = line.split("\t")
        if len(values) >= REALTIME.least and _REALTIME_LINE.match(line):
            yield Record(SOURCE, REALTIME.record(values), number, line)
        elif line.strip():
            yield Rejected(REALTIME.lacks(values) or "not a real-time log's line", line.encode(), number)
