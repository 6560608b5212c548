"""Numbers as Chinese customers spell them: 十一, 二十三, 两, 半, 幺三九."""

from __future__ import annotations

SPELLED = "〇零一二三四五六七八九十两兩百廿卅"
NUMBER = f"(?:\\d{{1,4}}|[{SPELLED}]{{1,5}})"
SPELLED_DIGITS = "〇零○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖"

_DIGITS = {
    character: str(value)
    for value, characters in enumerate(
        ("〇零○", "一幺壹", "二两兩贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for character in characters
}


def digits(text: str) -> str:
    """Give the digits of a spelled-out row (一三九〇 -> 1390); everything that is no digit falls out."""
    return "".join(_DIGITS.get(character, character if character.isdecimal() else "") for character in text)


def number(text: str) -> int | None:
    """Read a number below 1000 (二十三, 十, 两, 7, 2024, 二〇二四), or None."""
    if text.isdecimal():
        return int(text)
    row = text.replace("廿", "二十").replace("卅", "三十")
    if "十" not in row and "百" not in row:
        found = digits(row)
        return int(found) if found and len(found) == len(row) else None
    return _with_places(row)


def _with_places(row: str) -> int | None:
    hundreds, mark, rest = row.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    parts = (
        digits(hundreds) or ("1" if mark else "0"),
        digits(tens) or ("1" if ten else "0"),
        digits(ones).lstrip("0") or "0",
    )
    return int(parts[0]) * 100 + int(parts[1]) * 10 + int(parts[2]) if max(map(len, parts)) == 1 else None
