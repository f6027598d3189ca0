"""Runs collectors over accounts and regions, several at once, and keeps what they read as they read it.

A unit is one collector in one account and region.  Whatever goes wrong in a unit becomes a gap with its reason, and
the run goes on; only a keeper that cannot keep (a full disk) and an interrupt end it.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any, Protocol

from koban.model.resource import Resource
from koban.model.result import Gap
from koban.sources.aws.collector import Collector
from koban.sources.aws.reader import Api, Failure, Reader

WORKERS = 16  # units under way at once
DETAILS = 16  # detail calls under way at once, of all units together
ACCOUNTS_MAX = 4  # accounts under way at once: what is planned for them is in memory
IN_REGION_MAX = 8  # units of one account and region
IN_SERVICE_MAX = 8  # units of one account and service
BATCH = 200  # resources handed to the keeper at once
IDLE_SECONDS = 0.5  # after so long without news, what was kept is made to last
OVER_DEADLINE_SECONDS = 2.0  # how long an interrupted run waits for what is under way

# What AWS answers where a service is not there at all: nothing can be missing then.
NOT_OFFERED = ("NotOfferedInRegion",)


class Keeper(Protocol):
    """Where a run puts what it reads; raises its own error when it cannot keep."""

    def add_places(self, account: str, regions: Iterable[str], left_out: str = "") -> None: ...
    def plan(self, account: str, units: Iterable[tuple[str, str]]) -> set[tuple[str, str]]: ...
    def begin(self, account: str, region: str, collector: str) -> int: ...
    def add(self, unit: int, resources: Iterable[Resource]) -> int: ...
    def add_gap(self, gap: Gap, unit: int = 0, whole: bool = True) -> None: ...
    def add_note(self, text: str, unit: int = 0) -> None: ...
    def finish(self, unit: int, again: bool = False) -> None: ...
    def gaps_in(self, account: str) -> Iterator[tuple[Gap, str]]: ...
    def read(self, cls: type[Resource], account: str, region: str) -> Iterator[Resource]: ...
    def commit(self) -> None: ...


@dataclass(frozen=True)
class Opened:
    """An account that can be asked: how, and where.  `left_out` says why not in all of its regions, if so."""

    api: Api
    regions: tuple[str, ...]
    home: str
    left_out: str = ""
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True)
class Target:
    """An account to read.  `open` finds out how; it raises Failure where the account lets nobody in."""

    account: str
    open: Callable[[], Opened]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.  `total` grows as accounts are opened; `calls` counts requests sent."""

    account: str
    region: str
    service: str
    done: int
    total: int
    resources: int
    calls: int


@dataclass(frozen=True, slots=True)
class _Unit:
    account: str
    region: str
    collector: Collector

    @property
    def key(self) -> tuple[str, str]:
        return self.region, self.collector.name


@dataclass
class _Account:
    """An account under way."""

    target: Target
    opened: Opened | None = None
    ready: deque[_Unit] = field(default_factory=deque)
    held: dict[tuple[str, str], deque[_Unit]] = field(default_factory=dict)
    busy: dict[tuple[str, str], int] = field(default_factory=dict)
    waits: dict[tuple[str, str], int] = field(default_factory=dict)  # unit: how many it needs are not done
    frees: dict[tuple[str, str], list[_Unit]] = field(default_factory=dict)  # unit: those that need it
    lost: dict[tuple[str, str], str] = field(default_factory=dict)  # (region, type): why it may be incomplete
    left: int = 0


class Pool(Executor):
    """Threads that do not keep the interpreter from ending: an interrupted scan ends at once."""

    def __init__(self, size: int, name: str) -> None:
        self.work: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()
        self.threads = [
            threading.Thread(target=self._run, name=f"{name}-{number}", daemon=True) for number in range(size)
        ]
        for thread in self.threads:
            thread.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.work.put((future, lambda: fn(*args, **kwargs)))
        return future

    def _run(self) -> None:
        while (job := self.work.get()) is not None:
            future, call = job
            try:
                future.set_result(call())
            except BaseException as error:  # the one who waits for the result raises it
                future.set_exception(error)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        for _ in self.threads:
            self.work.put(None)
        deadline = time.monotonic() + OVER_DEADLINE_SECONDS  # of all together, for any number of them may hang
        for thread in self.threads if wait else ():
            thread.join(timeout=max(0.0, deadline - time.monotonic()))


class Stopped(Exception):
    """The run was interrupted: a unit gives up where it is."""


