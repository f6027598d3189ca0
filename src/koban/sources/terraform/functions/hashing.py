"""Hashes, and what is different each time."""

from __future__ import annotations

import base64
import hashlib
import re
import uuid as uuids
from typing import Any

from koban.model.unknown import Unknown
from koban.sources.terraform.functions.conversion import NUMBER, STRING
from koban.sources.terraform.functions.function import function, whole
from koban.sources.terraform.values import EvaluationError

NAMESPACES = {"dns": uuids.NAMESPACE_DNS, "url": uuids.NAMESPACE_URL, "oid": uuids.NAMESPACE_OID}
NAMESPACES["x500"] = uuids.NAMESPACE_X500
_HEX = r"[0-9a-fA-F]"
_UUID = re.compile(rf"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}")


def digest(name: str, content: bytes) -> bytes:
    return hashlib.new(name, content, usedforsecurity=False).digest()


@function(STRING)
def md5(text: Any) -> Any:
    return digest("md5", text.encode()).hex()


@function(STRING)
def sha1(text: Any) -> Any:
    return digest("sha1", text.encode()).hex()


@function(STRING)
def sha256(text: Any) -> Any:
    return digest("sha256", text.encode()).hex()


@function(STRING)
def sha512(text: Any) -> Any:
    return digest("sha512", text.encode()).hex()


@function(STRING)
def base64sha256(text: Any) -> Any:
    return base64.b64encode(digest("sha256", text.encode())).decode()


@function(STRING)
def base64sha512(text: Any) -> Any:
    return base64.b64encode(digest("sha512", text.encode())).decode()


@function(STRING, rest=NUMBER)
def bcrypt(text: Any, *cost: Any) -> Any:
    if len(cost) > 1:
        raise EvaluationError("a text and a cost are all it takes")
    if cost:
        whole(cost[0], "the cost", most=31)
    if len(text.encode()) > 72:
        raise EvaluationError("a text longer than 72 bytes has no such hash")
    return Unknown("bcrypt(..)", "it is different each time", shape=r"\$2a\$[0-9]{2}\$[./A-Za-z0-9]{53}")


@function(STRING, STRING)
def rsadecrypt(ciphertext: Any, key: Any) -> Any:
    return Unknown("rsadecrypt(..)", "rsadecrypt is not run")


@function()
def uuid() -> Any:
    return Unknown("uuid()", "it is different each time", shape=r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@function(STRING, STRING)
def uuidv5(namespace: Any, name: Any) -> Any:
    return str(uuids.uuid5(NAMESPACES.get(namespace) or _parsed(namespace), name))


def _parsed(text: str) -> uuids.UUID:
    bare = text[9:] if text[:9].lower() == "urn:uuid:" else text
    if bare.startswith("{") and bare.endswith("}"):
        bare = bare[1:-1]
    if not _UUID.fullmatch(bare) and not re.fullmatch(rf"{_HEX}{{32}}", bare):
        raise EvaluationError("the namespace is neither dns, url, oid, x500 nor a UUID")
    return uuids.UUID(bare)
