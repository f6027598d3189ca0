"""Where digest and log files lie: what a place must be able to give, the same for directories and S3."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from koban.model.digest import DIGESTS, LOGS, Chain, Name, Ref, Stored

END_SLACK = timedelta(hours=1)  # a digest lists what was delivered before it: up to an hour earlier
ACCOUNT_DIGITS = 12


@dataclass(frozen=True)
class Wanted:
    """Which digests are asked for; empty means all.  `trail` and `home` are the name and home region of one trail.

    `floors` say, by account and region, before when nothing is asked for, since an earlier run has judged it.
    """

    trail: str = ""
    home: str = ""
    owner: str = ""
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    floors: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def has(self, chain: Chain) -> bool:
        """Whether a chain is asked for.  The trail of an organisation writes for accounts that do not own it."""
        return (
            self.trail in ("", chain.trail)
            and self.home in ("", chain.home)
            and (not self.owner or bool(chain.organisation) or bool(self.accounts) or self.owner == chain.account)
            and (not self.accounts or chain.account in self.accounts)
            and (not self.regions or chain.region in self.regions)
        )

    def within(self, moment: datetime) -> bool:
        """Whether a digest that ends then covers, or may cover, part of the time asked for."""
        after = self.start is None or moment >= self.start.replace(microsecond=0)
        return after and (self.end is None or moment <= self.end + END_SLACK)

    def wants(self, name: Name) -> bool:
        return self.has(name.chain) and self.within(name.moment)

    def start_of(self, prefix: str) -> datetime | None:
        """Before when nothing is asked for below ``.../account/CloudTrail-Digest/region/``."""
        account, region = place_of(prefix)
        both = [one for one in (self.start, self.floors.get((account, region))) if one is not None]
        return max(both, default=None)


Place = tuple[str, str]  # an account and a region


class Store(Protocol):
    """A place with digest and log files.  Safe to share among threads."""

    readers: int  # how many files are read at once
    together: int  # how many log files one reader takes at once
    unlisted: list[tuple[str, str]]  # what could not be listed, and why

    def regions(self, wanted: Wanted) -> dict[Place, list[Ref]]:
        """Where digests may lie, by account and region; begins anew to note in `unlisted` what cannot be listed."""
        ...

    def names(self, prefixes: list[Ref], wanted: Wanted) -> list[Name]:
        """The digest files asked for below prefixes that `regions` gave, in no order."""
        ...

    def beside(self, name: Name, wanted: Wanted) -> list[Name]:
        """The digest files of its chain that lie where this one lies."""
        ...

    def digest(self, ref: Ref) -> Stored:
        """A digest file.  Raises Missing, Unread, Broken."""
        ...

    def sha256(self, ref: Ref) -> str:
        """The SHA-256 of a log file's inflated content.  Raises Missing, Unread, Broken."""
        ...

    def tag(self, ref: Ref) -> str:
        """What changes when somebody writes the file anew, without reading it; empty where it is not known."""
        ...

    def locate(self, near: Ref, named: Ref) -> Ref:
        """Where a place that the digest at `near` names is here."""
        ...

    def in_place(self, here: Ref, named: Ref) -> bool:
        """Whether a digest that says it lies at `named` may lie at `here`."""
        ...

    def shown(self, ref: Ref) -> str:
        """How people write the place."""
        ...


def place_of(prefix: str) -> Place:
    """Account and region of a prefix that ends in, or goes on after, ``account/CloudTrail-Digest/region/``."""
    before, _, after = prefix.rpartition(DIGESTS)
    return before.rstrip("/").rpartition("/")[2], after.partition("/")[0]


def region_of(ref: Ref) -> str:
    """The prefix of all digests of the account and region that a digest is of."""
    before, found, after = ref.key.rpartition(DIGESTS)
    return f"{before}{found}{after.partition('/')[0]}/"


Children = Callable[[str], Iterable[str]]


def regions_below(prefix: str, children: Children, wanted: Wanted) -> Iterator[str]:
    """The prefixes of digests, one for each account and region, at and below `prefix` (which ends in a slash).

    `children(prefix)` gives what lies directly below, each with its slash; only what is wanted is asked for.
    """
    _, found, rest = prefix.rpartition(LOGS)
    steps = rest.strip("/").split("/") if rest.strip("/") else []
    if not found:
        return
    if steps and steps[0].startswith("o-"):
        steps = steps[1:]
        if not steps:
            yield from _accounts(prefix, children, wanted)
        else:
            yield from _account(prefix, steps, children, wanted)
    elif steps:
        yield from _account(prefix, steps, children, wanted)
    else:
        for child in children(prefix):
            name = child[len(prefix) :].strip("/")
            if name.startswith("o-"):
                yield from _accounts(child, children, wanted)
            elif _asked(name, wanted):
                yield from _account(child, [name], children, wanted)


def _asked(account: str, wanted: Wanted) -> bool:
    return len(account) == ACCOUNT_DIGITS and account.isdigit() and (not wanted.accounts or account in wanted.accounts)


def _accounts(prefix: str, children: Children, wanted: Wanted) -> Iterator[str]:
    for child in children(prefix):
        name = child[len(prefix) :].strip("/")
        if _asked(name, wanted):
            yield from _account(child, [name], children, wanted)


def _account(prefix: str, steps: list[str], children: Children, wanted: Wanted) -> Iterator[str]:
    """`steps` are those of the prefix from the account on."""
    if len(steps) == 1:
        prefix, steps = prefix + DIGESTS, [*steps, DIGESTS.strip("/")]
    if steps[1] != DIGESTS.strip("/"):
        return
    if len(steps) > 2:
        yield prefix
        return
    if wanted.regions:
        yield from (f"{prefix}{region}/" for region in wanted.regions)
        return
    yield from children(prefix)
