"""nginx and Apache: access logs (common, combined, with the virtual host before, or as JSON) and error logs.

A text log names no fields; its records bear the names of the W3C's extended format, which Sigma's rules for web servers
use: `c-ip`, `cs-username`, `cs-method`, `cs-uri-stem`, `cs-uri-query`, `sc-status`, `cs-referer`, `cs-user-agent`,
`cs-host`.  JSON keeps its own names, and gets these beside them.  `_time` is the time as ISO text; `_server` says which
server's form an error has.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from koban.sources.logs.format import Lines, Read, Record, Rejected, Sample, as_json, envelope, json_records, text_lines

ACCESS, ERROR = "webserver-access", "webserver-error"
_MONTHS = {m: n for n, m in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}

_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_ACCESS = re.compile(
    r"(?:(?P<host>[^\s\[\]\"]+?)(?::(?P<port>\d{1,5}))? (?=(?!- )\S+ - ))?"
    r"(?P<client>[^\s\[\]\"]+) (?P<ident>[^\s\[\]\"]+) "
    r"(?P<user>[^\[\]\"]{1,256}) "
    r"\[(?P<day>\d\d)/(?P<month>[A-Z][a-z]{2})/(?P<year>\d{4}):(?P<clock>\d\d:\d\d:\d\d) (?P<zone>[+-]\d{4})\] "
    rf"{_QUOTED} (?P<status>\d{{3}}|-) (?P<bytes>\d+|-)(?: {_QUOTED} {_QUOTED}(?P<rest>.*))?\s*$"
)
_REQUEST = re.compile(r"(\S+) (\S.*?)(?: (HTTP/\d(?:\.\d)?))?$")
_TIME = re.compile(r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})$")


def _iso(day: str, month: str, year: str, clock: str, zone: str) -> str | None:
    if month not in _MONTHS:
        return None
    text = f"{year}-{_MONTHS[month]:02}-{day}T{clock}{zone[:3]}:{zone[3:]}"
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    return text


def _said(text: str | None) -> str | None:
    return None if text in (None, "", "-") else text


def requested(request: str) -> dict[str, str]:
    """What the first line of a request asks for; {} where it is no request."""
    found = _REQUEST.match(request)
    if found is None:
        return {}
    method, target, version = found.groups()
    return {"cs-method": method} | _target(target) | ({"cs-version": version} if version else {})


def _target(target: str) -> dict[str, str]:
    stem, question, query = target.partition("?")
    return {"cs-uri": target, "cs-uri-stem": stem} | ({"cs-uri-query": query} if question and query else {})


def access_fields(line: str) -> dict[str, Any] | None:
    """The fields of a line of an access log; None where it is none."""
    found = _ACCESS.match(line)
    if found is None:
        return None
    time = _iso(found["day"], found["month"], found["year"], found["clock"], found["zone"])
    if time is None:
        return None
    request, referer, agent = found[11], found[14], found[15]
    asked = requested(request)
    fields: dict[str, Any] = {
        "_time": time,
        "cs-host": _said(found["host"]),
        "s-port": found["port"],
        "c-ip": found["client"],
        "cs-ident": _said(found["ident"]),
        "cs-username": _said(found["user"]),
        **asked,
        "_request": None if asked else _said(request),
        "sc-status": _said(found["status"]),
        "sc-bytes": _said(found["bytes"]),
        "cs-referer": _said(referer),
        "cs-user-agent": _said(agent),
        "_rest": _said((found["rest"] or "").strip()),
    }
    return {key: value for key, value in fields.items() if value is not None}


def is_access(sample: Sample) -> bool:
    lines = sample.lines[:20]
    return bool(lines) and 2 * sum(_ACCESS.match(line[:8192]) is not None for line in lines) >= len(lines)


@text_lines("webserver-access", is_access, rank=10)
def access(lines: Lines, sample: Sample) -> Read:
    for number, line in lines:
        if not line.strip():
            continue
        fields = access_fields(line)
        if fields is None:
            yield Rejected("no line of an access log", line.encode(), number)
        else:
            yield Record(ACCESS, as_json(fields), number, line)


_JSON_NAMES = {
    "c-ip": ("remote_addr", "client_ip", "clientip", "remote_ip"),
    "cs-method": ("request_method", "method"),
    "cs-host": ("http_host", "host", "server_name", "vhost"),
    "cs-username": ("remote_user",),
    "sc-status": ("status", "status_code"),
    "sc-bytes": ("body_bytes_sent", "bytes_sent", "bytes"),
    "cs-referer": ("http_referer", "http_referrer", "referer", "referrer"),
    "cs-user-agent": ("http_user_agent", "user_agent", "agent"),
    "cs-version": ("server_protocol", "protocol"),
}


def _is_json_access(record: dict[str, Any]) -> bool:
    if "cs-method" in record or not any(name in record for name in _JSON_NAMES["c-ip"]):
        return False
    asked = isinstance(record.get("request"), str) or ("request_method" in record or "method" in record)
    return asked and ("status" in record or "status_code" in record)


@json_records(ACCESS, rank=20)
def access_json(record: dict[str, Any]) -> bool:
    return "c-ip" in record and "sc-status" in record


@envelope("webserver-access-json", lambda r: "c-ip" not in r and _is_json_access(r), rank=10)
def access_json_named(record: dict[str, Any]) -> Any:
    """Access logs written as JSON under the servers' own names of variables."""
    fields: dict[str, Any] = {}
    for name, candidates in _JSON_NAMES.items():
        value = next((record[c] for c in candidates if isinstance(record.get(c), str | int)), None)
        if value is not None and _said(str(value)) is not None:
            fields[name] = str(value)
    if isinstance(record.get("request"), str):
        fields |= requested(record["request"])
    else:
        target = next((record[k] for k in ("request_uri", "uri", "path") if isinstance(record.get(k), str)), None)
        if target:
            fields |= _target(target)
        if isinstance(query := record.get("args", record.get("query_string")), str) and _said(query):
            fields.setdefault("cs-uri-query", query.removeprefix("?"))
    time = _json_time(record)
    if time:
        fields["_time"] = time
    fields.setdefault("c-ip", None)
    fields.setdefault("sc-status", None)
    return (record | fields,)


