"""Findings: filters, items, the whole of one, what is done with many."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from koban.interfaces.api.shapes.kinds import (
    BULK_MAX,
    LIMIT_DEFAULT,
    LIMIT_MAX,
    NO_NUL,
    Ask,
    CaseState,
    Counts,
    Day,
    Id,
    Moment,
    Order,
    Paging,
    Person,
    Prose,
    ResourceKey,
    Several,
    Severity,
    Shape,
    When,
    Word,
)

Verdict = Literal["fail", "unknown", "pass", "excepted"]
Status = Literal["open", "resolved", "excepted", "passed"]
GroupBy = Literal["rule", "account", "region", "type", "severity", "environment", "resource"]
FindingSort = Literal["severity", "first_seen", "last_seen", "rule", "resource"]
Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class FindingFilter(Ask):
    """Which findings.  A parameter may be repeated, or hold several values with commas: any of them fits."""

    status: Several[Status] = Field(default=["open"], description="Where they are in their life")
    verdict: Several[Verdict] = Field(default=[], description="What was last read of them")
    severity: Several[Severity] = []
    account: Several[Word] = Field(default=[], description="Account ids", examples=[["111122223333"]])
    region: Several[Word] = Field(default=[], examples=[["eu-west-1"]])
    environment: Several[Word] = Field(
        default=[], description="Environments of the baseline", examples=[["production"]]
    )
    type: Several[Word] = Field(default=[], description="Types of resources", examples=[["AWS::S3::Bucket"]])
    rule: Several[Word] = Field(default=[], description="Ids of rules", examples=[["s3-bucket-public"]])
    framework: Several[Word] = Field(
        default=[], description="Frameworks that they count for", examples=[["cis-aws-7.0"]]
    )
    control: Several[Word] = Field(
        default=[], description="Controls that they count for", examples=[["cis-aws-7.0:3.1.4"]]
    )
    function: Several[Literal["GV", "ID", "PR", "DE", "RS", "RC"]] = Field(
        default=[], description="Functions of NIST CSF 2.0 that they count for: Govern to Recover"
    )
    assignee: Several[Annotated[str, StringConstraints(pattern=r"^(me|none|[1-9][0-9]{0,14})$")]] = Field(
        default=[], description="Ids of users, `me` or `none`"
    )
    target: Several[Id] = Field(default=[], description="Ids of scan targets")
    resource: Several[ResourceKey] = Field(default=[], description="Keys of resources")
    q: Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)] | None = Field(
        default=None, description="Words that are in the resource's name or uid, the rule, or the message"
    )
    seen_since: When | None = Field(default=None, description="Read, and judged so, at this moment or later")


class FindingQuery(FindingFilter, Paging):
    sort: FindingSort = Field(default="severity", description="What they are sorted by")
    order: Order | None = Field(
        default=None, description="Without it the worst or the newest are first, and names from A on"
    )


class FindingGroupQuery(FindingFilter):
    by: GroupBy = Field(description="What they are put together by")
    limit: int = Field(
        default=LIMIT_DEFAULT, ge=1, le=LIMIT_MAX, description="How many groups, those with most findings first"
    )


class ExportFindings(FindingFilter):
    format: Literal["csv", "ocsf", "jsonl"] = "csv"


class FindingResource(Shape):
    key: str | None = Field(
        default=None, description="For `/resources/{key}`; null where the resource is not in the ledger"
    )
    uid: str = Field(examples=["arn:aws:s3:::www"])
    type: str = Field(examples=["AWS::S3::Bucket"])
    name: str | None = None
    account: str | None = None
    account_name: str | None = None
    region: str | None = None
    address: str | None = Field(default=None, description="Its address in Terraform or its logical id")
    file: str | None = None
    line: int | None = None
    environment: str | None = None


class FindingException(Shape):
    id: int
    expires: date


class Finding(Shape):
    """One rule's verdict on one resource, and its life."""

    id: int
    fingerprint: str
    target: int
    rule: str = Field(examples=["s3-bucket-public"])
    title: str = Field(examples=["Anyone on the internet can reach this bucket."])
    verdict: Verdict
    status: Status
    severity: Severity
    resource: FindingResource
    message: str
    because: list[str] = Field(description="What an unknown hangs on, or why it is excepted")
    not_read: str | None = Field(default=None, description="Why the last scan could not read the resource")
    controls: list[str] = Field(examples=[["cis-aws-7.0:3.1.4"]])
    first_seen: Moment
    last_seen: Moment
    resolved: Moment | None = None
    reopened: int = Field(description="How often it came back")
    assignee: Person | None = None
    exception: FindingException | None = None


