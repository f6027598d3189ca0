"""Runs a scan that was asked for of a target: what the server's worker does."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from sqlalchemy import select

from koban.app.aws import AwsOptions, Progress, scan_aws
from koban.app.baseline import BaselineError, Use, load
from koban.app.iac import Variables, scan_iac
from koban.app.ledger.keeping import Keeping
from koban.app.scan import Scan
from koban.ledger import schema
from koban.ledger.database import Ledger
from koban.ledger.errors import LedgerError, NotFound
from koban.ledger.landing import Counts
from koban.ledger.running import Stopped, fail
from koban.model.resource import Resource
from koban.model.result import Result
from koban.model.rule import Rule
from koban.rules.catalog import catalog

Heard = Callable[[Mapping[str, Any]], None]

AWS = ("profile", "role_arn", "external_id", "org", "org_role", "accounts", "regions", "services", "exclude_services",
       "max_rate")  # fmt: skip
SHOWN_EVERY = 50  # files of code


def run(
    ledger: Ledger,
    scan: int,
    heard: Heard | None = None,
    spools: Path | None = None,
    baseline: Path | None = None,
) -> Counts:
    """Run a scan whose state is `running`, to its end in the ledger.

    `heard` is told ``{"done", "total", "what"}`` now and then.  `spools` is where scans of AWS keep what they read.
    `baseline` is followed by targets that name none of their own.
    What goes wrong is written into the scan, and raised.  Raises Stopped where it was cancelled meanwhile.
    """
    kind, options = _target(ledger, scan)
    try:
        rules, use = _rules(options, baseline)
        keeping = Keeping(ledger, rules, use.baseline if use is not None else None)
        keeping.number = scan
        amend = use.amend if use is not None else None
        start = _aws if kind == "aws" else _iac
        started = start(options, rules, amend, keeping, heard, spools)
    except BaseException as error:
        fail(ledger, scan, str(error) or type(error).__name__)
        raise
    for _ in keeping.results(started, started.results):
        pass
    assert keeping.counts is not None, "it landed, or raised"
    return keeping.counts


def _target(ledger: Ledger, scan: int) -> tuple[str, Mapping[str, Any]]:
    joined = schema.scans.join(schema.targets, schema.targets.c.id == schema.scans.c.target)
    asked = select(schema.scans.c.state, schema.targets.c.kind, schema.targets.c.options).select_from(joined)
    with ledger.reading() as connection:
        row = connection.execute(asked.where(schema.scans.c.id == scan)).first()
    if row is None:
        raise NotFound(f"there is no scan {scan}")
    if row.state != "running":
        raise Stopped(f"scan {scan} is {row.state}")
    return row.kind, row.options


def _rules(options: Mapping[str, Any], baseline: Path | None) -> tuple[list[Rule], Use | None]:
    """The rules to run, and the baseline at work: the one that the target names, else koban.yaml where there is one."""
    rules = catalog()
    wanted: Sequence[str] = options.get("rules") or ()
    if wanted:
        rules = [one for one in rules if any(fnmatchcase(one.id, pattern) for pattern in wanted)]
    named = options.get("baseline") or baseline
    path = Path(named) if named else Path("koban.yaml")
    if not named and not os.path.lexists(path):
        return rules, None
    try:
        use = Use(load(path, catalog()), rules, datetime.now(UTC).date())
    except BaselineError as error:
        said = "; ".join(line.strip() for problem in error.problems for line in problem.splitlines())
        raise LedgerError(f"the baseline cannot be used: {said}") from error
    return use.rules, use


def _aws(
    options: Mapping[str, Any],
    rules: Sequence[Rule],
    amend: Callable[[Result, Resource], Result] | None,
    keeping: Keeping,
    heard: Heard | None,
    spools: Path | None,
) -> Scan:
    given = {name: options[name] for name in AWS if options.get(name)}
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}

    def progress(at: Progress) -> None:
        what = " ".join(filter(None, (at.account, at.region or "global", at.service)))
        _tell(keeping, heard, at.done, at.total, what)

    return scan_aws(AwsOptions(**given, directory=spools), rules, amend, progress, watcher=keeping)


def _iac(
    options: Mapping[str, Any],
    rules: Sequence[Rule],
    amend: Callable[[Result, Resource], Result] | None,
    keeping: Keeping,
    heard: Heard | None,
    spools: Path | None,
) -> Scan:
    done = 0

    def progress(file: str) -> None:
        nonlocal done
        done += 1
        if done == 1 or done % SHOWN_EVERY == 0:
            _tell(keeping, heard, done, None, file)

    return scan_iac(
        tuple(options.get("paths") or ()),
        rules,
        tuple(options.get("parameters") or ()),
        amend,
        progress=progress,
        terraform=Variables(),
        source=options.get("source") or None,
        watcher=keeping,
    )


def _tell(keeping: Keeping, heard: Heard | None, done: int, total: int | None, what: str) -> None:
    said = {"done": done, "total": total, "what": what}
    if keeping.heart is not None:
        keeping.heart.progress = said
        keeping.heart.check()
    if heard is not None:
        heard(said)
