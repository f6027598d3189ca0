"""Trails to which something was done, and what must be said of them: the same for files, for S3 and beside the peer."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from benchmarks.trails import BEGIN, BUCKET, Key, Objects, Stored, Trail

HOURS = 6
Said = tuple[str, str, str]  # kind, what, key of the file


@dataclass
class Row:
    """`said` are the problems; `peer_says` are those of the peer where they are others."""

    objects: Objects
    said: list[Said]
    trail: Trail
    peer_says: list[Said] | None = None
    counts: tuple[int, int, int, int] = (HOURS, 0, 2 * HOURS, 0)  # digests valid, invalid; log files valid, invalid
    older_peers_miss_it: bool = False
    metadata_matters: bool = False  # a copy without metadata cannot show it


def trail_of(hours: int = HOURS, logs: int = 2) -> Trail:
    return Trail({}).hours(hours, logs)


def row(trail: Trail, *said: Said, **more: object) -> Row:
    return Row(trail.objects, list(said), trail, **more)  # type: ignore[arg-type]


def untouched() -> Row:
    return row(trail_of())


def _log(change: Callable[[bytes], bytes]) -> Row:
    trail = trail_of()
    at = trail.logs[2][1]
    one = trail.objects[BUCKET][at]
    one.body = change(one.body)
    return row(trail, ("altered", "log file", at), counts=(6, 0, 11, 1))


def log_written_anew() -> Row:
    return _log(lambda body: gzip.compress(gzip.decompress(body).replace(b"readOnly", b"readonly")))


def log_bit_flipped() -> Row:
    return _log(lambda body: body[:60] + bytes([body[60] ^ 4]) + body[61:])


def log_with_something_after() -> Row:
    made = _log(lambda body: body + gzip.compress(b"{}"))
    made.older_peers_miss_it = True
    return made


def log_cut_short() -> Row:
    return _log(lambda body: body[:-40])


def log_without_its_checksum() -> Row:
    """All the content is there, the end of the stream is not: the peer hashes what it has."""
    made = _log(lambda body: body[:-8])
    made.peer_says = []
    return made


def log_empty() -> Row:
    return _log(lambda body: b"")


def log_not_packed() -> Row:
    return _log(gzip.decompress)


def log_deleted() -> Row:
    trail = trail_of()
    at = trail.logs[3][0]
    del trail.objects[BUCKET][at]
    return row(trail, ("missing", "log file", at), counts=(6, 0, 11, 1))


def digest_deleted() -> Row:
    trail = trail_of()
    del trail.objects[BUCKET][trail.digests[2]]
    return row(trail, ("missing", "digest", trail.digests[2]), counts=(5, 1, 10, 0))


def digests_deleted_side_by_side() -> Row:
    trail = trail_of()
    for number in (2, 3):
        del trail.objects[BUCKET][trail.digests[number]]
    return row(trail, ("missing", "digest", trail.digests[3]), counts=(4, 1, 8, 0))


def oldest_digest_deleted() -> Row:
    trail = trail_of()
    del trail.objects[BUCKET][trail.digests[0]]
    return row(trail, ("missing", "digest", trail.digests[0]), counts=(5, 1, 10, 0))


def newest_digest_deleted() -> Row:
    trail = trail_of()
    del trail.objects[BUCKET][trail.digests[-1]]
    return row(trail, counts=(5, 0, 10, 0))


def _digest(kind: str, change: Callable[[Stored], None], **more: object) -> Row:
    trail = trail_of()
    change(trail.objects[BUCKET][trail.digests[3]])
    return row(trail, (kind, "digest", trail.digests[3]), counts=(5, 1, 10, 0), **more)


def digest_written_anew() -> Row:
    def change(one: Stored) -> None:
        one.body = gzip.compress(gzip.decompress(one.body).replace(b"hashValue", b"hashvalue", 1))

    return _digest("altered", change)


def digest_lists_another_hash() -> Row:
    def change(one: Stored) -> None:
        said = json.loads(gzip.decompress(one.body))
        said["logFiles"][0]["hashValue"] = "0" * 64
        one.body = gzip.compress(json.dumps(said).encode())

    return _digest("invalid-signature", change)


def digest_not_packed() -> Row:
    def change(one: Stored) -> None:
        one.body = gzip.decompress(one.body)

    return _digest("altered", change)


def digest_of_another_time() -> Row:
    """A digest that is valid where it was written, copied over another."""
    trail = trail_of()
    trail.objects[BUCKET][trail.digests[3]] = trail.objects[BUCKET][trail.digests[1]]
    return row(trail, ("moved", "digest", trail.digests[3]), counts=(5, 1, 10, 0))


def signature_changed() -> Row:
    def change(one: Stored) -> None:
        first = "0" if one.metadata["signature"][0] != "0" else "1"
        one.metadata["signature"] = first + one.metadata["signature"][1:]

    return _digest("invalid-signature", change, metadata_matters=True)


def signature_no_hex() -> Row:
    def change(one: Stored) -> None:
        one.metadata["signature"] = "signed by hand"

    return _digest("invalid-signature", change, metadata_matters=True)


def signature_gone() -> Row:
    return _digest("invalid-signature", lambda one: one.metadata.clear(), metadata_matters=True)


def signed_with_a_key_of_somebody_else() -> Row:
    trail = trail_of()
    at = trail.digests[3]
    said = json.loads(gzip.decompress(trail.objects[BUCKET][at].body))
    trail.signer = Key()
    said |= {"digestPublicKeyFingerprint": trail.signer.fingerprint, "logFiles": []}
    trail.put_digest(at, json.dumps(said).encode(), said["previousDigestSignature"])
    return row(trail, ("invalid-signature", "digest", at), counts=(5, 1, 10, 0))


def validation_was_off() -> Row:
    trail = trail_of(3).idle().hours(3)
    return row(trail, ("gap", "time", trail.digests[3]))


def off_and_a_digest_deleted() -> Row:
    trail = trail_of(3).idle().hours(3)
    del trail.objects[BUCKET][trail.digests[3]]
    return row(trail, ("missing", "digest", trail.digests[3]), counts=(5, 1, 10, 0))


def no_log_files() -> Row:
    return row(trail_of(logs=0), counts=(6, 0, 0, 0))


def moved_to_another_bucket() -> Row:
    trail = trail_of(3)
    trail.bucket = "second-bucket"
    trail.hours(3)
    at = trail.logs[1][0]
    del trail.objects[BUCKET][at]
    return row(trail, ("missing", "log file", at), counts=(6, 0, 11, 1))


def backfilled() -> Row:
    trail = trail_of(4)
    Trail(trail.objects, is_backfill=True, begin=BEGIN + timedelta(minutes=10)).hours(2)
    return row(trail)


def backfilled_digest_changed() -> Row:
    trail = trail_of(4)
    late = Trail(trail.objects, is_backfill=True, begin=BEGIN + timedelta(minutes=10)).hours(2)
    one = trail.objects[BUCKET][late.digests[1]]
    one.body = gzip.compress(gzip.decompress(one.body) + b" ")
    return row(trail, ("invalid-signature", "digest", late.digests[1]), counts=(5, 1, 10, 0))


def backfilled_without_its_time() -> Row:
    trail = trail_of(4)
    late = Trail(trail.objects, is_backfill=True, begin=BEGIN + timedelta(minutes=10)).hours(2)
    del trail.objects[BUCKET][late.digests[0]].metadata["backfill-generation-timestamp"]
    said = ("altered", "digest", late.digests[0])
    return row(trail, said, counts=(5, 1, 10, 0), metadata_matters=True)


def signed_anew() -> Row:
    """CloudTrail's own key signs another digest for the same place: the peer does not look at what the next records."""
    trail = trail_of()
    at = trail.digests[3]
    said = json.loads(gzip.decompress(trail.objects[BUCKET][at].body))
    said["awsAccountId"] = "000000000000"
    trail.put_digest(at, json.dumps(said).encode(), said["previousDigestSignature"])
    return row(trail, ("altered", "digest", at), peer_says=[], counts=(5, 1, 10, 0))


def digest_with_something_after() -> Row:
    def change(one: Stored) -> None:
        one.body += b"more"

    made = _digest("altered", change)
    made.peer_says = []  # it reads to the end of the stream and no further
    return made


ROWS: list[Callable[[], Row]] = [
    untouched,
    log_written_anew,
    log_bit_flipped,
    log_with_something_after,
    log_cut_short,
    log_without_its_checksum,
    log_empty,
    log_not_packed,
    log_deleted,
    digest_deleted,
    digests_deleted_side_by_side,
    oldest_digest_deleted,
    newest_digest_deleted,
    digest_written_anew,
    digest_lists_another_hash,
    digest_not_packed,
    digest_of_another_time,
    signature_changed,
    signature_no_hex,
    signature_gone,
    signed_with_a_key_of_somebody_else,
    validation_was_off,
    off_and_a_digest_deleted,
    no_log_files,
    moved_to_another_bucket,
    backfilled,
    backfilled_digest_changed,
    backfilled_without_its_time,
    signed_anew,
    digest_with_something_after,
]
