"""The inventory: filters, items, the whole of one, how two versions of it differ."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from koban.interfaces.api.shapes.findings import Facet, Finding
from koban.interfaces.api.shapes.kinds import NO_NUL, Ask, Counts, Id, Moment, Paging, Several, Shape, Word


class ResourceFilter(Ask):
    q: Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)] | None = Field(
        default=None, description="Words that are in its uid, name, tags or values"
    )
    type: Several[Word] = []
    account: Several[Word] = []
    region: Several[Word] = []
    environment: Several[Word] = []
    tag: Annotated[list[Annotated[str, StringConstraints(max_length=400, pattern=NO_NUL)]], Field(max_length=20)] = (
        Field(default=[], description="`key:value`, or `key` alone", examples=[["team:shop"]])
    )
    target: Several[Id] = []
    gone: bool | None = Field(default=False, description="Whether those that are gone; without a value both")


class ResourceQuery(ResourceFilter, Paging):
    pass


class ExportResources(ResourceFilter):
    format: Literal["csv", "ocsf", "jsonl"] = "csv"


class ResourceOf(Shape):
    key: str
    uid: str
    type: str
    name: str | None = None
    account: str | None = None
    account_name: str | None = None
    region: str | None = None
    environment: str | None = None
    tags: dict[str, str]
    file: str | None = None
    line: int | None = None
    target: int
    first_seen: Moment
    last_seen: Moment
    gone: Moment | None = None


class Resource(ResourceOf):
    findings: Counts = Field(description="How many are open")


class Version(Shape):
    digest: str
    since: Moment
    until: Moment | None = Field(default=None, description="Null for the one of now")


class RelationOut(Shape):
    field: str
    type: str
    name: str
    key: str | None = Field(default=None, description="The resource that it leads to, where that is in the ledger")


class RelationIn(Shape):
    field: str
    type: str
    name: str
    key: str


class Relations(Shape):
    out: list[RelationOut]
    in_: list[RelationIn] = Field(alias="in", serialization_alias="in")

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class ResourceDetail(ResourceOf):
    document: Any
    truncated: bool = Field(default=False, description="Whether the document was too large to give whole")
    digest: str
    versions: list[Version]
    relations: Relations
    counts: Counts = Field(description="How many of its findings are open")
    findings: list[Finding] = Field(description="The first 100 of its findings that are not passed, the worst first")


class DocumentDiffQuery(Ask):
    from_: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8,64}$")] = Field(alias="from")
    to: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8,64}$")] | None = Field(
        default=None, description="Without it: the document of now"
    )

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class DocumentChange(Shape):
    path: str = Field(examples=["PublicAccessBlockConfiguration.BlockPublicAcls"])
    kind: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None


class DocumentDiff(Shape):
    changes: list[DocumentChange]
    truncated: bool = False


class ResourceFacets(Shape):
    type: list[Facet]
    account: list[Facet]
    region: list[Facet]
    environment: list[Facet]
    tag: list[Facet]
