"""AWS CloudTrail: the files of a trail, its digest files, and what CloudTrail Lake exports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from koban.sources.logs.format import (
    Lines,
    Read,
    Record,
    Rejected,
    Sample,
    as_json,
    envelope,
    json_records,
    text_lines,
)
from koban.sources.logs.layout import csv_rows, csv_values


@json_records("aws-cloudtrail", wrappers=("Records",), alone_in=("Records",))
def cloudtrail(record: dict[str, Any]) -> bool:
    """A management, data or network activity event; the notifications of S3 bear the same names, but say `aws:s3`."""
    return (
        "eventSource" in record
        and "eventName" in record
        and "eventTime" in record
        and not str(record["eventSource"]).startswith("aws:")
    )


@json_records("aws-cloudtrail-insight", wrappers=("Records",), rank=-1)
def insight(record: dict[str, Any]) -> bool:
    return "insightDetails" in record and "eventTime" in record


@envelope("aws-cloudtrail-digest", lambda r: "digestS3Object" in r and "logFiles" in r)
def digest(record: dict[str, Any]) -> tuple[()]:
    """A digest file vouches for log files and holds no events: it is passed over, with nothing in quarantine.

    `koban logs validate` is what reads it.
    """
    return ()


USER_IDENTITY = {
    name.lower(): name
    for name in (
        "type principalId arn accountId accessKeyId userName sessionContext sessionIssuer attributes creationDate"
        " mfaAuthenticated invokedBy identityProvider webIdFederationData federatedProvider sourceIdentity"
        " ec2RoleDelivery ec2IssuedInVpc onBehalfOf userId identityStoreArn credentialId inScopeOf issuerType"
    ).split()
}
_TLS = {name.lower(): name for name in ("tlsVersion", "cipherSuite", "clientProvidedHostHeader", "keyExchange")}
_ROWS = {"userIdentity": USER_IDENTITY, "tlsDetails": _TLS}
_KEY = re.compile(r"(?:(?<=\{)|(?<=, ))([A-Za-z0-9]+)=")


def lake_row(text: str, names: dict[str, str]) -> dict[str, Any] | None:
    """What Lake writes as `{type=AssumedRole, arn=..., sessioncontext={...}}`; None where it cannot be told apart.

    The fields of such a column are fixed, so a comma parts two of them only where one of their names follows.
    """
    if not (text.startswith("{") and text.endswith("}")):
        return None
    keys = [m for m in _KEY.finditer(text) if m[1].lower() in names]
    if not keys or keys[0].start() != 1:
        return {} if text == "{}" else None
    found: dict[str, Any] = {}
    open_objects = [found]
    for match, following in zip(keys, [*keys[1:], None], strict=True):
        value = text[match.end() : following.start()].removesuffix(", ") if following else text[match.end() :]
        name = names[match[1].lower()]
        if value == "{" and following:
            inner: dict[str, Any] = {}
            open_objects[-1][name] = inner
            open_objects.append(inner)
            continue
        body = value.rstrip("}")
        closed = len(value) - len(body)
        if body == "{":
            body, closed = "", closed - 1
        ends = closed < len(open_objects) if following else closed == len(open_objects)
        if "{" in body or not ends:
            return None
        if body not in ("", "null"):
            open_objects[-1][name] = body
        del open_objects[len(open_objects) - closed :]
    return found


def _event_of(fields: dict[str, str]) -> dict[str, Any]:
    event: dict[str, Any] = {}
    for name, value in fields.items():
        if value in ("", "null"):
            continue
        event[name] = (lake_row(value, _ROWS[name]) if name in _ROWS else None) or value
    return event


def _is_lake(names: list[str]) -> bool:
    return "eventJson" in names or {"eventTime", "eventName", "eventSource"} <= set(names)


@text_lines("aws-cloudtrail-lake", lambda s: bool(s.lines) and "," in s.lines[0] and _is_lake(csv_values(s.lines[0])))
def lake_export(lines: Lines, sample: Sample) -> Read:
    """The CSV of a saved query: whole events where it has the column eventJson, else what columns it has."""
    names: list[str] = []
    for number, row in csv_rows(lines):
        if not row.strip():
            continue
        values = csv_values(row)
        if not names:
            names = values
        elif len(values) != len(names):
            yield Rejected(f"{len(values)} values where the header names {len(names)}", row.encode(), number)
        else:
            yield from _lake_event(dict(zip(names, values, strict=True)), number, row)


def _lake_event(fields: dict[str, str], number: int, row: str) -> Read:
    from koban.sources.logs.split import json_text

    if text := fields.get("eventJson"):
        yield from json_text(text, number)
    else:
        yield Record("aws-cloudtrail", as_json(_event_of(fields)), number, row)


@envelope("aws-cloudtrail-lake", lambda r: isinstance(r.get("QueryResultRows"), list))
def lake_results(record: dict[str, Any]) -> Iterator[Any]:
    """The answer of GetQueryResults: rows, each a list of objects of one name and its value."""
    for row in record["QueryResultRows"]:
        if not isinstance(row, list) or not all(isinstance(cell, dict) for cell in row):
            yield Rejected("a row of a query's results that is no list of cells", as_json({"row": row}).encode(), 0)
            continue
        fields = {str(name): str(value) for cell in row for name, value in cell.items()}
        yield fields["eventJson"] if fields.get("eventJson") else _event_of(fields)
