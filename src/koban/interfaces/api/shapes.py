"""What the API takes and gives: the contract with the console and with programs.

Every text, list and number that is taken has a bound, and a key that is not known is refused.  Moments are ISO 8601 in
UTC, ``2026-11-24T09:30:00Z``; days are ``2026-11-24``.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.functional_serializers import PlainSerializer

from koban.interfaces.api.scans import ScanShape

LIMIT_DEFAULT, LIMIT_MAX = 50, 500
BULK_MAX = 10_000
ID_MAX = 2**53 - 1  # the largest whole number that every reader of JSON keeps
NO_NUL = r"^[^\u0000]*$"  # PostgreSQL keeps no NUL

Severity = Literal["critical", "high", "medium", "low", "info"]
Verdict = Literal["fail", "unknown", "pass", "excepted"]
Status = Literal["open", "resolved", "excepted", "passed"]
ExceptionState = Literal["asked", "approved", "rejected", "revoked", "expired"]
CaseState = Literal["open", "working", "closed"]
NotificationKind = Literal["email", "slack", "webhook"]
Event = Literal[
    "finding.opened",
    "finding.reopened",
    "finding.resolved",
    "scan.landed",
    "scan.failed",
    "exception.asked",
    "exception.decided",
    "case.opened",
    "test",
]
Order = Literal["asc", "desc"]
GroupBy = Literal["rule", "account", "region", "type", "severity", "environment", "resource"]
FindingSort = Literal["severity", "first_seen", "last_seen", "rule", "resource"]


def _in_range(value: datetime) -> datetime:
    """A moment that stays one in every zone."""
    if not 1970 <= value.year <= 9998:
        raise ValueError("a moment between 1970 and 9998")
    return value.astimezone(UTC)


def _zulu(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _in_years(value: date) -> date:
    if not 1970 <= value.year <= 9998:
        raise ValueError("a day between 1970 and 9998")
    return value


def _apart(value: Any) -> Any:
    """``?severity=high,critical`` is ``?severity=high&severity=critical``."""
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list):
        return found
    return [part.strip() if isinstance(part, str) else part for one in found for part in _parts(one) if part != ""]


def _parts(one: Any) -> list[Any]:
    return one.split(",") if isinstance(one, str) else [one]


Moment = Annotated[datetime, PlainSerializer(_zulu, return_type=str, when_used="json")]
When = Annotated[AwareDatetime, AfterValidator(_in_range)]
Day = Annotated[date, AfterValidator(_in_years)]
Id = Annotated[int, Field(ge=1, le=ID_MAX)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=NO_NUL)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=10_000, pattern=NO_NUL, strip_whitespace=True)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=NO_NUL, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=NO_NUL, strip_whitespace=True)]
Email = Annotated[
    str,
    StringConstraints(
        min_length=3,
        max_length=320,
        pattern=r"^[^@\s,;<>\u0000-\u001f\u007f]+@[^@\s,;<>\u0000-\u001f\u007f]+$",
        strip_whitespace=True,
    ),
]
Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
ResourceKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Cursor = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=NO_NUL)]

T = TypeVar("T")
Several = Annotated[list[T], BeforeValidator(_apart), Field(max_length=100)]


class Shape(BaseModel):
    """What is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Ask(BaseModel):
    """What is taken: nothing but what is named here."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Page(Shape, Generic[T]):
    """A piece of a list.  `next` is the `cursor` of the piece after it, null at the end."""

    items: list[T]
    next: str | None = Field(default=None, description="The cursor of the next piece; null at the end")
    total: int | None = Field(
        default=None, description="How many there are; null where that was not counted to the end"
    )
    total_at_least: int | None = Field(default=None, description="Where `total` is null: there are at least so many")


class Paging(Ask):
    limit: int = Field(default=LIMIT_DEFAULT, ge=1, le=LIMIT_MAX, description="How many to give")
    cursor: Cursor | None = Field(default=None, description="`next` of the piece before")


class Person(Shape):
    id: int
    name: str = Field(examples=["Aiko Tanaka"])


class Counts(Shape):
    """Open failures by severity."""

    critical: int = 0
    high: int = 0
    medium: int = 0
    low: int = 0
    info: int = 0


# -- findings -----------------------------------------------------------------------------------------------------


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
    label: str
    command: str


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


# -- resources ----------------------------------------------------------------------------------------------------


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


# -- overview -----------------------------------------------------------------------------------------------------


class Slice(Counts):
    """A part of the estate, and how it stands.  `score` is the share of what was judged that passed, in percent."""

    key: str
    label: str
    open: int
    unknown: int
    passed: int
    score: float | None = Field(default=None, description="0 to 100; null where nothing was judged")


class NewSince(Shape):
    since: Moment
    opened: int
    resolved: int
    reopened: int


class TrendDay(Counts):
    day: date
    unknown: int
    risk: int


class GapItem(Shape):
    type: str
    account: str
    region: str
    why: str


class Coverage(Shape):
    resources: int
    gaps: list[GapItem] = Field(description="The first 100")
    gap_count: int


class TopRule(Shape):
    rule: str
    title: str
    severity: Severity
    count: int


class BaselineReview(Shape):
    due: date | None = None
    overdue: bool


class OverviewQuery(Ask):
    days: int = Field(default=90, ge=1, le=730)


class Overview(Shape):
    """How the estate stands.  risk: each open failure counts critical 40, high 10, medium 3, low 1."""

    as_of: Moment | None = Field(default=None, description="When the last scan landed")
    risk: int
    risk_before: int | None = Field(default=None, description="A day before")
    open: Counts
    unknown: int
    excepted: int
    passed: int
    new_since: NewSince
    trend: list[TrendDay]
    environments: list[Slice]
    accounts: list[Slice]
    frameworks: list[Slice]
    functions: list[Slice] = Field(description="NIST CSF 2.0: GV, ID, PR, DE, RS, RC")
    coverage: Coverage
    top_rules: list[TopRule]
    last_scans: list[ScanShape]
    baseline_review: BaselineReview | None = Field(default=None, description="Null where no baseline is given")


# -- compliance ---------------------------------------------------------------------------------------------------

ControlState = Literal["passed", "failed", "unknown", "excepted", "manual", "not_judged"]


class ControlCounts(Shape):
    passed: int = 0
    failed: int = 0
    unknown: int = 0
    excepted: int = 0
    manual: int = Field(default=0, description="For people to judge")
    not_applicable: int = Field(
        default=0, description="Not judged: there are rules, but nothing that they are for was read"
    )


class FrameworkItem(Shape):
    id: str = Field(examples=["cis-aws-7.0"])
    title: str
    version: str
    publisher: str
    controls: ControlCounts
    score: float | None = Field(default=None, description="Share of the judged controls that passed, in percent")
    chosen: bool = Field(default=False, description="Whether the baseline names it")


class Control(Shape):
    id: str = Field(examples=["3.1.4"])
    title: str
    section: str
    manual: bool
    responsibility: Literal["customer", "shared", "provider"]
    function: str = Field(description="Function of NIST CSF 2.0 that it serves; empty where none")
    state: ControlState
    rules: list[str]
    open: int
    unknown: int
    passed: int
    excepted: int


class FrameworkDetail(Shape):
    id: str
    title: str
    version: str
    publisher: str
    counts: ControlCounts
    score: float | None = None
    chosen: bool = False
    controls: list[Control]


class ControlRule(Counts):
    rule: str
    title: str
    severity: Severity
    open: int
    unknown: int
    passed: int
    excepted: int


class ControlDetail(Control):
    framework: str
    by_rule: list[ControlRule]
    findings: list[Finding] = Field(description="The first 100 that are open, the worst first")


class EvidenceQuery(Ask):
    format: Literal["pdf", "csv", "zip"] = Field(
        default="pdf", description="csv: one file of all; zip: a file for each table"
    )
    locale: Literal["en", "ja"] = "en"


# -- baseline and exceptions --------------------------------------------------------------------------------------


class BaselineEnvironment(Shape):
    name: str
    match: Any
    frameworks: list[str]
    fail_on: Severity | None = None
    thresholds: dict[str, dict[str, Any]]


class BaselineException(Shape):
    id: str
    rules: list[str]
    match: Any
    owner: str
    reason: str
    expires: date
    expired: bool
    line: int


class RuleOff(Shape):
    rule: str
    reason: str
    environments: list[str]


class Review(Shape):
    last: date | None = None
    owner: str = ""
    due: date | None = None
    overdue: bool
    cadence_days: int


class Baseline(Shape):
    path: str | None = None
    found: bool
    text: str
    problems: list[str] = Field(description="Why it cannot be used: `koban.yaml:12: what is wrong`")
    advice: list[str] = Field(description="What about it needs a look")
    review: Review | None = None
    frameworks: list[str]
    fail_on: Severity | None = None
    environments: list[BaselineEnvironment]
    thresholds: dict[str, dict[str, Any]]
    rules_off: list[RuleOff]
    exceptions: list[BaselineException]
    contacts: list[dict[str, str]]
    plan: str = ""


class ExceptionAsk(Ask):
    """Findings that are to be accepted until a day: by pattern, or exactly those of `fingerprints`."""

    rule: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=NO_NUL)] | None = Field(
        default=None, description="A rule's id; `*` and `?` stand for anything", examples=["s3-bucket-public"]
    )
    account: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_NUL)] | None = None
    uid: Line | None = Field(default=None, description="A resource's uid; `*` and `?` stand for anything")
    fingerprints: Annotated[list[Fingerprint], Field(max_length=BULK_MAX)] = []
    reason: Prose = Field(examples=["The public web site is served from here."])
    expires: Day = Field(description="The last day on which it holds", examples=["2027-03-31"])


class ExceptionQuery(Paging):
    state: Several[ExceptionState] = []


class ExceptionItem(Shape):
    id: int
    state: ExceptionState
    rule: str | None = None
    account: str | None = None
    uid: str | None = None
    fingerprints: list[str]
    reason: str
    expires: date
    asked_by: Person | None = None
    asked_at: Moment
    decided_by: Person | None = None
    decided_at: Moment | None = None
    decision: str
    findings: int = Field(description="How many findings it holds now, or would hold")


class Decision(Ask):
    reason: Prose = Field(examples=["Reviewed with the owner."])


# -- cases, views -------------------------------------------------------------------------------------------------


Owner = Annotated[str, StringConstraints(pattern=r"^(me|none|[1-9][0-9]{0,14})$")]


class CaseQuery(Paging):
    state: Several[CaseState] = []
    owner: Owner | None = None


class CaseAsk(Ask):
    title: Title
    severity: Severity = "medium"
    summary: Annotated[str, StringConstraints(max_length=10_000, pattern=NO_NUL)] = ""
    owner: Id | None = None
    findings: Annotated[list[Id], Field(max_length=BULK_MAX)] = []


class CasePatch(Ask):
    title: Title | None = None
    state: CaseState | None = None
    severity: Severity | None = None
    summary: Annotated[str, StringConstraints(max_length=10_000, pattern=NO_NUL)] | None = None
    owner: Id | None = None


class CaseItem(Shape):
    id: int
    title: str
    state: CaseState
    severity: Severity
    owner: Person | None = None
    summary: str
    created: Moment
    updated: Moment
    closed: Moment | None = None
    findings: int = Field(description="How many are in it")
    open: int = Field(description="How many of them are open")


class CaseDetail(CaseItem):
    items: list[Finding] = Field(description="The first 500 of its findings, the worst first")
    comments: list[Comment]


class CaseFindings(Ask):
    ids: Annotated[list[Id], Field(min_length=1, max_length=BULK_MAX)]


class ViewQuery(Ask):
    page: Literal["findings", "assets"] | None = None


class ViewAsk(Ask):
    page: Literal["findings", "assets"]
    name: Name
    query: Annotated[str, StringConstraints(max_length=8_000, pattern=NO_NUL)] = Field(examples=["severity=critical"])
    shared: bool = False


class View(Shape):
    id: int
    page: Literal["findings", "assets"]
    name: str
    query: str
    shared: bool
    owner: Person | None = None
    own: bool = Field(description="Whether it is the caller's")


# -- accounts -----------------------------------------------------------------------------------------------------


class Account(Shape):
    id: str
    name: str
    ou: str = Field(description="The path of its organisational unit")
    environment: str | None = None


class AccountPatch(Ask):
    name: Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL, strip_whitespace=True)] | None = None
    environment: Annotated[str, StringConstraints(max_length=100, pattern=NO_NUL, strip_whitespace=True)] | None = None


# -- audit --------------------------------------------------------------------------------------------------------


class AuditFilter(Ask):
    actor: Word | None = None
    action: Word | None = Field(default=None, description="An action, or the first part of one: `finding`")
    object: Line | None = None
    since: When | None = None
    until: When | None = None


class AuditQuery(Paging, AuditFilter):
    pass


class AuditEntry(Shape):
    id: int
    at: Moment
    actor: str
    actor_kind: Literal["user", "token", "scan", "system"]
    action: str = Field(examples=["exception.approve"])
    object: str
    detail: dict[str, Any]
    address: str


class AuditVerdict(Shape):
    """Whether the log is whole: `broken` is the first entry that does not fit to the one before it."""

    whole: bool
    entries: int
    head: str | None = Field(
        default=None, description="Digest of the last entry: keep it elsewhere to prove that none was cut"
    )
    broken: int | None = None
    why: str | None = None


# -- notifications ------------------------------------------------------------------------------------------------


class EmailOptions(Ask):
    kind: Literal["email"] = "email"
    host: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:\[\]-]{1,253}$")] = Field(
        examples=["smtp.example.com"]
    )
    port: int = Field(default=587, ge=1, le=65_535)
    security: Literal["starttls", "tls"] = Field(default="starttls", description="Never without TLS")
    username: Annotated[str, StringConstraints(max_length=320, pattern=NO_NUL)] = ""
    password: Annotated[str, StringConstraints(max_length=1_000, pattern=NO_NUL)] | None = Field(
        default=None, description="Kept sealed and never given back"
    )
    sender: Email
    recipients: Annotated[list[Email], Field(min_length=1, max_length=50)]


class SlackOptions(Ask):
    kind: Literal["slack"] = "slack"
    url: Annotated[str, StringConstraints(max_length=2_000, pattern=r"^https?://[^\s\u0000]+$")] = Field(
        description="Of an incoming webhook; kept sealed and never given back whole"
    )


class WebhookOptions(Ask):
    kind: Literal["webhook"] = "webhook"
    url: Annotated[str, StringConstraints(max_length=2_000, pattern=r"^https?://[^\s\u0000]+$")]
    secret: Annotated[str, StringConstraints(min_length=16, max_length=500, pattern=NO_NUL)] | None = Field(
        default=None,
        description="Signs what is sent; kept sealed and never given back.  Without one it is made and told once",
    )


Options = Annotated[EmailOptions | SlackOptions | WebhookOptions, Field(discriminator="kind")]


class NotificationAsk(Ask):
    name: Name
    options: Options
    events: Annotated[list[Event], Field(min_length=1, max_length=20)]
    severity: Severity = Field(default="high", description="For findings: at or above it")
    enabled: bool = True


class NotificationPatch(Ask):
    name: Name | None = None
    options: Options | None = Field(default=None, description="Replaces all of them; a secret left out stays as it was")
    events: Annotated[list[Event], Field(min_length=1, max_length=20)] | None = None
    severity: Severity | None = None
    enabled: bool | None = None


class Delivery(Shape):
    id: int
    event: str
    state: Literal["waiting", "sent", "given-up"]
    tries: int
    next: Moment
    error: str | None = None


class Notification(Shape):
    id: int
    name: str
    kind: NotificationKind
    options: dict[str, Any] = Field(description="Without its secrets; `has_secret` says whether there is one")
    events: list[str]
    severity: Severity
    enabled: bool
    created: Moment
    last: Delivery | None = Field(default=None, description="The message sent last")


class NotificationMade(Notification):
    secret: str | None = Field(default=None, description="The secret that was made, told this once")


class NotificationTested(Shape):
    sent: bool
    error: str | None = None


FindingDetail.model_rebuild()
