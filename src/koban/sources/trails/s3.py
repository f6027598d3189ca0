"""Digest and log files in S3: listed with the calls that are declared, and read as streams."""

from __future__ import annotations

import random
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from koban.model.digest import DIGESTS, LOGS, Missing, Name, Ref, Stored, Unread, named
from koban.sources.aws.api import ATTEMPTS_MAX, BACKOFF_SECONDS, BACKOFF_SECONDS_MAX, ELSEWHERE, BotoApi
from koban.sources.aws.reader import DENIED, Failure
from koban.sources.aws.signature import sign
from koban.sources.aws.transport import CONNECTIONS_PER_HOST_MAX, Unreachable
from koban.sources.aws.wire import USER_AGENT
from koban.sources.trails.content import PIECE_BYTES, sha256_of, whole
from koban.sources.trails.store import Place, Wanted, place_of, region_of, regions_below

LIST = "s3:ListObjectsV2"
GET = "s3:GetObject"
CALLS = (LIST, GET)
LISTERS = 16
PREFIX_DEPTH_MAX, PREFIXES_MAX = 3, 500  # how far and wide a bucket is searched for AWSLogs
FOLDERS_KEPT = 64
METADATA = "x-amz-meta-"
RETRIED = frozenset((429, 500, 502, 503, 504))


