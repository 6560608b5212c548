"""Says things as one reader lives them: words by their codes, both names of a thing, times in the house's timezone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from ingestd.model import STATES, Department, State
from ingestd.web import words

_TIME = Markup('<time datetime="{}" title="{}">{}</time>')
_BOTH = Markup('{}<span class="also" lang="{}">{}</span>')


class Speaker:
    """What one page needs to speak to one reader: words by code, both names of a thing, times as he lives them."""

    def __init__(self, language: str, zone: ZoneInfo, departments: Mapping[str, Department], now: datetime) -> None:
        self._words = words.load()[language]
        self._is_chinese = language == "zh-CN"
        self._also = words.load()[self._words["other"]["code"]]
        self._zone = zone
        self._departments = departments
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
        known = self._departments.get(department)
        return self._in_order(known.name, known.name_en) if known else Markup.escape(department)

    def state_name(self, state: str) -> str:
        """Return the name of a state in the reader's language alone."""
        facts = STATES[State(state)]
        return facts.chinese if self._is_chinese else facts.english

    def department_name(self, department: str) -> str:
        """Return the name of a department in the reader's language alone."""
        known = self._departments.get(department)
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
