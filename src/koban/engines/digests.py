"""Whether CloudTrail's digest files and the log files that they list are as CloudTrail wrote them.

Every digest file lists the log files of about an hour with their SHA-256, names the digest before it, and is signed
with a key of its region.  `Walk` goes from the newest digest of a chain to the oldest; nothing here reads anything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from koban.engines.rsa import PublicKey, verifies
from koban.model.digest import Name, Ref, Stored, named

Verdict = Literal["valid", "invalid", "unknown"]
Kind = Literal["", "missing", "altered", "moved", "invalid-signature", "gap", "unknown"]

HASHED_WITH = "SHA-256"
SIGNED_WITH = "SHA256withRSA"
GENERATED = "backfill-generation-timestamp"


class Malformed(Exception):
    """A digest file whose content is not that of one; the message says how."""


class Keys(NamedTuple):
    """The public keys that bear a digest's fingerprint.  `why` says why there may be others; empty: there are none."""

    found: tuple[PublicKey, ...]
    why: str = ""


class LogFile(NamedTuple):
    """A log file as its digest lists it; `sha256` is of the inflated content, in lower-case hex."""

    ref: Ref
    sha256: str
    algorithm: str


@dataclass(frozen=True, slots=True)
class Digest:
    """What a digest file says; `sha256` is of its inflated content."""

    at: Ref
    start: datetime
    end: datetime
    end_text: str
    fingerprint: str
    algorithm: str
    previous: Ref | None
    previous_signature: str | None
    previous_sha256: str
    logs: tuple[LogFile, ...]
    sha256: str


class Judged(NamedTuple):
    """A verdict, what kind of trouble there is, and because of what."""

    verdict: Verdict
    kind: Kind = ""
    because: str = ""


VALID = Judged("valid")
MISSING = Judged("invalid", "missing", "it is not there")


def unknown(because: str) -> Judged:
    return Judged("unknown", "unknown", because)


def altered(because: str) -> Judged:
    return Judged("invalid", "altered", because)


def digest_of(content: bytes) -> Digest:
    """The digest in a file's inflated content; raises Malformed."""
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError):
        raise Malformed("its content is not JSON") from None
    if not isinstance(raw, dict):
        raise Malformed("its content is not a digest")
    try:
        previous = (raw.get("previousDigestS3Bucket"), raw.get("previousDigestS3Object"))
        signature = raw["previousDigestSignature"]
        return Digest(
            at=Ref(_text(raw, "digestS3Bucket"), _text(raw, "digestS3Object")),
            start=_moment(raw, "digestStartTime"),
            end=_moment(raw, "digestEndTime"),
            end_text=_text(raw, "digestEndTime"),
            fingerprint=_text(raw, "digestPublicKeyFingerprint").lower(),
            algorithm=str(raw.get("digestSignatureAlgorithm") or SIGNED_WITH),
            previous=None if None in previous else Ref(str(previous[0]), str(previous[1])),
            previous_signature=None if signature is None else str(signature),
            previous_sha256=str(raw.get("previousDigestHashValue") or "").lower(),
            logs=tuple(_log(one) for one in raw["logFiles"] or ()),
            sha256=hashlib.sha256(content).hexdigest(),
        )
    except KeyError as error:
        raise Malformed(f"it has no {error.args[0]}") from None
    except (TypeError, ValueError, AttributeError):
        raise Malformed("its content is not a digest") from None


def _text(raw: Mapping[str, Any], name: str) -> str:
    value = raw[name]
    if not isinstance(value, str):
        raise Malformed(f"its {name} is no text")
    return value


def _moment(raw: Mapping[str, Any], name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(raw, name))
    except ValueError:
        raise Malformed(f"its {name} is no time") from None
    if moment.tzinfo is None:
        raise Malformed(f"its {name} has no zone")
    return moment


def _log(raw: Mapping[str, Any]) -> LogFile:
    ref = Ref(_text(raw, "s3Bucket"), _text(raw, "s3Object"))
    return LogFile(ref, _text(raw, "hashValue").lower(), str(raw.get("hashAlgorithm") or HASHED_WITH))


def signed_text(digest: Digest) -> bytes:
    """What CloudTrail signs for a digest: when it ends, where it lies, its hash, and the signature before it."""
    where = f"{digest.at.bucket}/{digest.at.key}"
    before = "null" if digest.previous_signature is None else digest.previous_signature
    return f"{digest.end_text}\n{where}\n{digest.sha256}\n{before}".encode()


class Read(NamedTuple):
    """A digest file that was read.  `judged` is its verdict, or None where only the next digest knows its signature."""

    judged: Judged | None
    digest: Digest | None = None
    signature: str = ""
    raw_sha256: str = ""
    keys: Keys = Keys(())


