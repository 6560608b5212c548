"""How one reader is spoken to: words for codes, both names, spans and times as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from doubles.mailroom import NOON
from markupsafe import Markup

from ingestd.model import Department
from ingestd.web.speaking import Speaker

ORDER = {"order": Department("order", "订单组", "Orders")}
SHANGHAI = ZoneInfo("Asia/Shanghai")


def speaker(language: str = "zh-CN") -> Speaker:
    return Speaker(language, SHANGHAI, ORDER, NOON)


@pytest.mark.parametrize(
    ("code", "said"), [("new", "新工单"), ("returned", "退回"), ("something-new", "something-new"), (None, "")]
)
def test_a_code_has_its_word_and_an_unknown_one_is_shown(code: str | None, said: str) -> None:
    """What a newer version writes is shown as it stands, never an error."""
    assert speaker().word("whys", code) == said


@pytest.mark.parametrize(("language", "first", "second"), [("zh-CN", "订单组", "Orders"), ("en", "Orders", "订单组")])
def test_a_department_has_both_its_names(language: str, first: str, second: str) -> None:
    """The reader's own first; a department that is no longer configured keeps its id, escaped."""
    said = speaker(language).department("order")
    assert said.startswith(first)
    assert second in said
    assert speaker(language).department_name("order") == first
    assert speaker(language).department("<gone>") == Markup("&lt;gone&gt;")
    assert speaker(language).department_name("gone") == "gone"


@pytest.mark.parametrize(
    ("kind", "key", "value", "said"),
    [
        ("transferred", "to", "order", "订单组"),
        ("transferred", "contact", "order", "order"),
        ("message", "from", "w@x.cn", "w@x.cn"),
        ("message", "how", "token", "凭回复地址中的令牌归入"),
        ("letter_failed", "kind", "ack", "受理确认"),
    ],
)
def test_the_data_of_an_entry_are_told_in_words(kind: str, key: str, value: str, said: str) -> None:
    """Departments and codes by name, everything else as it is."""
    assert speaker().pair(kind, key, value) == said


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("old-mail", "邮件早于 letters.max_age"),
        ("550 5.1.1 no such user", "550 5.1.1 no such user"),
        ("folded: budget-address", "同样内容再次来信且超出上限，已并入前一工单: 该地址在本小时或当天的确认信已达上限"),
        ("relay: 550 no", "relay: 550 no"),
        (None, ""),
    ],
)
def test_a_reason_is_a_sentence(reason: str | None, said: str) -> None:
    """P38: codes in words, a server's own words as they came."""
    assert speaker().reason(reason) == said


@pytest.mark.parametrize(
    ("away", "chinese", "english"),
    [
        (timedelta(0), "还剩 0 分钟", "0 min left"),
        (timedelta(minutes=59, seconds=59), "还剩 59 分钟", "59 min left"),
        (timedelta(hours=1), "还剩 1 小时", "1 h left"),
        (timedelta(hours=47, minutes=59), "还剩 47 小时", "47 h left"),
        (timedelta(days=2), "还剩 2 天", "2 d left"),
        (timedelta(minutes=-90), "已超 1 小时", "1 h over"),
        (timedelta(days=-400), "已超 400 天", "400 d over"),
    ],
)
def test_deadlines_are_told_as_people_count(away: timedelta, chinese: str, english: str) -> None:
    """Minutes up to an hour, hours up to two days, then days; what has passed is over."""
    assert speaker().left(NOON + away) == chinese
    assert speaker("en").left(NOON + away) == english
    assert speaker().is_over(NOON + away) == (away < timedelta(0))


def test_the_past_is_told_from_now() -> None:
    """As people say it in either language."""
    assert (speaker().ago(NOON - timedelta(hours=3)), speaker("en").ago(NOON - timedelta(hours=3))) == (
        "3 小时前",
        "3 h ago",
    )


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (NOON, ">11-20 12:00<"),
        (NOON.replace(year=2025), ">2025-11-20 12:00<"),
        (datetime(2026, 12, 31, 20, 0, tzinfo=NOON.tzinfo), ">2027-01-01 04:00<"),
        ("2026-11-20T09:12:00+08:00", ">11-20 09:12<"),
        ("2026-11-20T09:12:00", "–"),
        ("yesterday", "–"),
        (None, "–"),
    ],
)
def test_times_are_in_the_houses_timezone(moment: datetime | str | None, shown: str) -> None:
    """To the minute, the year where it is another; what is no time is a dash."""
    assert shown in speaker().when(moment)
