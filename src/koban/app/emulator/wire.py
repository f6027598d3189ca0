"""What an AWS request on the wire is: which service and operation, and how its protocol says no."""

from __future__ import annotations

import gzip
import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

# Services that share a signing name: which of them a request means does not matter for the name of its call.
METADATA_BYTES = 3000
STATUS = {400: "400 Bad Request", 403: "403 Forbidden", 404: "404 Not Found", 429: "429 Too Many Requests"}


def name_of(environ: dict[str, Any], body: bytes) -> str:
    """``service:Operation`` with the name that the request is signed for; the operation is ``?`` where nothing fits."""
    service = _service(environ)
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return f"{service}:{target.rpartition('.')[2]}"
    if environ.get("HTTP_SMITHY_PROTOCOL"):
        return f"{service}:{environ['PATH_INFO'].rpartition('/')[2]}"
    action = _action(environ, body)
    if action:
        return f"{service}:{action}"
    return f"{service}:{_rest_operation(service, environ)}"


def refusal(environ: dict[str, Any], body: bytes, code: str, message: str, status: int) -> tuple[Any, ...]:
    """An error as the protocol of the request spells it: status line, content type, body, further headers."""
    line = STATUS.get(status, f"{status} Error")
    service = _service(environ)
    protocol = _rest_protocol(service)
    code_xml, message_xml = escape(code), escape(message)
    inner = f"<Code>{code_xml}</Code><Message>{message_xml}</Message>"
    if _action(environ, body) and service == "ec2":
        text = f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>koban</RequestID></Response>"
    elif _action(environ, body) or (protocol == "rest-xml" and not _is_s3(service, environ)):
        error = f"<Error><Type>Sender</Type>{inner}</Error>"
        text = f"<ErrorResponse>{error}<RequestId>koban</RequestId></ErrorResponse>"
    elif _is_s3(service, environ):
        text = f"<Error>{inner}<RequestId>koban</RequestId></Error>"
    else:
        text = json.dumps({"__type": code, "message": message, "Message": message})
        return line, "application/x-amz-json-1.1", text.encode(), [("x-amzn-ErrorType", code)]
    return line, "text/xml", f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode(), []


def _service(environ: dict[str, Any]) -> str:
    found = re.search(r"Credential=[^/]*/\d+/[^/]*/([^/]+)/aws4_request", environ.get("HTTP_AUTHORIZATION", ""))
    return found[1] if found else "?"


def _is_s3(service: str, environ: dict[str, Any]) -> bool:
    return service == "s3" and not environ["PATH_INFO"].startswith("/v20180820")


def _action(environ: dict[str, Any], body: bytes) -> str:
    if not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return ""
    return parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]


@cache
def _models() -> dict[str, list[tuple[str, Path]]]:
    """The files of botocore's service models, newest versions, with their protocol, by signing name."""
    import botocore

    found: dict[str, list[tuple[str, Path]]] = {}
    root = Path(botocore.__file__).parent / "data"
    for folder in sorted(root.iterdir()):
        versions = sorted(folder.glob("*/service-2.json*"))
        versions = [one for one in versions if one.name in ("service-2.json", "service-2.json.gz")]
        if not versions:
            continue
        start = _open(versions[-1]).read(METADATA_BYTES).decode("utf-8", "replace")
        facts = dict(re.findall(r'"(signingName|endpointPrefix|protocol)":\s?"([^"]+)"', start))
        name = str(facts.get("signingName") or facts.get("endpointPrefix") or "")
        found.setdefault(name, []).append((facts.get("protocol", ""), versions[-1]))
    return found


def _open(path: Path) -> Any:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _rest_protocol(service: str) -> str:
    return next((protocol for protocol, _ in _models().get(service, ())), "rest-json")


@cache
def _patterns(service: str) -> list[tuple[str, re.Pattern[str], dict[str, str], tuple[int, float], str]]:
    """Method, path, query flags, how particular it is, and name of each REST operation of a signing name."""
    made = []
    for protocol, path in _models().get(service, ()):
        if not protocol.startswith("rest"):
            continue
        for name, operation in json.load(_open(path))["operations"].items():
            if name == "ListDirectoryBuckets":  # looks like ListBuckets where both are asked at one address
                continue
            uri, _, query = operation["http"]["requestUri"].partition("?")
            pattern = re.sub(r"\\\{[^}]*\\\+\\\}", "(.+)", re.escape(uri))
            pattern = re.sub(r"\\\{[^}]*\\\}", "([^/]+)", pattern)
            flags = {key: value for key, _, value in (one.partition("=") for one in query.split("&") if one)}
            # Of two operations with one path, the one with the longer name is the newer.
            literal = len(re.sub(r"\{[^}]*\}", "", uri)) + len(name) / 1000
            made.append(
                (operation["http"]["method"], re.compile(f"{pattern}/?$"), flags, (len(flags), literal), str(name))
            )
    return sorted(made, key=lambda one: one[3], reverse=True)


def _rest_operation(service: str, environ: dict[str, Any]) -> str:
    path = environ.get("PATH_INFO", "/")
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    for method, pattern, flags, _, name in _patterns(service):
        if method == environ["REQUEST_METHOD"] and pattern.match(path):
            if all(key in query and value in ("", query[key][0]) for key, value in flags.items()):
                return name
    return "?"