def read(name: Name, stored: Stored, in_place: Callable[[Ref], bool], keys: Callable[[str, datetime], Keys]) -> Read:
    """The verdict on one digest file by itself.

    `in_place` says whether the place that it names is where it lies; `keys` gives the public keys of a fingerprint that
    were in use at a time.
    """
    try:
        digest = digest_of(stored.content)
    except Malformed as fault:
        return Read(altered(str(fault)))
    if not in_place(digest.at):
        where = f"s3://{digest.at.bucket}/{digest.at.key}"
        return Read(Judged("invalid", "moved", f"CloudTrail wrote it to {where}"))
    if digest.algorithm != SIGNED_WITH:
        return Read(unknown(f"it is signed with {digest.algorithm}, which Koban does not know"), digest)
    metadata, generated = stored.metadata, digest.end
    if metadata is not None:
        if "signature" not in metadata or "signature-algorithm" not in metadata:
            return Read(Judged("invalid", "invalid-signature", "no signature is kept with it"))
        if name.chain.backfill:
            try:
                generated = _moment(metadata, GENERATED)
            except (KeyError, Malformed):
                return Read(altered(f"its metadata has no {GENERATED}"))
    found = keys(digest.fingerprint, generated)
    signature = "" if metadata is None else metadata["signature"]
    judged = None if metadata is None else judge_signature(digest, signature, found)
    return Read(judged, digest, signature, stored.raw_sha256, found)


def judge_signature(digest: Digest, signature: str, keys: Keys) -> Judged:
    """The verdict on a digest by its signature, in hex."""
    if not keys.found:
        if keys.why:
            return unknown(keys.why)
        because = f"CloudTrail has no public key with its fingerprint {digest.fingerprint} for that region and time"
        return Judged("invalid", "invalid-signature", because)
    try:
        raw = bytes.fromhex(signature)
    except ValueError:
        return Judged("invalid", "invalid-signature", "its signature is not hexadecimal")
    text = signed_text(digest)
    if any(verifies(key, text, raw) for key in keys.found):
        return VALID
    return Judged("invalid", "invalid-signature", "its signature is not that of its content, place and time")


