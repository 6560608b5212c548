"""The words for facts: table tests of everything that yields a name, a number or a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from responders import lint, lint_words, wording
from responders.letter import Facts, Letter

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 5, 1, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("category", "chinese", "english"),
    [
        ("consult", "产品咨询", "product question"),
        ("fault", "功能故障", "technical problem"),
        ("complaint", "服务投诉", "complaint"),
        ("aftersales", "售后申请", "after-sales request"),
        ("suggestion", "建议反馈", "suggestion"),
        ("emergency", "紧急事件", "emergency"),
        ("会员", "会员", "会员"),
    ],
)
def test_classes_have_names(category: str, chinese: str, english: str) -> None:
    """Every level-1 class has its words; a class an admin added is shown as it is."""
    assert wording.category_name(category, "zh-CN") == chinese
    assert wording.category_name(category, "en-GB") == english


@pytest.mark.parametrize(
    ("level", "profile", "chinese", "english"),
    [
        ("P0", "default", "特急", "critical"),
        ("P1", "default", "紧急", "urgent"),
        ("P2", "quick", "普通", "normal"),
        ("P0", "process", "紧急", "urgent"),
        ("P1", "process", "重要", "important"),
        ("P2", "process", "一般", "ordinary"),
        ("P9", "process", "P9", "P9"),
    ],
)
def test_priorities_are_named_by_profile(level: str, profile: str, chinese: str, english: str) -> None:
    """特急/紧急/普通, and the process manual's own 紧急/重要/一般."""
    assert wording.priority_word(level, "zh-CN", profile) == chinese
    assert wording.priority_word(level, "en", profile) == english


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_empathy_has_a_sentence_for_every_emotion_and_no_turn(language: str) -> None:
    """Each emotion is met with words of its own, an unknown one kindly, and none with "but" (003-12)."""
    said = [wording.empathy_line(emotion, language) for emotion in ("平静", "不满", "愤怒", "焦虑")]
    assert len(set(said)) == 4
    assert wording.empathy_line("绝望", language) == said[1]
    assert not any(lint_words.TURN.search(line) for line in said)
    assert all(line.endswith(("。", ".")) for line in said)


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13900000001", "139****0001"),
        ("139 0000 0001", "139****0001"),
        ("+86-139-0000-0001", "86139****0001"),
        ("02100000001", "021****0001"),
        ("4000000000", "********00"),
        ("110", "****"),
        ("", "****"),
        ("12345", "***45"),
    ],
)
def test_phones_are_masked(phone: str, masked: str) -> None:
    """A letter shows enough of a number to know it, and not enough to call it."""
    assert wording.mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("when", "chinese", "english"),
    [
        (datetime(2026, 5, 1, 7, 30, tzinfo=UTC), "今天（5月1日）15:30", "15:30 today (1 May)"),
        (datetime(2026, 5, 1, 16, 0, tzinfo=UTC), "5月2日 00:00", "00:00 on 2 May"),
        (datetime(2026, 4, 30, 16, 0, tzinfo=UTC), "今天（5月1日）00:00", "00:00 today (1 May)"),
        (datetime(2026, 4, 30, 15, 59, tzinfo=UTC), "4月30日 23:59", "23:59 on 30 April"),
        (datetime(2026, 12, 31, 15, 59, tzinfo=UTC), "12月31日 23:59", "23:59 on 31 December"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "2027年1月1日 00:00", "00:00 on 1 January 2027"),
        (datetime(2025, 5, 1, 7, 30, tzinfo=UTC), "2025年5月1日 15:30", "15:30 on 1 May 2025"),
        (
            datetime(2026, 5, 1, 3, 5, tzinfo=timezone(timedelta(hours=-4))),
            "今天（5月1日）15:05",
            "15:05 today (1 May)",
        ),
    ],
)
def test_times_are_printed_for_the_reader(when: datetime, chinese: str, english: str) -> None:
    """A time is printed in the service's zone; today keeps its date, another year its number (000-24)."""
    assert wording.print_time(when, NOW, SHANGHAI, "zh-CN") == chinese
    assert wording.print_time(when, NOW, SHANGHAI, "en") == english


@pytest.mark.parametrize(
    ("zone", "at", "chinese", "english"),
    [
        ("Asia/Shanghai", NOW, "北京时间", "China time (UTC+8)"),
        ("Europe/Berlin", NOW, "UTC+2", "UTC+2"),
        ("Europe/Berlin", datetime(2026, 1, 1, tzinfo=UTC), "UTC+1", "UTC+1"),
        ("Asia/Kolkata", NOW, "UTC+5:30", "UTC+5:30"),
        ("America/St_Johns", NOW, "UTC-2:30", "UTC-2:30"),
        ("America/New_York", NOW, "UTC-4", "UTC-4"),
        ("Etc/UTC", NOW, "UTC+0", "UTC+0"),
    ],
)
def test_zones_are_named(zone: str, at: datetime, chinese: str, english: str) -> None:
    """A reader abroad learns which zone the times are in, summer time included."""
    assert wording.zone_name(ZoneInfo(zone), at, "zh-CN") == chinese
    assert wording.zone_name(ZoneInfo(zone), at, "en") == english


@pytest.mark.parametrize(
    ("category", "orders", "occurred", "code", "chinese", "english"),
    [
        ("fault", (), None, None, "功能故障", "a technical problem"),
        ("aftersales", (), None, None, "售后申请", "an after-sales request"),
        ("fault", ("A1",), None, None, "功能故障，涉及订单 A1", "a technical problem (order A1)"),
        ("complaint", ("A1", "A2"), None, None, "服务投诉，涉及订单 A1、A2", "a complaint (orders A1, A2)"),
        (
            *("emergency", ("A1",), "TIME", "E1002"),
            "紧急事件，涉及订单 A1，错误码 E1002，发生于 TIME",
            "an emergency (order A1; error code E1002; happened: TIME)",
        ),
    ],
)
def test_the_summary_is_ours(
    category: str, orders: tuple[str, ...], occurred: str | None, code: str | None, chinese: str, english: str
) -> None:
    """The restatement is built from recognised fields alone, as one phrase (000-16)."""
    assert wording.summary(category, orders, occurred, code, "zh-CN") == chinese
    assert wording.summary(category, orders, occurred, code, "en") == english


@pytest.mark.parametrize(("language", "chinese"), [("zh-CN", True), ("ZH", True), ("zh-Hant-TW", True), ("en", False)])
def test_any_chinese_is_chinese(language: str, chinese: bool) -> None:
    """zh-TW and zh-HK readers get Chinese, not English."""
    assert wording.is_chinese(language) is chinese
    assert not wording.is_chinese("zha")


def test_the_empathy_lines_pass_the_lint() -> None:
    """No empathy line asks for a secret, blames, or promises without a time."""
    for _, (chinese, english) in wording.EMPATHY.items():
        for language, text in (("zh-CN", chinese), ("en", english)):
            letter = Letter(kind="ack_soothe", language=language, subject="s", text=text)
            assert lint.lint(letter, Facts(), (lint.asks_no_secret, lint.blames_nobody, lint.promises_a_time)) == ()
