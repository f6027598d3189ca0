"""Numbers for sights by tags, what scans moved, the numbers of all places, and an index for the search."""

from __future__ import annotations

import sqlite3

import sqlalchemy as sa
from alembic import op

from koban.ledger.schema import Key, Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


FILLED = (
    "INSERT INTO rule_tallies (rule, type, status, rank, verdict, gone, target, n) "
    "SELECT rule, type, status, rank, verdict, gone, target, sum(n) FROM tallies "
    "GROUP BY rule, type, status, rank, verdict, gone, target",
    "INSERT INTO area_tallies (region, status, rank, verdict, gone, target, n) "
    "SELECT region, status, rank, verdict, gone, target, sum(n) FROM region_tallies "
    "GROUP BY region, status, rank, verdict, gone, target",
    "INSERT INTO texts (id, resource, words) SELECT resources.id, words.resource, words.words "
    "FROM words JOIN resources ON resources.key = words.resource ORDER BY resources.id",
    "INSERT INTO movements (scan, account, scope, kind, n) "
    "SELECT changes.scan, coalesce(findings.account, ''), 0, changes.kind, count(*) "
    "FROM changes JOIN findings ON findings.id = changes.finding "
    "WHERE changes.scan IS NOT NULL AND changes.kind IN ('opened', 'resolved', 'reopened') "
    "GROUP BY changes.scan, coalesce(findings.account, ''), changes.kind",
    "INSERT INTO trends "
    "(day, target, account, environment, framework, function, severity, open, unknown, excepted, passed) "
    "SELECT day, target, '', '', '*', '', severity, sum(open), sum(unknown), sum(excepted), sum(passed) "
    "FROM trends WHERE framework = '' GROUP BY day, target, severity",
)
INDEXED_IN_SQLITE = (
    "CREATE VIRTUAL TABLE text_index USING "
    "fts5(words, content = 'texts', content_rowid = 'id', tokenize = 'trigram case_sensitive 1')",
    "INSERT INTO text_index (text_index) VALUES ('rebuild')",
    "CREATE TRIGGER text_index_in AFTER INSERT ON texts BEGIN "
    "INSERT INTO text_index (rowid, words) VALUES (new.id, new.words); END",
    "CREATE TRIGGER text_index_out AFTER DELETE ON texts BEGIN "
    "INSERT INTO text_index (text_index, rowid, words) VALUES ('delete', old.id, old.words); END",
    "CREATE TRIGGER text_index_on AFTER UPDATE ON texts BEGIN "
    "INSERT INTO text_index (text_index, rowid, words) VALUES ('delete', old.id, old.words); "
    "INSERT INTO text_index (rowid, words) VALUES (new.id, new.words); END",
)