def judge_log(log: LogFile, sha256: str, proven: bool) -> Judged:
    """The verdict on a log file with this hash; `proven` says that the digest which lists it is valid."""
    if log.algorithm != HASHED_WITH:
        return unknown(f"its hash is by {log.algorithm}, which Koban does not know")
    if sha256 != log.sha256:
        return altered("its content is not what its digest lists")
    return VALID if proven else unknown("it is as its digest lists it, but that digest is not proven")


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where an earlier run ended: a digest that is not read again.  `signature` is empty where it was not valid."""

    moment: datetime
    at: Ref
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """What a digest records of the one before it.  `proven`: that digest is valid.

    A signature that fits proves a digest whoever tells it; that one does not fit says something only if it is proven.
    """

    signature: str
    sha256: str
    proven: bool = True


class Step(NamedTuple):
    """What is said of one digest file, or of a time without any (`since` to `until`)."""

    ref: Ref
    judged: Judged
    digest: Digest | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass
class Walk:
    """Goes along a chain of digests from the newest to the oldest: `wants` says what to read next, `take` judges it.

    It follows what each valid digest says of the one before it; after one that is missing or not valid it goes on with
    the next older one that is listed.  Digests that no other leads to come last.  `start` ends it at the first digest
    that begins before; `anchor` where an earlier run ended; `done` are digests that an earlier run has judged.
    `locate` turns a place that a digest names into where that is here.  `seen` are those that got a verdict.
    """

    listed: Sequence[Name]
    start: datetime | None = None
    anchor: Anchor | None = None
    done: frozenset[Ref] = frozenset()
    locate: Callable[[Ref, Ref], Ref] = lambda near, ref: ref
    wants: Name | None = None
    seen: list[tuple[Name, Anchor]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._waiting = sorted(self.listed)
        self._aside: list[Name] = []
        self._link: Link | None = None
        self._ended = False
        self._known = {one.ref.bucket for one in self._waiting}
        self._advance(None)

    @property
    def elsewhere(self) -> str:
        """The bucket that must be listed before `wants` is read, for the chain has moved there; empty where none."""
        bucket = self.wants.ref.bucket if self.wants is not None else ""
        return "" if bucket in self._known else bucket

    def also(self, names: Sequence[Name]) -> None:
        """Add what lies in the bucket `elsewhere`: what is older than what is wanted now."""
        assert self.wants is not None
        self._known.add(self.wants.ref.bucket)
        older = {one for one in names if one.moment < self.wants.moment}
        self._waiting = sorted({*self._waiting, *older})

    def take(self, found: Read | Judged) -> list[Step]:
        """Judge what was read of `wants`, and go on.  A `Judged` is for a file that could not be read as a digest."""
        name = self.wants
        assert name is not None
        digest = found.digest if isinstance(found, Read) else None
        judged = self._judge(found) if isinstance(found, Read) else found
        steps = [Step(name.ref, judged, digest if judged.verdict != "invalid" else None)]
        self._keep(name, judged, found)
        if self._ended:
            self._next_aside()
            return steps
        if judged.verdict != "valid" or digest is None:
            self._link = None
            self._advance(name)
            self._link = self._from_unproven(name, digest)
            return steps
        steps += self._follow(name, digest)
        return steps

    def _judge(self, found: Read) -> Judged:
        """A digest's own verdict, weighed with what the valid one after it records."""
        link, digest, judged = self._link, found.digest, found.judged
        if judged is None:
            assert digest is not None
            if link is None or not link.signature:
                judged = unknown("its signature is not in this copy: S3 keeps it in the metadata of the object")
            else:
                judged = judge_signature(digest, link.signature, found.keys)
                if judged.verdict == "invalid" and not link.proven:
                    judged = unknown(
                        "the digest after it, which is not proven, records a signature that is not its own"
                    )
        if link is None or not link.proven:
            return judged
        if judged.verdict == "valid" and found.signature and link.signature:
            if link.signature.lower() != found.signature.lower():
                return altered("the digest after it records another signature for it")
        if judged.verdict == "unknown" and digest is not None and link.sha256:
            if link.sha256 in (digest.sha256, found.raw_sha256):
                return VALID
            return altered("the digest after it records another hash for it")
        return judged

    def _keep(self, name: Name, judged: Judged, found: Read | Judged) -> None:
        if judged.verdict == "unknown":
            return
        if judged.verdict == "valid" and isinstance(found, Read) and found.digest is not None:
            recorded = self._link.signature if self._link is not None else ""
            self.seen.append((name, Anchor(name.moment, found.digest.at, found.signature or recorded)))
        else:
            self.seen.append((name, Anchor(name.moment, name.ref)))

    def _from_unproven(self, name: Name, digest: Digest | None) -> Link | None:
        """What a digest that is not proven says of the next one that is listed, where it means that one."""
        if digest is None or digest.previous is None or self._ended or self.wants is None:
            return None
        if self.locate(name.ref, digest.previous) != self.wants.ref:
            return None
        return Link(digest.previous_signature or "", digest.previous_sha256, proven=False)

    def _follow(self, name: Name, digest: Digest) -> list[Step]:
        if digest.previous is None:
            self._link = None
            self._advance(name)
            since = self.wants.moment if self.wants is not None and not self._ended else None
            if since is None and self.anchor is not None:
                since = self.anchor.moment
            if since is None or since >= digest.start:
                return []
            because = "CloudTrail wrote no digest for this time: the chain begins anew after it"
            return [Step(name.ref, Judged("valid", "gap", because), None, since, digest.start)]
        if self.anchor is not None and digest.previous == self.anchor.at:
            self._end()
            recorded = digest.previous_signature or ""
            if self.anchor.signature and recorded.lower() != self.anchor.signature.lower():
                because = "the digest after it records another signature than the one it had when it was validated"
                return [Step(self.locate(name.ref, digest.previous), altered(because))]
            return []
        before_start = self.start is not None and digest.start < self.start
        if before_start or (self.anchor is not None and digest.start <= self.anchor.moment):
            self._end()
            return []
        ref = self.locate(name.ref, digest.previous)
        told = named(ref)
        moment = told.moment if told is not None else digest.start
        if ref in self.done or moment >= name.moment:  # (the latter is no way back: go on by what is listed)
            self._link = None
            self._advance(name)
            return []
        self._link = Link(digest.previous_signature or "", digest.previous_sha256)
        while self._waiting and self._waiting[-1].moment >= moment:
            passed = self._waiting.pop()
            if passed.ref != ref:
                self._aside.append(passed)
        self.wants = Name(moment, ref, name.chain)
        return []

    def _advance(self, after: Name | None) -> None:
        """To the next older digest that is listed."""
        while after is not None and self._waiting and self._waiting[-1].moment >= after.moment:
            self._aside.append(self._waiting.pop())
        if self._waiting:
            self.wants = self._waiting.pop()
        else:
            self._end()

    def _end(self) -> None:
        self._ended, self._link = True, None
        self._aside = sorted([*self._waiting, *self._aside])
        self._waiting = []
        self._next_aside()

    def _next_aside(self) -> None:
        self.wants = self._aside.pop() if self._aside else None


def end_of_time(newest: datetime, until: datetime, slack: timedelta) -> Judged | None:
    """A gap where the newest digest ends long before the time asked for; None where it does not."""
    if until - newest <= slack:
        return None
    return Judged(
        "valid", "gap", "there is no digest for this time: the trail has ended, or its newest digests are gone"
    )
