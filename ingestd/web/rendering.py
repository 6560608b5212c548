"""Turns values into the desk's pages: templates, the reader's language, local times."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ingestd import clock
from ingestd.desk import Person
from ingestd.model import STATES, State
from ingestd.web import showing, words
from ingestd.web.services import Services

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
_TIME = Markup('<time datetime="{}" title="{}">{}</time>')
_BOTH = Markup('{}<span class="also" lang="{}">{}</span>')


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
            "show": Reader(language, self._words, self._zone, self._services, clock.now()),
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


class Reader:
    """What one page needs to speak to one reader: words by code, both names of a thing, times as he lives them."""

    def __init__(
        self, language: str, every: Mapping[str, words.Words], zone: ZoneInfo, services: Services, now: datetime
    ) -> None:
        self._words = every[language]
        self._is_chinese = language == "zh-CN"
        self._also = next(words_ for other, words_ in every.items() if other != language)
        self._zone = zone
        self._services = services
        self._now = now

    def word(self, group: str, code: str | None) -> str:
        """Return the word for a code, or the code itself where there is none."""
        known: Mapping[str, str] = self._words[group]
        return known.get(code or "", code or "")

    def both(self, group: str, code: str) -> Markup:
        """Return the word for a code in the reader's language, and beside it in the other."""
        return self._both(self.word(group, code), str(self._also[group].get(code, "")))

    def state(self, state: str) -> Markup:
        """Return the name of a ticket's state, in both languages."""
        facts = STATES[State(state)]
        return self._in_order(facts.chinese, facts.english)

    def department(self, department: str) -> Markup:
        """Return the name of a department, in both languages; the id where it is unknown here."""
        known = self._services.desk.policy().departments.get(department)
        return self._in_order(known.name, known.name_en) if known else Markup.escape(department)

    def state_name(self, state: str) -> str:
        """Return the name of a state in the reader's language alone."""
        facts = STATES[State(state)]
        return facts.chinese if self._is_chinese else facts.english

    def department_name(self, department: str) -> str:
        """Return the name of a department in the reader's language alone."""
        known = self._services.desk.policy().departments.get(department)
        if known is None:
            return department
        return known.name if self._is_chinese else known.name_en

    def pair(self, kind: str, key: str, value: str) -> str:
        """Return one of an entry's data as people say it: departments by name."""
        if kind == "transferred" and key in ("from", "to"):
            return self.department_name(value)
        return self.word({"how": "hows", "kind": "kinds"}.get(key, "actors"), value)

    def reason(self, reason: str | None) -> str:
        """Return the sentence of a reason code, with whatever stands behind its colon."""
        code, colon, rest = (reason or "").partition(":")
        return self.word("reasons", code.strip()) + (f": {self.word('reasons', rest.strip())}" if colon else "")

    def when(self, moment: datetime | str | None) -> Markup:
        """Return a time in the house's timezone, to the minute; the year only where it is another."""
        known = _moment(moment)
        if known is None:
            return Markup("–")
        local = known.astimezone(self._zone)
        form = "%m-%d %H:%M" if local.year == self._now.astimezone(self._zone).year else "%Y-%m-%d %H:%M"
        return _TIME.format(known.isoformat(), f"{local:%Y-%m-%d %H:%M:%S %z}", f"{local:{form}}")

    def left(self, moment: datetime) -> str:
        """Return how long it is until then, or how long it has been over."""
        key = "over" if self.is_over(moment) else "left"
        return str(self._words[key]).format(self._span(moment))

    def ago(self, moment: datetime) -> str:
        """Return how long ago it was."""
        return str(self._words["ago"]).format(self._span(moment))

    def is_over(self, moment: datetime) -> bool:
        """Whether that moment has passed."""
        return moment < self._now

    def _span(self, moment: datetime) -> str:
        minutes = int(abs((moment - self._now).total_seconds()) // 60)
        for key, each in (("days", 2 * 1440), ("hours", 60)):
            if minutes >= each:
                return str(self._words[key]).format(minutes // (1440 if key == "days" else 60))
        return str(self._words["minutes"]).format(minutes)

    def _in_order(self, chinese: str, english: str) -> Markup:
        first, second = (chinese, english) if self._is_chinese else (english, chinese)
        return self._both(first, second)

    def _both(self, first: str, second: str) -> Markup:
        return _BOTH.format(first, self._also["html"], second) if second and second != first else Markup.escape(first)


def _moment(value: datetime | str | None) -> datetime | None:
    if not isinstance(value, str):
        return value
    try:
        known = datetime.fromisoformat(value)
    except ValueError:
        return None
    return known if known.tzinfo else None
