"""The audit log: read, and proved to be whole."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from koban.interfaces.api import shown
from koban.interfaces.api.security import Admin, Here
from koban.interfaces.api.shapes.audit import AuditEntry, AuditQuery, AuditVerdict
from koban.interfaces.api.shapes.kinds import Page
from koban.ledger import audit

router = APIRouter(prefix="/audit", tags=["audit"])


@router.get("")
def list_audit(state: Here, actor: Admin, asked: Annotated[AuditQuery, Query()]) -> Page[AuditEntry]:
    """Entries, the newest first."""
    with state.ledger.reading() as connection:
        found = audit.page(connection, shown.audit_filters(asked), shown.ask(asked))
    return Page(**shown.page(found, shown.audit_entry))


@router.get("/verify")
def verify_audit(state: Here, actor: Admin) -> AuditVerdict:
    """Walk the whole chain, up to the head that the data directory keeps."""
    kept = audit.kept_head(state.data_dir)
    with state.ledger.reading() as connection:
        found = audit.verify(connection, kept)
    return AuditVerdict(
        whole=found.whole,
        entries=found.entries,
        head=str(found.head) if found.head is not None else None,
        broken=found.broken,
        why=found.why or None,
    )
