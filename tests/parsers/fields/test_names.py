"""A name is what the customer says it is; a form of address is never made up from a given name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.fields import names
from parsers.fields.passages import passage
from parsers.record import Mailbox


def name(body: str, signature: str = "", shown: str | None = None) -> tuple[str, str] | None:
    """Find the name and its source."""
    sender = Mailbox(name=shown, email="x@x.cn")
    found = names.stated_name(passage(body, "B"), passage(signature, "S")) or names.shown_name(sender)
    return (found.value, found.source) if found else None


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("您好，我是王芳，订单没到", "王芳"),
        ("我是欧阳娜娜。", "欧阳娜娜"),
        ("我叫李明\n订单没到", "李明"),
        ("本人张三丰，投诉贵司", "张三丰"),
        ("姓名：王芳", "王芳"),
        ("姓名: 王芳 电话: 13900000001", "王芳"),
        ("客户姓名：王芳", "王芳"),
        ("联系人：李女士", "李女士"),
        ("我是王女士，", "王女士"),
        ("我是刘老师，", "刘老师"),
        ("我姓陈，", "陈"),
        ("免贵姓王", "王"),
        ("我是買買提·吐爾遜，", "買買提·吐爾遜"),
        ("我是陳美玲，訂單沒到", "陳美玲"),
        ("My name is John Smith.", "John Smith"),
        ("Hi, this is Mary Jones from Example.", "Mary Jones"),
        ("Name: Anna Lee\nOrder: 1", "Anna Lee"),
        ("I’m Anna Lee.", "Anna Lee"),
        ("Contact: Anna Lee", "Anna Lee"),
        ("俺叫王芳，", "王芳"),
        ("鄙人王芳，", "王芳"),
        ("称呼：王芳", "王芳"),
        ("落款：王芳", "王芳"),
        ("投诉人：王芳", "王芳"),
        ("收货人：王芳", "王芳"),
        ("聯絡人：王芳", "王芳"),
    ],
)
def test_stated_names(body: str, value: str) -> None:
    """What stands behind 我是, 姓名, my name is … is the name, from the body."""
    assert name(body) == (value, "B")


@pytest.mark.parametrize(
    "body",
    [
        "我是你们的老客户，", "我是高级会员，", "我是昨天下单的", "我是王芳的妈妈", "我是车主，", "我是安徽的",
        "我是江苏，", "我是常客。", "你们的王先生态度很差", "客服李女士挂我电话", "姓名：", "我是在周三下单的",
        "我叫了快递", "This is Not Working", "This is a complaint.", "I am Very angry", "订单没到\n请尽快处理",
        "订单没到\n谢谢", "订单没到\n白屏", "王芳你好", "",
    ],
)  # fmt: skip
def test_words_that_are_no_names(body: str) -> None:
    """Roles, places, staff and prose name nobody."""
    assert name(body) is None


@pytest.mark.parametrize(
    ("body", "signature", "value"),
    [
        ("订单没到", "此致\n敬礼\n王芳", "王芳"),
        ("订单没到", "王芳\n某某有限公司\n电话：13900000001", "王芳"),
        ("订单没到", "祝好\n王芳 敬上", "王芳"),
        ("订单没到", "—— 李先生", "李先生"),
        ("订单没到", "Best regards,\nJohn Smith", "John Smith"),
        ("订单没到", "Regards,\nMr. John Smith", "John Smith"),
        ("订单没到，请查。\n王芳", "", "王芳"),
        ("订单没到，请查。\n王芳\n2026年11月20日", "", "王芳"),
        ("订单没到，请查。\n客户：王芳", "", "王芳"),
    ],
)
def test_signed_names(body: str, signature: str, value: str) -> None:
    """A line that is nothing but a name, in the signature or at the end of the text, signs the mail."""
    assert name(body, signature) == (value, "S")


@pytest.mark.parametrize(
    ("shown", "value"),
    [
        ("王芳", "王芳"),
        ("欧阳娜娜", "欧阳娜娜"),
        ("王女士", "王女士"),
        ("John Smith", "John Smith"),
        ("Smith, John", "Smith, John"),
        ("小鱼儿", None),
        ("momo", None),
        ("客服中心", None),
        ("王府井商城", None),
        ("Example Support Team", None),
        ("王芳@example.cn", None),
        ("王芳 <x@y>", None),
        ("", None),
        (None, None),
    ],
)
def test_display_names_count_only_if_they_look_like_a_person(shown: str | None, value: str | None) -> None:
    """Nicknames and departments in From are no names; a stated name always wins."""
    assert name("订单没到", shown=shown) == ((value, "H") if value else None)
    assert name("我是李明，", shown=shown) == ("李明", "B")


@pytest.mark.parametrize(
    ("body", "signature", "value"),
    [
        ("我是王女士，", "", ("女士", "B")),
        ("我是李小姐，", "", ("女士", "B")),
        ("我是李先生。", "", ("先生", "B")),
        ("我是刘老师。", "", ("其他", "B")),
        ("我姓陈。称呼：先生", "", ("先生", "B")),
        ("性别：女", "", ("女士", "B")),
        ("订单没到", "王女士", ("女士", "S")),
        ("订单没到", "王工", ("其他", "S")),
        ("Broken.", "Regards,\nMrs. Mary Jones", ("女士", "S")),
        ("我是王芳，", "", None),
        ("我是王建国，", "", None),
        ("你们的李女士很差", "", None),
        ("", "", None),
    ],
)
def test_honorifics_are_stated_never_inferred(body: str, signature: str, value: tuple[str, str] | None) -> None:
    """王芳 says nothing of how to address her; 王女士 does."""
    places = passage(body, "B"), passage(signature, "S")
    found = names.honorific(names.stated_name(*places), *places)
    assert ((found.value, found.source) if found else None) == value


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("我是姓名王芳欧阳女士：:,。\n ABCabc·"), max_size=60), st.text(max_size=30))
def test_any_text_is_read(body: str, shown: str) -> None:
    """Never raises; a name is short."""
    found = name(body, body, shown)
    assert found is None or 0 < len(found[0]) < 70


@pytest.mark.parametrize("row", ["我是", "A ", "王", "Aa ", "姓名:"])
def test_long_rows_take_linear_time(row: str) -> None:
    """A hundred thousand repeats are read in one pass over the part that is looked at."""
    found = name(row * 100_000)
    assert found is None or len(found[0]) < 70
