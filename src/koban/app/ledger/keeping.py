"""Keeps what a scan finds and reads: staged as it comes, landed at its end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from koban.app.iac import OWN_RULES
from koban.app.scan import Scan, Unread
from koban.ledger.database import Ledger
from koban.ledger.errors import LedgerError
from koban.ledger.landing import AccountRow, Counts, Coverage, land
from koban.ledger.running import Stopped, beat, begin, fail
from koban.ledger.staging import Staging
from koban.ledger.targets import target_named
from koban.model.baseline import Baseline, place_of
from koban.model.estate import Account
from koban.model.resource import Resource
from koban.model.result import Result
from koban.model.rule import Rule
from koban.rules.framework import frameworks

BEAT_SECONDS = 10.0


class Heart:
    """Says that a scan lives while the block lasts, also while nothing comes of it; hears when it may not go on."""

    def __init__(self, ledger: Ledger, scan: int, every: float = BEAT_SECONDS) -> None:
        self.ledger, self.scan, self.every = ledger, scan, every
        self.progress: Mapping[str, Any] | None = None
        self.stopped: Stopped | None = None
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="koban-heart", daemon=True)

    def _run(self) -> None:
        while not self._end.wait(self.every):
            try:
                beat(self.ledger, self.scan, self.progress)
            except Stopped as error:
                self.stopped = error
                return
            except LedgerError:
                continue  # the next one may get through

    def check(self) -> None:
        """Raise Stopped where the scan may not go on."""
        if self.stopped is not None:
            raise self.stopped

    def __enter__(self) -> Heart:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(timeout=30)


class Keeping:
    """The watcher of one scan (see :class:`koban.app.scan.Watcher`), and what lands it.

    Give it to the scan, then iterate `results` in place of the scan's own.  `counts` is there after the last.
    """

    def __init__(self, ledger: Ledger, rules: Iterable[Rule], baseline: Baseline | None = None) -> None:
        self.ledger = ledger
        self.rules = list(rules)
        self.baseline = baseline if baseline is not None and baseline.environments else None
        self.number = 0
        self.counts: Counts | None = None
        self.heart: Heart | None = None
        self._staging: Staging | None = None
        self._unread: Unread | None = None
        self._unjudged: set[str] = set()
        self._accounts: list[AccountRow] = []

    def begin(self, name: str, kind: str, options: Mapping[str, Any], asked_by: str, title: str = "") -> int:
        """Make the scan known, of the target of that name; for one that is known already set `number` instead."""
        with self.ledger.writing() as connection:
            target = target_named(connection, name, kind, options)
        self.number = begin(self.ledger, target, asked_by, title=title)
        return self.number

    # -- as the scan goes --------------------------------------------------------------------------------------------

    def resource(self, resource: Resource) -> None:
        environment = None
        if self.baseline is not None:
            found = self.baseline.environment_of(place_of(resource))
            environment = found.name if found is not None else None
        if isinstance(resource, Account) and resource.account:
            self._accounts.append(_account(resource, environment))
        self._alive()
        self._stage().resource(resource, environment)

    def left_out(self, result: Result) -> None:
        self._unjudged.add(result.fingerprint)

    def covered(self, unread: Unread) -> None:
        self._unread = unread

    def _stage(self) -> Staging:
        if self._staging is None:
            self._staging = Staging(self.ledger, self.number)
        return self._staging

    def _alive(self) -> None:
        if self.heart is not None:
            self.heart.check()

    # -- to its end --------------------------------------------------------------------------------------------------

    def results(self, scan: Scan, given: Iterable[Result], every: float = BEAT_SECONDS) -> Iterator[Result]:
        """The results `given`, each staged on its way; after the last the scan is in the ledger.

        Where the scan breaks off, nothing of it is.
        """
        before = time.monotonic()
        try:
            with Heart(self.ledger, self.number, every) as self.heart:
                staging = self._stage()
                for result in given:
                    self._alive()
                    staging.result(result)
                    yield result
                staging.finish()
                self.counts = land(self.ledger, self.number, self.coverage(scan))
            took = time.monotonic() - before
            scan.notes.append(f"scan {self.number} is in the ledger ({said(self.counts)}; {took:.1f} s)")
        except Stopped:
            raise
        except GeneratorExit:
            fail(self.ledger, self.number, "it was broken off")
            raise
        except BaseException as error:
            fail(self.ledger, self.number, _one_line(error))
            raise

    def coverage(self, scan: Scan) -> Coverage:
        if self._unread is None:
            raise LedgerError("the scan did not say what it has read")
        own = {one.id for one in self.rules}
        return Coverage(
            rules=frozenset(own | set(OWN_RULES)),
            unread=self._unread,
            gaps=scan.gaps,
            controls=controls_of(self.rules),
            accounts=self._accounts,
            unjudged=frozenset(self._unjudged),
            title=scan.title,
        )


def said(counts: Counts) -> str:
    """What a scan changed, in a few words."""
    parts = [
        f"{counts.opened:,} opened",
        f"{counts.resolved:,} resolved",
        *([f"{counts.reopened:,} reopened"] if counts.reopened else []),
        *([f"{counts.not_read:,} not read again"] if counts.not_read else []),
    ]
    return ", ".join(parts)


def controls_of(rules: Iterable[Rule]) -> dict[str, list[str]]:
    """Every control of every framework that each rule answers, as ``framework:control``."""
    rules = list(rules)
    made: dict[str, set[str]] = {one.id: set(one.controls) for one in rules}
    for framework in frameworks().values():
        for control, ids in framework.rules_by_control(rules).items():
            for one in ids:
                made[one].add(f"{framework.id}:{control}")
    return {rule: sorted(controls) for rule, controls in made.items()}


def _account(resource: Resource, environment: str | None) -> AccountRow:
    document = resource.document if isinstance(resource.document, dict) else {}

    def text(name: str) -> str:
        value = document.get(name)
        return value if isinstance(value, str) else ""

    return AccountRow(resource.account, text("Name") or text("Alias"), text("OrganizationalUnit"), environment)


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    if isinstance(error, KeyboardInterrupt):
        return "it was interrupted"
    return text if text else type(error).__name__
