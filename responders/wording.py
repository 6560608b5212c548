"""The words for facts: names of classes and priorities, empathy, forms of address, times, masked phones, the summary.

``language`` is ``zh-CN`` (any ``zh…``) or English (everything else). Unknown ids are shown as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from responders.names import address

__all__ = [
    "address",
    "category_name",
    "empathy_line",
    "is_chinese",
    "mask_phone",
    "print_time",
    "priority_word",
    "summary",
    "zone_name",
]

CATEGORIES: Mapping[str, tuple[str, str]] = {
    "consult": ("产品咨询", "product question"),
    "fault": ("功能故障", "technical problem"),
    "complaint": ("服务投诉", "complaint"),
    "aftersales": ("售后申请", "after-sales request"),
    "suggestion": ("建议反馈", "suggestion"),
    "emergency": ("紧急事件", "emergency"),
}
PRIORITIES: Mapping[str, tuple[str, str]] = {
    "P0": ("特急", "critical"),
    "P1": ("紧急", "urgent"),
    "P2": ("普通", "normal"),
}
PROFILE_PRIORITIES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "process": {"P0": ("紧急", "urgent"), "P1": ("重要", "important"), "P2": ("一般", "ordinary")},
}
"""Profiles with names of their own. 紧急 is P0 here and P1 elsewhere, which is why the name alone decides nothing."""
EMPATHY: Mapping[str, tuple[str, str]] = {
    "平静": ("感谢您坦诚地把问题告诉我们。", "Thank you for telling us plainly what went wrong."),
    "不满": (
        "这次的体验没有达到您的期待，您的失望我们很理解。",
        "We can see that this fell short of what you expected.",
    ),
    "愤怒": ("遇到这样的事，您感到气愤，我们完全理解。", "We understand how upsetting this has been."),
    "焦虑": ("事情还没有着落，我们明白您一定很着急。", "We can imagine how worrying this is."),
}
ZONES: Mapping[str, tuple[str, str]] = {"Asia/Shanghai": ("北京时间", "China time (UTC+8)")}
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def is_chinese(language: str) -> bool:
    """Is this any kind of Chinese?"""
    return language.lower().partition("-")[0] == "zh"


def category_name(category: str, language: str) -> str:
    """Return the words for a level-1 class: ``fault`` is 功能故障, ``technical problem``."""
    return _in(language, CATEGORIES.get(category, (category, category)))


def priority_word(level: str, language: str, profile: str = "default") -> str:
    """Return the word a profile uses for P0, P1 or P2: 特急/紧急/普通 unless it names its own."""
    words = PROFILE_PRIORITIES.get(profile, PRIORITIES)
    return _in(language, words.get(level, (level, level)))


def empathy_line(emotion: str, language: str) -> str:
    """Return the sentence a soothing letter opens with; an unknown emotion is met as 不满."""
    return _in(language, EMPATHY.get(emotion, EMPATHY["不满"]))


def mask_phone(phone: str) -> str:
    """Hide the middle of a phone number: ``139****0001``. Shorter numbers keep at most their last two digits."""
    digits = "".join(character for character in phone if character.isdigit())
    if len(digits) >= 11:
        return f"{digits[:-8]}****{digits[-4:]}"
    return "*" * max(len(digits) - 2, 0) + digits[-2:] if len(digits) > 4 else "****"


def print_time(when: datetime, now: datetime, zone: tzinfo, language: str) -> str:
    """Print a minute for people: ``5月1日 15:30``, ``15:30 on 1 May``.

    Of the same day: ``今天（5月1日）15:30``, ``15:30 today (1 May)``.
    The date stays beside 今天, for a letter may be read tomorrow. Another year is named. Both times need an offset.
    The words fit after 于 and before 前, after "at" and "by".
    """
    local, today = when.astimezone(zone), now.astimezone(zone)
    other_year = local.year != today.year
    if is_chinese(language):
        day = f"{local.year}年" * other_year + f"{local.month}月{local.day}日"
        return f"今天（{day}）{local:%H:%M}" if local.date() == today.date() else f"{day} {local:%H:%M}"
    day = f"{local.day} {MONTHS[local.month - 1]}" + f" {local.year}" * other_year
    return f"{local:%H:%M} today ({day})" if local.date() == today.date() else f"{local:%H:%M} on {day}"


def zone_name(zone: tzinfo, at: datetime, language: str) -> str:
    """Name a timezone for a reader who may live in another: 北京时间, ``China time (UTC+8)``, else ``UTC+1``."""
    sign, hours, minutes = (f"{at.astimezone(zone):%z}"[part] for part in (slice(1), slice(1, 3), slice(3, 5)))
    offset = f"UTC{sign}{int(hours)}" + f":{minutes}" * (minutes != "00")
    return _in(language, ZONES.get(str(zone), (offset, offset)))


def summary(
    category: str, order_nos: Sequence[str], occurred_at: str | None, error_code: str | None, language: str
) -> str:
    """Restate a matter from recognised fields alone, in one phrase without a full stop.

    For an address that has not proved itself, give only the class: numbers, too, are the stranger's words (P12).
    """
    name = category_name(category, language)
    if is_chinese(language):
        return "，".join([name, *_chinese_details(order_nos, occurred_at, error_code)])
    details = _english_details(order_nos, occurred_at, error_code)
    return f"{_article(name)} {name}" + f" ({'; '.join(details)})" * bool(details)


def _chinese_details(orders: Sequence[str], occurred_at: str | None, error_code: str | None) -> list[str]:
    parts = (orders and f"涉及订单 {'、'.join(orders)}", error_code and f"错误码 {error_code}")
    return [str(part) for part in (*parts, occurred_at and f"发生于 {occurred_at}") if part]


def _english_details(orders: Sequence[str], occurred_at: str | None, error_code: str | None) -> list[str]:
    plural = "s" * (len(orders) > 1)
    parts = (orders and f"order{plural} {', '.join(orders)}", error_code and f"error code {error_code}")
    return [str(part) for part in (*parts, occurred_at and f"happened: {occurred_at}") if part]


def _article(noun: str) -> str:
    return "an" if noun[:1].lower() in "aeiou" else "a"


def _in(language: str, words: tuple[str, str]) -> str:
    return words[0] if is_chinese(language) else words[1]
