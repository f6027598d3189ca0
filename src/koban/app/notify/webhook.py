"""Posts to a webhook: over HTTPS, never after a redirect, signed so that the receiver knows who sent it."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from koban.app.notify.address import Place, Refused, resolve

SECONDS_TO_CONNECT = 5.0
SECONDS_TO_ANSWER = 10.0


class NoAnswer(Exception):
    """The receiver could not be reached, or did not answer in time."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A URL that may be called, and the address that its host had when that was checked."""

    url: str
    place: Place


def check(url: str, *, allow_private: bool = False) -> Webhook:
    """The webhook of a URL: HTTPS, or HTTP where private addresses are allowed.  Raises `Refused`."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise Refused(f"a webhook is an https:// URL: {error}") from error
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise Refused("a webhook is an https:// URL")
    if parts.username is not None or parts.password is not None:
        raise Refused("a webhook's URL has no user name or password in it")
    place = resolve(parts.hostname, port, allow_private=allow_private)
    if parts.scheme == "http" and not allow_private:
        raise Refused("a webhook over http:// tells everybody on the way; use https://")
    return Webhook(url, place)


def signature(secret: str, body: bytes, moment: int) -> str:
    """The header ``X-Koban-Signature``: ``t=<seconds>,v1=<hex>``, HMAC-SHA256 over ``<seconds>.<body>``."""
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={signed}"


def post(webhook: Webhook, body: bytes, headers: Mapping[str, str] | None = None, *, secret: str = "") -> int:
    """The status that the receiver answered with; a redirect is an answer like others.  Raises `NoAnswer`."""
    import urllib3

    parts = urlsplit(webhook.url)
    sent = {"Content-Type": "application/json", "User-Agent": "koban", "Host": _host(parts), **(headers or {})}
    if secret:
        sent["X-Koban-Signature"] = signature(secret, body, int(time.time()))
    timeout = urllib3.Timeout(connect=SECONDS_TO_CONNECT, read=SECONDS_TO_ANSWER)
    place = webhook.place
    pool: urllib3.HTTPConnectionPool
    if parts.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            place.address,
            place.port,
            timeout=timeout,
            cert_reqs="CERT_REQUIRED",
            server_hostname=place.host,
            assert_hostname=place.host,
        )
    else:
        pool = urllib3.HTTPConnectionPool(place.address, place.port, timeout=timeout)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with pool:
            answer = pool.urlopen(
                "POST", target, body, sent, retries=False, redirect=False, assert_same_host=False, preload_content=False
            )
            status = int(answer.status)
            answer.close()  # what it says is not read: it may never end
            return status
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise NoAnswer(f"{place.host}: {_in_words(error)}") from error


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return host if parts.port is None else f"{host}:{parts.port}"


def _in_words(error: Exception) -> str:
    """What went wrong, without the address and headers that libraries put into their messages."""
    import urllib3

    if isinstance(error, urllib3.exceptions.SSLError):
        return f"its certificate is not accepted ({str(error).rpartition(':')[0][:200] or error})"
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        return "the connection is refused"
    if isinstance(error, urllib3.exceptions.ConnectTimeoutError):
        return "no connection in time"
    if isinstance(error, urllib3.exceptions.ReadTimeoutError):
        return "no answer in time"
    return type(error).__name__
