"""How a letter addresses its reader. Nobody's gender is guessed: without an honorific there is none (003-10)."""

from __future__ import annotations

from collections.abc import Mapping

HONORIFICS: Mapping[str, tuple[str, str]] = {
    "女士": ("女士", "Ms"),
    "小姐": ("女士", "Ms"),
    "ms": ("女士", "Ms"),
    "mrs": ("女士", "Mrs"),
    "miss": ("女士", "Ms"),
    "先生": ("先生", "Mr"),
    "mr": ("先生", "Mr"),
    "老师": ("老师", ""),
    "教授": ("教授", "Professor"),
    "prof": ("教授", "Professor"),
    "博士": ("博士", "Dr"),
    "dr": ("博士", "Dr"),
    "医生": ("医生", "Dr"),
    "经理": ("经理", ""),
}
"""What people write before or after their name, in Chinese and in English; empty where English has no such word."""
COMPOUND_SURNAMES = frozenset(
    {
        *(
            "欧阳",
            "太史",
            "端木",
            "上官",
            "司马",
            "东方",
            "独孤",
            "南宫",
            "夏侯",
            "诸葛",
            "尉迟",
            "皇甫",
            "公孙",
            "慕容",
        ),
        *(
            "令狐",
            "宇文",
            "长孙",
            "司徒",
            "司空",
            "轩辕",
            "濮阳",
            "淳于",
            "申屠",
            "呼延",
            "闻人",
            "公冶",
            "宗政",
            "钟离",
        ),
        *("歐陽", "司馬", "東方", "獨孤", "諸葛", "尉遲", "長孫", "軒轅", "濮陽", "淳于", "聞人", "鍾離"),
    }
)
LONGEST_NAME = 40
"""Longer is not a name but a sentence, and a letter does not open with it."""


def address(customer: str | None, honorific: str | None, language: str) -> str:
    """Return the words a letter opens with, without its comma: 王女士, ``Dear Ms Wang``; unknown: 尊敬的客户.

    In Chinese a name without an honorific is 尊敬的客户 too; in English it is ``Dear`` and the whole name.
    """
    name, title = _split(" ".join((customer or "").split()), honorific or "")
    chinese, english = HONORIFICS.get(title, ("", ""))
    if language.lower().startswith("zh"):
        return f"{surname(name)}{chinese}" if name and chinese else "尊敬的客户"
    if not name:
        return "Dear customer"
    return f"Dear {english} {surname(name)}" if english else f"Dear {name}"


def surname(name: str) -> str:
    """Return the family name: the first one or two characters of a Chinese name, else the last word."""
    if not _is_han(name):
        return name.split()[-1]
    return name[:2] if name[:2] in COMPOUND_SURNAMES else name[:1]


def _split(name: str, honorific: str) -> tuple[str, str]:
    if len(name) > LONGEST_NAME:
        return "", ""
    for title in HONORIFICS:
        if not title.isascii() and name.endswith(title) and len(name) > len(title):
            return name.removesuffix(title).rstrip(), title
    first, _, rest = name.partition(" ")
    if rest and first.lower().rstrip(".") in HONORIFICS:
        return rest, first.lower().rstrip(".")
    return name, honorific.strip().lower().rstrip(".")


def _is_han(name: str) -> bool:
    return bool(name) and "\u3400" <= name[0] <= "\u9fff"
