"""Amazon Route 53: the queries of resolvers in VPCs (JSON), and of public hosted zones (text)."""

from __future__ import annotations

import re
from typing import Any

from koban.sources.logs.format import Lines, Read, Record, Rejected, Sample, json_records, text_lines
from koban.sources.logs.layout import Layout


@json_records("aws-route53-resolver")
def resolver_query(record: dict[str, Any]) -> bool:
    return "query_timestamp" in record and "query_name" in record and "vpc_id" in record


_ZONE_QUERY = re.compile(
    r"\d\.\d \d{4}-\d\d-\d\dT[\d:.]+Z Z[A-Z0-9]+ \S+ [A-Z0-9]+ [A-Z]+ (?:UDP|TCP|DOT|DOH) [A-Z]{3}\S* \S+ \S+\s*\Z"
)
_ZONE = Layout(
    "version query_timestamp hosted_zone_id query_name query_type rcode protocol edge_location resolver_ip"
    " edns_client_subnet".split()
)


@text_lines("aws-route53-zone", lambda s: any(map(_ZONE_QUERY.match, s.lines[:5])))
def zone_queries(lines: Lines, sample: Sample) -> Read:
    for number, line in lines:
        if _ZONE_QUERY.match(line):
            yield Record("aws-route53-zone", _ZONE.record(line.split()), number, line)
        elif line.strip():
            yield Rejected("not a query of a hosted zone", line.encode(), number)
