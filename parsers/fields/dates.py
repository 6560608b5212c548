"""When it happened, by the customer's words: resolved against the mail's own Date in the sender's offset.

Limits (15日内, 5月1日前), policies (7天无理由, 24小时热线), plans and habits (每天) are no times of occurrence.
Of several times the labelled one counts, then the one with a clock, then the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from parsers.fields import clock_words, day_words
from parsers.fields.clock_words import CLOCK, Timed
from parsers.fields.numerals import NUMBER, number
from parsers.fields.passages import Passage
from parsers.fields.spans import Days, Span
from parsers.record import OccurredAt

CANDIDATES_CAP = 200  # mentions looked at in one message
JUST_NOW = timedelta(minutes=30)  # how long ago 刚刚 reaches
SENSIBLE_YEARS = range(1990, 9000)  # a Date beyond is damage, and leaves no room to reckon from
SKEW = timedelta(minutes=5)  # customers' clocks and their mail programs' differ

_LABEL = re.compile(
    r"(?:(?:发生|出现|问题|故障|报修|投诉|事发|發生)(?:的)?(?:时间|日期|時間)|时间|時間"
    r"|(?:when|date|time)(?: of (?:issue|incident))?) ?[:是为] ?\(?$"
)
_LIMIT_BEFORE = re.compile(
    r"(?:每|每个|每[天日晚夜早周]|天天|[请請限需]|请于|请在|截止|截至|最晚|最迟|务必|必须|要求|希望|预计|预约|营业|至|到"
    r"|before |by |until |till |every )[ 在于:的]{0,2}$"
)
_LIMIT_AFTER = re.compile(
    r" ?(?:[之以]?[内內]|[之以]前|前(?!后)|为止|截止|无理由|到期|包退|保修|[至到~-] ?\d"
    r"|能不能|可以(?:发|到)|发货吗|能(?:发|到|送|处理))"
)
_UNITS = "小时|小時|钟头|鐘頭|分钟|分鐘|刻钟|刻鐘|hours?|minutes?|mins?"
_AGO = re.compile(
    rf"(?P<n>半|{NUMBER}|几|an?|half an) ?(?P<half>个半|個半)?(?:个|個)?(?P<unit>{_UNITS}) ?[之以]?(?:前(?!后)|ago\b)"
)
_AGO_WORDS = ("前", "ago")
_COUNTS = {"半": 0.5, "half an": 0.5, "a": 1, "an": 1}
_HOUR = timedelta(hours=1)
_JUST_NOW = re.compile(r"刚刚|刚才|剛剛|剛才|啱啱|\bjust now\b")
_JUST_NOW_WORDS = ("刚", "剛", "啱", "just now")
_CLOCK = re.compile(rf"(?<![\d:.]){CLOCK}(?![\d:])")
_CLOCK_TAIL = re.compile(r" ?(?::\d\d|[ap]\.?m)")  # behind a figure; what has none needs a part of the day
_LOOK_BACK = 20  # characters before a mention that may hold a label or a limit


@dataclass(frozen=True)
class Mention:
    """One time the text names: where it stands, what span it means, and how much it tells (more is better)."""

    start: int
    end: int
    span: Span
    rank: int


def find(passage: Passage, sent: datetime | None) -> OccurredAt | None:
    """Give the time of occurrence that a text states, or None. Without a Date there is nothing to reckon from."""
    if sent is None or sent.year not in SENSIBLE_YEARS:
        return None
    text = passage.lowered
    mentions = [m for m in _mentions(passage, sent) if m.span.start <= sent + SKEW and _is_past(text, m)]
    if not mentions:
        return None
    best = max(mentions, key=lambda m: (_is_labelled(text, m), m.rank, -m.start))
    return OccurredAt(
        start=best.span.start,
        end=best.span.end,
        precision=best.span.precision,
        text=passage.raw((best.start, best.end)),
        source=passage.source,
    )


def _mentions(passage: Passage, sent: datetime) -> Iterator[Mention]:
    """Give every mention: days with or without a clock, times ago, then clocks that stand alone."""
    taken: list[tuple[int, int]] = []
    for start, end, days in islice(day_words.find(passage, sent.date()), CANDIDATES_CAP):
        if _is_free(start, end, taken):
            timed = clock_words.join(passage.lowered, start, end, days, sent) if days else None
            taken.append((timed.start, timed.end) if timed else (start, end))
            if timed:
                yield Mention(timed.start, timed.end, timed.span, _rank(timed))
    yield from _ago(passage, sent)
    for match in _alone(passage, taken):
        span = clock_words.on_clock(match, Days(sent.date(), sent.date()), sent)
        if span:
            yield Mention(match.start(), match.end(), _not_after(span, match, sent), 2)


def _is_free(start: int, end: int, taken: list[tuple[int, int]]) -> bool:
    return not any(start < other_end and other_start < end for other_start, other_end in taken)


def _rank(timed: Timed) -> int:
    if timed.clock:
        return 4
    return {"part_of_day": 3, "day": 2}.get(timed.span.precision, 1)


def _ago(passage: Passage, sent: datetime) -> Iterator[Mention]:
    for match in _AGO.finditer(passage.lowered) if passage.has(_AGO_WORDS) else ():
        span = _span_ago(match, sent)
        if span:
            yield Mention(match.start(), match.end(), span, 4)
    for match in _JUST_NOW.finditer(passage.lowered) if passage.has(_JUST_NOW_WORDS) else ():
        yield Mention(match.start(), match.end(), Span(sent - JUST_NOW, sent, "range"), 3)


def _span_ago(match: re.Match[str], sent: datetime) -> Span | None:
    size = _minutes_of(match["unit"])
    word = match["n"]
    if word == "几":
        return Span(sent - size * 9, sent - size * 2, "range")
    count = _COUNTS.get(word) or number(word)
    if not count or count > 1000:
        return None
    moment = (sent - size * (count + (0.5 if match["half"] else 0))).replace(second=0, microsecond=0)
    if size == _HOUR and count >= 1:
        return Span(moment - clock_words.ABOUT, min(moment + clock_words.ABOUT, sent), "hour")
    return Span(moment, moment, "minute")


def _minutes_of(unit: str) -> timedelta:
    if unit[0] in "h小钟鐘":
        return _HOUR
    return timedelta(minutes=15 if unit[0] == "刻" else 1)


def _alone(passage: Passage, taken: list[tuple[int, int]]) -> Iterator[re.Match[str]]:
    """Give clocks that no day claimed; a bare 三点 without a part of the day may be three points."""
    has_figures = any(_CLOCK_TAIL.match(passage.lowered, end) for _, end in passage.figures)
    if not has_figures and not passage.has(clock_words.PARTS):
        return
    for match in islice(_CLOCK.finditer(passage.lowered), CANDIDATES_CAP):
        says_clock = match["part"] or match["m24"] or match["half"]
        if says_clock and _is_free(match.start(), match.end(), taken):
            yield match


def _not_after(span: Span, match: re.Match[str], sent: datetime) -> Span:
    """An evening clock that lies ahead today was yesterday's."""
    if span.start > sent and clock_words.is_evening(match):
        return Span(span.start - timedelta(days=1), span.end - timedelta(days=1), span.precision)
    return span


def _is_past(text: str, mention: Mention) -> bool:
    """Tell an event from a limit, a plan, a policy or a habit by the words around it."""
    before = text[max(0, mention.start - _LOOK_BACK) : mention.start]
    return not _LIMIT_BEFORE.search(before) and not _LIMIT_AFTER.match(text, mention.end)


def _is_labelled(text: str, mention: Mention) -> bool:
    return _LABEL.search(text[max(0, mention.start - _LOOK_BACK) : mention.start]) is not None
