"""Findings: listed, grouped, counted, exported; one of them with why, evidence and fix; decided about."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Query
from pydantic import ValidationError
from sqlalchemy import Connection
from starlette.responses import StreamingResponse

from koban.app import rulebook
from koban.app.exports import events, tables
from koban.app.fix.live import typed
from koban.app.fix.single import mended
from koban.interfaces.api import shown
from koban.interfaces.api.files import attachment, streamed
from koban.interfaces.api.problems import Problem
from koban.interfaces.api.security import Analyst, Caller, Here
from koban.interfaces.api.shapes.findings import (
    Bulk,
    BulkDone,
    CaseReference,
    Command,
    Comment,
    CommentAsk,
    Diff,
    Evidence,
    ExportFindings,
    Finding,
    FindingDetail,
    FindingFacets,
    FindingFilter,
    FindingGroupQuery,
    FindingQuery,
    Fix,
    Group,
)
from koban.interfaces.api.shapes.kinds import Ask as AskShape
from koban.interfaces.api.shapes.kinds import Page
from koban.interfaces.api.values import Id
from koban.ledger import cases, decisions, exceptions, findings, notifications, resources, targets, trends
from koban.ledger.errors import Invalid, NotFound
from koban.ledger.paging import Ask
from koban.ledger.who import Actor
from koban.rules.framework import frameworks

router = APIRouter(prefix="/findings", tags=["findings"])

FACETS = findings.FACETS
NOWHERE = ("account", "region", "environment")


@router.get("")
def list_findings(state: Here, actor: Caller, asked: Annotated[FindingQuery, Query()]) -> Page[Finding]:
    """Findings, page by page.  Those that are open, unless `status` says otherwise."""
    descending = None if asked.order is None else asked.order == "desc"
    with state.ledger.reading() as connection:
        filters = filters_of(connection, actor, asked)
        found = findings.page(connection, actor.sight, filters, shown.ask(asked), asked.sort, descending)
    return Page(**shown.page(found, shown.finding))


@router.get("/groups")
def group_findings(state: Here, actor: Caller, asked: Annotated[FindingGroupQuery, Query()]) -> Page[Group]:
    """How many findings share a value."""
    with state.ledger.reading() as connection:
        filters = filters_of(connection, actor, asked)
        found = findings.groups(connection, actor.sight, asked.by, filters, asked.limit)
    items = [shown.group(one, asked.by) for one in found]
    return Page(items=items, next=None, total=len(items) if len(items) < asked.limit else None)


@router.get("/facets")
def facets_of_findings(state: Here, actor: Caller, asked: Annotated[FindingFilter, Query()]) -> FindingFacets:
    """How many findings each value of a filter would leave; a filter does not count against itself."""
    with state.ledger.reading() as connection:
        filters = filters_of(connection, actor, asked)
        return state.kept.of(
            connection, ("facets", actor.sight.stored(), filters), lambda: _facets(connection, actor, asked, filters)
        )


def _facets(connection: Connection, actor: Actor, asked: FindingFilter, filters: findings.Filters) -> FindingFacets:
    chosen = [one for one in FACETS if getattr(asked, one)]
    found = findings.facets(connection, actor.sight, filters, [one for one in FACETS if one not in chosen])
    made, partial = dict(vars(found)), found.partial
    for name in chosen:
        without = filters_of(connection, actor, asked.model_copy(update={name: []}))
        found = findings.facets(connection, actor.sight, without, [name])
        made[name], partial = getattr(found, name), partial or found.partial
    shaped: dict[str, Any] = {name: made[name] for name in FACETS[:3]}
    shaped |= {name: [shown.facet(one, name) for one in made[name]] for name in FACETS[3:]}
    return FindingFacets(**shaped, partial=partial)


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses=streamed("text/csv", "application/json", "application/x-ndjson"),
)
def export_findings(state: Here, actor: Caller, asked: Annotated[ExportFindings, Query()]) -> StreamingResponse:
    """All of them, as a table (CSV), as OCSF Compliance Findings, or as JSON lines in the shape of the list."""
    with state.ledger.reading() as connection:
        filters = filters_of(connection, actor, asked)
        findings.page(connection, actor.sight, filters, Ask(1, counted=False))  # what is wrong is said before

    def rows() -> Iterator[findings.Finding]:
        with state.ledger.reading() as connection:
            yield from findings.stream(connection, actor.sight, filters)

    if asked.format == "csv":
        return attachment(tables.findings(rows()), "text/csv", "koban-findings.csv")
    if asked.format == "ocsf":
        return attachment(events.findings(rows()), "application/json", "koban-findings.ocsf.json")
    lines = (shown.finding(one).model_dump_json() + "\n" for one in rows())
    return attachment(lines, "application/x-ndjson", "koban-findings.jsonl")


@router.post("/bulk")
def change_findings(body: Bulk, state: Here, actor: Analyst) -> BulkDone:
    """Assign, except, reopen or put into a case: findings by their ids, or all that a query finds."""
    if (body.ids is None) == (body.query is None):
        raise _wrong("ids", "give either ids or a query")
    _check(body)
    with state.ledger.writing() as connection:
        filters = None if body.query is None else filters_of(connection, actor, parsed(body.query))
        ids = decisions.choose(connection, actor.sight, ids=body.ids, filters=filters)
        skipped = [(one, "there is no such finding") for one in sorted(set(body.ids or ()) - set(ids))]
        if not ids:
            return shown.bulk(decisions.Changed(0, skipped))
        exception = None
        if body.action == "assign":
            done = decisions.assign(connection, actor, ids, body.assignee)
        elif body.action == "reopen":
            done = decisions.reopen(connection, actor, ids, body.reason or "")
        elif body.action == "case":
            assert body.case is not None
            done = cases.put(connection, actor, body.case, ids)
        else:
            assert body.reason is not None
            assert body.expires is not None
            approve = actor.may("approver")
            exception = exceptions.ask_for(
                connection, actor, ids, reason=body.reason, expires=body.expires, approve=approve
            )
            tell_of_exception(connection, actor, exception, "approved" if approve else "asked")
            done = decisions.Changed(len(ids))
    return shown.bulk(decisions.Changed(done.changed, [*skipped, *done.skipped]), exception)


def _check(body: Bulk) -> None:
    if body.action == "assign" and "assignee" not in body.model_fields_set:
        raise _wrong("assignee", "say whom to, or null")
    if body.action == "case" and body.case is None:
        raise _wrong("case", "say which case")
    if body.action == "except":
        if body.reason is None:
            raise _wrong("reason", "say why")
        if body.expires is None:
            raise _wrong("expires", "say until when")


def _wrong(field: str, message: str) -> Problem:
    return Problem(422, f"{field}: {message}", errors=[(field, message)])


def parsed(query: str) -> FindingFilter:
    """Filters as they stand in an address."""
    try:
        return FindingFilter.model_validate(as_values(query, FindingFilter))
    except ValidationError as error:
        errors = [(f"query.{'.'.join(map(str, one['loc']))}", one["msg"]) for one in error.errors()]
        raise Problem(422, f"query: {errors[0][1]}", errors=errors) from error
    except ValueError as error:
        raise _wrong("query", "it is not as in an address") from error


def as_values(query: str, shape: type[AskShape]) -> dict[str, Any]:
    values = parse_qs(query.removeprefix("?"), keep_blank_values=True, max_num_fields=500)
    single = {"q", "seen_since"}
    paging = {"sort", "order", "limit", "cursor"}  # of the list that it was copied from: they choose nothing
    return {name: found[-1] if name in single else found for name, found in values.items() if name not in paging}


@router.get("/{id}")
def get_finding(id: Id, state: Here, actor: Caller) -> FindingDetail:
    """One finding: why it matters, what was read, how to mend it, and its life."""
    with state.ledger.reading() as connection:
        one = findings.get(connection, actor.sight, id)
        related = findings.related(connection, actor.sight, id)
        history = findings.history(connection, actor.sight, id)
        comments = findings.comments(connection, actor.sight, id)
        within = cases.of_finding(connection, actor.sight, id)
        document = _document(connection, actor, one)
        target = targets.get(connection, one.target)
    rule = rulebook.rules().get(one.rule)
    paths = list(rulebook.reads(one.rule))
    excerpt, truncated = shown.bounded(rulebook.excerpt(document, paths))
    why = [rule.why] if rule is not None else []
    return shown.finding_detail(
        one,
        description=rulebook.title(one.rule, one.message),
        why=[*why, *one.because],
        fix=Fix(
            text=one.fix or (rule.fix if rule is not None else ""),
            commands=list(_commands(one, document)),
            diff=_diff(one, target),
        ),
        rule_page=f"rules/{one.rule}",
        references=list(_references(one)),
        related=[shown.finding(each) for each in related],
        evidence=Evidence(document=excerpt, paths=paths, truncated=truncated),
        history=[shown.change(each) for each in history],
        comments=[shown.comment(each) for each in comments],
        cases=[CaseReference(id=each.id, title=each.title, state=each.state) for each in within],  # type: ignore[arg-type]
    )


def _document(connection: Connection, actor: Actor, one: findings.Finding) -> Any:
    if one.resource is None:
        return None
    try:
        return resources.document(connection, actor.sight, one.resource)
    except NotFound:
        return None


def _commands(one: findings.Finding, document: Any) -> Iterator[Command]:
    """What to type to mend it or to see the fix, to learn about the rule, and to look again."""
    rule = shlex.quote(one.rule)
    if one.verdict == "fail" and not one.file:
        where = {"account": one.account or "", "region": one.region or ""}
        made = typed(one.rule, document, name=one.name or "", uid=one.uid, **where)
        if made is not None:
            yield Command(label="aws", command=made.line, choices=list(made.choices), note=made.note)
    if one.file:
        file = shlex.quote(one.file)
        yield Command(label="fix", command=f"koban fix iac {file} --rule {rule}")
        yield Command(label="check", command=f"koban scan iac {file} --rule {rule}")
    elif one.type.startswith("AWS::") and one.account:
        place = f" --accounts {shlex.quote(one.account)}" + (
            f" --regions {shlex.quote(one.region)}" if one.region else ""
        )
        yield Command(label="check", command=f"koban scan aws{place} --rule {rule}")
    yield Command(label="rule", command=f"koban rules show {rule}")


def _diff(one: findings.Finding, target: targets.Target) -> Diff | None:
    """The edit that mends a finding in code, proven by a scan; none where there is none, or too much code."""
    if one.file is None or target.kind != "iac" or one.verdict != "fail":
        return None
    change = mended(target.options, one.rule, one.uid)
    return Diff(file=change.name, text=change.diff()) if change is not None else None


def _references(one: findings.Finding) -> Iterator[str]:
    known = frameworks()
    for each in dict.fromkeys((*one.controls, *rulebook.controls_of(one.rule))):
        framework, _, control = each.partition(":")
        found = known.get(framework)
        if found is not None and control in found.controls:
            yield f"{found.title} {found.version}, {control}: {found.controls[control].title}"


@router.post("/{id}/comments", status_code=201)
def comment_on_finding(id: Id, body: CommentAsk, state: Here, actor: Analyst) -> Comment:
    """Write a comment."""
    with state.ledger.writing() as connection:
        return shown.comment(decisions.comment(connection, actor, id, body.text))


# -- shared with others -------------------------------------------------------------------------------------------


def filters_of(connection: Connection, actor: Actor, asked: FindingFilter) -> findings.Filters:
    """The ledger's filters.  Frameworks, controls and functions become the rules that answer them."""
    values: dict[str, Any] = {name: tuple(getattr(asked, name)) for name in ("status", "verdict", "severity", "type")}
    values |= {name: tuple("" if one == shown.NONE else one for one in getattr(asked, name)) for name in NOWHERE}
    values |= {name: tuple(getattr(asked, name)) for name in ("rule", "target", "resource")}
    values["assignee"] = tuple(who(actor, one) for one in asked.assignee)
    filters = findings.Filters(**values, q=asked.q or "", seen_since=asked.seen_since)
    if not (asked.framework or asked.control or asked.function):
        return filters
    cited = trends.controls_of(connection)
    wanted = [set(asked.rule)] if asked.rule else []
    if asked.framework or asked.control:
        wanted.append(rulebook.answering(asked.framework, asked.control, cited))
    if asked.function:
        within = [one for key in asked.function for one in rulebook.of_function(key)]
        wanted.append(rulebook.answering((), within, cited))
    chosen = set.intersection(*wanted)
    return replace(filters, rule=tuple(sorted(chosen)) or ("",))  # no rule is called so: nothing is found


def who(actor: Actor, one: str) -> int | None:
    """A user as a filter names them."""
    if one == "none":
        return None
    if one == "me":
        if actor.user is None:
            raise Invalid("assignee", "nobody is signed in as a user")
        return actor.user
    return int(one)


def tell_of_exception(connection: Connection, actor: Actor, id: int, state: str, reason: str = "") -> None:
    """Let a message about an exception wait with the change itself."""
    one = exceptions.get(connection, actor.sight, id)
    event = "exception.asked" if state == "asked" else "exception.decided"
    what = " ".join(filter(None, (one.rule, one.account, one.uid))) or f"{len(one.fingerprints)} findings"
    body = {
        "title": f"exception {id} for {what} was {'asked for' if state == 'asked' else state} by {actor.name}",
        "text": reason or one.reason,
        "exception": id,
        "state": state,
        "expires": one.expires.isoformat(),
        "path": f"/baseline/exceptions/{id}",
    }
    notifications.put(connection, event, body)
