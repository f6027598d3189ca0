"""The OpenAPI document, with the errors that each operation can really answer with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from koban import __version__
from koban.interfaces.api.problems import ProblemShape, problems
from koban.interfaces.api.security import CSRF_HEADER, SAFE, Needs, identify

ABOUT = """Everything that the console does, for programs.

Sign in with a token: `Authorization: Bearer koban_...`.  Moments are ISO 8601 in UTC.  Lists are read page by
page: pass `next` as `cursor` until it is null.  Answers to GET carry an ETag; `If-None-Match` gives 304.
"""


def operations(app: FastAPI) -> Iterator[tuple[str, str, RouteContext]]:
    """(method, path, route) of everything the application answers."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            for method in sorted(context.methods or ()):
                if method != "HEAD":
                    yield method, context.path_format or "", context


def role_of(context: RouteContext) -> Needs | None:
    """What the caller of a route has to be; None: anybody."""
    found = [call for call in _calls(context.dependant) if isinstance(call, Needs)]
    return max(found, key=lambda one: (one.by_session, one.role != "viewer"), default=None) if found else None


def _calls(dependant: Any) -> Iterator[Any]:
    for one in dependant.dependencies:
        yield one.call
        yield from _calls(one)


def document(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title="Koban", version=__version__, openapi_version="3.1.0", description=ABOUT, routes=app.routes
    )
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    problem = ProblemShape.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    made["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": "koban", "description": "With TLS: `__Host-koban`"},
    }
    for method, path, context in operations(app):
        operation = made["paths"].get(path, {}).get(method.lower())
        if operation is not None:
            _complete(operation, method, path, context)
    return made


def _complete(operation: dict[str, Any], method: str, path: str, context: RouteContext) -> None:
    needs = role_of(context)
    may = {429, 500, 503}
    if needs is not None:
        may |= {401}
        operation["security"] = [{"session": []}] if needs.by_session else [{"token": []}, {"session": []}]
        operation["description"] = f"{operation.get('description', '')}\n\nRole: {needs.role}.".strip()
        if needs.role != "viewer" or needs.by_session or method not in SAFE:
            may |= {403}
    elif identify in _calls(context.dependant):
        may |= {401}
    if method not in SAFE:
        may |= {403}
        if needs is not None:
            operation.setdefault("parameters", []).append(
                {
                    "name": CSRF_HEADER,
                    "in": "header",
                    "required": False,
                    "schema": {"type": "string"},
                    "description": "Of the session; not with a token",
                }
            )
    if "{" in path:
        may |= {404}
    if operation.get("requestBody"):
        may |= {400, 408, 413}
    values = any(one.get("in") in ("path", "query") for one in operation.get("parameters", ()))
    if operation.get("requestBody") or values:
        may |= {422}
    responses = operation["responses"]
    if "422" in responses and "HTTPValidationError" in str(responses["422"]):
        del responses["422"]
    for status, said in problems(*sorted(may)).items():
        responses.setdefault(str(status), said)
    if method == "GET" and "application/json" in (responses.get("200", {}).get("content") or {}):
        responses["200"].setdefault("headers", {})["ETag"] = {"schema": {"type": "string"}}
        responses.setdefault("304", {"description": "It is as the caller has it."})
