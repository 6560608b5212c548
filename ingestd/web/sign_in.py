"""Signing in at the desk with a token, and out again. Nothing else there changes anything: the pages are read only.

The cookie holds a random session id; each page asks anew whether the token behind it still lives (P32, AU5).
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from ingestd import clock
from ingestd.desk import Person
from ingestd.errors import Permanent
from ingestd.store import tokens
from ingestd.store.tokens import Token
from ingestd.web.auth import authenticate, person_of, services_of
from ingestd.web.problems import status_of
from ingestd.web.rendering import Renderer
from ingestd.web.sessions import Sessions

COOKIE = "desk"
LONGEST_FORM = 4096
"""Octets of the sign-in form: a token has 62 characters."""
WORDS = {"bad-token": "token_wrong", "throttled": "throttled", "cross-site": "not_from_here"}
router = APIRouter(include_in_schema=False)


class NotSignedIn(Permanent):
    """Nobody is signed in here; the answer is the way to the sign-in page."""

    def __init__(self) -> None:
        super().__init__("sign in first", code="not-signed-in")


def home(request: Request, place: str = "") -> str:
    """Return a path of the desk as the browser sees it; never made of the request's Host (WH17)."""
    return f"{services_of(request).settings.base}/desk/{place}"


def reader(request: Request) -> Person:
    """Return who is signed in. Raise NotSignedIn."""
    sessions: Sessions = request.app.state.sessions
    token_id = sessions.token_id(request.cookies.get(COOKIE, ""))
    if token_id is None:
        raise NotSignedIn
    token = services_of(request).store.read(lambda tx: tokens.living(tx, token_id, clock.now()))
    if token is None:
        sessions.end(request.cookies[COOKIE])
        raise NotSignedIn
    return person_of(token)


Signed = Annotated[Person, Depends(reader)]


@router.get("/desk/login")
def sign_in_page(request: Request) -> Response:
    """The form that asks for the token."""
    return renderer_of(request).page(request, "sign_in.html", trouble=None)


@router.post("/desk/login")
async def sign_in(request: Request) -> Response:
    """Open a session for a living token, else show the form again with the reason."""
    try:
        _assert_own_form(request)
        token = await run_in_threadpool(authenticate, request, await _token_of_form(request))
    except Permanent as error:
        page = renderer_of(request).page(
            request, "sign_in.html", status=status_of(error), trouble=WORDS.get(error.code, "token_wrong")
        )
        if seconds := getattr(error, "seconds", None):
            page.headers["Retry-After"] = str(seconds)
        return page
    return _signed_in(request, token)


@router.post("/desk/logout")
def sign_out(request: Request) -> Response:
    """Close the session here, not only in the browser."""
    _assert_own_form(request)
    sessions: Sessions = request.app.state.sessions
    sessions.end(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse(home(request, "login"), 303)
    answer.delete_cookie(COOKIE, path=home(request))
    return answer


def renderer_of(request: Request) -> Renderer:
    """Return what renders the pages."""
    renderer: Renderer = request.app.state.renderer
    return renderer


def _signed_in(request: Request, token: Token) -> Response:
    sessions: Sessions = request.app.state.sessions
    sessions.end(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse(home(request), 303)
    answer.set_cookie(
        COOKIE,
        sessions.begin(token.token_id),
        path=home(request),
        httponly=True,
        samesite="strict",
        secure=services_of(request).secure,
    )
    return answer


async def _token_of_form(request: Request) -> str:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST_FORM:
            raise Permanent("this is no sign-in form", code="bad-token")
    fields = parse_qs(body.decode("utf-8", "replace"))
    return fields.get("token", [""])[0]


def _assert_own_form(request: Request) -> None:
    """Raise unless a page of ours sent this form (WH13). A browser says so; what is no browser has no session."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        own = site in ("same-origin", "none")
    else:
        origin = urlsplit(request.headers.get("origin", ""))
        ours = (request.headers.get("host"), urlsplit(services_of(request).service.base_url).netloc)
        own = bool(origin.netloc) and origin.netloc in ours
    if not own:
        raise Permanent("the form came from elsewhere", code="cross-site")