class _NotKept(BaseException):
    """The keeper failed, which no collector may take for its own failure."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class Run:
    """One run over `targets`.  `collectors` come sorted so that each is after what it needs."""

    def __init__(
        self,
        keeper: Keeper,
        collectors: list[Collector],
        targets: Iterable[Target],
        progress: Callable[[Progress], None] | None = None,
        workers: int = WORKERS,
    ) -> None:
        self.keeper = keeper
        self.collectors = collectors
        self.types = {cls.type for one in collectors for cls in one.types}
        self.waiting = iter(targets)
        self.progress = progress
        self.workers = workers
        self.accounts: dict[str, _Account] = {}
        self.finished: queue.SimpleQueue[tuple[_Account, _Unit | None, Any]] = queue.SimpleQueue()
        self.stop = threading.Event()
        self.under_way = 0
        self.done = self.total = self.resources = self.calls_before = 0
        self.counted = threading.Lock()
        self._targets_left = True

    def __call__(self) -> None:
        """Read everything.  Raises what the keeper raises, and KeyboardInterrupt; both leave the keeper usable."""
        self.pool, self.details = Pool(self.workers, "unit"), Pool(DETAILS, "detail")
        ended = False
        try:
            while True:
                self._open_more()
                self._start_more()
                if not self.under_way:
                    break
                try:
                    self._take(*self.finished.get(timeout=IDLE_SECONDS))
                except queue.Empty:
                    self.keeper.commit()  # what is done stays done, should what hangs be killed
            ended = True
        finally:
            self.stop.set()
            self.pool.shutdown(wait=not ended)
            self.details.shutdown(wait=False)
            self.keeper.commit()

    # -- what is under way, decided by one thread -------------------------------------------------------------------

    def _open_more(self) -> None:
        while self._targets_left and len(self.accounts) < ACCOUNTS_MAX:
            target = next(self.waiting, None)
            if target is None:
                self._targets_left = False
                return
            account = self.accounts[target.account] = _Account(target)
            self._submit(account, None, target.open)

    def _submit(self, account: _Account, unit: _Unit | None, work: Callable[[], Any]) -> None:
        self.under_way += 1

        def run() -> None:
            try:
                result = work()
            except BaseException as error:
                result = error
            self.finished.put((account, unit, result))

        self.pool.submit(run)

    def _start_more(self) -> None:
        while self.under_way < self.workers:
            started = False
            for account in list(self.accounts.values()):
                unit = self._next(account) if self.under_way < self.workers else None
                if unit is not None:
                    self._submit(account, unit, self._work(account, unit))
                    started = True
            if not started:
                return

    def _next(self, account: _Account) -> _Unit | None:
        """A unit of the account that may start now; those beyond a bound wait until another of their kind ends."""
        while account.ready:
            unit = account.ready.popleft()
            bounds = ((("region", unit.region), IN_REGION_MAX), (("service", unit.collector.service), IN_SERVICE_MAX))
            full = next((kind for kind, bound in bounds if account.busy.get(kind, 0) >= bound), None)
            if full is not None:
                account.held.setdefault(full, deque()).append(unit)
                continue
            for kind, _ in bounds:
                account.busy[kind] = account.busy.get(kind, 0) + 1
            return unit
        return None

    def _take(self, account: _Account, unit: _Unit | None, result: Any) -> None:
        self.under_way -= 1
        if unit is None:
            self._opened(account, result)
        else:
            if isinstance(result, BaseException):
                raise result.error if isinstance(result, _NotKept) else result
            for kind in (("region", unit.region), ("service", unit.collector.service)):
                account.busy[kind] -= 1
                if account.held.get(kind):
                    account.ready.appendleft(account.held[kind].popleft())
            if result:
                account.lost |= {(unit.region, cls.type): result for cls in unit.collector.types}
            self._settle(account, unit)
            self.done += 1
            self._report(unit)
        if not account.left:
            self.calls_before += _calls(account)
            self.accounts.pop(account.target.account, None)

    def _settle(self, account: _Account, unit: _Unit) -> None:
        account.left -= 1
        for other in account.frees.pop(unit.key, ()):
            account.waits[other.key] -= 1
            if not account.waits[other.key]:
                account.ready.append(other)

    def _opened(self, account: _Account, result: Any) -> None:
        name = account.target.account
        if isinstance(result, Failure):
            self.keeper.add_places(name, ())
            self.keeper.add_gap(Gap("*", name, "", result.why))
            return
        if isinstance(result, BaseException):
            raise result
        account.opened = result
        self.keeper.add_places(name, result.regions, result.left_out)
        for gap in result.gaps:
            self.keeper.add_gap(gap)
        units = [
            _Unit(name, region, collector)
            for region in ("", *result.regions)
            for collector in self.collectors
            if (collector.scope == "global") == (region == "")
        ]
        done = self.keeper.plan(name, [unit.key for unit in units])
        if done:
            for gap, collector in self.keeper.gaps_in(name):
                if (gap.region, collector) in done:
                    account.lost[gap.region, gap.type] = gap.why
        self.total += len(units)
        self.done += sum(unit.key in done for unit in units)
        units = [unit for unit in units if unit.key not in done]
        account.left = len(units)
        makers: dict[tuple[str, str], list[_Unit]] = {}
        for unit in units:
            for cls in unit.collector.types:
                makers.setdefault((unit.region, cls.type), []).append(unit)
        for unit in units:
            places = [unit.region, ""] if unit.region else ["", *result.regions]
            needed = {
                maker.key: None
                for cls in unit.collector.needs
                for place in places
                for maker in makers.get((place, cls.type), ())
                if maker.collector is not unit.collector
            }
            for key in needed:
                account.frees.setdefault(key, []).append(unit)
            if needed:
                account.waits[unit.key] = len(needed)
            else:
                account.ready.append(unit)

    def _report(self, unit: _Unit) -> None:
        if self.progress is not None:
            calls = self.calls_before + sum(_calls(account) for account in self.accounts.values())
            service = unit.collector.service
            self.progress(Progress(unit.account, unit.region, service, self.done, self.total, self.resources, calls))

    # -- one unit, in a thread of its own ---------------------------------------------------------------------------

    def _work(self, account: _Account, unit: _Unit) -> Callable[[], str]:
        """What reads the unit and returns why its types may be incomplete, empty where they are complete."""
        opened = account.opened
        assert opened is not None, "units are made when an account is opened"
        places = [unit.region, ""] if unit.region else ["", *opened.regions]
        lost = [
            account.lost[place, cls.type]
            for cls in unit.collector.needs
            for place in places
            if (place, cls.type) in account.lost
        ]
        if unit.collector.where is not None:
            lost += [f"{cls.type} was not asked for" for cls in unit.collector.needs if cls.type not in self.types]
        return lambda: self._read(opened, unit, lost[0] if lost else "")

    def _read(self, opened: Opened, unit: _Unit, lost: str) -> str:
        collector, keeper = unit.collector, self.keeper
        number = keeper.begin(unit.account, unit.region, collector.name)
        reader = Reader(
            opened.api,
            unit.account,
            unit.region or opened.home,
            collector.calls,
            pool=self.details,
            already=self._already,
            regional=bool(unit.region),
        )
        # What only spares a call, where it is not there, takes nothing from what is asked without it.
        why, again = "" if collector.where is not None else lost, False
        try:
            if collector.asks(reader, unread=bool(lost)):
                self._keep(number, collector, reader)
        except Failure as failure:
            if failure.code in NOT_OFFERED:
                keeper.add_note(f"{failure.operation.partition(':')[0]} is not offered in {reader.region}", number)
            else:
                why, again = failure.why, not failure.lasting
        except Stopped:
            return "the scan was interrupted"
        except Exception as crash:
            why = f"collector {collector.name} crashed: {' '.join(f'{type(crash).__name__}: {crash}'.split())[:200]}"
            again = True
        for cls in collector.types if why else ():
            keeper.add_gap(Gap(cls.type, unit.account, unit.region, why), number)
        for detail in reader.failures:
            gap = Gap(collector.types[0].type, unit.account, unit.region, detail.why)
            keeper.add_gap(gap, number, whole=False)
            again = again or not detail.lasting
        keeper.finish(number, again)
        return why

    def _keep(self, number: int, collector: Collector, reader: Reader) -> None:
        batch: list[Resource] = []
        try:
            for found in collector.read(reader):
                if self.stop.is_set():
                    raise Stopped
                one = found if isinstance(found, Resource) else reader.made(collector.types[0], found)
                batch.append(one)
                if len(batch) >= BATCH:
                    self._hand_over(number, batch)
                    batch = []
        finally:
            self._hand_over(number, batch)  # what came before a failure was read

    def _already(self, cls: type[Resource], account: str, region: str) -> Iterator[Resource]:
        try:
            yield from self.keeper.read(cls, account, region)
        except Exception as error:
            raise _NotKept(error) from error

    def _hand_over(self, number: int, batch: list[Resource]) -> None:
        if batch:
            try:
                added = self.keeper.add(number, batch)
            except Exception as error:
                raise _NotKept(error) from error
            with self.counted:
                self.resources += added


def _calls(account: _Account) -> int:
    return getattr(account.opened.api, "calls", 0) if account.opened is not None else 0
