"""All fields of a message together: each from its best place, nothing twice, nothing guessed."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.fields import extract, numerals, wants_no_reply
from parsers.record import Fields, Mailbox

SENT = datetime(2026, 11, 20, 9, 12, tzinfo=timezone(timedelta(hours=8)))
BODY = (
    "您好，我是王女士，客户编号C20240501001。订单号：20261101123456，昨天下午3点登录不上，错误码：E1002。\n"
    "快递单号SF1234567890123，我的电话139 0000 0001。"
)


def test_a_whole_message() -> None:
    """The fields of the intake form are read in one go, each with its source."""
    fields = extract(
        BODY, "王芳\n13900000001\n010-62345678", "订单20261101123456没到", Mailbox(name="小鱼儿", email="f@x.cn"), SENT
    )
    assert fields.name is not None
    assert (fields.name.value, fields.name.source) == ("王女士", "B")
    assert fields.honorific is not None
    assert fields.honorific.value == "女士"
    assert [(phone.value, phone.source) for phone in fields.phones] == [("13900000001", "B"), ("01062345678", "S")]
    assert [(number.value, number.source) for number in fields.order_nos] == [("20261101123456", "B")]
    assert [(number.kind, number.value) for number in fields.other_nos] == [("tracking", "SF1234567890123")]
    assert fields.customer_no is not None
    assert fields.customer_no.value == "C20240501001"
    assert fields.occurred_at is not None
    assert fields.occurred_at.text == "昨天下午3点"
    assert fields.error_code is not None
    assert fields.error_code.value == "E1002"


def test_nothing_stated_is_nothing_found() -> None:
    """Unknown is None or empty, never a guess."""
    assert extract("你好", None, "在吗", None, None) == Fields()


def test_the_subject_is_a_source_of_its_own() -> None:
    """A number only the subject has is told with source H."""
    fields = extract("请查", None, "订单号20261101123456没到", None, SENT)
    assert [(number.value, number.source) for number in fields.order_nos] == [("20261101123456", "H")]


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("已经解决了，不用回复。", True),
        ("无需回复，谢谢", True),
        ("不必回复了", True),
        ("不用再回复我了", True),
        ("不需要回复", True),
        ("請不必回覆", True),
        ("勿回复", True),
        ("No need to reply.", True),
        ("no reply needed", True),
        ("No answer is expected.", True),
        ("Please don't respond", True),
        ("毋須答覆", True),
        ("勿複信", True),
        ("Please do not reply to this.", True),
        ("为什么不用回复客户？", False),
        ("你们是不是不用回复的吗", False),
        ("你们不能不回复", False),
        ("没人回复我", False),
        ("一直不回复", False),
        ("不用回复吗？", False),
        ("邮件上写着无需回复", False),
        ("请尽快回复", False),
        ("不用退款", False),
        ("Why did nobody reply?", False),
        ("", False),
    ],
)
def test_the_wish_for_no_answer(text: str, wish: bool) -> None:
    """A customer who wants no answer gets none; one who complains about silence does not say so."""
    assert wants_no_reply(text) is wish


@pytest.mark.parametrize(
    ("text", "value"),
    [("7", 7), ("十", 10), ("十一", 11), ("二十", 20), ("二十三", 23), ("两", 2), ("廿八", 28), ("一百零五", 105),
     ("二〇二四", 2024), ("〇", 0), ("", None), ("天", None), ("百", 100)],
)  # fmt: skip
def test_spelled_numbers(text: str, value: int | None) -> None:
    """Chinese numerals below a thousand, and rows of digits, have their value."""
    assert numerals.number(text) == value


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.text(max_size=100), st.text(max_size=60), st.text(max_size=30))
def test_no_text_raises(body: str, signature: str, subject: str, shown: str) -> None:
    """Whatever people and programs write, there are fields."""
    assert isinstance(extract(body, signature, subject, Mailbox(name=shown, email="a@b"), SENT), Fields)
    assert wants_no_reply(body) in (True, False)


def test_hostile_text_is_read_in_bounded_time() -> None:
    """A megabyte of numbers costs seconds at most, not minutes."""
    before = time.process_time()
    extract("订单号12345 昨天3点 139-0000-0001 " * 30_000, "王芳\n" * 100_000, "订单" * 100_000, None, SENT)
    assert time.process_time() - before < 10
