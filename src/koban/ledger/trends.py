"""Numbers over all findings: how many are open and of what, by place and control, now and on each day before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Select, and_, case, func, select

from koban.ledger import schema, scopes
from koban.ledger.search import rules_of
from koban.ledger.tallying import table_by, table_for
from koban.ledger.text import NOTHING
from koban.ledger.trending import EVERYWHERE
from koban.ledger.who import Sight

D = schema.trends.c
WEIGHTS = {"critical": 40, "high": 10, "medium": 3, "low": 1, "info": 0}  # of one open failure, for the risk
SEVERITIES = tuple(schema.SEVERITY_RANK)
DAYS_MAX = 800


@dataclass(frozen=True)
class Counts:
    """How many findings: failures that are open by severity, open unknowns, excepted ones, and passes."""

    critical: int = 0
    high: int = 0
    medium: int = 0
    low: int = 0
    info: int = 0
    unknown: int = 0
    excepted: int = 0
    passed: int = 0

    @property
    def open(self) -> int:
        """Open failures; what could not be told is `unknown`."""
        return self.critical + self.high + self.medium + self.low + self.info

    @property
    def risk(self) -> int:
        return sum(WEIGHTS[one] * getattr(self, one) for one in SEVERITIES)

    @property
    def score(self) -> float | None:
        """The share of what was judged that passed, 0 to 100; None where nothing was.  Exceptions do not count."""
        judged = self.open + self.unknown + self.passed
        return None if not judged else round(100 * self.passed / judged, 1)

    def plus(self, other: Counts) -> Counts:
        return Counts(*(mine + its for mine, its in zip(_values(self), _values(other), strict=True)))


def _values(counts: Counts) -> tuple[int, ...]:
    return tuple(vars(counts).values())


@dataclass(frozen=True)
class Slice:
    key: str
    label: str
    counts: Counts


@dataclass(frozen=True)
class RuleCount:
    rule: str
    severity: str
    count: int


@dataclass(frozen=True)
class Day:
    day: date
    counts: Counts


@dataclass(frozen=True)
class Moved:
    """What changed since a moment: how many findings were opened, resolved and reopened."""

    since: datetime
    opened: int = 0
    resolved: int = 0
    reopened: int = 0


@dataclass(frozen=True)
class ControlCount:
    """What the findings of a control's rules say.  `excepted` are findings that are accepted."""

    control: str
    rules: list[str] = field(default_factory=list)
    open: int = 0
    unknown: int = 0
    passed: int = 0
    excepted: int = 0

    @property
    def state(self) -> Literal["passed", "failed", "unknown", "not_judged"]:
        if self.open:
            return "failed"
        if self.unknown:
            return "unknown"
        return "passed" if self.passed or self.excepted else "not_judged"


# -- now ----------------------------------------------------------------------------------------------------------


def _summed(table: Any) -> list[Any]:
    """The columns of `Counts`, as sums over tallies or findings."""
    n: Any = 1
    there = table.c.gone.is_(None)
    if table is not schema.findings:
        n, there = table.c.n, table.c.gone == 0
    c = table.c
    fails = and_(c.status == "open", c.verdict != "unknown")
    made = [
        func.coalesce(func.sum(case((and_(fails, c.rank == rank), n), else_=0)), 0).label(name)
        for name, rank in schema.SEVERITY_RANK.items()
    ]
    unknown = and_(c.status == "open", c.verdict == "unknown")
    passed = and_(c.verdict == "pass", there)
    for name, condition in (("unknown", unknown), ("excepted", c.status == "excepted"), ("passed", passed)):
        made.append(func.coalesce(func.sum(case((condition, n), else_=0)), 0).label(name))
    return made


def _counts(row: Any) -> Counts:
    return Counts(*(int(getattr(row, name)) for name in Counts.__dataclass_fields__))


# Of tags that no scope knows no tally tells: the findings are gone through once, and the answer kept as long as the
# connection.
_seen: WeakKeyDictionary[Connection, list[tuple[Sight, list[Any]]]] = WeakKeyDictionary()


