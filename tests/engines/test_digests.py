"""One digest, one log file, and the walk along a chain."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from benchmarks.trails import BUCKET, Objects, Trail, key

from koban.engines import digests
from koban.engines.digests import (
    MISSING,
    Anchor,
    Judged,
    Keys,
    LogFile,
    Malformed,
    Read,
    Walk,
    digest_of,
    judge_log,
)
from koban.engines.rsa import public_key
from koban.model.digest import Name, Ref, Stored, named

KEYS = Keys((public_key(key().der),))


# One digest


@pytest.mark.parametrize(
    ("change", "because"),
    [
        (lambda raw: raw.pop("digestEndTime"), "it has no digestEndTime"),
        (lambda raw: raw.pop("previousDigestSignature"), "it has no previousDigestSignature"),
        (lambda raw: raw.pop("logFiles"), "it has no logFiles"),
        (lambda raw: raw.update(digestStartTime="soon"), "its digestStartTime is no time"),
        (lambda raw: raw.update(digestStartTime="2026-11-01T10:00:00"), "its digestStartTime has no zone"),
        (lambda raw: raw.update(digestS3Bucket=7), "its digestS3Bucket is no text"),
        (lambda raw: raw.update(logFiles=[7]), "its content is not a digest"),
        (lambda raw: raw.update(logFiles=[{}]), "it has no s3Bucket"),
    ],
)
def test_a_digest_that_is_none_says_why(change: Any, because: str) -> None:
    objects: Objects = {}
    at = Trail(objects).digest()
    raw = json.loads(gzip.decompress(objects[BUCKET][at].body))
    change(raw)
    with pytest.raises(Malformed, match=because):
        digest_of(json.dumps(raw).encode())


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000])
def test_content_that_is_no_digest(content: bytes) -> None:
    with pytest.raises(Malformed):
        digest_of(content)


@pytest.mark.parametrize(
    ("hashed", "algorithm", "proven", "verdict"),
    [
        ("aa", "SHA-256", True, "valid"),
        ("aa", "SHA-256", False, "unknown"),
        ("bb", "SHA-256", True, "invalid"),
        ("bb", "SHA-256", False, "invalid"),  # one of the two was changed, whichever
        ("aa", "SHA-512", True, "unknown"),
    ],
)
def test_a_log_file(hashed: str, algorithm: str, proven: bool, verdict: str) -> None:
    assert judge_log(LogFile(Ref("b", "k"), "aa", algorithm), hashed, proven).verdict == verdict


# The walk


class Chain:
    """A chain in memory, walked; `said` are (number of the digest, verdict, kind) in the order of the walk."""

    def __init__(self, trail: Trail) -> None:
        self.objects = trail.objects[BUCKET]
        self.numbers = {one: number for number, one in enumerate(trail.digests)}
        self.keys = KEYS
        self.with_metadata = True

    def name(self, at: str) -> Name:
        found = named(Ref(BUCKET, at))
        assert found is not None
        return found

    def read(self, name: Name) -> Read | Judged:
        one = self.objects.get(name.ref.key)
        if one is None:
            return MISSING
        stored = Stored(gzip.decompress(one.body), "", one.metadata if self.with_metadata else None)
        return digests.read(name, stored, lambda ref: ref == name.ref, lambda *_: self.keys)

    def walk(self, **how: Any) -> list[tuple[int, str, str]]:
        said = []
        self.steps = []
        walk = self.walked = Walk([self.name(at) for at in self.objects if "CloudTrail-Digest" in at], **how)
        while walk.wants is not None:
            for step in walk.take(self.read(walk.wants)):
                self.steps.append(step)
                said.append((self.numbers[step.ref.key], step.judged.verdict, step.judged.kind))
        return said


def chain_of(*parts: int, **how: Any) -> tuple[Trail, Chain]:
    """Chains of so many digests, with a gap between each and the next."""
    trail = Trail({}, **how)
    for number, count in enumerate(parts):
        if number:
            trail.idle()
        trail.hours(count, logs=1)
    return trail, Chain(trail)


def valid(*numbers: int) -> list[tuple[int, str, str]]:
    return [(number, "valid", "") for number in numbers]


def test_from_the_newest_to_the_oldest() -> None:
    assert chain_of(3)[1].walk() == valid(2, 1, 0)


def test_a_gap_is_said_between_the_chains() -> None:
    _, chain = chain_of(2, 2)
    assert chain.walk() == [*valid(3, 2), (2, "valid", "gap"), *valid(1, 0)]
    gap = chain.steps[2]
    assert (gap.since, gap.until) == (datetime(2026, 11, 1, 12, tzinfo=UTC), datetime(2026, 11, 1, 17, tzinfo=UTC))


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_digest_that_is_gone_is_missed_by_the_next(gone: int) -> None:
    trail, chain = chain_of(4)
    del chain.objects[trail.digests[gone]]
    others = [(number, "valid", "") if number != gone else (gone, "invalid", "missing") for number in (3, 2, 1, 0)]
    assert chain.walk() == others


def test_of_two_that_are_gone_only_the_newer_is_known_to_have_been() -> None:
    trail, chain = chain_of(5)
    for gone in (1, 2):
        del chain.objects[trail.digests[gone]]
    assert chain.walk() == [*valid(4, 3), (2, "invalid", "missing"), *valid(0)]


def test_without_metadata_the_next_digest_proves_the_one_before() -> None:
    _, chain = chain_of(3)
    chain.with_metadata = False
    assert chain.walk() == [(2, "unknown", "unknown"), *valid(1, 0)]


def test_without_metadata_what_is_not_proven_proves_nothing_wrong() -> None:
    trail, chain = chain_of(4)
    chain.with_metadata = False
    for number in (3, 1):
        one = chain.objects[trail.digests[number]]
        content = gzip.decompress(one.body)
        said = json.loads(content)
        said["previousDigestSignature" if number == 3 else "awsAccountId"] = "00"
        one.body = gzip.compress(json.dumps(said).encode())
    # The newest tells a wrong signature; the second oldest was changed, but what tells of it is not proven either.
    assert chain.walk() == [(3, "unknown", "unknown"), (2, "unknown", "unknown"), (1, "unknown", "unknown"), *valid(0)]


def test_without_metadata_but_of_the_newest() -> None:
    trail, chain = chain_of(3)
    read = chain.read

    def some(name: Name) -> Read | Judged:
        chain.with_metadata = name.ref.key == trail.digests[2]
        return read(name)

    chain.read = some  # type: ignore[method-assign]
    assert chain.walk() == valid(2, 1, 0)


def test_without_the_key_the_hash_in_a_valid_digest_proves_the_one_before() -> None:
    trail, chain = chain_of(3)
    read = chain.read

    def some(name: Name) -> Read | Judged:
        chain.keys = KEYS if name.ref.key == trail.digests[2] else Keys((), "not among the keys")
        return read(name)

    chain.read = some  # type: ignore[method-assign]
    assert chain.walk() == valid(2, 1, 0)
    one = chain.objects[trail.digests[1]]
    one.body = gzip.compress(gzip.decompress(one.body).replace(b"Z", b"z"))
    assert chain.walk()[1] == (1, "invalid", "altered")


def test_a_digest_signed_anew_is_not_the_one_that_the_next_records() -> None:
    trail, chain = chain_of(3)
    content = json.loads(gzip.decompress(chain.objects[trail.digests[1]].body))
    content["logFiles"] = []
    trail.put_digest(trail.digests[1], json.dumps(content).encode(), content["previousDigestSignature"])
    assert chain.walk() == [*valid(2), (1, "invalid", "altered"), *valid(0)]


def test_digests_that_no_other_leads_to_come_last() -> None:
    trail, chain = chain_of(3)
    other = Trail(trail.objects, begin=trail.begin + timedelta(minutes=90)).digest(logs=0)
    chain.numbers[other] = 9
    assert chain.walk() == valid(2, 1, 0, 9)


@pytest.mark.parametrize(
    ("hours", "walked"),
    [(0, (3, 2, 1, 0)), (1, (3, 2, 1, 0)), (1.5, (3, 2, 1)), (2, (3, 2, 1)), (3.9, (3,))],
)
def test_the_walk_ends_before_the_time_asked_for(hours: float, walked: tuple[int, ...]) -> None:
    """As the listing does, those that end at the start count: they may tell of what was delivered then."""
    trail, chain = chain_of(4)
    start = trail.begin + timedelta(hours=hours)
    chain.objects = {
        at: one for at, one in chain.objects.items() if named(Ref("", at)) is None or chain.name(at).moment >= start
    }
    assert chain.walk(start=start) == valid(*walked)


def test_the_walk_ends_where_an_earlier_run_ended() -> None:
    trail, chain = chain_of(2)
    chain.walk()
    anchor = max((one for _, one in chain.walked.seen), key=lambda one: one.moment)
    assert anchor.at.key == trail.digests[1]
    trail.hours(2, logs=0)
    chain.numbers = {one: number for number, one in enumerate(trail.digests)}
    chain.objects = {at: trail.objects[BUCKET][at] for at in trail.digests[2:]}
    assert chain.walk(anchor=anchor) == valid(3, 2)
    other = Anchor(anchor.moment, anchor.at, "00")
    assert chain.walk(anchor=other) == [*valid(3, 2), (1, "invalid", "altered")]
    del chain.objects[trail.digests[2]]
    assert chain.walk(anchor=anchor) == [*valid(3), (2, "invalid", "missing")]


def test_a_gap_since_an_earlier_run_is_said() -> None:
    trail, chain = chain_of(2, 1)
    chain.objects = {trail.digests[2]: chain.objects[trail.digests[2]]}
    anchor = Anchor(trail.begin + timedelta(hours=2), Ref(BUCKET, trail.digests[1]))
    assert chain.walk(anchor=anchor) == [*valid(2), (2, "valid", "gap")]


def test_a_chain_that_moved_to_another_bucket_is_followed() -> None:
    trail = Trail({}).hours(2, logs=0)
    trail.bucket = "new"
    trail.hours(2, logs=0)
    names = {at: named(Ref("new" if number > 1 else BUCKET, at)) for number, at in enumerate(trail.digests)}
    walk, said = Walk([one for one in names.values() if one is not None and one.ref.bucket == "new"]), []
    while walk.wants is not None:
        if walk.elsewhere:
            assert walk.elsewhere == BUCKET
            walk.also([one for one in names.values() if one is not None and one.ref.bucket == BUCKET])
        name = walk.wants
        one = trail.objects[name.ref.bucket][name.ref.key]
        stored = Stored(gzip.decompress(one.body), "", one.metadata)
        found = digests.read(name, stored, lambda ref, at=name.ref: ref == at, lambda *_: KEYS)
        said += [(step.ref.bucket, step.judged.verdict) for step in walk.take(found)]
    assert said == [("new", "valid"), ("new", "valid"), (BUCKET, "valid"), (BUCKET, "valid")]
