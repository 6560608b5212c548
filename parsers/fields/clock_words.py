"""Words and figures that name a time of day: 下午3点, 三点半, 十点一刻, 22:00, 晚上11点多, 凌晨1点, 3 pm.

A clock without a day in front is read by ``dates``; here a clock and a day become a span.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from parsers.fields.numerals import NUMBER, number
from parsers.fields.spans import Days, Span, hours_of, whole_days

ABOUT = timedelta(minutes=30)  # what 左右 gives on either side

# Part of the day -> (first hour, last hour) of its span; hours past 24 lie on the next day.
PARTS: dict[str, tuple[int, int]] = {
    word: hours
    for words, hours in (
        (("凌晨",), (0, 6)),
        (("清晨", "早上", "早晨", "一早", "早", "晨"), (5, 10)),
        (("上午",), (8, 12)),
        (("中午",), (11, 14)),
        (("下午", "午后"), (12, 18)),
        (("傍晚",), (17, 20)),
        (("晚上", "晚间", "晚", "夜"), (18, 24)),
        (("夜里", "夜间", "深夜", "半夜", "午夜"), (22, 30)),
    )
    for word in words
}
_EVENING = ("晚上", "晚间", "晚", "夜", "夜里", "夜间", "深夜", "半夜", "午夜")
_AFTERNOON = ("下午", "午后", "傍晚")
_EITHER_HALF = range(1, 7)  # 昨天三点 may be night or afternoon
_MINUTES = {"半": 30, "一刻": 15, "三刻": 45}

_PART = "|".join(sorted(PARTS, key=len, reverse=True))
_HOUR = rf"(?P<hour>{NUMBER}) ?(?:点|點|时(?![间长段代光候效常尚])|時(?![間長段代候]))(?:钟|鐘|整)?"
_COUNT = r"\d{1,2}|[一二三四五]?十?[一二三四五六七八九十]|[〇零][一二三四五六七八九]"
_MINUTE = rf"(?: ?(?P<minute>半|一刻|三刻|(?P<count>{_COUNT}) ?分?))?"
CLOCK = (
    rf"(?:(?P<part>{_PART}) ?(?:的)?)?(?:大概|大约|差不多|约|about |around )?"
    rf"(?:(?P<h24>[01]?\d|2[0-4]):(?P<m24>[0-5]\d)(?::[0-5]\d)?(?: ?(?P<ampm>[ap])\.?m\b\.?)?"
    rf"|(?P<h12>1[0-2]|0?[1-9]) ?(?P<half>[ap])\.?m\b\.?"
    rf"|{_HOUR}(?P<more>多)?{_MINUTE})"
    r"(?P<about> ?(?:左右|前后|上下|多钟|来钟|许|多))?"
)
_JOIN = r"[ t,的在]{0,4}(?:at )?(?:\((?:周|星期)[一二三四五六日天]\)|(?:周|星期)[一二三四五六日天])?[ ,]{0,2}"
_AFTER_DAY = re.compile(_JOIN + CLOCK)
_PART_AFTER_DAY = re.compile(rf"[ ,的]{{0,2}}(?P<part>{_PART})")
_BEFORE_DAY = re.compile(CLOCK + r",? (?:on |of )?$")
BEFORE_DAY_CHARACTERS = 24  # "around 11:30 p.m. on " before the day

Match = re.Match[str]


@dataclass(frozen=True)
class Timed:
    """Days joined with what the text says of the time: the place of it all, its span, whether a clock spoke."""

    start: int
    end: int
    span: Span
    clock: bool


def join(lowered: str, start: int, end: int, days: Days, sent: datetime) -> Timed:
    """Join the mention of days at ``start:end`` with a clock or a part of the day beside it, if there is one."""
    if days.first != days.last:
        return Timed(start, end, whole_days(days, sent.tzinfo), False)
    clock = _AFTER_DAY.match(lowered, end) or _BEFORE_DAY.search(lowered, max(0, start - BEFORE_DAY_CHARACTERS), start)
    span = on_clock(clock, days, sent) if clock else None
    if clock and span:
        return Timed(min(start, clock.start()), max(end, clock.end()), span, True)
    return _with_part(lowered, start, end, days, sent.tzinfo)


def _with_part(lowered: str, start: int, end: int, days: Days, zone: tzinfo | None) -> Timed:
    """Narrow a day to the part of it that stands behind it or inside its word."""
    part = _PART_AFTER_DAY.match(lowered, end)
    word = part["part"] if part else days.part
    span = hours_of(days.first, *PARTS[word], zone) if word else whole_days(days, zone)
    return Timed(start, part.end() if part else end, span, False)


def on_clock(clock: Match, days: Days, sent: datetime) -> Span | None:
    """Resolve a clock on a day; None where the hour is no hour, or could be morning or afternoon."""
    hour = _hour(clock, clock["part"] or days.part, days.part)
    minute = _minute(clock)
    if hour is None or not 0 <= minute <= 59:
        return None
    moment = _moment(days, hour, minute, sent.tzinfo)
    if moment > sent and hour >= 24:
        moment -= timedelta(days=1)
    return _span(clock, moment)


def _moment(days: Days, hour: int, minute: int, zone: tzinfo | None) -> datetime:
    return datetime.combine(days.first, time(), zone) + timedelta(hours=hour, minutes=minute)


def _span(clock: Match, moment: datetime) -> Span:
    """Widen what is only about right: 左右 both ways, 多 within the hour."""
    about = (clock["about"] or "").strip()
    if about in ("左右", "前后", "上下", "许"):
        return Span(moment - ABOUT, moment + ABOUT, "range")
    rest_of_hour = timedelta(minutes=59 - moment.minute, seconds=59)
    if about or clock["more"]:
        return Span(moment, moment + rest_of_hour, "range")
    if clock["m24"] or clock["minute"]:
        return Span(moment, moment, "minute")
    return Span(moment, moment + rest_of_hour, "hour")


def _minute(clock: Match) -> int:
    if clock["m24"]:
        return int(clock["m24"])
    word = clock["minute"] or ""
    return _MINUTES[word] if word in _MINUTES else number(clock["count"].lstrip("〇零")) or 0 if word else 0


def _hour(clock: Match, part: str, day_part: str) -> int | None:
    """Give the hour from 0 to 29 as counted from the day's midnight."""
    half = f"{clock['ampm'] or ''}{clock['half'] or ''}"
    written = number(next(filter(None, clock.group("h24", "h12", "hour")), ""))
    if written is None or written > 24:
        return None
    if half and written <= 12:
        return written % 12 + 12 * (half == "p")
    if part:
        return _by_part(written, part, day_part)
    return None if clock["hour"] and written in _EITHER_HALF else written


def _by_part(hour: int, part: str, day_part: str) -> int:
    """Put a twelve-hour figure into its part of the day; the small hours of an evening belong to the next day."""
    if part in _EVENING:
        return hour + 24 if hour <= 4 else hour + 12 if hour <= 12 else hour
    if part == "凌晨":
        return hour % 12 + (24 if day_part in _EVENING else 0)
    if part == "中午":
        return hour + 12 if hour <= 3 else hour
    return hour + 12 if part in _AFTERNOON and hour < 12 else hour


def is_evening(clock: Match) -> bool:
    """Tell whether a clock speaks of the evening or night."""
    return clock["part"] in _EVENING
