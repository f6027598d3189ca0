"""Scans live AWS: who asks, what is read into the spool, and the verdicts on it."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import partial
from pathlib import Path

from koban.app.code import Code
from koban.app.drift import finish, linking
from koban.app.scan import Scan, Watcher
from koban.engines.posture import TOO_MANY_WORLDS, evaluate
from koban.ledger.spool import AccountRow, Spool, unfinished
from koban.model.estate import Account, Region
from koban.model.resource import Resource
from koban.model.result import Gap, Result
from koban.model.rule import Rule
from koban.sources.aws.api import EXPIRED
from koban.sources.aws.collector import Collector, collectors, sorted_by_need
from koban.sources.aws.run import Opened, Progress, Run, Target
from koban.sources.aws.session import (
    ApiMaker,
    AwsError,
    Caller,
    OrganisationAccount,
    assume,
    connect,
    enabled_regions,
    organisation,
)

__all__ = ["AwsError", "AwsOptions", "Progress", "scan_aws", "services"]

SPOOLS_KEPT = 5
ORG_ROLE = "OrganizationAccountAccessRole"
PLACES = (Account.type, Region.type)
MODELS = "koban.model.aws"
LEFT_OUT = "left out by --"
M_ARENA_MAX = -8  # of glibc's malloc.h


@dataclass(frozen=True)
class AwsOptions:
    """What to read, and as whom.  Empty `accounts`, `regions` and `services` mean all.

    `max_rate` is how many requests a second one account, region and service is asked at most.  `directory` is where
    the scan is kept while it runs (empty: the user's cache).
    """

    profile: str = ""
    role_arn: str = ""
    external_id: str = ""
    org: bool = False
    org_role: str = ORG_ROLE
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    exclude_services: tuple[str, ...] = ()
    resume: bool = False
    max_rate: float = 20.0
    directory: Path | None = None
    now: datetime | None = None

    @property
    def spools(self) -> Path:
        if self.directory is not None:
            return self.directory
        try:
            return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "koban" / "scans"
        except RuntimeError:  # a user without a home
            raise AwsError(
                "there is no home directory to keep the scan in: name a directory with --spool or XDG_CACHE_HOME"
            ) from None


def share_memory() -> None:
    """Let all threads take memory from one place, where the C library can be told so (glibc).

    With a place of its own for each thread, what one frees no other can use: a third more memory for the same scan, and
    no time gained, for Python's threads take turns anyway.
    """
    import ctypes

    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def services() -> dict[str, list[Collector]]:
    """The collectors by the name of their service."""
    found: dict[str, list[Collector]] = {}
    for one in collectors():
        found.setdefault(one.service, []).append(one)
    return found


def service_names() -> set[str]:
    """Every name of a service: Koban's own and boto3's, as ``--services`` takes them."""
    return {name for one in collectors() for cls in one.types for name in _service_names(one, cls)}


def types_of(service: str) -> set[str]:
    """The types that a scan of one service reads for their own sake; raises AwsError for no service."""
    return {cls.type for one in choose(collectors(), (service,), ()) for cls in one.types}


def choose(every: list[Collector], include: Iterable[str], exclude: Iterable[str]) -> list[Collector]:
    """The collectors of the services named, by Koban's or by boto3's name for them; raises AwsError for no service.

    Each has those of its types alone that belong to the services: one call of RDS reads Neptune's clusters too.
    """
    names = {name for one in every for cls in one.types for name in _service_names(one, cls)}
    for name in (*include, *exclude):
        if name not in names:
            raise AwsError(f"there is no service {name!r}; there are: {', '.join(sorted(names))}")
    wanted, left_out = set(include) or names, set(exclude)
    found = []
    for one in every:
        named = ((cls, _service_names(one, cls)) for cls in one.types)
        types = tuple(cls for cls, its in named if its & wanted and not its & left_out)
        if types:
            found.append(one if types == one.types else replace(one, types=types))
    return found


def _service_names(collector: Collector, cls: type[Resource]) -> set[str]:
    package, _, own = cls.__module__.rpartition(".")
    names = {collector.service, collector.calls[0].partition(":")[0]}
    return names | {own.rstrip("_")} if package == MODELS else names


def scan_aws(
    options: AwsOptions,
    rules: Iterable[Rule],
    amend: Callable[[Result, Resource], Result] | None = None,
    progress: Callable[[Progress], None] | None = None,
    code: Code | None = None,
    watcher: Watcher | None = None,
) -> Scan:
    """Prepare a scan: find out who asks and which accounts there are.  Its `results` then read and judge.

    With `code`, the results say which code made each resource, how it differs from it, and what no code made.
    A `watcher` hears of every resource before the first result.

    Raises AwsError where nothing can be asked at all, and SpoolError where nothing can be kept.
    """
    share_memory()
    every = collectors()
    chosen = choose(every, options.services, options.exclude_services)
    make = ApiMaker(options.max_rate, {call for one in every for call in one.calls})
    caller = connect(make, options.profile, options.role_arn, options.external_id)
    _check_regions(options, caller)
    asked = json.dumps(
        [caller.account, options.role_arn, options.org, options.org_role, *map(sorted, _filters(options))]
    )
    old = unfinished(options.spools, asked) if options.resume else None
    now = options.now or datetime.now(UTC)
    path = old or options.spools / f"aws-{datetime.now(UTC).strftime('%Y%m%dT%H%M%S.%f')}-{os.getpid()}.sqlite"
    spool = Spool(path, now, asked)
    notes: list[str] = []
    if options.resume and old is None:
        notes.append(f"nothing to resume in {options.spools}: no scan of the same is there whole; all was asked anew")
    try:
        accounts = _accounts(options, caller, notes.append)
    except BaseException:
        spool.close()
        if old is None:
            _remove(path)
        raise
    spool.forget_run()
    for note in notes:
        spool.add_note(note)
    for account in accounts:
        spool.add_account(AccountRow(account.id, account.name, account.unit_path, account.tags))
    who = f"organisation of {caller.account}, {len(accounts)} accounts" if options.org else _names(accounts)
    scan = Scan(f"AWS {who}", spool.now, ())
    run = Run(spool, with_needed(chosen, every), _targets(options, make, caller, accounts), progress)
    scan.results = _results(options, run, spool, scan, (every, chosen), list(rules), amend, code, watcher)
    return scan


def _filters(options: AwsOptions) -> tuple[tuple[str, ...], ...]:
    return options.accounts, options.regions, options.services, options.exclude_services


def _check_regions(options: AwsOptions, caller: Caller) -> None:
    """Raise AwsError for a region that is none.  Asks AWS only for names that are newer than what botocore knows."""
    known = set(caller.session.get_available_regions("ec2", caller.partition))
    strange = [one for one in options.regions if one not in known]
    if not strange:
        return
    known.update(enabled_regions(caller.api, caller.region)[0])
    for one in strange:
        if one not in known:
            near = get_close_matches(one, sorted(known), n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(sorted(known))}"
            raise AwsError(f"there is no region {one!r}; {hint}")


def _names(accounts: list[OrganisationAccount]) -> str:
    return f"account {accounts[0].id}" if len(accounts) == 1 else f"{len(accounts)} accounts"


def _accounts(options: AwsOptions, caller: Caller, note: Callable[[str], None]) -> list[OrganisationAccount]:
    """The accounts to read, by id."""
    if not options.org:
        ids = options.accounts or (caller.account,)
        for one in ids:
            if not (one.isdigit() and len(one) == 12):
                raise AwsError(f"{one!r} is not an account id: --accounts takes ids of 12 digits")
        return [OrganisationAccount(one) for one in sorted(set(ids))]
    found = {one.id: one for one in organisation(caller, note)}
    for one in options.accounts:
        if one not in found:
            raise AwsError(f"account {one} is not in the organisation: check --accounts")
    wanted = [account for account in found.values() if not options.accounts or account.id in options.accounts]
    for account in wanted:
        if not account.active:
            note(f"account {account.id} ({account.name}) is suspended and was not read")
    return [account for account in wanted if account.active]


def _targets(
    options: AwsOptions, make: ApiMaker, caller: Caller, accounts: list[OrganisationAccount]
) -> Iterator[Target]:
    for account in accounts:
        yield Target(account.id, partial(_open, options, make, caller, account.id))


def _open(options: AwsOptions, make: ApiMaker, caller: Caller, account: str) -> Opened:
    api = caller.api
    if account != caller.account:
        arn = f"arn:{caller.partition}:iam::{account}:role/{options.org_role}"
        api = assume(make, caller, arn, options.external_id)
        api.call("sts", "GetCallerIdentity", caller.region, {})  # shows at once whether the role lets us in
    if options.regions:
        left_out = "other regions were left out by --regions"
        return Opened(api, tuple(sorted(set(options.regions))), caller.home, left_out)
    regions, left_out = enabled_regions(api, caller.region)
    gaps = (Gap(Region.type, account, "", left_out),) if left_out else ()
    return Opened(api, tuple(regions), caller.home, left_out, gaps)


def _results(
    options: AwsOptions,
    run: Run,
    spool: Spool,
    scan: Scan,
    content: tuple[list[Collector], list[Collector]],
    rules: list[Rule],
    amend: Callable[[Result, Resource], Result] | None,
    code: Code | None,
    watcher: Watcher | None,
) -> Iterator[Result]:
    every, chosen = content
    try:
        _declare(spool, every, chosen)
        run()
        unit = spool.begin("", "", "places")
        _add_places(spool, unit, every, chosen)
        spool.finish(unit)
        spool.complete()
        types = {cls.type for one in chosen for cls in one.types} | set(PLACES)
        scan.gaps.extend(gap for gap in spool.all_gaps() if gap.type == "*" or gap.type in types)
        scan.notes.extend(spool.notes())
        if any(gap.why.startswith(tuple(EXPIRED)) for gap in scan.gaps):
            scan.notes.append(
                "the AWS session expired midway: sign in again, then the same command with --resume goes on"
            )
        gaps = (gap for gap in spool.gaps() if gap.type == "*" or gap.type in types)
        wanted = [rule for rule in rules if any(cls.type in types for cls in rule.types)]
        if watcher is not None:
            for resource in spool.stream():
                watcher.resource(resource)
            watcher.covered(spool.reach())
        linked = None
        if code is not None:
            linked, amend = linking(code, spool, rules, amend)
        for result in evaluate(wanted, spool.stream(types), gaps, amend):
            if not _only_left_out(result):
                yield result
            elif watcher is not None:
                watcher.left_out(result)
        if linked is not None:
            yield from finish(linked, scan, types)
        _tidy(options.spools, spool)
    finally:
        spool.close()


def with_needed(chosen: list[Collector], every: list[Collector]) -> list[Collector]:
    """The chosen collectors and those that they need, in order."""
    names = {one.name for one in chosen}
    grown = True
    while grown:
        # What would only spare a call is not read for that.
        needed = {cls.type for one in every if one.name in names and one.where is None for cls in one.needs}
        more = {one.name for one in every if any(cls.type in needed for cls in one.types)} - names
        grown = bool(more)
        names |= more
    return sorted_by_need([one for one in every if one.name in names])


def _declare(spool: Spool, every: list[Collector], chosen: list[Collector]) -> None:
    read: dict[str, str] = {cls.type: one.scope for one in chosen for cls in one.types}
    # A type that is read both for the account and for each region may lie in any region.
    read |= {cls.type: "region" for one in chosen if one.scope == "region" for cls in one.types}
    left_out = {cls.type: f"{one.service} was {LEFT_OUT}services" for one in every for cls in one.types}
    read |= {Account.type: "global", Region.type: "region"}
    spool.declare(read, left_out)


def _add_places(spool: Spool, unit: int, every: list[Collector], chosen: list[Collector]) -> None:
    chosen_types = {cls.type for one in chosen for cls in one.types}
    readers = {cls.type: one.service for one in every for cls in one.types}

    def why(cls: type[Resource]) -> str:
        if cls.type in readers and cls.type not in chosen_types:
            return f"{readers[cls.type]} was {LEFT_OUT}services"
        return "the account was not read"

    spool.add_missing_places(unit, why)


def _only_left_out(result: Result) -> bool:
    """Whether an account or region cannot be judged for no other reason than that the user wanted it so."""
    return (
        result.verdict == "unknown"
        and result.resource.type in PLACES
        and all(f"was {LEFT_OUT}services" in why for why in result.because if why != TOO_MANY_WORLDS)
    )


def _tidy(directory: Path, spool: Spool) -> None:
    """Keep the newest few scans, so that one with failures can be resumed."""
    kept = sorted(directory.glob("aws-*.sqlite"), reverse=True)
    for path in kept[SPOOLS_KEPT:]:
        if path != spool.path:
            _remove(path)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
