"""What is scanned, and the scans: start, watch, cancel."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from koban.interfaces.api.etags import ETag, IfMatch, etag, unchanged
from koban.interfaces.api.problems import Problem, problems
from koban.interfaces.api.security import Admin, Analyst, Caller, Here
from koban.interfaces.api.values import Body, Id, IdValue, Name
from koban.ledger import queue, running, scans, targets
from koban.ledger.database import hold
from koban.ledger.paging import COUNTED_MAX, LIMIT_DEFAULT, LIMIT_MAX, Ask
from koban.ledger.who import Sight

router = APIRouter(tags=["scans"])

GAPS_MAX = 500

Kind = Literal["aws", "iac"]
State_ = Literal["queued", "running", "landing", "landed", "failed", "cancelled"]


class TargetShape(BaseModel):
    id: int
    name: str
    kind: Kind
    options: dict[str, Any] = Field(description="What `koban scan` takes, by the names of its options; for admins")
    every_seconds: int | None = Field(description="How often it is scanned; null: when somebody asks")
    enabled: bool
    created: datetime
    landed: datetime | None = Field(description="As of when its last landed scan read it")
    etag: ETag


class Targets(BaseModel):
    items: list[TargetShape]
    next: None = None
    total: int


class NewTarget(Body):
    name: Name
    kind: Kind
    options: dict[str, Any] = Field(default_factory=dict, max_length=50)
    every_seconds: Annotated[int, Field(ge=60, le=366 * 86400)] | None = None
    enabled: bool = True


class TargetChange(Body):
    name: Name | None = None
    options: Annotated[dict[str, Any], Field(max_length=50)] | None = None
    every_seconds: Annotated[int, Field(ge=60, le=366 * 86400)] | None = None
    enabled: bool | None = None


class TargetName(BaseModel):
    id: int
    name: str
    kind: str


class GapShape(BaseModel):
    type: str
    account: str = Field(description="Empty: all")
    region: str = Field(description="Empty: all")
    why: str


class ScanShape(BaseModel):
    id: int
    target: TargetName
    state: State_
    asked_by: str
    queued: datetime
    started: datetime | None
    finished: datetime | None
    progress: dict[str, Any] | None = Field(description="`{done, total, what}`")
    counts: dict[str, int] | None = Field(description="What it found; null where the caller sees only part of it")
    error: str | None


class ScanWhole(ScanShape):
    title: str
    gaps: list[GapShape] = Field(description="What could not be read; 500 at most")
    gap_count: int | None


class ScanPage(BaseModel):
    items: list[ScanShape]
    next: str | None
    total: int | None
    total_at_least: int | None = None


class StartScan(Body):
    target: IdValue


@router.get("/targets")
def list_targets(state: Here, actor: Caller) -> Targets:
    """What is scanned."""
    with state.ledger.reading() as connection:
        items = [_target(one, actor.may("admin")) for one in targets.every(connection)]
    return Targets(items=items, total=len(items))


@router.get("/targets/{id}")
def get_target(id: Id, state: Here, actor: Caller) -> TargetShape:
    """One target."""
    with state.ledger.reading() as connection:
        return _target(targets.get(connection, id), actor.may("admin"))


@router.post("/targets", status_code=201, responses=problems(409))
def create_target(body: NewTarget, state: Here, actor: Admin) -> TargetShape:
    """Add a target.  A scan of code reads the directories that it names, as the server may."""
    _check_options(body.kind, body.options)
    with state.ledger.writing() as connection:
        id = targets.create(connection, actor, state.clock(), **body.model_dump())
        return _target(targets.get(connection, id), True)


@router.patch("/targets/{id}", responses=problems(409, 412))
def change_target(id: Id, body: TargetChange, state: Here, actor: Admin, if_match: IfMatch = None) -> TargetShape:
    """Change a target; `every_seconds: null` ends its rhythm."""
    new = body.model_dump(exclude_unset=True)
    new = {key: value for key, value in new.items() if value is not None or key == "every_seconds"}
    with state.ledger.writing() as connection:
        hold(connection, "targets", id)
        before = targets.get(connection, id)
        unchanged(if_match, _target(before, True))
        if "options" in new:
            _check_options(before.kind, new["options"])
        return _target(targets.change(connection, actor, id, **new), True)


@router.delete("/targets/{id}", status_code=204, responses=problems(409, 412))
def delete_target(id: Id, state: Here, actor: Admin, if_match: IfMatch = None) -> Response:
    """Take a target away, with all that its scans found."""
    with state.ledger.writing() as connection:
        hold(connection, "targets", id)
        unchanged(if_match, _target(targets.get(connection, id), True))
        targets.remove(connection, actor, id)
    return Response(status_code=204)


@router.get("/scans")
def list_scans(
    state: Here,
    actor: Caller,
    target: Annotated[list[IdValue] | None, Query(max_length=100)] = None,
    states: Annotated[list[State_] | None, Query(alias="state", max_length=10)] = None,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
    cursor: Annotated[str, Query(max_length=500)] = "",
) -> ScanPage:
    """The scans, newest first."""
    with state.ledger.reading() as connection:
        page = scans.page(connection, target=tuple(target or ()), state=tuple(states or ()), ask=Ask(limit, cursor))
    return ScanPage(
        items=[scan_shape(one, actor.sight) for one in page.items],
        next=page.next,
        total=page.total,
        total_at_least=page.total_at_least,
    )


@router.post("/scans", status_code=202, responses=problems(404, 409))
def start_scan(body: StartScan, request: Request, state: Here, actor: Analyst) -> ScanWhole:
    """Start a scan; watch it at its address or by the events."""
    with state.ledger.writing() as connection:
        target = targets.get(connection, body.target)
        if not target.enabled:
            raise Problem(409, "this target is turned off")
        id = queue.ask(connection, actor, target.id, state.clock())
        made = scans.get(connection, id)
    state.wake()
    return ScanWhole(**scan_shape(made, actor.sight).model_dump(), title="", gaps=[], gap_count=0)


@router.get("/scans/{id}")
def get_scan(id: Id, state: Here, actor: Caller) -> ScanWhole:
    """One scan, with what it could not read."""
    with state.ledger.reading() as connection:
        found = scans.get(connection, id)
        page = scans.gaps(connection, actor.sight, scan=(id,), ask=Ask(GAPS_MAX))
    found = scans.as_seen(found, actor.sight)
    gaps = [GapShape(type=one.type, account=one.account, region=one.region, why=one.why) for one in page.items]
    count = page.total if page.total is not None else page.total_at_least or COUNTED_MAX
    return ScanWhole(
        **scan_shape(found, actor.sight).model_dump(),
        title=found.title,
        gaps=gaps,
        gap_count=count,
    )


@router.post("/scans/{id}/cancel", responses=problems(409))
def cancel_scan(id: Id, state: Here, actor: Analyst) -> ScanShape:
    """Cancel a scan: nothing of it is kept."""
    with state.ledger.writing() as connection:
        scans.get(connection, id)
        if not running.cancel(connection, actor, id):
            raise Problem(409, "this scan is over, or is landing already")
        found = scans.get(connection, id)
    state.wake()
    return scan_shape(found, actor.sight)


def scan_shape(scan: scans.Scan, sight: Sight) -> ScanShape:
    """A scan as a caller may see it."""
    scan = scans.as_seen(scan, sight)
    return ScanShape(
        id=scan.id,
        target=TargetName(id=scan.target, name=scan.target_name, kind=scan.target_kind),
        state=cast(State_, scan.state),
        asked_by=scan.asked_by,
        queued=scan.queued,
        started=scan.started,
        finished=scan.finished,
        progress=scan.progress,
        counts=scan.counts,
        error=scan.error,
    )


def _target(target: targets.Target, admin: bool) -> TargetShape:
    options = target.options if admin else {}
    return TargetShape(
        id=target.id,
        name=target.name,
        kind=cast(Kind, target.kind),
        options=options,
        every_seconds=target.every_seconds,
        enabled=target.enabled,
        created=target.created,
        landed=target.landed,
        etag=etag(target.id, target.name, options, target.every_seconds, target.enabled),
    )


def _check_options(kind: str, options: dict[str, Any]) -> None:
    """422 for what a scan of this kind does not take."""
    from koban.app.serve.options import check

    wrong = check(kind, options)
    if wrong:
        raise Problem(422, wrong[0][1], errors=[(f"options.{field}", message) for field, message in wrong])
