"""A thin way to fetch what feeds publish over HTTP: limits of time and size, credentials that stay put."""

from __future__ import annotations

import base64
import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import IO, Any, BinaryIO

SECONDS_IDLE_MAX = 30.0
SECONDS_MAX = 1800.0
ANSWER_BYTES_MAX = 64 << 20
DOWNLOAD_BYTES_MAX = 8 << 30
ATTEMPTS = 3
WAIT_SECONDS_MAX = 30.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class FetchError(Exception):
    """What could not be fetched; one line that says why and what to do."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    url: str
    headers: Message
    body: bytes

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            said = self.body[:60].decode("utf-8", "replace")
            raise FetchError(f"{self.url} did not answer with JSON: {said!r}") from None


def credentials(environment: Mapping[str, str], prefix: str) -> dict[str, str]:
    """The header that signs in, out of PREFIX_HEADER ('Name: value'), PREFIX_TOKEN, or PREFIX_USER and _PASSWORD."""
    if header := environment.get(f"{prefix}_HEADER", ""):
        name, colon, value = header.partition(":")
        if not colon or not name.strip() or "\n" in header or "\r" in header:
            raise FetchError(f"{prefix}_HEADER is no header; write it as 'Name: value'")
        return {name.strip(): value.strip()}
    if token := environment.get(f"{prefix}_TOKEN", ""):
        return {"Authorization": f"Bearer {token.strip()}"}
    user, password = environment.get(f"{prefix}_USER", ""), environment.get(f"{prefix}_PASSWORD", "")
    if user:
        return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}
    return {}


class _Redirects(urllib.request.HTTPRedirectHandler):
    def __init__(self, signed_in: bool) -> None:
        self.signed_in = signed_in

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        before, after = urllib.parse.urlsplit(req.full_url), urllib.parse.urlsplit(newurl)
        if after.scheme not in ("http", "https") or (before.scheme == "https" and after.scheme == "http"):
            raise FetchError(f"{req.full_url} leads to {newurl}, which is not safe to follow")
        if self.signed_in and (before.scheme, before.netloc) != (after.scheme, after.netloc):
            raise FetchError(
                f"{req.full_url} leads to another server, {newurl}; name that one if it may have the credentials"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@dataclass
class Client:
    """Fetches with the same credentials and limits again and again."""

    headers: dict[str, str] = field(default_factory=dict)
    idle_seconds: float = SECONDS_IDLE_MAX
    total_seconds: float = SECONDS_MAX
    answer_bytes_max: int = ANSWER_BYTES_MAX

    def get(self, url: str, accept: str = "*/*", parameters: Mapping[str, str] | None = None) -> Answer:
        """One small answer.  Raises FetchError."""
        if parameters:
            url += ("&" if "?" in url else "?") + urllib.parse.urlencode(parameters)
        import io

        body = io.BytesIO()
        headers = self._fetch(url, accept, body, self.answer_bytes_max)
        return Answer(url, headers, body.getvalue())

    def download(self, url: str, target: BinaryIO) -> None:
        """A file of any size that is sane.  Raises FetchError."""
        self._fetch(url, "*/*", target, DOWNLOAD_BYTES_MAX)

    def _fetch(self, url: str, accept: str, target: BinaryIO, limit: int) -> Message:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise FetchError(f"{url} is no address of the web")
        if self.headers and parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise FetchError(f"{url}: credentials would go over the wire unencrypted; use https://")
        start = target.tell()
        for attempt in range(ATTEMPTS):
            try:
                return self._once(url, accept, target, limit)
            except urllib.error.HTTPError as error:
                wait = _wait(error, attempt)
                if wait is None or attempt == ATTEMPTS - 1:
                    raise FetchError(_refused(url, error), error.code) from None
                error.close()
            except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
                if attempt == ATTEMPTS - 1 or isinstance(getattr(error, "reason", None), ValueError):
                    raise FetchError(f"{url} cannot be reached: {getattr(error, 'reason', '') or error}") from None
                wait = 0.2 * 2**attempt
            target.seek(start)
            target.truncate()
            time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _once(self, url: str, accept: str, target: BinaryIO, limit: int) -> Message:
        headers = {"Accept": accept, "User-Agent": "koban", **self.headers}
        request = urllib.request.Request(url, headers=headers)  # noqa: S310  the scheme was looked at
        opener = urllib.request.build_opener(_Redirects(bool(self.headers)))
        deadline = time.monotonic() + self.total_seconds
        taken = 0
        with opener.open(request, timeout=self.idle_seconds) as response:
            while block := response.read1(1 << 18):
                taken += len(block)
                if taken > limit:
                    raise FetchError(f"{url} sends more than {limit >> 20:,} MB; that is too much to take in")
                if time.monotonic() > deadline:
                    raise FetchError(f"{url} took longer than {self.total_seconds:g} s")
                target.write(block)
            length = response.headers.get("Content-Length")
            if length and length.isdigit() and taken < int(length):
                raise http.client.IncompleteRead(b"", int(length) - taken)
            said: Message = response.headers
            return said


def _wait(error: urllib.error.HTTPError, attempt: int) -> float | None:
    """Seconds until it is worth another try; None where it is not."""
    if error.code not in (429, 500, 502, 503, 504):
        return None
    said = error.headers.get("Retry-After", "") if error.headers else ""
    return min(float(said), WAIT_SECONDS_MAX) if said.isdigit() else 0.5 * 2**attempt


def _refused(url: str, error: urllib.error.HTTPError) -> str:
    why = {
        401: "wants credentials; see `koban intel taxii --help` for how to give them",
        403: "does not let these credentials in",
        404: "is not there",
        406: "does not speak TAXII 2.1",
        429: "wants fewer requests; try again later",
    }.get(error.code, f"answers {error.code} {error.reason}")
    return f"{url} {why}"