def _json_time(record: dict[str, Any]) -> str | None:
    for key in ("time_iso8601", "@timestamp", "timestamp", "time", "time_local", "msec", "ts"):
        value = record.get(key)
        if isinstance(value, str):
            if found := _TIME.match(value.strip("[]")):
                return _iso(*found.groups())
            try:
                if not value.replace(".", "", 1).isdigit():
                    return datetime.fromisoformat(value).isoformat()
            except ValueError:
                continue
        try:
            number = float(value)  # type: ignore[arg-type]
            if 1e8 < number < 1e10:
                return datetime.fromtimestamp(number, UTC).isoformat()
        except (TypeError, ValueError):
            continue
    return None


_NGINX_ERROR = re.compile(
    r"(?P<time>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[(?P<level>[a-z]+)\] (?P<pid>\d+)#(?P<tid>\d+): "
    r"(?:\*(?P<connection>\d+) )?(?P<message>.*)"
)
_NGINX_PART = re.compile(rf", (client|server|request|subrequest|upstream|host|referrer): (?:{_QUOTED}|([^,\s]+))")
_APACHE_ERROR = re.compile(
    r"\[(?:[A-Z][a-z]{2} )?(?P<month>[A-Z][a-z]{2}) (?P<day>[ \d]\d) (?P<clock>\d\d:\d\d:\d\d)"
    r"(?P<fraction>\.\d{1,6})? (?P<year>\d{4})\] "
    r"\[(?:(?P<module>[\w.]*):)?(?P<level>[a-z]+\d?)\] (?:\[pid (?P<pid>\d+)(?::tid (?P<tid>\d+))?\] )?"
    r"(?:\[(?:remote|client) (?P<client>\[[^\]]+\](?::\d+)?|[^\]]+)\] )?(?P<message>.*)"
)
_CODE = re.compile(r"(AH\d{5}): ")


def error_fields(line: str) -> dict[str, Any] | None:
    """The fields of a line of an error log; None where it is none."""
    if found := _NGINX_ERROR.match(line):
        fields: dict[str, Any] = {"_server": "nginx", **found.groupdict()}
        fields["_time"] = f"{found['time'].replace('/', '-').replace(' ', 'T')}Z"
        for part in _NGINX_PART.finditer(found["message"]):
            fields.setdefault(part[1], part[2] if part[2] is not None else part[3])
    elif found := _APACHE_ERROR.match(line):
        time = _iso(found["day"].replace(" ", "0"), found["month"], found["year"], found["clock"], "+0000")
        if time is None:
            return None
        fields = {"_server": "apache", **found.groupdict()}
        for name in ("month", "day", "clock", "fraction", "year"):
            del fields[name]
        fields["_time"] = time[:19] + (found["fraction"] or "") + "Z"
        if found["client"]:
            address, colon, port = found["client"].rpartition(":")
            if colon and port.isdigit() and ("]" in address or address.count(":") in (0, 7)):
                fields |= {"client": address.strip("[]"), "client_port": port}
        if code := _CODE.match(found["message"]):
            fields["code"] = code[1]
    else:
        return None
    return {key: value for key, value in fields.items() if value not in (None, "")}


def is_error(sample: Sample) -> bool:
    return any(error_fields(line) for line in sample.lines[:10])


@text_lines("webserver-error", is_error, rank=10)
def error(lines: Lines, sample: Sample) -> Read:
    for number, line in lines:
        if not line.strip():
            continue
        fields = error_fields(line)
        if fields is None:
            yield Rejected("no line of an error log", line.encode(), number)
        else:
            yield Record(ERROR, as_json(fields), number, line)
