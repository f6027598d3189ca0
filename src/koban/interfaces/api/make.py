"""The application: every router, and what stands around them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from koban import __version__
from koban.app import rulebook
from koban.interfaces.api import problems
from koban.interfaces.api.console import Console
from koban.interfaces.api.edge import Edge
from koban.interfaces.api.etags import ETags
from koban.interfaces.api.events import Bus
from koban.interfaces.api.metrics import Metrics
from koban.interfaces.api.openapi import document
from koban.interfaces.api.security import State

API = "/api/v1"
ROUTERS = (  # modules of this package; each has a `router`
    "session",
    "me",
    "people",
    "tokens",
    "exports",
    "scans",
    "events",
    "overview",
    "findings",
    "assets",
    "compliance",
    "baseline",
    "exceptions",
    "cases",
    "views",
    "accounts",
    "audit",
    "notifications",
)
OUTSIDE = ("oidc", "probes")  # not under /api/v1

QUIET: Any = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}  # we have our own


def make_app(state: State) -> FastAPI:
    """The ASGI application over `state`."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        state.background.do(warm)  # else the first page waits for it
        yield
        state.background.drain()

    app = FastAPI(
        title="Koban",
        version=__version__,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        telemetry=QUIET,
    )
    app.state.koban = state
    app.state.metrics = Metrics()
    app.state.bus = Bus(state.ledger)
    problems.install(app)
    for name in ROUTERS:
        app.include_router(import_module(f"koban.interfaces.api.{name}").router, prefix=API)
    for name in OUTSIDE:
        app.include_router(import_module(f"koban.interfaces.api.{name}").router)
    app.router.default = Console(state.settings.static)
    app.openapi = lambda: _kept(app)  # type: ignore[method-assign]
    app.add_middleware(ETags)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(Edge, state=state, metrics=app.state.metrics)
    return app


def warm() -> None:
    """Load what the first page needs."""
    rulebook.by_control()


def _kept(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        app.openapi_schema = document(app)
    return app.openapi_schema
