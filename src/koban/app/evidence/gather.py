"""An evidence pack out of the ledger, as somebody with this sight sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from koban import __version__
from koban.app import rulebook
from koban.app.evidence.pack import Accepted, Evidence, NotRead, Pack, Place, Scanned
from koban.app.evidence.standing import Standing, Tally, standings
from koban.ledger import accounts, exceptions, findings, scans, targets, trends
from koban.ledger.paging import Ask
from koban.ledger.who import Actor, Sight
from koban.rules.framework import Framework

STATES = (  # what is read first
    ("failed", ("open",), ("fail",)),
    ("unknown", ("open",), ("unknown",)),
    ("excepted", ("excepted",), ()),
    ("passed", ("passed", "resolved"), ("pass",)),
)
GAPS_MAX = 5_000


def tallies(connection: Connection, sight: Sight) -> dict[str, Tally]:
    """How many findings each rule has."""
    return {
        rule: Tally(one.open, one.unknown, one.excepted, one.passed)
        for rule, one in trends.by_rule(connection, sight).items()
    }


def standing(
    connection: Connection, sight: Sight, framework: Framework, counted: Mapping[str, Tally] | None = None
) -> list[Standing]:
    """Where the controls of a framework stand."""
    counted = tallies(connection, sight) if counted is None else counted
    return standings(framework, rulebook.rules().values(), counted, trends.controls_of(connection))


def evidence(connection: Connection, sight: Sight, rules: Sequence[str], limit: int | None) -> Iterator[Evidence]:
    """What some rules said, what needs a look first; at most `limit` of it."""
    left = limit
    for state, statuses, verdicts in STATES if rules else ():
        filters = findings.Filters(status=statuses, verdict=verdicts, rule=tuple(rules))
        cursor: str | None = ""
        while cursor is not None and (left is None or left > 0):
            size = 500 if left is None else min(500, left)
            found = findings.page(connection, sight, filters, Ask(size, cursor, counted=False))
            for one in found.items:
                if one.gone is None:
                    yield _evidence(one, state)
                    left = None if left is None else left - 1
            cursor = found.next


def _evidence(one: findings.Finding, state: str) -> Evidence:
    return Evidence(
        one.rule,
        state,
        one.severity,
        one.uid,
        one.name or "",
        one.type,
        one.account or "",
        one.region or "",
        one.environment or "",
        one.file or "",
        one.line,
        one.message,
        one.because,
        one.first_seen,
        one.last_seen or one.first_seen,
        one.exception,
        one.fingerprint,
    )


def pack(connection: Connection, actor: Actor, framework: Framework, now: datetime) -> Pack:
    """The pack.  Its evidence is read from the connection while it is written."""
    sight = actor.sight
    found = standing(connection, sight, framework)
    rules = sorted({rule for one in found for rule in one.rules})
    gaps = scans.gaps(connection, sight, ask=Ask(500))
    every = scans.every_gap(connection, sight)
    not_read = [
        NotRead(one.type, one.account, one.region, one.why) for one, _ in zip(every, range(GAPS_MAX), strict=False)
    ]
    return Pack(
        framework=framework,
        made=now,
        made_by=actor.name,
        version=__version__,
        limited=_limits(sight),
        scanned=[Scanned(one.name, one.kind, one.landed) for one in targets.every(connection)],
        places=_places(connection, sight),
        not_read=not_read,
        not_read_count=gaps.total if gaps.total is not None else len(not_read),
        standings=found,
        titles={rule: rulebook.title(rule) for rule in rules},
        exceptions=[
            Accepted(
                one.id,
                one.rule or "",
                one.account or "",
                one.uid or "",
                one.reason,
                one.asked_by_name or "",
                one.decided_by_name or "",
                one.decided,
                one.expires,
            )
            for one in exceptions.in_force(connection, sight, rules)
        ],
        evidence=lambda rules, limit: evidence(connection, sight, rules, limit),
    )


def _places(connection: Connection, sight: Sight) -> list[Place]:
    groups = findings.groups(connection, sight, "account", findings.Filters(status=()), limit=findings.GROUPS_MAX)
    known = {one.id: one for one in accounts.every(connection, sight)}
    made = []
    for id in sorted(one.key for one in groups if one.key):
        account = known.get(id)
        made.append(Place(id, account.name if account else "", (account.environment if account else "") or ""))
    return made


def _limits(sight: Sight) -> str:
    """A limited sight in words."""
    said = []
    if sight.accounts is not None:
        said.append("accounts " + (", ".join(sorted(sight.accounts)) or "none"))
    said += [f"tag {name}: {', '.join(sorted(values))}" for name, values in sorted(sight.tags.items())]
    return "; ".join(said)