class Change(Shape):
    id: int
    at: Moment
    actor: str = Field(examples=["scan 12"])
    kind: str = Field(examples=["opened"])
    before: Any = None
    after: Any = None
    why: str = ""
    scan: int | None = None


class Comment(Shape):
    id: int
    at: Moment
    author: Person | None = None
    author_name: str
    text: str


class Command(Shape):
    label: str = Field(
        description="aws: mends it in the account; fix: in the code; check: looks again; rule: tells more"
    )
    command: str
    choices: list[str] = Field(default=[], description="What in it a person has to replace first, such as `<KEY_ARN>`")
    note: str = Field(default="", description="What else it changes")


class Diff(Shape):
    file: str
    text: str = Field(description="A unified diff")


class Fix(Shape):
    text: str
    commands: list[Command] = Field(description="To copy into a terminal")
    diff: Diff | None = None


class Evidence(Shape):
    document: Any = Field(
        default=None, description='What was read of the resource; an unknown value is {"$unknown": "why"}'
    )
    paths: list[str] = Field(description="The properties that the rule reads")
    truncated: bool = Field(default=False, description="Whether the document was too large to give whole")


class FindingDetail(Finding):
    description: str
    why: list[str] = Field(description="Why it matters, and what the verdict hangs on")
    fix: Fix
    rule_page: str = Field(description="Address of the rule's page in the documentation")
    references: list[str]
    related: list[Finding] = Field(description="Other open findings of the same resource")
    evidence: Evidence
    history: list[Change]
    comments: list[Comment]
    cases: list[CaseReference] = []


class CaseReference(Shape):
    id: int
    title: str
    state: CaseState


class CommentAsk(Ask):
    text: Prose = Field(examples=["Agreed with the web team: fixed by Friday."])


class Bulk(Ask):
    """What to do with many findings: those of `ids`, or all that `query` finds."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=BULK_MAX)] | None = None
    query: Annotated[str, StringConstraints(max_length=8_000, pattern=NO_NUL)] | None = Field(
        default=None,
        description="Filters as in the address of a list",
        examples=["severity=critical&account=111122223333"],
    )
    action: Literal["assign", "except", "reopen", "case"]
    assignee: Id | None = Field(default=None, description="For assign: whom to; null to nobody")
    reason: Prose | None = Field(default=None, description="For except and reopen: why")
    expires: Day | None = Field(default=None, description="For except: the last day on which it holds")
    case: Id | None = Field(default=None, description="For case: which one they are put into")


class Skipped(Shape):
    id: int
    why: str


class BulkDone(Shape):
    changed: int
    skipped: list[Skipped]
    exception: int | None = Field(default=None, description="For except: the exception that was made")


class Group(Counts):
    key: str
    label: str
    count: int


class Facet(Shape):
    key: str
    label: str
    count: int


class FindingFacets(Shape):
    """How many findings each filter would leave; each without its own filter."""

    status: dict[str, int]
    severity: dict[str, int]
    verdict: dict[str, int]
    account: list[Facet]
    region: list[Facet]
    type: list[Facet]
    rule: list[Facet]
    environment: list[Facet]
    partial: bool = Field(default=False, description="Whether there were too many to count all")


FindingDetail.model_rebuild()