class Objects:
    """The trails in S3, below prefixes of buckets.  Safe to share among threads."""

    readers = CONNECTIONS_PER_HOST_MAX
    together = 1

    def __init__(self, api: BotoApi, region: str, places: list[Ref], backoff_seconds: float = BACKOFF_SECONDS) -> None:
        self.api = api
        self.home = region
        self.places = places
        self.backoff_seconds = backoff_seconds
        self.unlisted: list[tuple[str, str]] = []
        self._regions: dict[str, str] = {}
        self._folders: OrderedDict[Ref, dict[str, str]] = OrderedDict()
        self._lock = threading.Lock()
        self.api.shared.services.get("s3")

    # What is there

    def regions(self, wanted: Wanted) -> dict[Place, list[Ref]]:
        self.unlisted.clear()
        regions: dict[Place, list[Ref]] = {}
        with ThreadPoolExecutor(LISTERS) as pool:
            for bucket, prefix in self.places:
                for top in self._tops(bucket, prefix):
                    for region in self._regions_below(pool, bucket, top, wanted):
                        regions.setdefault(place_of(region), []).append(Ref(bucket, region))
        return regions

    def names(self, prefixes: list[Ref], wanted: Wanted) -> list[Name]:
        return [name for bucket, region in dict.fromkeys(prefixes) for name in self._keys(bucket, region, wanted)]

    def _tops(self, bucket: str, prefix: str) -> list[str]:
        """The prefixes of CloudTrail at and below one that was asked for."""
        prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        if f"/{prefix}".find(f"/{LOGS}") >= 0:
            return [prefix]
        found, waiting, asked = [], [(prefix, 0)], 0
        while waiting and asked < PREFIXES_MAX:
            here, depth = waiting.pop()
            asked += 1
            below = list(self._children(bucket, here))
            if here + LOGS in below:
                found.append(here + LOGS)
            if depth < PREFIX_DEPTH_MAX:
                waiting += [(one, depth + 1) for one in below if one != here + LOGS]
        if waiting:
            why = f"only {PREFIXES_MAX} prefixes were searched for {LOGS}: name the trail's own prefix"
            self.unlisted.append((self.shown(Ref(bucket, prefix)), why))
        return sorted(found)

    def _regions_below(self, pool: ThreadPoolExecutor, bucket: str, top: str, wanted: Wanted) -> list[str]:
        """With what lies below each account asked for at once: there may be thousands of accounts."""
        known: dict[str, list[str]] = {}

        def children(of: str) -> list[str]:
            if of in known:
                return known.pop(of)
            found = list(self._children(bucket, of))
            if of.rpartition(LOGS)[1] and not of.endswith(DIGESTS) and len(found) > 1:
                ahead = [f"{one}{DIGESTS}" for one in found if one.rstrip("/")[-12:].isdigit()]
                if not wanted.regions:
                    asked = [one for one in ahead if not wanted.accounts or one.split("/")[-3] in wanted.accounts]
                    below = pool.map(lambda one: list(self._children(bucket, one)), asked)
                    known.update(zip(asked, below, strict=True))
            return found

        return list(regions_below(top, children, wanted))

    def _children(self, bucket: str, prefix: str) -> Iterator[str]:
        for page in self._pages(bucket, Prefix=prefix, Delimiter="/"):
            yield from (one["Prefix"] for one in page.get("CommonPrefixes") or ())

    def beside(self, name: Name, wanted: Wanted) -> list[Name]:
        found = self._keys(name.ref.bucket, region_of(name.ref), wanted)
        return [one for one in found if one.chain == name.chain]

    def _keys(self, bucket: str, prefix: str, wanted: Wanted) -> list[Name]:
        params = {"Prefix": prefix}
        start = wanted.start_of(prefix)
        if start is not None and prefix.rpartition(DIGESTS)[2].count("/") == 1:
            params["StartAfter"] = f"{prefix}{start - timedelta(minutes=1):%Y/%m/%d/}"
        found = []
        for page in self._pages(bucket, **params):
            read = [named(Ref(bucket, one["Key"])) for one in page.get("Contents") or ()]
            found += [name for name in read if name is not None and wanted.wants(name)]
            last = read[-1] if read else None
            if last is not None and wanted.end is not None and last.moment > wanted.end + timedelta(days=2):
                break  # keys are sorted by day
        return found

    def _pages(self, bucket: str, **params: str) -> Iterator[dict[str, Any]]:
        try:
            yield from self.api.pages("s3", "ListObjectsV2", self.home, {"Bucket": bucket, **params})
        except Failure as failure:
            self.unlisted.append((self.shown(Ref(bucket, params.get("Prefix", ""))), failure.why))

    # What is in it

    def digest(self, ref: Ref) -> Stored:
        def take(answer: Any) -> Stored:
            content, raw_sha256 = whole(_pieces(answer))
            kept = {
                name.lower()[len(METADATA) :]: value
                for name, value in answer.headers.items()
                if name.lower().startswith(METADATA)
            }
            return Stored(content, raw_sha256, kept)

        found: Stored = self._get(ref, take)
        return found

    def sha256(self, ref: Ref) -> str:
        found: str = self._get(ref, lambda answer: sha256_of(_pieces(answer)))
        return found

    def _get(self, ref: Ref, take: Any) -> Any:
        """What `take` makes of an object's answer.  Raises Missing, Unread, Broken."""
        region = self._regions.get(ref.bucket, self.home)
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                answer = self._ask(ref, region)
                try:
                    if answer.status == 200:
                        return take(answer)
                    code, moved = _refusal(answer)
                finally:
                    answer.drain_conn()
                    answer.release_conn()
            except Unreachable as silence:
                if attempt == ATTEMPTS_MAX:
                    raise Unread(f"{silence.code} {GET}") from None
                continue
            except Failure as failure:
                raise Unread(failure.why) from None
            if answer.status == 404:
                raise Missing(self.shown(ref)) if code in ("NoSuchKey", "404") else Unread(f"{code} {GET}")
            if code in ELSEWHERE and moved not in ("", region):
                region = self._regions[ref.bucket] = moved
            elif answer.status in RETRIED and attempt < ATTEMPTS_MAX:
                # The spread keeps many readers from coming back at the same moment; nothing secret hangs on it.
                time.sleep(min(BACKOFF_SECONDS_MAX, self.backoff_seconds * 2**attempt) * random.uniform(0.5, 1))  # noqa: S311
            else:
                raise Unread(f"AccessDenied {GET}" if code in DENIED else f"{code} {GET}")
        raise Unread(f"{GET} was sent from one region to the next")

    def _ask(self, ref: Ref, region: str) -> Any:
        address = self.api.shared.services.address("s3", region)
        if address is None:
            raise Failure(GET, "NotOfferedInRegion")
        url = f"{address.url}/{ref.bucket}/{quote(ref.key, safe='/~')}"
        headers = {"User-Agent": USER_AGENT}
        moment = datetime.now(UTC) + self.api.skew
        credentials = self.api.frozen(GET)
        headers |= sign("GET", url, headers, b"", credentials, address.signing_region, "s3", moment, as_s3=True)
        return self.api.shared.transport.stream("GET", url, headers)

    def tag(self, ref: Ref) -> str:
        """The ETag, from a list of all that lies beside it."""
        folder = Ref(ref.bucket, ref.key.rpartition("/")[0] + "/")
        with self._lock:
            found = self._folders.get(folder)
            if found is None:
                pages = self._pages(folder.bucket, Prefix=folder.key)
                found = {
                    one["Key"]: one.get("ETag", "").strip('"') for page in pages for one in page.get("Contents") or ()
                }
                self._folders[folder] = found
                if len(self._folders) > FOLDERS_KEPT:
                    self._folders.popitem(last=False)
        return found.get(ref.key, "")

    def locate(self, near: Ref, named: Ref) -> Ref:
        return named

    def in_place(self, here: Ref, named: Ref) -> bool:
        return here == named

    def shown(self, ref: Ref) -> str:
        return f"s3://{ref.bucket}/{ref.key}"


def _pieces(answer: Any) -> Iterator[bytes]:
    """The body as it lies in S3: CloudTrail says of its files that their encoding is gzip, which must stay."""
    import urllib3.exceptions

    try:
        yield from answer.stream(PIECE_BYTES, decode_content=False)
    except urllib3.exceptions.HTTPError as error:
        raise Unreachable("ConnectionClosedError", str(error)) from None


def _refusal(answer: Any) -> tuple[str, str]:
    """The code in S3's refusal, the status where it has none, and the region that it points to."""
    code, region = None, answer.headers.get("x-amz-bucket-region", "")
    try:
        told = ElementTree.fromstring(answer.read(PIECE_BYTES, decode_content=False))  # noqa: S314  an answer of AWS over TLS
        code, region = told.findtext("Code"), region or told.findtext("Region") or ""
    except ElementTree.ParseError:
        pass
    return code or str(answer.status), region
