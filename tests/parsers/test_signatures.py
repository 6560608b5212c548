"""The tail of a mail is told from its matter; in doubt the words stay with the customer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.signatures import cut

OWN = "订单没到，请帮忙查一下。"


@pytest.mark.parametrize(
    "tail",
    [
        "发自我的iPhone",
        "发自我的 iPhone",
        "從我的 iPhone 傳送",
        "发自我的小米手机",
        "发自我的华为手机",
        "发自我的企业微信",
        "________________________________\n发自我的企业微信",
        "来自QQ邮箱",
        "从 Windows 版邮件发送",
        "发送自 Windows 10 版邮件",
        "获取 Outlook for iOS",
        "取得 [iOS 版 Outlook](https://aka.ms/o0ukef)",
        "使用 K-9 Mail 发送自我的Android设备。",
        "Sent from my iPhone",
        "Get Outlook for Android",
        "| |\n王芳\n|\n|\n邮箱：w@163.com\n|\n签名由 网易邮箱大师 定制",
        "-- \n王芳\n某某有限公司",
        "--\n王芳\n电话：13900000001",
        "——\n王芳",
        "此致\n敬礼\n王芳\n2026年11月20日",
        "顺颂商祺\n王芳",
        "祝好！\n王芳",
        "Best regards,\nJohn Smith\nExample Ltd",
        "w@example.cn",
        "王芳\n某某有限公司 财务部\n电话：021-62345678\nw@example.cn",
        "John Smith\nExample Ltd\nE-mail: john@example.com",
        "发自企业微信",
        "本邮件及其附件含有保密信息，如误收请删除。\n谢谢配合。",
        "This email and any attachments are confidential.",
    ],
)
def test_closings_cards_and_client_lines_are_cut_and_kept(tail: str) -> None:
    """The text keeps its matter; the signature is handed on whole, as contact evidence."""
    body, signature = cut(f"{OWN}\n\n{tail}")
    assert body == OWN
    assert signature == tail.strip()


@pytest.mark.parametrize(
    "text",
    [
        "订单没到，谢谢\n请尽快处理",
        "第一部分\n-----\n第二部分，请看完。",
        "姓名：王芳\n电话：13900000001\n订单号：20240501001",
        "来自你们手机店的订单没到",
        "使用手机发送验证码收不到",
        "发自北京的快递，手机坏了",
        "请改收货地址：\n\n王芳\n北京市海淀区某路1号\n电话：13900000001",
        "请发到我的邮箱：\n\n王芳\n订单号：20240501001\n邮箱：w@example.cn，谢谢",
        "王芳\n某某有限公司\n邮箱：w@example.cn",
        "从手机上发送不了邮件",
        "本邮件请转给经理",
        "我的问题：\n--\n手机打不开，怎么办？",
        "",
    ],
)
def test_words_that_only_look_like_a_signature_stay(text: str) -> None:
    """谢谢, dashes between sections and prose about phones belong to the matter."""
    assert cut(text) == (text, None)


def test_words_below_a_client_line_stay() -> None:
    """A bottom poster's words under 发自我的iPhone are no signature."""
    assert cut(f"发自我的iPhone\n\n{OWN}") == (f"\n{OWN}", "发自我的iPhone")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("-— |\n发自我的iPhone此致敬礼。a@b.c王芳"), max_size=120))
def test_nothing_is_lost(text: str) -> None:
    """Every character that draws something ends in one part or the other."""
    body, signature = cut(text)
    assert sorted("".join((body + (signature or "")).split())) == sorted("".join(text.split()))


@pytest.mark.parametrize("row", ["-", "-- \n", "发自我的", "| |\n", "本邮件", "\n", "a\n"])
def test_long_text_takes_linear_time(row: str) -> None:
    """A hundred thousand repeats are read in one pass over the part that is looked at."""
    assert isinstance(cut(row * 100_000), tuple)