def _by(connection: Connection, sight: Sight, *names: str) -> dict[tuple[Any, ...], Counts]:
    """The numbers by some of rule, account, environment and rank."""
    table = None
    if not sight.tags:
        table = table_by(*names, *([] if sight.accounts is None else ["account"]))
    elif scopes.known(connection, sight):
        table = table_for([*names, "scope"])
    if table is not None:
        keys = [table.c[one] for one in names]
        asked = select(*keys, *_summed(table)).where(sight.where(table)).group_by(*keys)
        return {tuple(row)[: len(names)]: _counts(row) for row in connection.execute(asked)}
    made: dict[tuple[Any, ...], Counts] = {}
    for row in _every_kind(connection, sight):
        key = tuple(getattr(row, one) for one in names)
        made[key] = made.get(key, Counts()).plus(_counts(row))
    return made


def _every_kind(connection: Connection, sight: Sight) -> list[Any]:
    kept = _seen.setdefault(connection, [])
    for known, rows in kept:
        if known == sight:
            return rows
    f = schema.findings
    keys = [
        f.c.rule,
        f.c.rank,
        *(func.coalesce(f.c[one], NOTHING).label(one) for one in ("account", "environment")),
    ]
    asked = select(*keys, *_summed(f)).where(sight.where(f)).group_by(*keys)
    rows = list(connection.execute(asked))
    kept.append((sight, rows))
    return rows


def counts(connection: Connection, sight: Sight) -> Counts:
    """The numbers over everything in sight."""
    return _by(connection, sight).get((), Counts())


def slices(connection: Connection, sight: Sight, by: Literal["account", "environment"]) -> list[Slice]:
    """The numbers of each account or environment (empty: none), the riskiest first."""
    found = {key: counts for (key,), counts in _by(connection, sight, by).items()}
    names: dict[str, str] = {}
    if by == "account":
        names = {row.id: row.name for row in connection.execute(select(schema.accounts.c.id, schema.accounts.c.name))}
    made = [Slice(key, names.get(key) or key, counts) for key, counts in found.items()]
    return sorted(made, key=lambda one: (-one.counts.risk, -one.counts.open, one.key))


def by_rule(connection: Connection, sight: Sight) -> dict[str, Counts]:
    """The numbers of each rule."""
    return {key: counts for (key,), counts in _by(connection, sight, "rule").items()}


def controls_of(connection: Connection) -> dict[str, list[str]]:
    """The rules that speak to each control (``framework:control``), as the scans said."""
    found: dict[str, list[str]] = {}
    columns = schema.finding_controls.c
    for control, rule in connection.execute(
        select(columns.control, columns.rule).order_by(columns.control, columns.rule)
    ):
        found.setdefault(control, []).append(rule)
    return found


def of_rules(rules: Mapping[str, Counts], wanted: Iterable[str]) -> Counts:
    """The numbers of some rules together, each counted once."""
    made = Counts()
    for one in set(wanted):
        if one in rules:
            made = made.plus(rules[one])
    return made


def frameworks(connection: Connection, sight: Sight, rules: Mapping[str, Counts] | None = None) -> dict[str, Counts]:
    """The numbers of each framework: of all findings of rules that speak to one of its controls, each once."""
    rules = by_rule(connection, sight) if rules is None else rules
    wanted: dict[str, set[str]] = {}
    for control, its in controls_of(connection).items():
        wanted.setdefault(control.partition(":")[0], set()).update(its)
    return {framework: of_rules(rules, its) for framework, its in sorted(wanted.items())}


def functions(
    connection: Connection, sight: Sight, framework: str, rules: Mapping[str, Counts] | None = None
) -> dict[str, Counts]:
    """The numbers of each function of a framework: the first part of its controls (``PR`` of ``PR.AA-05``)."""
    rules = by_rule(connection, sight) if rules is None else rules
    wanted: dict[str, set[str]] = {}
    for control, its in controls_of(connection).items():
        of, _, name = control.partition(":")
        if of == framework:
            wanted.setdefault(function_of(name), set()).update(its)
    return {name: of_rules(rules, its) for name, its in sorted(wanted.items())}


def function_of(control: str) -> str:
    """``PR`` of ``PR.AA-05``; ``2`` of ``2.1.3``."""
    return control.partition(".")[0]


def controls(connection: Connection, sight: Sight, framework: str) -> dict[str, ControlCount]:
    """What the findings say of each control of a framework that a rule speaks to."""
    rules = by_rule(connection, sight)
    made = {}
    for control, its in controls_of(connection).items():
        of, _, name = control.partition(":")
        if of == framework:
            n = of_rules(rules, its)
            made[name] = ControlCount(name, its, n.open, n.unknown, n.passed, n.excepted)
    return made


