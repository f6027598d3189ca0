"""CloudTrail's digest files: how they are named, where they lie, and what can come of reading one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

LOGS = "AWSLogs/"  # every key of CloudTrail has it, after the prefix that the trail was given
DIGESTS = "CloudTrail-Digest/"
NAME = re.compile(
    r"^(?:.+/)?AWSLogs/(?:(?P<organisation>o-[a-z0-9]+)/)?(?P<account>\d{12})/CloudTrail-Digest/"
    r"(?P<region>[a-z0-9-]+)/\d{4}/\d\d/\d\d/"
    r"(?P=account)_CloudTrail-Digest_(?P=region)_(?P<trail>.+)_(?P<home>[a-z0-9-]+)_(?P<moment>\d{8}T\d{6}Z)"
    r"(?P<backfill>_backfill)?\.json\.gz$"
)


class Ref(NamedTuple):
    """Where a file lies: an object of S3; of a local copy, the directory that holds ``AWSLogs`` and the path in it."""

    bucket: str
    key: str


class Chain(NamedTuple):
    """The digests of one trail, account and region, wherever they lie: a trail may change its bucket.

    Those that CloudTrail made later (backfill) link among themselves.
    """

    account: str
    region: str
    trail: str
    home: str
    organisation: str = ""
    backfill: bool = False


class Name(NamedTuple):
    """A digest file as its key tells it; `moment` is when the time that it covers ends."""

    moment: datetime
    ref: Ref
    chain: Chain


class Stored(NamedTuple):
    """A digest file's content, inflated.  `raw_sha256` is of the file as it lies there.

    `metadata` is what S3 keeps beside an object, None for a copy without it.
    """

    content: bytes
    raw_sha256: str
    metadata: Mapping[str, str] | None


class Unread(Exception):
    """A file, a list or a key that may be there and could not be read; `why` is one line."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Missing(Exception):
    """A file that is not there."""


class Broken(Exception):
    """A file that is not whole gzip, so not as CloudTrail wrote it; `why` is one line."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def named(ref: Ref) -> Name | None:
    """What the key of a digest file tells; None for any other key."""
    found = NAME.match(ref.key)
    if found is None:
        return None
    try:
        moment = datetime.strptime(found["moment"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    chain = _chain(
        found["account"],
        found["region"],
        found["trail"],
        found["home"],
        found["organisation"] or "",
        found["backfill"] is not None,
    )
    return Name(moment, ref, chain)


@lru_cache(maxsize=4096)
def _chain(*parts: object) -> Chain:
    """One object for all the digests of a chain."""
    return Chain(*parts)  # type: ignore[arg-type]
