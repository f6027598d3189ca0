"""Amazon S3 server access logs."""

from __future__ import annotations

import re

from koban.sources.logs.format import Lines, Read, Record, Rejected, Sample, text_lines
from koban.sources.logs.layout import Layout

SOURCE = "aws-s3-access"

LAYOUT = Layout(
    "bucketowner bucket_name requestdatetime remoteip requester requestid operation key request_uri httpstatus"
    " errorcode bytessent objectsize totaltime turnaroundtime referrer useragent versionid hostid sigv ciphersuite"
    " authtype endpoint tlsversion accesspointarn aclrequired sourceregion".split(),
    least=18,
)
_START = re.compile(
    r"(\S+) (\S+) \[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] (\S+) (\S+) (\S+) (\S+) (\S+) "
)
_URI_END = re.compile(r'" (?=(?:\d{3}|-) )')


def values(line: str) -> list[str]:
    """The values of a line; none where it is no access log.

    Clients write what they like into the user agent, quotes too: it ends at the last quote of the line.
    """
    start = _START.match(line)
    if start is None:
        return []
    found = list(start.groups())
    rest = line[start.end() :]
    if rest.startswith('"'):
        end = _URI_END.search(rest, 1)
        if end is None:
            return []
        found.append(rest[1 : end.start()])
        rest = rest[end.end() :]
    else:
        uri, _, rest = rest.partition(" ")
        found.append(uri)
    plain = rest.split(" ", 6)
    if len(plain) < 7:
        return []
    found += plain[:6]
    referrer, rest = _quoted(plain[6], '" "', '" -')
    last = rest.rfind('"')
    agent = rest[1:last] if rest.startswith('"') and last > 0 else "-"
    tail = rest[last + 1 :] if last > 0 else rest.removeprefix("-")
    return [*found, referrer, agent, *tail.split()]


def _quoted(text: str, *ends: str) -> tuple[str, str]:
    """A quoted value at the beginning, and what follows it."""
    if not text.startswith('"'):
        value, _, rest = text.partition(" ")
        return value, rest
    found = [at for at in (text.find(end, 1) for end in ends) if at > 0]
    if not found:
        return "-", text
    return text[1 : min(found)], text[min(found) + 2 :]


@text_lines(SOURCE, lambda s: any(map(_START.match, s.lines[:5])))
def access(lines: Lines, sample: Sample) -> Read:
    for number, line in lines:
        found = values(line)
        if len(found) >= LAYOUT.least:
            yield Record(SOURCE, LAYOUT.record(found), number, line)
        elif line.strip():
            yield Rejected("not an S3 access log's line", line.encode(), number)
