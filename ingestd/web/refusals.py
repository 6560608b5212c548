"""Who is refused how: programs get a problem, people at the desk a page, and who is not signed in the way in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ingestd.errors import IngestdError
from ingestd.web import problems
from ingestd.web.sign_in import NotSignedIn, home, renderer_of

Error = TypeVar("Error", bound=Exception)
Handler = Callable[[Request, Exception], Awaitable[Response]]


def install(app: FastAPI) -> None:
    """Have every known error answered. The unknown ones are the frame's."""
    app.add_exception_handler(IngestdError, _handler(IngestdError, problems.of_error))
    app.add_exception_handler(RequestValidationError, _handler(RequestValidationError, problems.of_validation))
    app.add_exception_handler(HTTPException, _handler(HTTPException, problems.of_page))


def _handler(kind: type[Error], answer: Callable[[Error], Response]) -> Handler:
    async def handle(request: Request, error: Exception) -> Response:
        if not isinstance(error, kind):
            raise error
        refusal = answer(error)
        return _as_page(request, error, refusal) if _is_desk(request) else refusal

    return handle


def _is_desk(request: Request) -> bool:
    return request.url.path.startswith("/desk/")


def _as_page(request: Request, error: Exception, refusal: Response) -> Response:
    if isinstance(error, NotSignedIn):
        return RedirectResponse(home(request, "login"), 303)
    sentence = "trouble" if refusal.status_code >= 500 else "not_here"
    return renderer_of(request).page(request, "refusal.html", status=refusal.status_code, sentence=sentence)
