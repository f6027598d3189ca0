"""The network side of a reader: one account's API, with its failures as data.

The way to AWS is our own (see docs/decisions/0003-aws-calls.md): botocore's models say how a service speaks, and what
is per account and region is only an address, a signature and a pace.
"""

from __future__ import annotations

import itertools
import random
import re
import threading
import time
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import botocore.exceptions
import botocore.parsers
import botocore.session

from koban.sources.aws.limit import RATE, Limiters
from koban.sources.aws.reader import Failure
from koban.sources.aws.signature import sign
from koban.sources.aws.transport import Transport, Unreachable
from koban.sources.aws.wire import Address, Request, Service, Services

ATTEMPTS_MAX = 4
SILENT_ATTEMPTS_MAX = 2  # where no answer came at all: each of them has already waited long
BACKOFF_SECONDS, BACKOFF_SECONDS_MAX = 0.25, 8.0
SKEW_SECONDS_MIN = 120

HTML = (b"<!doctype html", b"<html")
THROTTLED = frozenset(
    (
        *("Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException"),
        *("TooManyRequestsException", "RequestLimitExceeded", "BandwidthLimitExceeded", "SlowDown"),
        *("ProvisionedThroughputExceededException", "PriorRequestNotComplete", "EC2ThrottledException"),
    )
)
EXPIRED = frozenset(("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"))
SKEWED = frozenset(
    (
        *("RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "InvalidSignatureException"),
        *("SignatureDoesNotMatch", "AuthFailure"),
    )
)
ELSEWHERE = frozenset(
    ("PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "Redirect", "301", "307")
)


class Shared:
    """What all accounts of one run use together: services, connections.

    `calls` are the operations that will be asked (``service:Operation``): the models keep no others.
    """

    def __init__(self, session: botocore.session.Session, calls: Collection[str] = ()) -> None:
        self.services = Services(session, calls)
        self.transport = Transport(session.get_config_variable("ca_bundle") or "")


class BotoApi:
    """One account's API.  Safe to share among threads.  `calls` counts the requests sent."""

    def __init__(
        self,
        session: botocore.session.Session,
        credentials: Any = None,
        shared: Shared | None = None,
        rate_max: float = RATE,
    ) -> None:
        self.session = session
        self.credentials = credentials
        self.shared = shared if shared is not None else Shared(session)
        self.limiters = Limiters(rate_max)
        self.calls = 0
        self.skew = timedelta()
        self._numbers = itertools.count(1)
        self._bucket_regions: dict[str, str] = {}
        self._dead: Failure | None = None
        self._credentials_lock = threading.Lock()

    def call(self, service: str, operation: str, region: str, params: dict[str, Any]) -> dict[str, Any]:
        return self._call(self.shared.services.get(service), operation, region, params)

    def pages(self, service: str, operation: str, region: str, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
        speaks = self.shared.services.get(service)
        try:
            yield from speaks.pages(operation, lambda **more: self._call(speaks, operation, region, more), params)
        except botocore.exceptions.PaginationError as error:
            raise Failure(f"{service}:{operation}", "PaginationError", str(error), lasting=False) from None

    def _call(self, service: Service, operation: str, region: str, params: dict[str, Any]) -> dict[str, Any]:
        name = f"{service.name}:{operation}"
        if service.name == "s3":
            region = self._bucket_regions.get(str(params.get("Bucket", "")), region)
        request = service.request(operation, params)
        # A directory bucket answers where it is listed, not where other buckets do.
        asked_as = "ListDirectoryBuckets" if str(params.get("Bucket", "")).endswith("--x-s3") else operation
        address = self._address(service, region, asked_as)
        limiter = self.limiters.of(service.name, region)
        for attempt in itertools.count(1):
            limiter.wait()
            try:
                status, headers, parsed = self._send(service, operation, request, address, name)
            except Unreachable as silence:
                if silence.no_address and not address.listed and not address.custom:
                    raise Failure(name, "NotOfferedInRegion") from None
                if attempt >= SILENT_ATTEMPTS_MAX:
                    raise Failure(name, silence.code, str(silence), lasting=False) from None
                continue
            if status < 300:
                return parsed
            error = parsed.get("Error", {})
            code, message = str(error.get("Code") or status), str(error.get("Message") or "")
            if code in SKEWED and self._corrected(headers) and attempt < ATTEMPTS_MAX:
                continue
            if service.name == "s3" and code in ELSEWHERE and attempt < ATTEMPTS_MAX:
                moved = headers.get("x-amz-bucket-region") or error.get("Region")
                if moved and moved != address.signing_region:
                    self._bucket_regions[str(params.get("Bucket", ""))] = moved
                    address, limiter = self._address(service, moved, operation), self.limiters.of("s3", moved)
                    continue
            throttled = code in THROTTLED or status == 429
            if throttled:
                limiter.throttled()
            if (throttled or status >= 500) and attempt < ATTEMPTS_MAX:
                # The spread keeps many workers from coming back at the same moment; nothing secret hangs on it.
                time.sleep(min(BACKOFF_SECONDS_MAX, BACKOFF_SECONDS * 2**attempt) * random.uniform(0.5, 1))  # noqa: S311
                continue
            passing = throttled or status >= 500 or code in EXPIRED or code in SKEWED
            failure = Failure(name, code, _without_ids(message), lasting=not passing)
            if code in EXPIRED:
                self._dead = failure
            raise failure
        raise AssertionError("the loop ends by an answer or a failure")

    def _address(self, service: Service, region: str, operation: str) -> Address:
        found = self.shared.services.address(service.name, region, operation)
        if found is None:
            raise Failure(f"{service.name}:{operation}", "NotOfferedInRegion")
        return found

    def _send(
        self, service: Service, operation: str, request: Request, address: Address, name: str
    ) -> tuple[int, Any, dict[str, Any]]:
        credentials = self.frozen(name)
        url = address.with_prefix(request.host_prefix) + request.path
        added = sign(
            request.method,
            url,
            request.headers,
            request.body,
            credentials,
            address.signing_region,
            address.signing_name,
            datetime.now(UTC) + self.skew,
            service.as_s3,
        )
        self.calls = next(self._numbers)
        answer = self.shared.transport.send(request.method, url, {**request.headers, **added}, request.body)
        if answer.status < 300 and answer.data[:256].lstrip()[:14].lower().startswith(HTML):
            raise Failure(name, "NotAwsError", "a web page came instead of an answer of AWS", lasting=False)
        try:
            parsed = service.answer(operation, answer.status, answer.headers, answer.data)
        except botocore.parsers.ResponseParserError:
            # A proxy's or an emulator's page: the status alone says what happened.
            parsed = {"Error": {"Code": f"HTTP{answer.status}", "Message": "the answer is not one of AWS"}}
            return answer.status if answer.status >= 300 else 502, answer.headers, parsed
        return answer.status, answer.headers, parsed

    def frozen(self, name: str) -> tuple[str, str, str | None]:
        """Key id, secret and session token to sign `name` with; raises Failure."""
        if self._dead is not None:
            raise Failure(name, self._dead.code, "the session ended during the scan", lasting=False)
        with self._credentials_lock:
            try:
                if self.credentials is None:
                    self.credentials = self.session.get_credentials()
                if self.credentials is None:
                    raise Failure(name, "NoCredentialsError", "no credentials were found", lasting=False)
                frozen = self.credentials.get_frozen_credentials()
            except botocore.exceptions.BotoCoreError as error:
                raise Failure(name, type(error).__name__, str(error), lasting=False) from None
        return frozen.access_key, frozen.secret_key, frozen.token

    def _corrected(self, headers: Any) -> bool:
        """Take over AWS's clock where this machine's is far from it; false where it is not."""
        try:
            theirs = parsedate_to_datetime(headers.get("Date", ""))
        except (ValueError, TypeError):
            return False
        skew = theirs - datetime.now(UTC)
        if abs((skew - self.skew).total_seconds()) < SKEW_SECONDS_MIN:
            return False
        self.skew = skew
        return True


def _without_ids(message: str) -> str:
    """A message without the id of the one request, so that two scans of the same say the same."""
    return re.sub(r"[\s,;(]*request[ -]?id:?\s*[0-9a-fA-F-]{8,}[^\s]*", "", message, flags=re.IGNORECASE)
