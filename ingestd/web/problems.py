"""What a refusal looks like from outside: ``application/problem+json`` (RFC 9457) with a stable ``code``.

No answer ever carries the text of an exception; only the public sentence of an ``IngestdError`` crosses this door.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from ingestd.errors import Conflict, IngestdError, NotFound, Temporary
from ingestd.web.clients import Throttled

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5
"""A store that is away is asked again so soon; a restart of a database takes about as long."""
CODES: Mapping[str, int] = {
    "no-token": 401,
    "bad-token": 401,
    "not-signed-in": 401,
    "not-your-ticket": 403,
    "cross-site": 403,
    "throttled": 429,
}
"""Refusals with a status of their own; any other refusal of a request as asked is 422."""
KINDS: tuple[tuple[type[IngestdError], int], ...] = ((NotFound, 404), (Conflict, 409), (Temporary, 503))
PAGES: Mapping[int, str] = {404: "no-such-page", 405: "wrong-method"}


class Fault(BaseModel):
    """One field that cannot be used, and why."""

    field: str
    message: str


class Problem(BaseModel):
    """A refusal. ``code`` is stable, ``detail`` is for people."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    errors: list[Fault] | None = Field(default=None, description="the fields that cannot be used, with 422")


def answer(
    status: int, code: str, detail: str, *, faults: list[Fault] | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """Write a refusal."""
    title = HTTPStatus(status).phrase
    problem = Problem(title=title, status=status, code=code, detail=detail, errors=faults)
    content = problem.model_dump(exclude_none=True)
    return JSONResponse(content, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def status_of(error: IngestdError) -> int:
    """Return the HTTP status that an error of ours is answered with."""
    if error.code in CODES:
        return CODES[error.code]
    return next((status for kind, status in KINDS if isinstance(error, kind)), 422)


def of_error(error: IngestdError) -> Response:
    """Answer an error of ours by its sentence."""
    status = status_of(error)
    return answer(status, error.code, error.sentence, headers=_headers(status, error))


def _headers(status: int, error: IngestdError) -> dict[str, str]:
    if status == 401:
        return {"WWW-Authenticate": "Bearer"}
    seconds = error.seconds if isinstance(error, Throttled) else RETRY_AFTER_S
    return {"Retry-After": str(seconds)} if status in (429, 503) else {}


def of_validation(error: RequestValidationError) -> Response:
    """Name every field that cannot be used. The value itself is not repeated: it may be a secret in a wrong field."""
    faults = [Fault(field=_field_of(fault), message=str(fault["msg"])) for fault in error.errors()]
    named = ", ".join(dict.fromkeys(fault.field for fault in faults if fault.field))
    return answer(422, "invalid", f"cannot be used: {named or 'the body'}", faults=faults)


def _field_of(fault: Mapping[str, Any]) -> str:
    place = [str(part) for part in fault.get("loc", ())]
    return ".".join(place[1:]) or (place[0] if place else "")


def of_page(error: HTTPException) -> Response:
    """Answer what the router itself refuses: no such page, wrong method."""
    code = PAGES.get(error.status_code, "refused")
    sentence = HTTPStatus(error.status_code).description or HTTPStatus(error.status_code).phrase
    return answer(error.status_code, code, sentence, headers=error.headers)
