"""When festivals fall that customers name instead of a date. Data, with the lunar ones year by year.

Lunar dates are the public holidays' own days; beyond the table such a word is no date.
"""

from __future__ import annotations

from datetime import date

FIRST_LUNAR_YEAR = 2020

# (month, day) by name.
FIXED: dict[str, tuple[int, int]] = {
    "元旦": (1, 1),
    "情人节": (2, 14),
    "三八节": (3, 8),
    "劳动节": (5, 1),
    "五一": (5, 1),
    "儿童节": (6, 1),
    "六一": (6, 1),
    "国庆": (10, 1),
    "十一国庆": (10, 1),
    "双十一": (11, 11),
    "双11": (11, 11),
    "雙十一": (11, 11),
    "双十二": (12, 12),
    "双12": (12, 12),
    "平安夜": (12, 24),
    "圣诞": (12, 25),
}

# One (month, day) for each year from 2020 to 2030.
LUNAR: dict[tuple[str, ...], tuple[tuple[int, int], ...]] = {
    ("春节", "春節", "正月初一", "大年初一"): (
        (1, 25), (2, 12), (2, 1), (1, 22), (2, 10), (1, 29), (2, 17), (2, 6), (1, 26), (2, 13), (2, 3),
    ),
    ("端午", "五月初五"): (
        (6, 25), (6, 14), (6, 3), (6, 22), (6, 10), (5, 31), (6, 19), (6, 9), (5, 28), (6, 16), (6, 5),
    ),
    ("中秋", "八月十五"): (
        (10, 1), (9, 21), (9, 10), (9, 29), (9, 17), (10, 6), (9, 25), (9, 15), (10, 3), (9, 22), (9, 12),
    ),
    ("清明",): (
        (4, 4), (4, 4), (4, 5), (4, 5), (4, 4), (4, 4), (4, 5), (4, 5), (4, 4), (4, 4), (4, 5),
    ),
}  # fmt: skip
_LUNAR_BY_NAME = {name: days for names, days in LUNAR.items() for name in names}
NAMES = (*FIXED, *_LUNAR_BY_NAME)


def festival(name: str, year: int) -> date | None:
    """Give the day of a festival in a year, or None where it is not known."""
    if name in FIXED:
        return date(year, *FIXED[name])
    days = _LUNAR_BY_NAME.get(name, ())
    index = year - FIRST_LUNAR_YEAR
    return date(year, *days[index]) if 0 <= index < len(days) else None
