"""The first tables of the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from koban.ledger.schema import Json, Key, Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ou", sa.Text(), nullable=False),
        sa.Column("environment", sa.String(length=100), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
    )
    op.create_table(
        "audit",
        sa.Column("id", Key, autoincrement=False, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("detail", Json, nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_actor_id"), "audit", ["actor", "id"], unique=False)
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_table(
        "finding_controls",
        sa.Column("control", sa.String(length=100), nullable=False),
        sa.Column("rule", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("control", "rule", name=op.f("pk_finding_controls")),
    )
    op.create_table(
        "notifications",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("options", Json, nullable=False),
        sa.Column("events", Json, nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("name", name=op.f("uq_notifications_name")),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("expires", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secrets")),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", Json, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )
    op.create_table(
        "targets",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("options", Json, nullable=False),
        sa.Column("every_seconds", sa.Integer(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("landed", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_targets")),
        sa.UniqueConstraint("name", name=op.f("uq_targets_name")),
    )
    op.create_table(
        "users",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("sight", Json, nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("totp", sa.Text(), nullable=True),
        sa.Column("totp_last", sa.BigInteger(), nullable=True),
        sa.Column("recovery", Json, nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("theme", sa.String(length=10), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("last_seen", Moment(), nullable=True),
        sa.Column("disabled", Moment(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_users_issuer_subject")),
    )
    op.create_table(
        "cases",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("owner", Key, nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("updated", Moment(), nullable=False),
        sa.Column("closed", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["owner"], ["users.id"], name=op.f("fk_cases_owner"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index(op.f("ix_cases_state_id"), "cases", ["state", "id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("notification", Key, nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next", Moment(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["notification"], ["notifications.id"], name=op.f("fk_deliveries_notification"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(op.f("ix_deliveries_notification"), "deliveries", ["notification"], unique=False)
    op.create_index(op.f("ix_deliveries_state_next"), "deliveries", ["state", "next"], unique=False)
    op.create_table(
        "exceptions",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("rule", sa.String(length=120), nullable=True),
        sa.Column("account", sa.String(length=64), nullable=True),
        sa.Column("uid", sa.Text(), nullable=True),
        sa.Column("fingerprints", Json, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=False),
        sa.Column("asked_by", Key, nullable=True),
        sa.Column("asked", Moment(), nullable=False),
        sa.Column("decided_by", Key, nullable=True),
        sa.Column("decided", Moment(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_exceptions_asked_by"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_exceptions_decided_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exceptions")),
    )
    op.create_index(op.f("ix_exceptions_state_expires"), "exceptions", ["state", "expires"], unique=False)
    op.create_table(
        "resources",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("target", Key, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("type", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("account", sa.String(length=64), nullable=True),
        sa.Column("region", sa.String(length=64), nullable=True),
        sa.Column("environment", sa.String(length=100), nullable=True),
        sa.Column("tags", Json, nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("first_seen", Moment(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("last_seen", Moment(), nullable=True),
        sa.Column("gone", Moment(), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["target"], ["targets.id"], name=op.f("fk_resources_target"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resources")),
        sa.UniqueConstraint("key", name=op.f("uq_resources_key")),
    )
    op.create_index(op.f("ix_resources_account_type_id"), "resources", ["account", "type", "id"], unique=False)
    op.create_index(op.f("ix_resources_target_type"), "resources", ["target", "type"], unique=False)
    op.create_index(op.f("ix_resources_type_id"), "resources", ["type", "id"], unique=False)
    op.create_index(op.f("ix_resources_uid"), "resources", ["uid"], unique=False)
    op.create_table(
        "scans",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("target", Key, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("queued", Moment(), nullable=False),
        sa.Column("started", Moment(), nullable=True),
        sa.Column("finished", Moment(), nullable=True),
        sa.Column("heartbeat", Moment(), nullable=True),
        sa.Column("progress", Json, nullable=True),
        sa.Column("counts", Json, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("rules", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["target"], ["targets.id"], name=op.f("fk_scans_target"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scans")),
    )
    op.create_index(op.f("ix_scans_state"), "scans", ["state"], unique=False)
    op.create_index(op.f("ix_scans_target_finished"), "scans", ["target", "finished"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user", Key, nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("used", Moment(), nullable=False),
        sa.Column("expires", Moment(), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_sessions_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_expires"), "sessions", ["expires"], unique=False)
    op.create_index(op.f("ix_sessions_user"), "sessions", ["user"], unique=False)
    op.create_table(
        "tallies",
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("rule", sa.String(length=120), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("region", sa.String(length=64), nullable=False),
        sa.Column("environment", sa.String(length=100), nullable=False),
        sa.Column("type", sa.String(length=200), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("target", Key, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["target"], ["targets.id"], name=op.f("fk_tallies_target"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(
            "status",
            "rule",
            "account",
            "region",
            "environment",
            "type",
            "rank",
            "verdict",
            "gone",
            "target",
            name=op.f("pk_tallies"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_tallies_target"), "tallies", ["target"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("prefix", sa.String(length=12), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user", Key, nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("sight", Json, nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("expires", Moment(), nullable=False),
        sa.Column("used", Moment(), nullable=True),
        sa.Column("revoked", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_tokens_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("prefix", name=op.f("uq_tokens_prefix")),
    )
    op.create_index(op.f("ix_tokens_user"), "tokens", ["user"], unique=False)
    op.create_table(
        "trends",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("target", Key, nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("environment", sa.String(length=100), nullable=False),
        sa.Column("framework", sa.String(length=60), nullable=False),
        sa.Column("function", sa.String(length=60), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("unknown", sa.Integer(), nullable=False),
        sa.Column("excepted", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["target"], ["targets.id"], name=op.f("fk_trends_target"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(
            "day", "target", "account", "environment", "framework", "function", "severity", name=op.f("pk_trends")
        ),
    )
    op.create_table(
        "views",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("owner", Key, nullable=False),
        sa.Column("page", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["users.id"], name=op.f("fk_views_owner"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_views")),
        sa.UniqueConstraint("owner", "page", "name", name=op.f("uq_views_owner_page_name")),
    )
    op.create_table(
        "exception_findings",
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("exception", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["exception"], ["exceptions.id"], name=op.f("fk_exception_findings_exception"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("fingerprint", "exception", name=op.f("pk_exception_findings")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_exception_findings_exception"), "exception_findings", ["exception"], unique=False)
    op.create_table(
        "findings",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("target", Key, nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=120), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("type", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("account", sa.String(length=64), nullable=True),
        sa.Column("region", sa.String(length=64), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("environment", sa.String(length=100), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("because", Json, nullable=False),
        sa.Column("controls", Json, nullable=False),
        sa.Column("fix", sa.Text(), nullable=True),
        sa.Column("resource", sa.String(length=32), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("first_seen", Moment(), nullable=False),
        sa.Column("last_seen", Moment(), nullable=True),
        sa.Column("resolved", Moment(), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("gone", Moment(), nullable=True),
        sa.Column("not_read", sa.Text(), nullable=True),
        sa.Column("assignee", Key, nullable=True),
        sa.Column("exception", Key, nullable=True),
        sa.Column("scan", Key, nullable=True),
        sa.CheckConstraint("status IN ('open', 'resolved', 'excepted', 'passed')", name=op.f("ck_findings_status")),
        sa.ForeignKeyConstraint(["assignee"], ["users.id"], name=op.f("fk_findings_assignee"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["exception"], ["exceptions.id"], name=op.f("fk_findings_exception"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["scan"], ["scans.id"], name=op.f("fk_findings_scan"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["target"], ["targets.id"], name=op.f("fk_findings_target"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("target", "fingerprint", name=op.f("uq_findings_target_fingerprint")),
    )
    op.create_index(op.f("ix_findings_assignee"), "findings", ["assignee"], unique=False)
    op.create_index(op.f("ix_findings_exception"), "findings", ["exception"], unique=False)
    op.create_index(op.f("ix_findings_fingerprint"), "findings", ["fingerprint"], unique=False)
    op.create_index(
        "ix_findings_pages",
        "findings",
        ["status", "rank", "id", "region", "environment", "type", "rule", "account", "verdict", "assignee", "target"],
        unique=False,
    )
    op.create_index(op.f("ix_findings_resource_status_rank"), "findings", ["resource", "status", "rank"], unique=False)
    op.create_index(
        op.f("ix_findings_status_account_rank_id"), "findings", ["status", "account", "rank", "id"], unique=False
    )
    op.create_index(op.f("ix_findings_status_first_seen_id"), "findings", ["status", "first_seen", "id"], unique=False)
    op.create_index(op.f("ix_findings_status_last_seen_id"), "findings", ["status", "last_seen", "id"], unique=False)
    op.create_index(op.f("ix_findings_status_rule_rank_id"), "findings", ["status", "rule", "rank", "id"], unique=False)
    op.create_index(op.f("ix_findings_status_uid_id"), "findings", ["status", "uid", "id"], unique=False)
    op.create_table(
        "gaps",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("scan", Key, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("region", sa.String(length=64), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scan"], ["scans.id"], name=op.f("fk_gaps_scan"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
    )
    op.create_index(op.f("ix_gaps_scan"), "gaps", ["scan"], unique=False)
    op.create_table(
        "moves",
        sa.Column("scan", Key, nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("finding", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("before_status", sa.String(length=10), nullable=True),
        sa.Column("before_verdict", sa.String(length=10), nullable=True),
        sa.Column("before_severity", sa.String(length=10), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["scan"], ["scans.id"], name=op.f("fk_moves_scan"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("scan", "fingerprint", name=op.f("pk_moves")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_moves_finding"), "moves", ["finding"], unique=False)
    op.create_table(
        "names",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("resource", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["resource"], ["resources.key"], name=op.f("fk_names_resource"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("name", "resource", name=op.f("pk_names")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_names_resource"), "names", ["resource"], unique=False)
    op.create_table(
        "relations",
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("field", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["resources.key"], name=op.f("fk_relations_source"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source", "field", "type", "name", name=op.f("pk_relations")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_relations_name_type"), "relations", ["name", "type"], unique=False)
    op.create_table(
        "staged",
        sa.Column("scan", Key, nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=120), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("type", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("account", sa.String(length=64), nullable=True),
        sa.Column("region", sa.String(length=64), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("environment", sa.String(length=100), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("because", Json, nullable=False),
        sa.Column("controls", Json, nullable=False),
        sa.Column("fix", sa.Text(), nullable=True),
        sa.Column("resource", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["scan"], ["scans.id"], name=op.f("fk_staged_scan"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("scan", "fingerprint", name=op.f("pk_staged")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "staged_resources",
        sa.Column("scan", Key, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("type", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("account", sa.String(length=64), nullable=True),
        sa.Column("region", sa.String(length=64), nullable=True),
        sa.Column("environment", sa.String(length=100), nullable=True),
        sa.Column("tags", Json, nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("naming", Json, nullable=True),
        sa.ForeignKeyConstraint(["scan"], ["scans.id"], name=op.f("fk_staged_resources_scan"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("scan", "key", name=op.f("pk_staged_resources")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tags",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("value", sa.String(length=300), nullable=False),
        sa.Column("resource", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["resource"], ["resources.key"], name=op.f("fk_tags_resource"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("name", "value", "resource", name=op.f("pk_tags")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_tags_resource"), "tags", ["resource"], unique=False)
    op.create_table(
        "versions",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("resource", Key, nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["resource"], ["resources.id"], name=op.f("fk_versions_resource"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
    )
    op.create_index(op.f("ix_versions_resource_id"), "versions", ["resource", "id"], unique=False)
    op.create_table(
        "words",
        sa.Column("resource", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["resource"], ["resources.key"], name=op.f("fk_words_resource"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("resource", name=op.f("pk_words")),
    )
    op.create_table(
        "case_items",
        sa.Column("case", Key, nullable=False),
        sa.Column("finding", Key, nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name=op.f("fk_case_items_case"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["finding"], ["findings.id"], name=op.f("fk_case_items_finding"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case", "finding", name=op.f("pk_case_items")),
    )
    op.create_index(op.f("ix_case_items_finding"), "case_items", ["finding"], unique=False)
    op.create_table(
        "changes",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("finding", Key, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("before", Json, nullable=True),
        sa.Column("after", Json, nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("scan", Key, nullable=True),
        sa.ForeignKeyConstraint(["finding"], ["findings.id"], name=op.f("fk_changes_finding"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["scan"], ["scans.id"], name=op.f("fk_changes_scan"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    op.create_index(op.f("ix_changes_at_id"), "changes", ["at", "id"], unique=False)
    op.create_index(op.f("ix_changes_finding_id"), "changes", ["finding", "id"], unique=False)
    op.create_table(
        "comments",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("finding", Key, nullable=True),
        sa.Column("case", Key, nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("author", Key, nullable=True),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["author"], ["users.id"], name=op.f("fk_comments_author"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name=op.f("fk_comments_case"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["finding"], ["findings.id"], name=op.f("fk_comments_finding"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
    )
    op.create_index(op.f("ix_comments_case"), "comments", ["case"], unique=False)
    op.create_index(op.f("ix_comments_finding"), "comments", ["finding"], unique=False)
