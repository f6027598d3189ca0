"""Validates CloudTrail's logs by its digest files: reads ahead, walks each chain, and says what is wrong."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from koban.app.validate_state import LATE, Known, State, ValidateError
from koban.engines import digests, rsa
from koban.engines.digests import Judged, LogFile, Walk
from koban.model.digest import Broken, Chain, Missing, Name, Ref, Unread
from koban.sources.aws.api import BotoApi
from koban.sources.aws.reader import Failure
from koban.sources.aws.session import ApiMaker, AwsError, Caller, connect
from koban.sources.trails import s3
from koban.sources.trails.files import Files, NoLogs
from koban.sources.trails.keys import Ders, KeyFileError, KeysOfCloudTrail, KeysOfFiles
from koban.sources.trails.store import Store, Wanted

__all__ = [
    "AwsError",
    "KeyFileError",
    "NoLogs",
    "Problem",
    "Source",
    "State",
    "Total",
    "ValidateError",
    "Wanted",
    "validate",
]

DESCRIBE_TRAILS = "cloudtrail:DescribeTrails"
CALLS = (*s3.CALLS, *KeysOfCloudTrail.calls, DESCRIBE_TRAILS)
S3 = "s3://"
LISTED_AHEAD = 16  # accounts and regions that are listed before their turn
AHEAD = 64  # digest files that are read before their turn
LOGS_PER_READER = 16  # log files that wait for each reader
REQUESTS_PER_SECOND = 100.0  # S3 takes five times that, as everywhere in Koban
ENDS_WITHIN = timedelta(hours=3)  # a digest covers an hour, and comes within one or two after it

FAILURES = (AwsError, KeyFileError, NoLogs, ValidateError)


@dataclass(frozen=True)
class Problem:
    """What is wrong with a file, or not known of it, or a time (`since` to `until`) for which there is no digest."""

    kind: str
    what: str  # digest | log file | list | time
    file: str
    because: str
    account: str = ""
    region: str = ""
    trail: str = ""
    digest: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "what": self.what,
            "file": self.file,
            "because": self.because,
            "account": self.account or None,
            "region": self.region or None,
            "trail": self.trail or None,
            "digest": self.digest or None,
            "from": _text(self.since),
            "to": _text(self.until),
        }


@dataclass
class Total:
    """How many files of one account, region and trail are valid, invalid and unknown, and the time they cover."""

    account: str
    region: str
    trail: str
    digests: Counter[str] = field(default_factory=Counter)
    logs: Counter[str] = field(default_factory=Counter)
    trusted: int = 0  # log files taken as valid by a hash from when they were ingested
    gaps: int = 0
    since: datetime | None = None
    until: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": "summary",
            "account": self.account,
            "region": self.region,
            "trail": self.trail,
            "digests": {verdict: self.digests[verdict] for verdict in ("valid", "invalid", "unknown")},
            "log_files": {verdict: self.logs[verdict] for verdict in ("valid", "invalid", "unknown")},
            "trusted": self.trusted,
            "gaps": self.gaps,
            "from": _text(self.since),
            "to": _text(self.until),
        }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


class FindsKeys(Protocol):
    def cover(self, region: str, start: datetime, end: datetime) -> None: ...

    def find(self, region: str, fingerprint: str, moment: datetime) -> Ders: ...


@dataclass(frozen=True)
class Source:
    """Where to read, what of it, and where the public keys come from.

    `is_live`: new digests come there, so that where they end is worth a word.
    """

    store: Store
    wanted: Wanted
    keys: FindsKeys
    is_live: bool


def open_source(
    places: Iterable[str],
    wanted: Wanted,
    *,
    trail_arn: str = "",
    key_files: Iterable[Path] = (),
    profile: str = "",
    role_arn: str = "",
    external_id: str = "",
) -> Source:
    """What `places` (directories, or ``s3://bucket/prefix``) and the trail hold.

    Without a place the trail's own bucket is asked for.  Raises ValidateError, NoLogs, KeyFileError, AwsError.
    """
    places, files = list(places), list(key_files)
    if trail_arn:
        trail, home, owner = _parts(trail_arn)
        wanted = replace(wanted, trail=trail, home=home, owner=owner)
    remote = [one for one in places if one.startswith(S3)]
    if remote and len(remote) < len(places):
        raise ValidateError("directories and s3:// cannot be validated in one run: name one kind")
    offline = KeysOfFiles(files, rsa.fingerprint_of) if files else None
    local = bool(places) and not remote
    if local and offline is not None:
        return Source(Files([Path(one) for one in places]), wanted, offline, is_live=False)
    store: Store | None = Files([Path(one) for one in places]) if local else None
    caller = connect(ApiMaker(REQUESTS_PER_SECOND, CALLS), profile, role_arn, external_id)
    keys = offline if offline is not None else KeysOfCloudTrail(caller.api)
    if store is None:
        refs = [Ref(*_bucket_and_prefix(one)) for one in remote] or [_of_trail(caller, trail_arn)]
        assert isinstance(caller.api, BotoApi)
        store = s3.Objects(caller.api, caller.region, refs)
    return Source(store, wanted, keys, is_live=not local)


def _parts(arn: str) -> tuple[str, str, str]:
    """Name, home region and owner of a trail."""
    pieces = arn.split(":", 5)
    if len(pieces) < 6 or pieces[0] != "arn" or pieces[2] != "cloudtrail" or not pieces[5].startswith("trail/"):
        raise ValidateError(
            f"{arn!r} is not the ARN of a trail, such as arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"
        )
    return pieces[5].removeprefix("trail/"), pieces[3], pieces[4]


def _bucket_and_prefix(place: str) -> tuple[str, str]:
    bucket, _, prefix = place.removeprefix(S3).partition("/")
    if not bucket:
        raise ValidateError(f"{place} names no bucket")
    return bucket, prefix


def _of_trail(caller: Caller, arn: str) -> Ref:
    """The bucket and prefix that a trail writes to."""
    if not arn:
        raise ValidateError("nothing to validate: name directories, s3://bucket/prefix, or a trail with --trail-arn")
    params = {"trailNameList": [arn], "includeShadowTrails": False}
    try:
        found = caller.api.call("cloudtrail", "DescribeTrails", _parts(arn)[1], params).get("trailList") or []
    except Failure as failure:
        raise ValidateError(
            f"the bucket of the trail is not known ({failure.why}): name it as s3://bucket/prefix"
        ) from None
    if not found:
        raise ValidateError(f"there is no trail {arn}: name where its files lie as s3://bucket/prefix")
    return Ref(str(found[0]["S3BucketName"]), str(found[0].get("S3KeyPrefix") or ""))


@dataclass
class Validation:
    """One run: iterate over it for problems, then look at `totals`.  `complete` is false after a stop half-way."""

    source: Source
    state: State
    keeps: bool = False  # `state` is brought up to date at the end
    known: Known | None = None
    heard: Callable[[str, int], None] = lambda what, done: None
    stopping: Callable[[], bool] = lambda: False
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    totals: dict[tuple[str, str, str], Total] = field(default_factory=dict)
    complete: bool = False
    passed: bool = False  # digests were there that an earlier run has validated
    unread: bool = False

    def __iter__(self) -> Iterator[Problem]:
        self.heard("Listing the digests", 0)
        with closing(_Run(self).problems()) as problems:
            for problem in problems:
                self.unread |= problem.kind == "unknown"
                yield problem
        self.complete = not self.stopping()

    def total(self, chain: Chain) -> Total:
        key = chain.account, chain.region, chain.trail
        return self.totals.setdefault(key, Total(*key))

    @property
    def exit_code(self) -> int:
        """0 all valid, 1 something is not, 3 something is not known."""
        if self.unread:
            return 3
        return int(any(one.digests["invalid"] or one.logs["invalid"] for one in self.totals.values()))


def validate(source: Source, state: State | None = None, **how: Any) -> Validation:
    """Validate what `source` holds; `state` says what earlier runs have validated.  See :class:`Validation`."""
    return Validation(source, state if state is not None else State(), state is not None, **how)


Item = tuple[Chain, datetime, Problem | None, Future[list[Judged]] | None, tuple[LogFile, ...], Ref]


class _Run:
    """The pipeline of one validation: digests are read ahead of the walk, log files behind it."""

    def __init__(self, asked: Validation) -> None:
        self.asked = asked
        self.store = asked.source.store
        self.keys = asked.source.keys
        self.waiting: deque[Item] = deque()
        self.logs_waiting = 0
        self.done = 0
        self.unknown_since: dict[Chain, datetime] = {}
        self._key = lru_cache(maxsize=256)(rsa.public_key)

    def problems(self) -> Generator[Problem]:
        self.pool = ThreadPoolExecutor(self.store.readers, "koban-validate")
        self.lister = ThreadPoolExecutor(LISTED_AHEAD, "koban-list")
        try:
            ahead = _Ahead(self.pool, self._digest, self._chains())
            walks: dict[Chain, Walk] = {}
            for chain, names in ahead.chains():
                walk = self._walk(chain, names)
                if self.asked.keeps:
                    walks[chain] = walk
                while walk.wants is not None:
                    if self.asked.stopping():
                        return
                    if walk.elsewhere:
                        walk.also(self.store.beside(walk.wants, self.asked.source.wanted))
                    wanted = walk.wants
                    for step in walk.take(ahead.take(wanted)):
                        self._queue(chain, wanted, step)
                    yield from self._settled(self.store.readers * LOGS_PER_READER)
                yield from self._after(chain, names)
            yield from self._settled(0)
            for place, why in sorted(self.store.unlisted):
                yield Problem("unknown", "list", place, why)
            for chain, walk in walks.items():
                self._remember(chain, walk)
        finally:
            self.lister.shutdown(wait=True, cancel_futures=True)
            self.pool.shutdown(wait=True, cancel_futures=True)

    def _chains(self) -> Iterator[tuple[Chain, list[Name]]]:
        """What is to be validated, chain by chain, the oldest digest first; some regions are listed ahead."""
        wanted = replace(self.asked.source.wanted, floors=self.asked.state.floors())
        listing: deque[Future[list[Name]]] = deque()
        for _, prefixes in sorted(self.store.regions(wanted).items()):
            listing.append(self.lister.submit(self.store.names, prefixes, wanted))
            if len(listing) >= LISTED_AHEAD:
                yield from self._chains_of(listing.popleft().result())
        while listing:
            yield from self._chains_of(listing.popleft().result())

    def _chains_of(self, names: list[Name]) -> Iterator[tuple[Chain, list[Name]]]:
        """The chains of one account and region, without what an earlier run has judged."""
        found: dict[Chain, list[Name]] = {}
        state = self.asked.state
        for name in set(names):
            mine = found.setdefault(name.chain, [])
            anchor = None if name.chain.backfill else state.anchors.get(name.chain)
            if name.ref in state.done.get(name.chain, ()) or (anchor is not None and name.moment <= anchor.moment):
                self.asked.passed = True
            else:
                mine.append(name)
        for chain, mine in sorted(found.items()):
            mine.sort()
            if mine:
                self.keys.cover(chain.region, mine[0].moment, mine[-1].moment)
            yield chain, mine

    def _walk(self, chain: Chain, names: list[Name]) -> Walk:
        state = self.asked.state
        return Walk(
            names,
            self.asked.source.wanted.start,
            None if chain.backfill else state.anchors.get(chain),
            frozenset(state.done.get(chain, ())),
            self.store.locate,
        )

    def _digest(self, name: Name) -> digests.Read | Judged:
        """Read one digest file and judge it by itself."""
        try:
            stored = self.store.digest(name.ref)
        except Missing:
            return digests.MISSING
        except Unread as trouble:
            return digests.unknown(trouble.why)
        except Broken as trouble:
            return digests.altered(trouble.why)
        return digests.read(
            name,
            stored,
            lambda said: self.store.in_place(name.ref, said),
            lambda fingerprint, moment: self._keys(name.chain.region, fingerprint, moment),
        )

    def _keys(self, region: str, fingerprint: str, moment: datetime) -> digests.Keys:
        found = self.keys.find(region, fingerprint, moment)
        try:
            return digests.Keys(tuple(map(self._key, found.found)), found.why)
        except ValueError as error:
            return digests.Keys((), f"its public key is none that Koban can read: {error}")

    def _queue(self, chain: Chain, name: Name, step: digests.Step) -> None:
        """Count a digest, and have the log files that it lists read."""
        total, judged, digest = self.asked.total(chain), step.judged, step.digest
        problem = None
        if judged.kind:
            what = "time" if judged.kind == "gap" else "digest"
            problem = self._problem(chain, judged, what, step.ref, since=step.since, until=step.until)
        if judged.kind == "gap":
            total.gaps += 1
        else:
            total.digests[judged.verdict] += 1
            if judged.verdict == "unknown":
                self._not_known(chain, name.moment)
        self.waiting.append((chain, name.moment, problem, None, (), step.ref))
        if digest is None or judged.kind == "gap":
            return
        if judged.verdict == "valid":
            total.since = min(total.since or digest.start, digest.start)
            total.until = max(total.until or digest.end, digest.end)
        size = self.store.together
        for at in range(0, len(digest.logs), size):
            some = digest.logs[at : at + size]
            future = self.pool.submit(self._logs, some, step.ref, judged.verdict == "valid")
            self.waiting.append((chain, name.moment, None, future, some, step.ref))
            self.logs_waiting += len(some)

    def _logs(self, logs: tuple[LogFile, ...], near: Ref, proven: bool) -> list[Judged]:
        return [self._log(log, self.store.locate(near, log.ref), proven) for log in logs]

    def _log(self, log: LogFile, here: Ref, proven: bool) -> Judged:
        if self.asked.known is not None and proven and log.algorithm == digests.HASHED_WITH:
            earlier = self.asked.known(here.key)
            if (
                earlier is not None
                and earlier[1].lower() == log.sha256
                and earlier[0] == (self.store.tag(here) or None)
            ):
                return TRUSTED
        try:
            return digests.judge_log(log, self.store.sha256(here), proven)
        except Missing:
            return digests.MISSING
        except Unread as trouble:
            return digests.unknown(trouble.why)
        except Broken as trouble:
            return digests.altered(trouble.why)

    def _settled(self, waiting_max: int) -> Iterator[Problem]:
        """Problems in order, until no more log files wait than that."""
        while self.waiting and (
            waiting_max == 0
            or self.logs_waiting > waiting_max
            or len(self.waiting) > 4 * waiting_max
            or self.waiting[0][3] is None
        ):
            chain, moment, problem, future, logs, near = self.waiting.popleft()
            self.done += 1
            if problem is not None:
                yield problem
            if future is None:
                continue
            total = self.asked.total(chain)
            for log, judged in zip(logs, future.result(), strict=True):
                total.logs[judged.verdict] += 1
                total.trusted += judged is TRUSTED
                if judged.verdict == "unknown":
                    self._not_known(chain, moment)
                if judged.kind:
                    here = self.store.locate(near, log.ref)
                    yield self._problem(chain, judged, "log file", here, self.store.shown(near))
            self.logs_waiting -= len(logs)
            self.asked.heard(f"{chain.account}  {chain.region}", self.done)

    def _problem(self, chain: Chain, judged: Judged, what: str, ref: Ref, digest: str = "", **when: Any) -> Problem:
        file = self.store.shown(ref)
        return Problem(
            judged.kind, what, file, judged.because, chain.account, chain.region, chain.trail, digest, **when
        )

    def _not_known(self, chain: Chain, moment: datetime) -> None:
        self.unknown_since[chain] = min(moment, self.unknown_since.get(chain, moment))

    def _after(self, chain: Chain, names: list[Name]) -> Iterator[Problem]:
        """A gap where the chain ends long before the time asked for; a job says it once."""
        until = self.asked.source.wanted.end or (self.asked.now if self.asked.source.is_live else None)
        state = self.asked.state
        anchor = state.anchors.get(chain)
        newest = names[-1].moment if names else (anchor.moment if anchor is not None else None)
        if names:
            state.ended.discard(chain)
        if until is None or newest is None or chain.backfill or chain in state.ended:
            return
        gap = digests.end_of_time(newest, min(until, self.asked.now), ENDS_WITHIN)
        if gap is None:
            return
        state.ended.add(chain)
        self.asked.total(chain).gaps += 1
        ref = names[-1].ref if names else anchor.at  # type: ignore[union-attr]
        yield self._problem(chain, gap, "time", ref, since=newest, until=until)

    def _remember(self, chain: Chain, walk: Walk) -> None:
        """Keep where the next run of a job begins: after the newest digest before which nothing is unknown."""
        state, unknown = self.asked.state, self.unknown_since.get(chain)
        judged = [(name, anchor) for name, anchor in walk.seen if unknown is None or name.moment < unknown]
        if not judged:
            return
        newest = max((anchor for _, anchor in judged), key=lambda one: one.moment)
        earlier = state.anchors.get(chain)
        if earlier is None or newest.moment > earlier.moment:
            state.anchors[chain] = newest
        if chain.backfill:
            floor = state.anchors[chain].moment - LATE
            kept = state.done.get(chain, set()) | {name.ref for name, _ in judged}
            state.done[chain] = {one for one in kept if _moment_of(one) >= floor}


TRUSTED = Judged("valid")


def _moment_of(ref: Ref) -> datetime:
    from koban.model.digest import named

    found = named(ref)
    return found.moment if found is not None else datetime.min.replace(tzinfo=UTC)


class _Ahead:
    """Chains in their order, and their digest files, read some time before their turn."""

    def __init__(
        self,
        pool: ThreadPoolExecutor,
        read: Callable[[Name], digests.Read | Judged],
        chains: Iterator[tuple[Chain, list[Name]]],
    ) -> None:
        self._pool = pool
        self._read = read
        self._chains = chains
        self._ready: deque[tuple[Chain, list[Name]]] = deque()
        self._names: deque[Name] = deque()
        self._under_way: dict[Ref, Future[digests.Read | Judged]] = {}
        self._out_of_turn: set[Ref] = set()

    def chains(self) -> Iterator[tuple[Chain, list[Name]]]:
        while self._ready or self._listed():
            yield self._ready.popleft()

    def _listed(self) -> bool:
        """Take one more chain in; whether there was one."""
        found = next(self._chains, None)
        if found is None:
            return False
        self._ready.append(found)
        self._names.extend(reversed(found[1]))
        return True

    def take(self, name: Name) -> digests.Read | Judged:
        while len(self._under_way) < AHEAD and (self._names or self._listed()):
            following = self._names.popleft() if self._names else None
            if following is None:
                continue
            if following.ref in self._out_of_turn:
                self._out_of_turn.discard(following.ref)
            else:
                self._under_way[following.ref] = self._pool.submit(self._read, following)
        future = self._under_way.pop(name.ref, None)
        if future is None:
            self._out_of_turn.add(name.ref)
            return self._read(name)
        return future.result()
