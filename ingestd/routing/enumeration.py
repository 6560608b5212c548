"""A numbered list in which the customer names the most urgent item: 第三项最急, item 2 is the most urgent."""

from __future__ import annotations

import re

_CHINESE_DIGITS = "一二三四五六七八九十"
_URGENT = re.compile(
    r"第([一二三四五六七八九十]|\d{1,2})(?:项|个|条|点|件)(?:事|问题|事情)?(?:是?最|比较|非常|特别|更|很)(?:着急|紧急|急|要紧|重要)"
    r"|(?:item|point|number|question|no\.) ?(\d{1,2}) is (?:the )?(?:most |more |very )?urgent"
)
_MARKS = ("急", "要紧", "重要", "urgent")
_ITEM = re.compile(r"(?:^|(?<=[\n,。;:!?(]))\s*([一二三四五六七八九十]|\d{1,2})(?:[)、:]|\.(?!\d))")


def urgent_item(text: str) -> tuple[int, int] | None:
    """Return where the item called most urgent stands in the folded text, or None."""
    urgent = _URGENT.search(text) if any(mark in text for mark in _MARKS) else None
    if not urgent:
        return None
    wanted = _number(urgent[1] or urgent[2])
    items = [(_number(match[1]), match.start(1)) for match in _ITEM.finditer(text)]
    begin = next((start for number, start in items if number == wanted), None)
    if begin is None:
        return None
    ends = [start for _, start in items if start > begin] + ([urgent.start()] if urgent.start() > begin else [])
    return begin, min(ends, default=len(text))


def _number(digits: str) -> int:
    return _CHINESE_DIGITS.index(digits) + 1 if digits in _CHINESE_DIGITS else int(digits)
