"""Errors as RFC 9457 says them: application/problem+json, whatever went wrong."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from koban.ledger.errors import Conflict, Invalid, LedgerError, NotFound, Refused

log = logging.getLogger("koban.api")

MEDIA_TYPE = "application/problem+json"

SAYS = {  # what each status means here, for the OpenAPI document
    400: "The request cannot be read.",
    401: "Nobody is signed in; or what was given to sign in with is wrong.",
    403: "The caller's role does not allow it, or the request did not come from the console.",
    404: "There is no such thing, or the caller may not see it.",
    405: "The address does not know this method.",
    408: "The request came too slowly.",
    409: "It contradicts what is there.",
    412: "It was changed by somebody else meanwhile.",
    413: "The body is too large.",
    422: "A value is not as it should be; `errors` says which.",
    429: "Too many requests; `Retry-After` says when to come back.",
    500: "Koban failed; the log has more under the request's id.",
    503: "Koban cannot reach its ledger now.",
}


class FieldError(BaseModel):
    """What is wrong with one value."""

    field: str = Field(description="Where it is: `password`, `items.3.name`; empty: the request as a whole")
    message: str


class ProblemShape(BaseModel):
    """What went wrong, as RFC 9457 has it."""

    type: str = Field(description="`about:blank`, or a URN that says which error of this status it is")
    title: str
    status: int
    detail: str
    instance: str | None = Field(None, description="The id of the request, as the log has it")
    errors: list[FieldError] | None = None
    methods: dict[str, Any] | None = Field(None, description="With 401: the ways to sign in")


class Problem(Exception):
    """An error to answer with: ``raise Problem(409, "this exception was decided already")``."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str | None = None,
        errors: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.kind = kind
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.more = more


def body_of(problem: Problem, request_id: str | None) -> bytes:
    said: dict[str, Any] = {
        "type": f"urn:koban:problem:{problem.kind}" if problem.kind else "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    if request_id:
        said["instance"] = f"urn:koban:request:{request_id}"
    if problem.errors:
        said["errors"] = [{"field": field, "message": message} for field, message in problem.errors]
    return json.dumps(said | problem.more, ensure_ascii=False).encode()


def answer(problem: Problem, request_id: str | None = None) -> Response:
    return Response(
        body_of(problem, request_id),
        problem.status,
        headers={"Cache-Control": "no-store", **problem.headers},
        media_type=MEDIA_TYPE,
    )


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For `responses=` of a route: the errors that it may answer with, beside those that make.py adds by itself.

    By itself come 401 and 403 (from who may call), 404 (an id in the path), 408 and 413 (a body), 422, 429 and 500.
    """
    return {
        status: {
            "description": SAYS[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Answer every error of `app` as a problem."""

    def request_id(request: Request) -> str | None:
        found = request.scope.get("koban.request_id")
        return str(found) if found else None

    @app.exception_handler(Problem)
    def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return answer(error, request_id(request))

    @app.exception_handler(HTTPException)
    def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        detail = error.detail if error.detail != HTTPStatus(error.status_code).phrase else SAYS.get(error.status_code)
        return answer(Problem(error.status_code, str(detail), headers=error.headers), request_id(request))

    @app.exception_handler(LedgerError)
    def on_refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, LedgerError)
        return answer(of_ledger(error), request_id(request))

    @app.exception_handler(RequestValidationError)
    def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return answer(invalid(error), request_id(request))


def of_ledger(error: LedgerError) -> Problem:
    """What the ledger says to no avail, as the answer to who asked."""
    if isinstance(error, Invalid):
        return Problem(422, str(error), errors=[(error.field, error.message)])
    for kind, status in ((NotFound, 404), (Refused, 403), (Conflict, 409)):
        if isinstance(error, kind):
            return Problem(status, str(error))
    log.error("the ledger cannot be used: %s", error)  # where it is is nobody's business outside
    return Problem(503, SAYS[503], headers={"Retry-After": "5"})


def invalid(error: RequestValidationError) -> Problem:
    """Which values are wrong, and how.  The values are not repeated: one may be a password."""
    errors = []
    for one in error.errors():
        if one["type"] == "json_invalid":
            return Problem(400, "the body is not JSON", errors=[("", str(one.get("ctx", {}).get("error", "not JSON")))])
        place = [str(part) for part in one["loc"]]
        errors.append((".".join(place[1:]), one["msg"].removeprefix("Value error, ")))
    return Problem(422, "; ".join(f"{field or 'request'}: {message}" for field, message in errors[:3]), errors=errors)
