"""Compliance: where the controls of each framework stand, and the evidence for an auditor."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, Annotated, Any

from fastapi import APIRouter, Path, Query
from sqlalchemy import Connection
from starlette.responses import StreamingResponse

from koban.app import rulebook
from koban.app.baseline import shown as baselines
from koban.app.evidence import gather, tables
from koban.app.evidence.pdf import write_pdf
from koban.app.evidence.standing import Standing, counts, score
from koban.interfaces.api import shown
from koban.interfaces.api.files import attachment, streamed
from koban.interfaces.api.findings import filters_of
from koban.interfaces.api.problems import Problem
from koban.interfaces.api.security import Caller, Here, State
from koban.interfaces.api.shapes.compliance import (
    Control,
    ControlCounts,
    ControlDetail,
    ControlRule,
    EvidenceQuery,
    FrameworkDetail,
    FrameworkItem,
)
from koban.interfaces.api.shapes.findings import FindingFilter
from koban.interfaces.api.shapes.kinds import Page
from koban.ledger import findings, trends
from koban.ledger.paging import Ask
from koban.ledger.who import Sight
from koban.rules.framework import Framework, frameworks

router = APIRouter(prefix="/frameworks", tags=["compliance"])

FrameworkId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9.-]{0,59}$")]
ControlId = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9.()-]{0,59}$")]
FINDINGS = 100
IN_MEMORY = 5_000_000  # bytes; a larger pack waits on disk


@router.get("")
def list_frameworks(state: Here, actor: Caller) -> Page[FrameworkItem]:
    """Every framework that Koban knows, and how many of its controls stand how."""
    chosen = _chosen(state)
    with state.ledger.reading() as connection:
        found = state.kept.of(
            connection, ("frameworks", actor.sight.stored()), lambda: _standings(connection, actor.sight)
        )
    items = [
        FrameworkItem(**_about(one, chosen), controls=_counts(its), score=score(counts(its))) for one, its in found
    ]
    return Page(items=items, next=None, total=len(items))


def _standings(connection: Connection, sight: Sight) -> list[tuple[Framework, list[Standing]]]:
    tallies = gather.tallies(connection, sight)
    return [(one, gather.standing(connection, sight, one, tallies)) for one in frameworks().values()]


@router.get("/{id}")
def get_framework(id: FrameworkId, state: Here, actor: Caller) -> FrameworkDetail:
    """One framework, control by control."""
    framework = _framework(id)
    with state.ledger.reading() as connection:
        found = gather.standing(connection, actor.sight, framework)
    return FrameworkDetail(
        **_about(framework, _chosen(state)),
        counts=_counts(found),
        score=score(counts(found)),
        controls=[Control(**_control(one)) for one in found],
    )


@router.get("/{id}/controls/{control}")
def get_control(id: FrameworkId, control: ControlId, state: Here, actor: Caller) -> ControlDetail:
    """One control: what each rule that answers it says, and the open findings."""
    framework = _framework(id)
    if control not in framework.controls:
        raise Problem(404, f"{id} has no control {control}")
    with state.ledger.reading() as connection:
        one = next(x for x in gather.standing(connection, actor.sight, framework) if x.control.id == control)
        numbers = trends.by_rule(connection, actor.sight)
        asked = FindingFilter(control=[f"{id}:{control}"])
        filters = filters_of(connection, actor, asked)
        found = findings.page(connection, actor.sight, filters, Ask(FINDINGS, counted=False))
    by_rule = []
    for rule in one.rules:
        number, known = numbers.get(rule, trends.Counts()), rulebook.rules().get(rule)
        by_rule.append(
            ControlRule(
                rule=rule,
                title=rulebook.title(rule),
                severity=known.severity if known is not None else "medium",
                open=number.open,
                unknown=number.unknown,
                passed=number.passed,
                excepted=number.excepted,
                **shown.counts(number).model_dump(),
            )
        )
    return ControlDetail(
        **_control(one), framework=id, by_rule=by_rule, findings=[shown.finding(each) for each in found.items]
    )


@router.get(
    "/{id}/evidence",
    response_class=StreamingResponse,
    responses=streamed("application/pdf", "text/csv", "application/zip"),
)
def get_evidence(
    id: FrameworkId, state: Here, actor: Caller, asked: Annotated[EvidenceQuery, Query()]
) -> StreamingResponse:
    """The evidence pack: a document (PDF), one table (CSV), or a table for each thing (ZIP)."""
    framework = _framework(id)
    now = state.clock()
    name = f"koban-{id}-{now:%Y-%m-%d}"

    if asked.format == "csv":

        def table() -> Iterator[str]:
            with state.ledger.reading() as connection:
                yield from tables.evidence_csv(gather.pack(connection, actor, framework, now))

        return attachment(table(), "text/csv", f"{name}.csv")
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  closed by whoever sends it
    try:
        with state.ledger.reading() as connection:
            pack = gather.pack(connection, actor, framework, now)
            if asked.format == "pdf":
                write_pdf(pack, file, asked.locale)
            else:
                tables.write_zip(pack, file)
    except BaseException:
        file.close()
        raise
    if asked.format == "pdf":
        return attachment(_pieces(file), "application/pdf", f"{name}.pdf")
    return attachment(_pieces(file), "application/zip", f"{name}.zip")


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(64 * 1024):
            yield piece


def _framework(id: str) -> Framework:
    found = frameworks().get(id)
    if found is None:
        raise Problem(404, f"there is no framework {id}")
    return found


def _chosen(state: State) -> frozenset[str]:
    """The frameworks that the baseline names."""
    path = state.settings.baseline
    baseline = baselines.read(path).baseline if path is not None else None
    return frozenset(baseline.all_frameworks) if baseline is not None else frozenset()


def _about(one: Framework, chosen: frozenset[str]) -> dict[str, Any]:
    about = {"id": one.id, "title": one.title, "version": one.version, "publisher": one.publisher}
    return {**about, "chosen": one.id in chosen}


def _counts(found: list[Standing]) -> ControlCounts:
    number = counts(found)
    return ControlCounts(
        passed=number["passed"],
        failed=number["failed"],
        unknown=number["unknown"],
        excepted=number["excepted"],
        manual=number["manual"],
        not_applicable=number["not_judged"],
    )


def _control(one: Standing) -> dict[str, Any]:
    return {
        "id": one.control.id,
        "title": one.control.title,
        "section": one.section,
        "manual": one.control.manual,
        "responsibility": one.control.responsibility,
        "function": one.control.function,
        "state": one.state,
        "rules": list(one.rules),
        "open": one.tally.open,
        "unknown": one.tally.unknown,
        "passed": one.tally.passed,
        "excepted": one.tally.excepted,
    }
