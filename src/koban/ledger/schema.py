"""The ledger's tables: everything that has a life.

The same tables in SQLite and in PostgreSQL.  Moments are UTC, to the microsecond; JSON columns hold lists and objects.
`uid`, `rule`, `fingerprint` and the like mean what they mean in a result (``result.schema.json``).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect

ROLES = ("viewer", "analyst", "approver", "admin")  # each may do all that those before it may
STATUSES = ("open", "resolved", "excepted", "passed")  # passed: never failed, never unknown
MOVEMENTS = ("opened", "resolved", "reopened")  # the kinds of change that are counted by scan
SEVERITY_RANK = {"critical": 0, "high": 1, "medium": 2, "low": 3, "info": 4}  # as the findings are sorted


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps it without a zone, so it is given back with one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Key = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts up only in a column of this name

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _id() -> Column[Any]:
    return Column("id", Key, primary_key=True, autoincrement=True)


# -- what is scanned, and the scans -------------------------------------------------------------------------------

targets = Table(  # what one scan covers: an AWS account or organisation, a directory of code
    "targets",
    metadata,
    _id(),
    Column("name", String(200), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),  # aws, iac
    Column("options", Json, nullable=False),  # role, regions, paths...: what `koban scan` takes; never a secret
    Column("every_seconds", Integer),  # how often the scheduler scans it; empty: by hand
    Column("enabled", Boolean, nullable=False, default=True),
    Column("created", Moment, nullable=False),
    Column("landed", Moment),  # as of when its last landed scan read it
)

scans = Table(
    "scans",
    metadata,
    _id(),
    Column("target", ForeignKey("targets.id", ondelete="CASCADE"), nullable=False),
    Column("state", String(20), nullable=False),  # queued, running, landing, landed, failed, cancelled
    Column("asked_by", String(200), nullable=False),  # an actor's name, or "schedule"
    Column("title", Text, nullable=False, default=""),
    Column("queued", Moment, nullable=False),
    Column("started", Moment),
    Column("finished", Moment),
    Column("heartbeat", Moment),  # a running scan that stops saying this has died
    Column("progress", Json),  # {"done": 12, "total": 40, "what": "eu-west-1 ec2"}
    Column("counts", Json),  # {"fail": 3, ..., "new": 1, "resolved": 2, "reopened": 0}
    Column("error", Text),  # one line: why it failed
    Column("rules", Integer),  # how many rules judged
    Index(None, "target", "finished"),
    Index(None, "state"),
)

gaps = Table(  # what a scan could not read
    "gaps",
    metadata,
    _id(),
    Column("scan", ForeignKey("scans.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("type", Text, nullable=False),
    Column("account", String(64), nullable=False),
    Column("region", String(64), nullable=False),
    Column("why", Text, nullable=False),
)


def _result() -> list[Column[Any]]:
    """What a result says, as it is staged and as it is kept in a finding."""
    return [
        Column("digest", String(32), nullable=False),  # of all the others here: the same digest, nothing new
        Column("rule", String(120), nullable=False),
        Column("verdict", String(10), nullable=False),  # what was last read: fail, unknown, pass, excepted
        Column("severity", String(10), nullable=False),
        Column("rank", Integer, nullable=False),  # SEVERITY_RANK of `severity`
        Column("uid", Text, nullable=False),
        Column("type", String(200), nullable=False),
        Column("name", Text),
        Column("account", String(64)),
        Column("region", String(64)),
        Column("address", Text),
        Column("file", Text),
        Column("line", Integer),
        Column("environment", String(100)),  # of the baseline, where it names one
        Column("message", Text, nullable=False),
        Column("because", Json, nullable=False),
        Column("controls", Json, nullable=False),
        Column("fix", Text),
        Column("resource", String(32)),  # key of the resource
    ]


RESULT = tuple(one.name for one in _result())  # the columns that a staged result and a finding share

staged = Table(  # the results of a scan that has not landed yet; nobody reads them but the landing
    "staged",
    metadata,
    Column("scan", ForeignKey("scans.id", ondelete="CASCADE"), primary_key=True),
    Column("fingerprint", String(32), primary_key=True),
    *_result(),
    sqlite_with_rowid=False,
)


def _resource() -> list[Column[Any]]:
    """What is read of a resource, as it is staged and as it is kept."""
    return [
        Column("uid", Text, nullable=False),
        Column("type", String(200), nullable=False),
        Column("name", Text),
        Column("account", String(64)),
        Column("region", String(64)),
        Column("environment", String(100)),
        Column("tags", Json, nullable=False),
        Column("address", Text),
        Column("file", Text),
        Column("line", Integer),
        Column("mark", String(32), nullable=False),  # digest of all the others here and of the document
        Column("digest", String(32), nullable=False),  # of the document: another digest is another version
    ]


PROPERTIES = tuple(one.name for one in _resource())

staged_resources = Table(
    "staged_resources",
    metadata,
    Column("scan", ForeignKey("scans.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(32), primary_key=True),
    *_resource(),
    Column("document", LargeBinary),  # empty where it was the same when it was staged
    Column("words", Text),
    Column("naming", Json),  # {"names": [...], "links": [[field, type, name], ...]}
    sqlite_with_rowid=False,
)

moves = Table(  # what a landing is about to change: of its own connection, and gone with its transaction
    "moves",
    MetaData(),
    Column("scan", BigInteger, nullable=False),
    Column("fingerprint", String(32), primary_key=True),
    Column("finding", BigInteger, index=True),  # empty: a new one
    Column("kind", String(20), nullable=False),  # what becomes of it: a kind of change, or "" for no word
    Column("status", String(10), nullable=False),  # that it gets
    Column("before_status", String(10)),
    Column("before_verdict", String(10)),
    Column("before_severity", String(10)),
    Column("why", Text),
    prefixes=["TEMPORARY"],
)

# -- findings and resources ---------------------------------------------------------------------------------------

findings = Table(  # one row for a rule and a resource of a target, whatever its verdict
    "findings",
    metadata,
    _id(),
    Column("target", ForeignKey("targets.id", ondelete="CASCADE"), nullable=False),
    Column("fingerprint", String(32), nullable=False),
    *_result(),
    Column("status", String(10), nullable=False),
    Column("first_seen", Moment, nullable=False),  # when it was first not a pass
    Column("last_seen", Moment),  # when it was last read and judged so; empty: by the last landed scan of its target
    Column("resolved", Moment),
    Column("reopened", Integer, nullable=False, default=0),
    Column("gone", Moment),  # since when there is nothing to judge: no such resource, or the rule is not for it
    Column("not_read", Text),  # why the last scan could not read its resource; the verdict is of before
    Column("assignee", ForeignKey("users.id", ondelete="SET NULL")),
    Column("exception", ForeignKey("exceptions.id", ondelete="SET NULL")),
    Column("scan", ForeignKey("scans.id", ondelete="SET NULL")),  # that last changed it
    UniqueConstraint("target", "fingerprint"),
    CheckConstraint("status IN ('open', 'resolved', 'excepted', 'passed')", name="status"),
    Index(  # the order of pages; with all that people filter by, so that what does not fit is passed over in it
        "ix_findings_pages",
        *(
            "status",
            "rank",
            "id",
            "region",
            "environment",
            "type",
            "rule",
            "account",
            "verdict",
            "assignee",
            "target",
            "resource",
        ),
    ),
    Index(None, "status", "uid", "id"),
    Index(None, "status", "first_seen", "id"),
    Index(None, "status", "last_seen", "target", "id"),
    Index(None, "status", "account", "rank", "id"),
    Index("ix_findings_rules", "status", "rule", "rank", "id", "resource"),  # a search asks for both
    Index(None, "fingerprint"),
    Index(None, "resource", "status", "rank"),
    Index(  # what is forgotten one day
        "ix_findings_gone", "gone", sqlite_where=text("gone IS NOT NULL"), postgresql_where=text("gone IS NOT NULL")
    ),
    Index(  # the resources with most findings
        "ix_findings_open", "resource", sqlite_where=text("status = 'open'"), postgresql_where=text("status = 'open'")
    ),
    Index(None, "assignee"),
    Index(None, "exception"),
    Index(None, "scan"),  # a scan that is forgotten leaves those that it changed
)


def _tally(*names: str) -> list[Column[Any]]:
    """Columns that tell findings apart, with how many there are of each kind; an empty text is none."""
    kinds: dict[str, Any] = {
        "scope": BigInteger,
        "rank": Integer,
        "gone": Integer,
        "status": String(10),
        "verdict": String(10),
    }
    return [
        *(Column(one, kinds.get(one, String(200)), primary_key=True, autoincrement=False) for one in names),
        Column("target", ForeignKey("targets.id", ondelete="CASCADE"), primary_key=True, index=True),
        Column("n", Integer, nullable=False),
    ]


# Counts, groups and the overview are made of these.  `gone` is 1 where there is nothing to judge any more.
tallies = Table(
    "tallies",
    metadata,
    *_tally("status", "rule", "account", "environment", "type", "rank", "verdict", "gone"),
    sqlite_with_rowid=False,
)

region_tallies = Table(  # by region, and not by account: of both together there would be as many as of findings
    "region_tallies",
    metadata,
    *_tally("status", "rule", "region", "type", "rank", "verdict", "gone"),
    sqlite_with_rowid=False,
)

place_tallies = Table(  # the few that the overview is made of
    "place_tallies",
    metadata,
    *_tally("account", "environment", "status", "rank", "verdict", "gone"),
    sqlite_with_rowid=False,
)

rule_tallies = Table(
    "rule_tallies",
    metadata,
    *_tally("rule", "type", "status", "rank", "verdict", "gone"),
    sqlite_with_rowid=False,
)

area_tallies = Table(
    "area_tallies",
    metadata,
    *_tally("region", "status", "rank", "verdict", "gone"),
    sqlite_with_rowid=False,
)

# Those of resources in a scope alone: of these the numbers of a sight by tags are made.
scope_place_tallies = Table(
    "scope_place_tallies",
    metadata,
    *_tally("scope", "account", "environment", "status", "rank", "verdict", "gone"),
    sqlite_with_rowid=False,
)

scope_rule_tallies = Table(
    "scope_rule_tallies",
    metadata,
    *_tally("scope", "rule", "type", "status", "rank", "verdict", "gone"),
    sqlite_with_rowid=False,
)

scope_region_tallies = Table(
    "scope_region_tallies",
    metadata,
    *_tally("scope", "region", "status", "rank", "verdict", "gone"),
    sqlite_with_rowid=False,
)

finding_controls = Table(  # which controls a rule speaks to
    "finding_controls",
    metadata,
    Column("control", String(100), primary_key=True),  # cis-aws-7.0:2.3
    Column("rule", String(120), primary_key=True),
)

changes = Table(  # the life of findings: each change, who or which scan, and why
    "changes",
    metadata,
    _id(),
    Column("finding", ForeignKey("findings.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", String(200), nullable=False),  # a user's or token's name; "scan 12"
    Column("kind", String(20), nullable=False),  # opened, resolved, reopened, changed, excepted, assigned, comment...
    Column("before", Json),
    Column("after", Json),
    Column("why", Text, nullable=False, default=""),
    Column("scan", ForeignKey("scans.id", ondelete="SET NULL")),
    Index(None, "finding", "id"),
    Index(None, "at", "kind"),
    Index(None, "scan"),
    Index(
        "ix_changes_of_people", "at", "kind", sqlite_where=text("scan IS NULL"), postgresql_where=text("scan IS NULL")
    ),
)

movements = Table(  # how many findings a scan opened, resolved and reopened, by place: moments are told without changes
    "movements",
    metadata,
    Column("scan", ForeignKey("scans.id", ondelete="CASCADE"), primary_key=True),
    Column("account", String(64), primary_key=True),
    Column("scope", BigInteger, primary_key=True, autoincrement=False),  # of the resource at that time; 0: of none
    Column("kind", String(20), primary_key=True),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# -- scopes: the tags by which somebody's sight is limited, and which of them a resource has ----------------------

scope_pairs = Table(  # the tags that scopes know; with an empty name: an account
    "scope_pairs",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("value", String(300), primary_key=True),
    Column("since", Moment, nullable=False),
)

scopes = Table(  # the sets of such tags that resources have
    "scopes",
    metadata,
    _id(),
    Column("digest", String(32), nullable=False, unique=True),  # of the set
)

scope_tags = Table(
    "scope_tags",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("value", String(300), primary_key=True),
    Column("scope", ForeignKey("scopes.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

# -- the inventory ------------------------------------------------------------------------------------------------

resources = Table(
    "resources",
    metadata,
    _id(),
    Column("target", ForeignKey("targets.id", ondelete="CASCADE"), nullable=False),
    Column("key", String(32), nullable=False),  # digest of target, type, account, region and uid
    *_resource(),
    Column("first_seen", Moment, nullable=False),
    Column("since", Moment, nullable=False),  # when the document became what it is
    Column("last_seen", Moment),  # empty: by the last landed scan of its target
    Column("gone", Moment),
    Column("document", LargeBinary, nullable=False),  # zlib of what the spool writes: unknown values are kept as such
    Column("scope", BigInteger),  # of `scopes`; empty: it has no tag by which a sight is limited
    UniqueConstraint("key"),
    Index(None, "scope", "target"),
    Index("ix_resources_facets", "type", "account", "region", "environment", "gone"),
    Index(None, "target", "type"),
    Index(None, "type", "id"),
    Index(None, "account", "type", "id"),
    Index(None, "uid"),
)

texts = Table(  # lower case: uid, name, tags and values, which a search finds; indexed by `search.index`
    "texts",
    metadata,
    Column("id", ForeignKey("resources.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("resource", String(32), nullable=False, unique=True),  # its key
    Column("words", Text, nullable=False),
)

tags = Table(
    "tags",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("value", String(300), primary_key=True),
    Column("resource", ForeignKey("resources.key", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

versions = Table(  # documents that a resource had before
    "versions",
    metadata,
    _id(),
    Column("resource", ForeignKey("resources.id", ondelete="CASCADE"), nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("document", LargeBinary, nullable=False),  # zlib
    Column("digest", String(32), nullable=False),
    Index(None, "resource", "id"),
    Index(None, "until"),
)

names = Table(  # what a resource is called by others
    "names",
    metadata,
    Column("name", Text, primary_key=True),
    Column("resource", ForeignKey("resources.key", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

relations = Table(  # what a resource names in its document
    "relations",
    metadata,
    Column("source", ForeignKey("resources.key", ondelete="CASCADE"), primary_key=True),
    Column("field", String(200), primary_key=True),
    Column("type", String(200), primary_key=True),  # of what is named
    Column("name", Text, primary_key=True),  # as the link names it: an ARN, an id
    Index(None, "name", "type"),
    sqlite_with_rowid=False,
)

accounts = Table(  # names of the accounts seen, for people
    "accounts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False, default=""),
    Column("ou", Text, nullable=False, default=""),
    Column("environment", String(100)),
)

trends = Table(  # counts as each scan left them, by place; what Overview draws
    "trends",
    metadata,
    Column("day", Date, primary_key=True),
    Column("target", ForeignKey("targets.id", ondelete="CASCADE"), primary_key=True),
    Column("account", String(64), primary_key=True, default=""),
    Column("environment", String(100), primary_key=True, default=""),
    Column("framework", String(60), primary_key=True, default=""),  # empty: all findings, each once; *: of all places
    Column("function", String(60), primary_key=True, default=""),  # first part of a control: ID, PR.AA -> PR
    Column("severity", String(10), primary_key=True),
    Column("open", Integer, nullable=False),
    Column("unknown", Integer, nullable=False),
    Column("excepted", Integer, nullable=False),
    Column("passed", Integer, nullable=False),
    Index(None, "framework", "function", "account", "day"),
)

# -- decisions of people ------------------------------------------------------------------------------------------

exceptions = Table(
    "exceptions",
    metadata,
    _id(),
    Column("state", String(20), nullable=False),  # asked, approved, rejected, revoked, expired
    Column("rule", String(120)),  # a pattern; empty: any
    Column("account", String(64)),
    Column("uid", Text),  # a pattern; empty: any
    Column("fingerprints", Json, nullable=False),  # or exactly these findings
    Column("reason", Text, nullable=False),
    Column("expires", Date, nullable=False),
    Column("asked_by", ForeignKey("users.id", ondelete="SET NULL")),
    Column("asked", Moment, nullable=False),
    Column("decided_by", ForeignKey("users.id", ondelete="SET NULL")),
    Column("decided", Moment),
    Column("decision", Text, nullable=False, default=""),  # what the approver said
    Index(None, "state", "expires"),
)

exception_findings = Table(  # the findings that an exception names one by one
    "exception_findings",
    metadata,
    Column("fingerprint", String(32), primary_key=True),
    Column("exception", ForeignKey("exceptions.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

cases = Table(
    "cases",
    metadata,
    _id(),
    Column("title", String(300), nullable=False),
    Column("state", String(20), nullable=False),  # open, working, closed
    Column("severity", String(10), nullable=False),
    Column("owner", ForeignKey("users.id", ondelete="SET NULL")),
    Column("summary", Text, nullable=False, default=""),
    Column("created", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
    Column("closed", Moment),
    Index(None, "state", "id"),
)

case_items = Table(
    "case_items",
    metadata,
    Column("case", ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
    Column("finding", ForeignKey("findings.id", ondelete="CASCADE"), primary_key=True, index=True),
)

comments = Table(
    "comments",
    metadata,
    _id(),
    Column("finding", ForeignKey("findings.id", ondelete="CASCADE"), index=True),
    Column("case", ForeignKey("cases.id", ondelete="CASCADE"), index=True),
    Column("at", Moment, nullable=False),
    Column("author", ForeignKey("users.id", ondelete="SET NULL")),
    Column("author_name", String(200), nullable=False),
    Column("text", Text, nullable=False),
)

views = Table(  # saved filters
    "views",
    metadata,
    _id(),
    Column("owner", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("page", String(30), nullable=False),  # findings, assets
    Column("name", String(100), nullable=False),
    Column("query", Text, nullable=False),  # of the page's address
    Column("shared", Boolean, nullable=False, default=False),
    UniqueConstraint("owner", "page", "name"),
)

# -- people and programs ------------------------------------------------------------------------------------------

users = Table(
    "users",
    metadata,
    _id(),
    Column("email", String(320), nullable=False, unique=True),  # lower case
    Column("name", String(200), nullable=False),
    Column("role", String(20), nullable=False),
    Column("sight", Json, nullable=False),  # {} all; {"accounts": [...], "tags": {"team": ["shop"]}}
    Column("password", Text),  # argon2id; empty: signs in elsewhere
    Column("totp", Text),  # secret, sealed with the data directory's key
    Column("totp_last", BigInteger),  # the time step last accepted: a code works once
    Column("recovery", Json),  # digests of unused recovery codes
    Column("issuer", Text),  # of OpenID Connect
    Column("subject", Text),
    Column("locale", String(10), nullable=False, default=""),
    Column("theme", String(10), nullable=False, default=""),
    Column("created", Moment, nullable=False),
    Column("last_seen", Moment),
    Column("disabled", Moment),
    Column("failures", Integer, nullable=False, default=0),  # sign-ins failed in a row
    Column("locked_until", Moment),
    UniqueConstraint("issuer", "subject"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the cookie's value
    Column("user", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("created", Moment, nullable=False),
    Column("used", Moment, nullable=False),
    Column("expires", Moment, nullable=False, index=True),
    Column("stage", String(10), nullable=False),  # full; totp: the second factor is still asked
    Column("address", String(64), nullable=False, default=""),
    Column("agent", String(300), nullable=False, default=""),
)

tokens = Table(
    "tokens",
    metadata,
    _id(),
    Column("name", String(100), nullable=False),
    Column("prefix", String(12), nullable=False, unique=True),  # told in lists, found by
    Column("digest", String(64), nullable=False),  # SHA-256 of the whole
    Column("user", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("role", String(20), nullable=False),  # never more than the user's
    Column("sight", Json, nullable=False),
    Column("created", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("used", Moment),
    Column("revoked", Moment),
)

secrets = Table(  # one-time links, and what must outlive a process: by name
    "secrets",
    metadata,
    Column("name", String(60), primary_key=True),  # setup
    Column("digest", String(64), nullable=False),
    Column("expires", Moment, nullable=False),
)

notifications = Table(  # where messages go
    "notifications",
    metadata,
    _id(),
    Column("name", String(100), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),  # email, slack, webhook
    Column("options", Json, nullable=False),  # address...; secrets are sealed
    Column("events", Json, nullable=False),  # finding.opened, scan.failed, exception.asked...
    Column("severity", String(10), nullable=False),  # at or above it
    Column("enabled", Boolean, nullable=False, default=True),
    Column("created", Moment, nullable=False),
)

deliveries = Table(  # messages that wait to be sent, or were
    "deliveries",
    metadata,
    _id(),
    Column("notification", ForeignKey("notifications.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("event", String(40), nullable=False),
    Column("body", Json, nullable=False),
    Column("state", String(20), nullable=False),  # waiting, sent, given-up
    Column("tries", Integer, nullable=False, default=0),
    Column("next", Moment, nullable=False),
    Column("error", Text),
    Index(None, "state", "next"),
)

audit = Table(  # append only; each entry holds the digest of the one before
    "audit",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=False),  # 1, 2, 3...: a gap is a cut
    Column("at", Moment, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("actor_kind", String(10), nullable=False),  # user, token, scan, system
    Column("action", String(60), nullable=False),  # finding.except, user.create, session.start...
    Column("object", Text, nullable=False),
    Column("detail", Json, nullable=False),
    Column("address", String(64), nullable=False, default=""),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 over all the others, as canonical JSON
    Index(None, "at"),
    Index(None, "actor", "id"),
)

settings = Table(
    "settings", metadata, Column("name", String(60), primary_key=True), Column("value", Json, nullable=False)
)
