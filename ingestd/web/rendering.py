"""Turns values into the desk's pages: templates, the reader's language, local times."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ingestd import clock
from ingestd.desk import Person
from ingestd.web import showing, words
from ingestd.web.services import Services
from ingestd.web.speaking import Speaker

FOLDER = Path(__file__).parent
STYLE = (FOLDER / "static" / "desk.css").read_bytes()
ICON = (FOLDER / "static" / "desk.svg").read_bytes()
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin"}
"""A page shows our own style sheet and nothing else. It runs no script at all. ``same-origin``: with ``no-referrer`` a
browser hides the Origin of our own forms, which is what tells them from a stranger's."""
LANGUAGE_COOKIE = "lang"
A_YEAR_S = 365 * 86400


class Renderer:
    """Renders pages for one installation. Departments are asked for anew each time: they may be reloaded."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._words = words.load()
        self._zone = ZoneInfo(services.service.timezone)
        self._environment = _environment()
        self._version = hashlib.sha256(STYLE).hexdigest()[:12]

    def page(
        self, request: Request, template: str, person: Person | None = None, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """Render one page in the language of whoever asks."""
        language = self.language(request)
        frame = {
            "w": self._words[language],
            "base": self._services.settings.base,
            "service": self._services.service.name,
            "version": self._version,
            "path": request.url.path,
            "other_link": self._other_link(request, self._words[language]["other"]["code"]),
            "person": person,
            "show": Speaker(language, self._zone, self._services.desk.policy().departments, clock.now()),
        }
        html = self._environment.get_template(template).render(**frame, **values)
        answer = HTMLResponse(
            html.encode("utf-8", "replace"), status, headers={**HEADERS, "Vary": "Accept-Language, Cookie"}
        )
        if request.query_params.get("lang") == language:
            self._remember(answer, language)
        return answer

    def language(self, request: Request) -> str:
        """Return the language asked for by ``?lang=``, by an earlier ``?lang=``, or by the browser."""
        wanted = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
        first = self._services.service.languages[0]
        return words.choose(wanted, request.headers.get("accept-language", ""), first)

    def _other_link(self, request: Request, other: str) -> str:
        return f"{self._services.settings.base}{request.url.path}?{request.url.include_query_params(lang=other).query}"

    def _remember(self, answer: HTMLResponse, language: str) -> None:
        path = f"{self._services.settings.base}/desk/"
        answer.set_cookie(
            LANGUAGE_COOKIE,
            language,
            max_age=A_YEAR_S,
            path=path,
            secure=self._services.secure,
            httponly=True,
            samesite="strict",
        )


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for function in (showing.inline, showing.block, showing.marked, showing.ending, showing.size, showing.span):
        environment.filters[function.__name__] = function
    for question in (showing.is_cut, showing.has_directions, showing.has_address, showing.is_international):
        environment.tests[question.__name__.partition("_")[2]] = question
    return environment