def upgrade() -> None:
    op.create_table(
        "scope_pairs",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("value", sa.String(length=300), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("name", "value", name=op.f("pk_scope_pairs")),
    )
    op.create_table(
        "scopes",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scopes")),
        sa.UniqueConstraint("digest", name=op.f("uq_scopes_digest")),
    )
    op.create_table(
        "scope_place_tallies",
        sa.Column("scope", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("environment", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("status", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("verdict", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("gone", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target", Key, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["target"], ["targets.id"], name=op.f("fk_scope_place_tallies_target"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "scope",
            "account",
            "environment",
            "status",
            "rank",
            "verdict",
            "gone",
            "target",
            name=op.f("pk_scope_place_tallies"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_scope_place_tallies_target"), "scope_place_tallies", ["target"], unique=False)
    op.create_table(
        "scope_region_tallies",
        sa.Column("scope", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("region", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("status", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("verdict", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("gone", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target", Key, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["target"], ["targets.id"], name=op.f("fk_scope_region_tallies_target"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "scope", "region", "status", "rank", "verdict", "gone", "target", name=op.f("pk_scope_region_tallies")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_scope_region_tallies_target"), "scope_region_tallies", ["target"], unique=False)
    op.create_table(
        "scope_rule_tallies",
        sa.Column("scope", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("status", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("verdict", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("gone", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target", Key, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["target"], ["targets.id"], name=op.f("fk_scope_rule_tallies_target"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "scope", "rule", "type", "status", "rank", "verdict", "gone", "target", name=op.f("pk_scope_rule_tallies")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_scope_rule_tallies_target"), "scope_rule_tallies", ["target"], unique=False)
    op.create_table(
        "scope_tags",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("value", sa.String(length=300), nullable=False),
        sa.Column("scope", Key, nullable=False),
        sa.ForeignKeyConstraint(["scope"], ["scopes.id"], name=op.f("fk_scope_tags_scope"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("name", "value", "scope", name=op.f("pk_scope_tags")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_scope_tags_scope"), "scope_tags", ["scope"], unique=False)
    op.create_table(
        "movements",
        sa.Column("scan", Key, nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["scan"], ["scans.id"], name=op.f("fk_movements_scan"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("scan", "account", "scope", "kind", name=op.f("pk_movements")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "texts",
        sa.Column("id", Key, autoincrement=False, nullable=False),
        sa.Column("resource", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["resources.id"], name=op.f("fk_texts_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_texts")),
        sa.UniqueConstraint("resource", name=op.f("uq_texts_resource")),
    )
    op.create_index(op.f("ix_findings_scan"), "findings", ["scan"], unique=False)
    op.create_index(op.f("ix_changes_scan"), "changes", ["scan"], unique=False)
    op.create_index(op.f("ix_versions_until"), "versions", ["until"], unique=False)
    op.create_index(
        "ix_findings_gone",
        "findings",
        ["gone"],
        unique=False,
        sqlite_where=sa.text("gone IS NOT NULL"),
        postgresql_where=sa.text("gone IS NOT NULL"),
    )
    op.create_index(
        "ix_findings_open",
        "findings",
        ["resource"],
        unique=False,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.drop_index("ix_findings_status_rule_rank_id", table_name="findings")
    op.create_index("ix_findings_rules", "findings", ["status", "rule", "rank", "id", "resource"], unique=False)
    op.drop_table("rule_tallies")
    op.create_table(
        "rule_tallies",
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("gone", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target", Key, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["target"], ["targets.id"], name=op.f("fk_rule_tallies_target"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(
            "rule", "type", "status", "rank", "verdict", "gone", "target", name=op.f("pk_rule_tallies")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_rule_tallies_target"), "rule_tallies", ["target"], unique=False)
    op.create_table(
        "area_tallies",
        sa.Column("region", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("gone", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target", Key, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["target"], ["targets.id"], name=op.f("fk_area_tallies_target"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("region", "status", "rank", "verdict", "gone", "target", name=op.f("pk_area_tallies")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_area_tallies_target"), "area_tallies", ["target"], unique=False)
    op.create_index(
        "ix_resources_facets", "resources", ["type", "account", "region", "environment", "gone"], unique=False
    )
    op.drop_index(op.f("ix_moves_finding"), table_name="moves")
    op.drop_table("moves")
    op.create_index(
        "ix_changes_of_people",
        "changes",
        ["at", "kind"],
        unique=False,
        sqlite_where=sa.text("scan IS NULL"),
        postgresql_where=sa.text("scan IS NULL"),
    )
    op.add_column("resources", sa.Column("scope", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_resources_scope_target"), "resources", ["scope", "target"], unique=False)
    op.create_index(
        op.f("ix_trends_framework_function_account_day"),
        "trends",
        ["framework", "function", "account", "day"],
        unique=False,
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in FILLED:
        op.execute(statement)
    op.drop_table("words")
    if not sqlite:
        for table in ("texts", "movements", "trends", "rule_tallies", "area_tallies"):
            op.execute(f"ANALYZE {table}")
    if sqlite and _has_trigrams():
        for statement in INDEXED_IN_SQLITE:
            op.execute(statement)
    elif not sqlite and _has_pg_trgm():
        op.execute("CREATE INDEX text_index_trigrams ON texts USING gin (words gin_trgm_ops)")


def _has_trigrams() -> bool:
    """Whether this SQLite has FTS5 with three letters each (3.34 and later); without, every text is looked through."""
    modules = {row[0] for row in op.get_bind().execute(sa.text("SELECT name FROM pragma_module_list"))}
    return "fts5" in modules and sqlite3.sqlite_version_info >= (3, 34)


def _has_pg_trgm() -> bool:
    """Whether pg_trgm is there, or can be made by whoever owns the database; without, every text is looked through."""
    bind = op.get_bind()
    try:
        with bind.begin_nested():
            bind.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except sa.exc.DBAPIError:
        return False
    return True
