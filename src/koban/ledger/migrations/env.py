"""What Alembic runs: the steps, on the connection that it is given."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from koban.ledger import schema
from koban.ledger.migrations import ours


def render(kind: str, obj: Any, autogenerate: Any) -> str | Literal[False]:
    """The schema's own types by their names."""
    if kind == "type":
        if isinstance(obj, schema.Moment):
            return "Moment()"
        for name in ("Json", "Key"):
            # The text of a type says nothing of its variants.
            if obj._variant_mapping and repr(obj) == repr(getattr(schema, name)):
                return name
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata,
    transactional_ddl=True,
    compare_type=True,
    compare_server_default=True,
    render_item=render,
    render_as_batch=False,
    include_object=ours,
)
with context.begin_transaction():
    context.run_migrations()
