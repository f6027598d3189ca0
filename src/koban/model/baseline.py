"""A baseline: what an organisation has agreed its estate must look like, and where it allows otherwise.

Pure: :mod:`koban.app.baseline` reads and checks the file that it comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from koban.model.resource import Resource
from koban.model.result import Result
from koban.model.rule import Severity

REVIEW_DAYS_MAX = 183  # six months


@dataclass(frozen=True, slots=True)
class Place:
    """What a match looks at: one resource, and what is known of the account that it is in."""

    account: str = ""
    account_name: str = ""
    ou: str = ""
    region: str = ""
    uid: str = ""
    type: str = ""
    path: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """A condition on a place: keys of one mapping all hold; of a list of values, one does.

    ``{account: "111122223333", tag: {env: prod}}``, ``{any: [{uid: "arn:aws:s3:::www-*"}, {region: [eu-west-1]}]}``,
    ``{not: {ou: "r-ab12/ou-*"}}``.  Values may have the wildcards ``*`` and ``?``.  An empty mapping matches all.
    """

    condition: Mapping[str, Any]

    def holds(self, place: Place) -> bool:
        return _holds(self.condition, place)


def _holds(condition: Mapping[str, Any], place: Place) -> bool:
    return all(_key_holds(key, wanted, place) for key, wanted in condition.items())


def _key_holds(key: str, wanted: Any, place: Place) -> bool:
    if key == "any":
        return any(_holds(one, place) for one in wanted)
    if key == "all":
        return all(_holds(one, place) for one in wanted)
    if key == "not":
        return not _holds(wanted, place)
    if key == "tag":
        return all(
            name in place.tags and any(fnmatchcase(place.tags[name], one) for one in _values(value))
            for name, value in wanted.items()
        )
    if key == "account":
        return any(fnmatchcase(text, one) for one in _values(wanted) for text in (place.account, place.account_name))
    return any(fnmatchcase(str(getattr(place, key)), one) for one in _values(wanted))


def _values(wanted: Any) -> list[str]:
    return [str(one) for one in (wanted if isinstance(wanted, list) else [wanted])]


@dataclass(frozen=True, slots=True)
class RuleOff:
    """A rule that is turned off, everywhere or in named environments, and why."""

    rule: str
    reason: str
    environments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiver:
    """Findings that are accepted until a date: somebody owns them and says why."""

    id: str
    rules: tuple[str, ...]
    match: Match
    owner: str
    reason: str
    expires: date
    line: int = 0

    def applies(self, rule: str, place: Place, today: date) -> bool:
        return today <= self.expires and any(fnmatchcase(rule, one) for one in self.rules) and self.match.holds(place)


@dataclass(frozen=True, slots=True)
class Environment:
    """A part of the estate with demands of its own: production, staging, test."""

    name: str
    match: Match
    frameworks: tuple[str, ...] = ()
    fail_on: Severity | None = None
    thresholds: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Baseline:
    """The whole of it.  `thresholds` are by rule id, then by the name of the rule's keyword parameter."""

    frameworks: tuple[str, ...] = ()
    fail_on: Severity | None = None
    thresholds: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    environments: tuple[Environment, ...] = ()
    rules_off: tuple[RuleOff, ...] = ()
    exceptions: tuple[Waiver, ...] = ()
    contacts: tuple[Mapping[str, str], ...] = ()
    plan: str = ""
    reviewed: date | None = None
    review_owner: str = ""

    @property
    def all_frameworks(self) -> tuple[str, ...]:
        """The frameworks of the whole estate and of every environment, each once."""
        own = (name for environment in self.environments for name in environment.frameworks)
        return tuple(dict.fromkeys((*self.frameworks, *own)))

    def environment_of(self, place: Place) -> Environment | None:
        """The first environment that the place belongs to."""
        return next((one for one in self.environments if one.match.holds(place)), None)

    def off_everywhere(self, rule: str) -> RuleOff | None:
        """Why the rule is not run at all, if so."""
        return next((one for one in self.rules_off if fnmatchcase(rule, one.rule) and not one.environments), None)

    def amend(self, result: Result, place: Place, today: date) -> Result:
        """The result as the baseline sees it: a failure or an unknown under an exception is `excepted`."""
        if result.verdict not in ("fail", "unknown"):
            return result
        if any(one.environments for one in self.rules_off):
            environment = self.environment_of(place)
            for off in self.rules_off:
                if environment and environment.name in off.environments and fnmatchcase(result.rule, off.rule):
                    return result.excepted(f"turned off in {environment.name}: {off.reason}")
        for one in self.exceptions:
            if one.applies(result.rule, place, today):
                return result.excepted(f"exception {one.id} until {one.expires.isoformat()}: {one.reason}")
        return result


def place_of(resource: Resource) -> Place:
    """The place of a resource; what its account is called and where it stands comes from the account read with it."""
    account = resource.in_account if resource.estate is not None else None
    known = account.document if isinstance(account, Resource) and isinstance(account.document, dict) else {}

    def text(name: str) -> str:
        return known[name] if isinstance(known.get(name), str) else ""

    account_tags = account.tags if isinstance(account, Resource) else {}
    return Place(
        resource.account,
        text("Name"),
        text("OrganizationalUnit"),
        resource.region,
        resource.uid,
        resource.type_name,
        resource.file,
        {**account_tags, **resource.tags},
    )
