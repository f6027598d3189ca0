"""Assets: the inventory, one resource with its document, what it was before, and what it is tied to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import StreamingResponse

from koban.app.exports import events, tables
from koban.interfaces.api import shown
from koban.interfaces.api.files import attachment, streamed
from koban.interfaces.api.security import Caller, Here
from koban.interfaces.api.shapes.findings import Facet
from koban.interfaces.api.shapes.kinds import Page
from koban.interfaces.api.shapes.resources import (
    DocumentChange,
    DocumentDiff,
    DocumentDiffQuery,
    ExportResources,
    RelationIn,
    RelationOut,
    Relations,
    Resource,
    ResourceDetail,
    ResourceFacets,
    ResourceFilter,
    ResourceQuery,
    Version,
)
from koban.ledger import resources
from koban.ledger.documents import DIFFERENCES_MAX
from koban.ledger.paging import Ask

router = APIRouter(prefix="/resources", tags=["assets"])

Key = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


@router.get("")
def list_resources(state: Here, actor: Caller, asked: Annotated[ResourceQuery, Query()]) -> Page[Resource]:
    """Resources, page by page."""
    with state.ledger.reading() as connection:
        found = resources.page(connection, actor.sight, filters_of(asked), shown.ask(asked))
    return Page(**shown.page(found, shown.resource))


@router.get("/facets")
def facets_of_resources(state: Here, actor: Caller, asked: Annotated[ResourceFilter, Query()]) -> ResourceFacets:
    """How many resources each value of a filter would leave."""
    filters = filters_of(asked)
    with state.ledger.reading() as connection:
        found = resources.facets(connection, actor.sight, filters)
        tags = resources.tag_facet(connection, actor.sight, filters)
    return ResourceFacets(
        type=_facets(found.type),
        account=_facets(found.account),
        region=_facets(found.region),
        environment=_facets(found.environment),
        tag=_facets(tags),
    )


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses=streamed("text/csv", "application/json", "application/x-ndjson"),
)
def export_resources(state: Here, actor: Caller, asked: Annotated[ExportResources, Query()]) -> StreamingResponse:
    """All of them, as a table (CSV), as OCSF inventory, or as JSON lines in the shape of the list."""
    filters = filters_of(asked)
    with state.ledger.reading() as connection:
        resources.page(connection, actor.sight, filters, Ask(1, counted=False))  # what is wrong is said before

    def rows() -> Iterator[resources.Resource]:
        with state.ledger.reading() as connection:
            yield from resources.stream(connection, actor.sight, filters)

    if asked.format == "csv":
        return attachment(tables.resources(rows()), "text/csv", "koban-resources.csv")
    if asked.format == "ocsf":
        return attachment(events.resources(rows()), "application/json", "koban-resources.ocsf.json")
    lines = (shown.resource(one).model_dump_json() + "\n" for one in rows())
    return attachment(lines, "application/x-ndjson", "koban-resources.jsonl")


@router.get("/{key}")
def get_resource(key: Key, state: Here, actor: Caller) -> ResourceDetail:
    """One resource: its document as it was last read, older ones by name, what it is tied to, its findings."""
    with state.ledger.reading() as connection:
        one = resources.get(connection, actor.sight, key)
        document = resources.document(connection, actor.sight, key)
        versions = resources.versions(connection, actor.sight, key)
        ties = resources.relations(connection, actor.sight, key)
        found = resources.findings(connection, actor.sight, key)
    document, truncated = shown.bounded(document)
    return shown.resource_detail(
        one,
        document=document,
        truncated=truncated,
        versions=[Version(**vars(each)) for each in versions],
        relations=Relations.model_validate(
            {
                "out": [RelationOut(**vars(each)) for each in ties.out],
                "in": [RelationIn(**vars(each)) for each in ties.incoming if each.key is not None],
            }
        ),
        findings=[shown.finding(each) for each in found],
    )


@router.get("/{key}/diff")
def compare_documents(
    key: Key, state: Here, actor: Caller, asked: Annotated[DocumentDiffQuery, Query()]
) -> DocumentDiff:
    """What changed between two documents of a resource."""
    with state.ledger.reading() as connection:
        found = resources.diff(connection, actor.sight, key, asked.from_, asked.to or "")
    changes = [
        DocumentChange(path=one.path, kind=one.kind, before=one.before, after=one.after)  # type: ignore[arg-type]
        for one in found
    ]
    return DocumentDiff(changes=changes, truncated=len(changes) >= DIFFERENCES_MAX)


def filters_of(asked: ResourceFilter) -> resources.Filters:
    """The ledger's filters.  Raises Invalid."""
    values = {
        name: tuple("" if one == shown.NONE else one for one in getattr(asked, name))
        for name in ("account", "region", "environment")
    }
    return resources.Filters(
        type=tuple(asked.type),
        tag=tuple(resources.check_tag(one) for one in asked.tag),
        target=tuple(asked.target),
        gone=asked.gone,
        q=asked.q or "",
        **values,
    )


def _facets(found: list[tuple[str, int]]) -> list[Facet]:
    return [Facet(key=key or shown.NONE, label=key, count=count) for key, count in found]