def top_rules(connection: Connection, sight: Sight, limit: int = 10) -> list[RuleCount]:
    """The rules whose open failures weigh most."""
    found = [
        RuleCount(rule, severity, n)
        for rule, its in by_rule(connection, sight).items()
        for severity in SEVERITIES
        if (n := getattr(its, severity))
    ]
    return sorted(found, key=lambda one: (-WEIGHTS[one.severity] * one.count, -one.count, one.rule))[:limit]


def moved(connection: Connection, sight: Sight, since: datetime) -> Moved:
    """What people, and the scans that landed, changed since a moment."""
    c, f, m = schema.changes.c, schema.findings, schema.movements.c
    asked = select(c.kind, func.count()).where(c.at >= since, c.kind.in_(schema.MOVEMENTS)).group_by(c.kind)
    if sight.tags and not scopes.known(connection, sight, since):
        asked = asked.select_from(schema.changes.join(f, f.c.id == c.finding)).where(sight.where(f))
        return Moved(since, **{row[0]: row[1] for row in connection.execute(asked)})
    if not sight.everything:  # those of people are few, and their findings looked up one by one
        asked = asked.where(select(sight.where(f)).where(f.c.id == c.finding).scalar_subquery())
    found = Counter({row[0]: row[1] for row in connection.execute(asked.where(c.scan.is_(None)))})
    landed = schema.movements.join(schema.scans, schema.scans.c.id == m.scan)
    summed = select(m.kind, func.sum(m.n)).select_from(landed).where(schema.scans.c.finished >= since)
    found.update({row[0]: int(row[1]) for row in connection.execute(_in(summed, sight).group_by(m.kind))})
    return Moved(since, **found)


def _in(asked: Select[Any], sight: Sight) -> Select[Any]:
    return asked if sight.everything else asked.where(sight.where(schema.movements))


# -- day by day ---------------------------------------------------------------------------------------------------


def days(
    connection: Connection,
    sight: Sight,
    since: date,
    until: date | None = None,
    *,
    account: Sequence[str] = (),
    environment: Sequence[str] = (),
    framework: str = "",
    function: str = "",
) -> list[Day]:
    """The numbers at the end of each day.  A target counts on from its last scan before the day.

    Frameworks and functions are not kept by account.  A sight by tags has no history: the list is empty.
    """
    until = until or datetime.now(UTC).date()
    since = max(since, until - timedelta(days=DAYS_MAX))
    if sight.tags or (framework and sight.accounts is not None):
        return []
    if not framework and sight.everything and not account and not environment:
        framework = EVERYWHERE
    conditions = [D.framework == framework, D.function == function, sight.where(schema.trends)]
    if account:
        conditions.append(D.account.in_(account))
    if environment:
        conditions.append(D.environment.in_(environment))
    latest: dict[tuple[int, date], Counts] = {}
    starts = _starts(connection, since)
    asked = select(
        D.day,
        D.target,
        *(func.sum(case((D.severity == one, D.open), else_=0)).label(one) for one in SEVERITIES),
        *(func.sum(D[one]).label(one) for one in ("unknown", "excepted", "passed")),
    )
    first = min([since, *starts.values()])
    asked = asked.where(D.day >= first, D.day <= until, *conditions).group_by(D.day, D.target)
    seen: dict[int, set[date]] = {}
    for row in connection.execute(asked):
        if row.day < since and starts.get(row.target) != row.day:
            continue
        seen.setdefault(row.target, set()).add(row.day)
        latest[row.target, row.day] = _counts(row)
    made = []
    now: dict[int, Counts] = {target: latest[target, day] for target, day in starts.items() if (target, day) in latest}
    day = since
    while day <= until:
        for target, its in seen.items():
            if day in its:
                now[target] = latest[target, day]
        whole = Counts()
        for one in now.values():
            whole = whole.plus(one)
        if now:
            made.append(Day(day, whole))
        day += timedelta(days=1)
    return made


def _starts(connection: Connection, since: date) -> dict[int, date]:
    """The last day before `since` of each target."""
    whole = and_(D.framework == EVERYWHERE, D.function == "", D.account == "")  # few rows, and each day has them
    asked = select(D.target, func.max(D.day)).where(D.day < since, whole).group_by(D.target)
    return {row[0]: row[1] for row in connection.execute(asked)}


def rules_for(connection: Connection, framework: str) -> list[str]:
    """The rules that speak to a control of the framework."""
    return rules_of(connection, [framework], [])
