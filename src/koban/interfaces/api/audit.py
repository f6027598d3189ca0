"""The audit log: read, and proved to be whole."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from koban.interfaces.api import shapes, shown
from koban.interfaces.api.security import Admin, Here
from koban.ledger import audit

router = APIRouter(prefix="/audit", tags=["audit"])


@router.get("")
def list_audit(
    state: Here, actor: Admin, asked: Annotated[shapes.AuditQuery, Query()]
) -> shapes.Page[shapes.AuditEntry]:
    """Entries, the newest first."""
    with state.ledger.reading() as connection:
        found = audit.page(connection, shown.audit_filters(asked), shown.ask(asked))
    return shapes.Page(**shown.page(found, shown.audit_entry))


@router.get("/verify")
def verify_audit(state: Here, actor: Admin) -> shapes.AuditVerdict:
    """Walk the whole chain, up to the head that the data directory keeps."""
    kept = audit.kept_head(state.data_dir)
    with state.ledger.reading() as connection:
        found = audit.verify(connection, kept)
    return shapes.AuditVerdict(
        whole=found.whole,
        entries=found.entries,
        head=str(found.head) if found.head is not None else None,
        broken=found.broken,
        why=found.why or None,
    )
