"""Words and figures that name days: 昨天, 上周五, 5月1日, 28号, 2024.06.14, 民國113年5月1日, 双十一, last Friday.

Each rule is a pattern and a function that resolves a match against the day of sending. A day after sending is no day on
which something happened; what the calendar does not have is nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter

from parsers.fields.festivals import NAMES, festival
from parsers.fields.numerals import NUMBER, number
from parsers.fields.passages import Passage
from parsers.fields.spans import Days, make_date

# A month and day without a year that lies this far ahead was last year's; nearer ones are plans.
AHEAD_IS_LAST_YEAR = timedelta(days=120)
YEARS_BACK = 15  # older dates are birthdays and founding years

Match = re.Match[str]
Resolve = Callable[[Match, date], Days | None]

# What behind a number and 号 makes it a line, a shop, a floor.
_PLACE = r"(?! ?(?:号|線|线|楼|樓|店|院|门|門|机|柜|库|仓|厅|窗|座|栋|桌|车|码|碼|%))"
_DAYS_BACK = (
    ("今天 今日 今早 今晨 今晚 今儿 今", 0),
    ("昨天 昨日 昨晚 昨夜 昨儿 昨早 昨 琴日", 1),
    ("前天 前日 前晚 前夜", 2),
    ("大前天 大前日", 3),
)
_RELATIVE = {word: back for words, back in _DAYS_BACK for word in words.split()}
_ENGLISH = {
    "day before yesterday": (2, ""),
    "yesterday": (1, ""),
    "yesterday morning": (1, "上午"),
    "yesterday afternoon": (1, "下午"),
    "yesterday evening": (1, "晚"),
    "last night": (1, "晚"),
    "today": (0, ""),
    "this morning": (0, "上午"),
    "this afternoon": (0, "下午"),
    "tonight": (0, "晚"),
}
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 5}
_WEEKDAYS |= {name: i for i, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_MONTHS = {
    name: i
    for i, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)
}
_MONTH = r"(?P<m>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"


def find(passage: Passage, sent: date) -> Iterator[tuple[int, int, Days | None]]:
    """Give (start, end, days) of every mention of days, rule by rule; None for days ahead, too old, or none at all.

    A mention without days still takes up its place: the 25日之前 in 11月25日之前 is not "25 days ago".
    """
    for words, rules in LATIN_RULES_BY_WORDS if passage.folded.isascii() else RULES_BY_WORDS:
        for _, pattern, resolve in rules if passage.has(words) else ():
            for match in pattern.finditer(passage.lowered):
                days = resolve(match, sent)
                known = days is not None and days.first <= sent and days.first.year > sent.year - YEARS_BACK
                yield match.start(), match.end(), days if known else None


def _one(day: date | None, part: str = "") -> Days | None:
    return Days(day, day, part) if day else None


def _full(match: Match, sent: date) -> Days | None:
    year = number(match["y"]) or 0
    year += 1911 if match.groupdict().get("roc") else 2000 if year < 100 else 0
    return _one(make_date(year, number(match["mo"]) or 0, number(match["d"]) or 0))


def _month_day(match: Match, sent: date) -> Days | None:
    word = match.groupdict().get("m")
    month = _MONTHS[word] if word else number(match["mo"]) or 0
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


def _day_of_last_month(match: Match, sent: date) -> Days | None:
    before = sent.replace(day=1) - timedelta(days=1)
    return _one(make_date(before.year, before.month, number(match["d"]) or 0))


def _relative(match: Match, sent: date) -> Days | None:
    word = match["word"]
    return _one(sent - timedelta(days=_RELATIVE[word]), word[-1] if word[-1] in "晚夜早晨" else "")


def _english(match: Match, sent: date) -> Days | None:
    back, part = _ENGLISH[" ".join(match["word"].split())]
    return _one(sent - timedelta(days=back), part)


def _ago(match: Match, sent: date) -> Days | None:
    count = 1 if match["n"] in ("a", "an", "one") else number(match["n"])
    unit = match["unit"]
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
    back = (sent.weekday() - _WEEKDAYS[match["day"][:3]]) % 7
    return _one(sent - timedelta(days=back or (7 if match["last"] else 0)))


def _part_of_month(match: Match, sent: date) -> Days | None:
    month_end = sent.replace(day=1) - timedelta(days=1)
    last_day = month_end if (match["which"] or "").startswith("上") else sent
    first, last = {"初": (1, 10), "中旬": (11, 20), "底": (21, 31), "末": (21, 31)}.get(match["part"], (1, 31))
    if last_day.day < first:
        return None
    return Days(last_day.replace(day=first), last_day.replace(day=min(last, last_day.day)))


def _last_week(match: Match, sent: date) -> Days | None:
    monday = sent - timedelta(days=sent.weekday() + 7)
    return Days(monday, monday + timedelta(days=6))


def _festival(match: Match, sent: date) -> Days | None:
    return _one(_latest(sent, lambda year: festival(match["name"], year)))


_BEFORE = r"(?<![\da-z.:/-])"
_NOT_IN_NUMBER = r"(?<![年\d一二三四五六七八九十两〇零个個])"
_MD = rf"(?P<mo>{NUMBER}) ?月(?:份)? ?(?P<d>{NUMBER})"
_YMD = r"(?P<y>20\d\d)(?P<sep>[-/.])(?P<mo>\d{1,2})(?P=sep)(?P<d>[0-3]\d(?=[012]\d:)|\d{1,2}(?!\d))"
# A bare 5.1 or 5/1 is a version or a fraction unless something behind it speaks of a day.
_SPEAKS_OF_A_DAY = (
    r"(?= ?(?:日|号|那天|当天|晚|早|上午|下午|中午|凌晨|傍晚|下单|下的|买|購|购|收到|签收|付|的时候|开始|起"
    r"|[012]?\d:\d\d|[012]?\d点))"
)
_ADDRESS = r"(?<![工第订单月路街道巷弄里苑园村组镇区坊厦幢\d一二三四五六七八九十a-z.#-])"
_WEEK = r"(?:个|個)?(?:周|週|星期|礼拜|禮拜)"
_WEEKDAY = r"(?P<day>mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_NEARBY = "|".join(sorted((word for word in _RELATIVE if len(word) > 1), key=len, reverse=True))
_ENGLISH_WORDS = "|".join(sorted(_ENGLISH, key=len, reverse=True)).replace(" ", " {1,3}")


def _rule(words: str, pattern: str, resolve: Resolve) -> tuple[tuple[str, ...], re.Pattern[str], Resolve]:
    return tuple(words.split()), re.compile(pattern), resolve


# Words of which one must stand in the text for the pattern to be tried, the pattern in lower case, and its meaning.
RULES: tuple[tuple[tuple[str, ...], re.Pattern[str], Resolve], ...] = (
    _rule(
        "民国 民國",
        rf"(?P<roc>民国|民國) ?(?P<y>\d{{2,3}})[年./-] ?(?P<mo>{NUMBER})[月./-] ?(?P<d>{NUMBER})[日号號]?",
        _full,
    ),
    _rule("年", rf"(?<!\d)(?P<y>20\d\d|二[〇零]\S\S|2\d) ?年 ?{_MD} ?[日号號]?", _full),
    _rule("20", rf"{_BEFORE}{_YMD}", _full),
    _rule("月", rf"{_NOT_IN_NUMBER}{_MD} ?[日号號]{_PLACE}", _month_day),
    _rule("月", rf"{_NOT_IN_NUMBER}(?P<mo>\d{{1,2}})月(?P<d>\d{{1,2}})(?![\d个個月:.])", _month_day),
    _rule(
        ": 日 号 天 晚 早 午 凌 下 买 購 购 收 付 时 开 起 点",
        rf"{_BEFORE}(?P<mo>1[0-2]|0?[1-9])[./](?P<d>3[01]|[12]\d|0?[1-9])(?![\d./%:]){_SPEAKS_OF_A_DAY}",
        _month_day,
    ),
    _rule(
        " ".join(_MONTHS),
        rf"\b{_MONTH} ?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<y>20\d\d))?(?![\d:])",
        _month_day,
    ),
    _rule(
        " ".join(_MONTHS),
        rf"(?<![\d:.])(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? (?P<y>20\d\d))?(?![\d:])",
        _month_day,
    ),
    _rule(
        "号 號",
        rf"{_ADDRESS}(?P<d>[12]?\d|3[01]|[一二三]?十?[一二三四五六七八九十]) ?[号號]{_PLACE}",
        _day_of_month,
    ),
    _rule("今 昨 前 琴", rf"(?P<word>{_NEARBY}|昨(?=[上下中凌傍])|今(?=[上下中凌]))(?![年后後])", _relative),
    _rule("yesterday today night morning afternoon", rf"\b(?P<word>{_ENGLISH_WORDS})\b", _english),
    _rule(
        "前",
        rf"(?P<n>{NUMBER}) ?(?P<unit>天|日|(?:个|個)?(?:星期|礼拜|禮拜|周|週)|(?:个|個)月) ?[之以]?前(?!后)",
        _ago,
    ),
    _rule("ago", r"\b(?P<n>\d{1,3}|an?|one|two|three) (?P<unit>day|week|month)s? ago\b", _ago),
    _rule(
        "周 週 期 拜",
        rf"(?<![下至到])(?<!下个)(?P<which>上上|上|这|這|本)?{_WEEK}(?P<day>[一二三四五六日天末])(?![至到-])",
        _weekday,
    ),
    _rule("mon tue wed thu fri sat sun", rf"\b(?:on|since|(?P<last>last)) {_WEEKDAY}\b", _english_weekday),
    _rule("月", rf"(?P<which>上个?|上個)月 ?(?P<d>{NUMBER}) ?[日号號]", _day_of_last_month),
    _rule(
        "月",
        rf"{_NOT_IN_NUMBER}(?P<which>上个?|上個|这个?|這個|本)?月(?P<part>初(?![一二三四五六七八九十])|中旬|底|末)",
        _part_of_month,
    ),
    _rule("月", r"(?P<which>上个|上個)月(?P<part>)(?![初中底末\d])", _part_of_month),
    _rule("上 last", rf"上{_WEEK}(?![一二三四五六日天末])|last week\b(?<!\wlast week)", _last_week),
    _rule(" ".join(NAMES), rf"(?P<name>{'|'.join(NAMES)})", _festival),
)
RULES_BY_WORDS = tuple((words, tuple(rules)) for words, rules in groupby(RULES, key=itemgetter(0)))
LATIN_RULES_BY_WORDS = tuple(rules for rules in RULES_BY_WORDS if any(map(str.isascii, rules[0])))
