"""For what watches the server: /healthz, /readyz, /metrics."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy import text

from koban.interfaces.api.security import Here, address_of, identify

router = APIRouter(tags=["probes"])


class Health(BaseModel):
    status: str


@router.get("/healthz")
async def healthz() -> Health:
    """Whether the process answers at all."""
    return Health(status="ok")


@router.get("/readyz")
def readyz(state: Here) -> Health:
    """Whether it can work: its ledger answers."""
    with state.ledger.reading() as connection:
        connection.execute(text("SELECT 1"))
    return Health(status="ready")


@router.get("/metrics", response_class=Response, include_in_schema=False)
def metrics(request: Request) -> Response:
    """Prometheus' text; to this machine, or with a token."""
    if address_of(request) not in ("127.0.0.1", "::1"):
        identify(request)
    return Response(request.app.state.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
