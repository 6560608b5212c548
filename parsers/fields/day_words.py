"""Words and figures that name days: 昨天, 上周五, 5月1日, 28号, 2024.06.14, 民國113年5月1日, 双十一, last Friday.

Each rule is a pattern and a function that resolves a match against the day of sending. A day after sending is no day on
which something happened; what the calendar does not have is nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from parsers.fields.festivals import NAMES, festival
from parsers.fields.numerals import NUMBER, number
from parsers.fields.spans import Days, make_date

# A month and day without a year that lies this far ahead was last year's; nearer ones are plans.
AHEAD_IS_LAST_YEAR = timedelta(days=120)
YEARS_BACK = 15  # older dates are birthdays and founding years

Match = re.Match[str]
Resolve = Callable[[Match, date], Days | None]

# What behind a day makes it a limit, a period or a policy: 15日内, 5月1日前, 7天无理由, 3号线.
_NOT_AFTER = r"(?! ?(?:内|之内|以内|內|前(?!后)|之前|以前|截止|无理由|到期|包退|包换|保修|免息|号|線|线|楼|樓|店|院|门|門|机|柜|库|仓|厅|窗|座|栋|桌|车|%))"
_RELATIVE = {
    "大前天": 3, "大前日": 3, "前天": 2, "前日": 2, "前晚": 2, "前夜": 2, "昨天": 1, "昨日": 1, "昨晚": 1, "昨夜": 1, "昨儿": 1,
    "昨早": 1, "昨": 1, "今天": 0, "今日": 0, "今早": 0, "今晨": 0, "今晚": 0, "今儿": 0, "今": 0, "琴日": 1, "寻日": 1,
}  # fmt: skip
_ENGLISH = {"day before yesterday": 2, "yesterday": 1, "last night": 1, "today": 0, "this morning": 0, "this afternoon": 0, "tonight": 0}
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 5}
_WEEKDAYS |= {name: i for i, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_MONTHS = {
    name: i for i, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)
}
_MONTH = r"(?P<m>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"


def find(folded: str, sent: date) -> Iterator[tuple[int, int, Days]]:
    """Give (start, end, days) of every mention of days on or before ``sent``, rule by rule. Never raises."""
    for pattern, resolve in RULES:
        for match in pattern.finditer(folded):
            days = resolve(match, sent)
            if days and days.first <= sent and days.first.year > sent.year - YEARS_BACK:
                yield match.start(), match.end(), days


def _one(day: date | None, night: bool = False) -> Days | None:
    return Days(day, day, night) if day else None


def _full(match: Match, sent: date) -> Days | None:
    year = number(match["y"]) or 0
    year += 1911 if match.groupdict().get("roc") else 2000 if year < 100 else 0
    return _one(make_date(year, number(match["mo"]) or 0, number(match["d"]) or 0))


def _month_day(match: Match, sent: date) -> Days | None:
    word = match.groupdict().get("m")
    month = _MONTHS[word.lower()] if word else number(match["mo"]) or 0
    year = match.groupdict().get("y")
    if year:
        return _one(make_date(int(year), month, number(match["d"]) or 0))
    return _one(_latest(sent, lambda year: make_date(year, month, number(match["d"]) or 0)))


def _latest(sent: date, in_year: Callable[[int], date | None]) -> date | None:
    """Choose the year: this one unless it lies ahead; then last year, unless it is so near that it is a plan."""
    this, last = in_year(sent.year), in_year(sent.year - 1)
    if this and this > sent:
        return last if this - sent > AHEAD_IS_LAST_YEAR else None
    return this or last


def _day_of_month(match: Match, sent: date) -> Days | None:
    day = number(match["d"]) or 0
    this = make_date(sent.year, sent.month, day)
    if this and this <= sent:
        return _one(this)
    before = sent.replace(day=1) - timedelta(days=1)
    return _one(make_date(before.year, before.month, day))


def _relative(match: Match, sent: date) -> Days | None:
    word = match["word"]
    return _one(sent - timedelta(days=_RELATIVE[word]), night=word.endswith(("晚", "夜")))


def _english(match: Match, sent: date) -> Days | None:
    word = " ".join(match["word"].lower().split())
    return _one(sent - timedelta(days=_ENGLISH[word]), night=word in ("last night", "tonight"))


def _ago(match: Match, sent: date) -> Days | None:
    count = 1 if match["n"].lower() in ("a", "an", "one") else number(match["n"])
    unit = match["unit"].lower()
    days = 7 if unit[0] in "周星礼禮w" else 30 if unit[0] in "个月m" else 1
    return _one(sent - timedelta(days=count * days)) if count and count < 400 else None


def _weekday(match: Match, sent: date) -> Days | None:
    day = _WEEKDAYS[match["day"]]
    week = sent - timedelta(days=sent.weekday())
    back = {"上上": 2, "上": 1, "这": 0, "這": 0, "本": 0}.get(match["which"] or "")
    if back is None:
        return _one(sent - timedelta(days=(sent.weekday() - day) % 7))
    found = week + timedelta(days=day - 7 * back)
    return Days(found, found + timedelta(days=1)) if match["day"] == "末" else _one(found)


def _english_weekday(match: Match, sent: date) -> Days | None:
    back = (sent.weekday() - _WEEKDAYS[match["day"].lower()[:3]]) % 7
    return _one(sent - timedelta(days=back or (7 if match["last"] else 0)))


def _part_of_month(match: Match, sent: date) -> Days | None:
    month_end = sent.replace(day=1) - timedelta(days=1)
    day = month_end if match["which"].startswith(("上", "last")) else sent
    first, last = {"初": (1, 10), "中": (11, 20), "底": (21, 31), "末": (21, 31)}.get((match["part"] or "")[-1:], (1, 31))
    end = day if day == sent else month_end
    start = day.replace(day=first)
    return Days(start, min(end, day.replace(day=min(last, end.day)))) if start <= end else None


def _last_week(match: Match, sent: date) -> Days | None:
    monday = sent - timedelta(days=sent.weekday() + 7)
    return Days(monday, monday + timedelta(days=6))


def _festival(match: Match, sent: date) -> Days | None:
    return _one(_latest(sent, lambda year: festival(match["name"], year)))


_SEP = r"(?P<sep>[-/.])"
_BEFORE = r"(?<![\dA-Za-z.:/-])"
RULES: tuple[tuple[re.Pattern[str], Resolve], ...] = (
    (re.compile(rf"(?P<roc>民国|民國) ?(?P<y>\d{{2,3}})[年./-] ?(?P<mo>{NUMBER})[月./-] ?(?P<d>{NUMBER})[日号號]?{_NOT_AFTER}"), _full),
    (re.compile(rf"(?<!\d)(?P<y>20\d\d|二[〇零]\S\S|(?<![\d年])2\d) ?年 ?(?P<mo>{NUMBER}) ?月 ?(?P<d>{NUMBER}) ?[日号號]?{_NOT_AFTER}"), _full),
    (re.compile(rf"{_BEFORE}(?P<y>20\d\d){_SEP}(?P<mo>\d{{1,2}})(?P=sep)(?P<d>[0-3]\d(?=[012]\d:)|\d{{1,2}}(?!\d)){_NOT_AFTER}"), _full),
    (re.compile(rf"(?<![年\d一二三四五六七八九十两〇零个個])(?P<mo>{NUMBER}) ?月(?:份)? ?(?P<d>{NUMBER}) ?[日号號]{_NOT_AFTER}"), _month_day),
    (re.compile(rf"(?<![年\d一二三四五六七八九十两〇零个個])(?P<mo>\d{{1,2}})月(?P<d>\d{{1,2}})(?![\d个個月:.]){_NOT_AFTER}"), _month_day),
    (
        re.compile(
            rf"{_BEFORE}(?P<mo>1[0-2]|0?[1-9])(?P<sep>[./])(?P<d>3[01]|[12]\d|0?[1-9])(?![\d./%]|:)"
            r"(?= ?(?:日|号|那天|当天|晚|早|上午|下午|中午|凌晨|傍晚|下单|下的|买|購|购|收到|签收|付|的时候|开始|起|[012]?\d:\d\d|[012]?\d点))"
        ),
        _month_day,
    ),
    (re.compile(rf"\b{_MONTH} ?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<y>20\d\d))?(?![\d:])", re.IGNORECASE), _month_day),
    (re.compile(rf"(?<![\d:.])(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? (?P<y>20\d\d))?(?![\d:])", re.IGNORECASE), _month_day),
    (re.compile(rf"(?<![工第订单月\d一二三四五六七八九十A-Za-z.#-])(?P<d>[12]?\d|3[01]|[一二三]?十?[一二三四五六七八九十]) ?[号號]{_NOT_AFTER}(?=[^码碼]|$)"), _day_of_month),
    (re.compile(rf"(?P<word>{'|'.join(w for w in _RELATIVE if len(w) > 1)}|昨(?=[上下中凌傍])|今(?=[上下中凌晨]))(?!年|后|後)"), _relative),
    (re.compile(rf"\b(?P<word>{'|'.join(w.replace(' ', ' {1,3}') for w in _ENGLISH)})\b", re.IGNORECASE), _english),
    (re.compile(rf"(?P<n>{NUMBER}) ?(?P<unit>天|日|(?:个|個)?(?:星期|礼拜|禮拜|周|週)|(?:个|個)月) ?(?:之|以)?前(?!后)"), _ago),
    (re.compile(r"\b(?P<n>\d{1,3}|an?|one|two|three) (?P<unit>day|week|month)s? ago\b", re.IGNORECASE), _ago),
    (re.compile(r"(?<![下每])(?<!下个)(?<!至)(?<!到)(?P<which>上上|上|这|這|本)?(?:个|個)?(?:周|週|星期|礼拜|禮拜)(?P<day>[一二三四五六日天末])(?![至到-]|个月)"), _weekday),
    (re.compile(r"\b(?:on|since|(?P<last>last)) (?P<day>mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b", re.IGNORECASE), _english_weekday),
    (re.compile(r"(?P<which>上个?|上個|这个?|這個|本)?月(?P<part>初|中旬|底|末)(?![之以]?前)"), lambda m, sent: _part_of_month(_Which(m), sent)),
)
