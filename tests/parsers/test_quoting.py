"""What the customer wrote now is told from what the mail program copied, in every usual client's own layout."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.quoting import Split, split, subject_base

OWN = "我的订单还没到，请帮忙查一下。"

# One row per client: what it puts below the customer's words. 旧内容 stands for the quoted mail.
BELOW = {
    "QQ web": (
        "------------------ 原始邮件 ------------------\n发件人: \"客服\" <s@example.com>;\n"
        "发送时间: 2018年9月1日(星期六) 中午12:03\n"
        "收件人: \"我\"<me@example.cn>;\n抄送: \"他\"<he@example.cn>;\n主题: Re: 订单\n\n旧内容"
    ),
    "QQ plain part, entities left": (
        "------------------&nbsp;原始邮件&nbsp;------------------\n发件人: \"客服\" <s@example.com&gt;;\n"
        "发送时间:&nbsp;2018年9月1日(星期六) 晚上8:03\n收件人:&nbsp;\"我\"<me@example.cn&gt;;\n"
        "主题:&nbsp;订单\n\n旧内容"
    ),
    "QQ English": (
        "------------------ Original ------------------\nFrom:  \"Support\"<s@example.com>;\n"
        "Date:  Sun,Apr 12,2020 7:25 PM\n"
        "To:  \"me\"<me@example.cn>;\nSubject:  Re: order\n\n旧内容"
    ),
    "Foxmail without dashes": (
        "me@example.cn\n \n发件人： 客服\n发送时间： 2023-04-17 16:07\n收件人： me\n主题： TEST\n旧内容"
    ),
    "NetEase, English attribution": (
        "At 2024-11-08 22:25:13, \"Support\" <s@example.com> wrote:\n>旧内容\n>第二行"
    ),
    "NetEase, Chinese attribution": "在 2020-01-01 10:00:00，\"客服\" <s@example.com> 写道：\n>旧内容",
    "NetEase, attribution without marks": "在 2020-01-01 10:00:00，\"客服\" <s@example.com> 写道：\n\n旧内容",
    "NetEase forward below own words": (
        "-------- 转发邮件信息 --------\n发件人：\"客服\" <s@example.com>\n发送日期：2021-01-21 10:33:41\n"
        "收件人：me <me@example.cn>\n主题：订单\n旧内容"
    ),
    "Mail Master, no colons": (
        "---- 回复的原邮件 ----\n发件人 客服<s@example.com>\n发送日期 2026年09月21日 18:46\n"
        "收件人 me<me@example.cn>\n"
        "抄送至\n主题 订单\n旧内容"
    ),
    "Mail Master, table in lines of its own": (
        "---- 回复的原邮件 ----\n发件人\n客服<s@example.com>\n发送日期\n2026年09月21日 18:46\n收件人\n"
        "me<me@example.cn>\n"
        "主题\n订单\n旧内容"
    ),
    "Mail Master, table with bars": (
        "---- 回复的原邮件 ----\n| 发件人 | 客服<s@example.com> |\n| 发送日期 | 2026年09月21日 18:46 |\n"
        "| 收件人 | me<me@example.cn> |\n| 主题 | 订单 |\n旧内容"
    ),
    "Mail Master, old": "在2021年04月02日 19:38，客服 写道：\n旧内容",
    "Outlook zh-CN": (
        "-----邮件原件-----\n发件人: 客服 [mailto:s@example.com] \n发送时间: 2019年10月17日 16:24\n"
        "收件人: me <me@example.cn>\n"
        "抄送: 他\n主题: 订单\n\n旧内容"
    ),
    "Outlook web zh-CN": (
        "________________________________\n发件人: 客服 <s@example.com> 代表 张三\n发送时间: 2024年8月13日 16:50\n"
        "收件人: me <me@example.cn>\n主题: 订单\n\n旧内容"
    ),
    "Outlook web zh-TW": (
        "________________________________\n寄件者: 客服 <s@example.com>\n寄件日期: 2024年8月13日 下午 04:50\n"
        "收件者: me <me@example.cn>\n副本: 他\n主旨: 訂單\n\n旧内容"
    ),
    "Outlook zh-TW, older": (
        "從: 客服 <s@example.com>\n寄件日期: 2014年8月13日 下午 04:50\n至: me\n主旨: 訂單\n\n旧内容"
    ),
    "Outlook English": (
        "From: Support <s@example.com>\nSent: Monday, May 6, 2024 10:00 AM\nTo: me <me@example.cn>\n"
        "Subject: RE: order\n\n旧内容"
    ),
    "Outlook English, bold": (
        "*From:* Support <s@example.com>\n*Sent:* Monday, May 6, 2024 10:00 AM\n*To:* me\n"
        "*Subject:* RE: order\n\n旧内容"
    ),
    "Original Message": (
        "-----Original Message-----\nFrom: Support [mailto:s@example.com]\nSent: Monday, May 6, 2024 10:00 AM\n"
        "To: me\nSubject: RE: order\n\n旧内容"
    ),
    "Apple Mail zh-CN, marks on the attribution": (
        "> 在 2016年12月12日，下午8:45，客服 <s@example.com> 写道：\n> \n> 旧内容"
    ),
    "Apple Mail zh-CN, 24 h": "> 在 2022年3月25日，11:47，客服 <s@example.com> 写道：\n> \n> 旧内容",
    "Apple Mail zh-TW": "客服 <s@example.com> 於 2024年5月1日 下午2:30 寫道：\n\n> 旧内容",
    "Apple Mail English": "> On May 6, 2024, at 10:00 AM, Support <s@example.com> wrote:\n> \n> 旧内容",
    "Gmail zh-CN": "客服 <s@example.com> 于2020年5月14日周四 下午10:10写道：\n\n> 旧内容",
    "Gmail zh-CN without marks": "客服 <s@example.com> 于2024年1月1日周一 10:00写道：\n\n旧内容",
    "Gmail zh-CN, wrapped before the date": (
        "客服部的一个很长的名字 <s@example.com>\n于2020年5月14日周四 下午10:10写道：\n\n> 旧内容"
    ),
    "Gmail zh-TW": "客服 <s@example.com> 於 2023年6月15日 週四 下午3:38寫道：\n\n> 旧内容",
    "Gmail English": "On Mon, May 6, 2024 at 10:00 AM Support <s@example.com> wrote:\n\n> 旧内容",
    "Gmail English, wrapped": (
        "On Mon, May 6, 2024 at 10:00 AM Example Customer Support Team\n<s@example.com> wrote:\n\n> 旧内容"
    ),
    "Gmail English, wrapped twice": "On Mon, May 6, 2024 at\n10:00 AM Support <s@example.com>\nwrote:\n\n> 旧内容",
    "Gmail Japanese": "2024年5月1日(水) 10:00 Support <s@example.com>:\n\n> 旧内容",
    "Gmail German": "Am Mo., 6. Mai 2024 um 10:00 Uhr schrieb Support <s@example.com> schrieb:\n\n> 旧内容",
    "Gmail forward": (
        "---------- Forwarded message ---------\n发件人： 客服 <s@example.com>\nDate: 2024年5月1日周三 10:00\n"
        "Subject: 订单\n"
        "To: <me@example.cn>\n\n旧内容"
    ),
    "Yahoo zh": "冯伟 (<f@example.com>) 在 2019年7月2日星期二 下午05:48:53 [GMT+8] 寫道：\n\n旧内容",
    "Coremail": (
        "-----原始邮件-----\n发件人:\"客服\" <s@example.com>\n发送时间:2024-05-01 14:30:00 (星期三)\n"
        "收件人: me@example.cn\n"
        "主题: 订单\n\n旧内容"
    ),
    "Coremail, entities left": (
        "&gt; -----原始邮件-----\n&gt; 发件人:\"客服\" <s@example.com>\n"
        "&gt; 发送时间:2024-05-01 14:30:00 (星期三)\n"
        "&gt; 主题: 订单\n&gt; 旧内容"
    ),
    "Alibaba": (
        "------------------------------------------------------------------\n发件人：客服 <s@example.com>\n"
        "发送时间：2021年12月17日(星期五) 03:27\n收件人：me <me@example.cn>\n抄　送：他\n主　题：订单\n旧内容"
    ),
    "spaces inside labels": "发 件 人：客服 <s@example.com>\n发 送 时 间：2021年12月17日 03:27\n主 题：订单\n旧内容",
    "Tencent Exmail": (
        "----------Reply to Message----------\nOn Wed,Jun 22,2022 2:07 AM Support <s@example.com> wrote:\n\n旧内容"
    ),
    "Tencent Exmail Chinese": "----------回复的邮件信息----------\n发件人：客服 <s@example.com>\n主题：订单\n旧内容",
    "Thunderbird zh-CN": "在 2023/5/29 21:24, 客服 写道:\n> 旧内容",
    "Thunderbird zh-TW": "客服 於 2023/5/29 21:24 寫道:\n> 旧内容",
    "Thunderbird forward": (
        "-------- 转发的消息 --------\n主题: 订单\n日期: Mon, 6 May 2024 10:00:00 +0800\n"
        "发件人: 客服 <s@example.com>\n"
        "收件人: me\n\n旧内容"
    ),
    "K-9": "--------原始邮件--------\n发件人： 客服 <s@example.com>\n主题： 订单\n旧内容",
    "K-9 attribution": "于 2024年5月1日 GMT+08:00 10:00:00, 客服 <s@example.com> 写到:\n>旧内容",
    "Kylin, subject first": (
        "主　题：订单\n日　期：2022-09-05 14:05\n发件人：客服 <s@example.com>\n收件人：me\n旧内容"
    ),
    "flattened in the line": (
        "---- 回复的原邮件 ---- 发件人 客服<s@example.com> 发送日期 2026年09月21日 18:46 收件人 me 主题 订单 旧内容"
    ),
    "marks without attribution": "> 旧内容\n> 第二行",
}  # fmt: skip


@pytest.mark.parametrize("client", BELOW)
def test_the_quoted_mail_of_each_client_is_cut_and_kept(client: str) -> None:
    """own_text is the customer's own new words, exactly; the history is kept as quoted_text."""
    parted = split(f"{OWN}\n\n{BELOW[client]}", "回复: 订单")
    assert parted.own_text == OWN
    assert "旧内容" in (parted.quoted_text or "")


@pytest.mark.parametrize("client", BELOW)
def test_a_first_message_or_forward_without_own_words_keeps_everything(client: str) -> None:
    """A forward with nothing above is the request itself: own_text holds the whole text."""
    parted = split(BELOW[client], "转发: 订单")
    assert "旧内容" in parted.own_text + (parted.signature_text or "")
    assert parted.quoted_text is None


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("> 您的订单号是多少？\n20240501001\n> 您的电话？\n13900000001", "20240501001\n13900000001"),
        ("On Mon, May 6, 2024 at 10:00 AM S <s@example.com> wrote:\n> 旧\n> 旧二\n\n还是不行。", "还是不行。"),
        ("还是不行。\n\nOn Friday the support team wrote:\n> 旧", "还是不行。"),
        ("你们信里写到:\n> 三天到账\n可是没有。", "你们信里写到:\n可是没有。"),
        ("在 2023/5/29 21:24, 客服 写道:\n> 问题一\n答一\n> 问题二\n答二", "答一\n答二"),
        ("您好\n> 旧\n下面是我的话", "您好\n下面是我的话"),
        (">旧\n>旧二\n>旧三\n写在下面的话", "写在下面的话"),
        (
            "上面\n\n在 2023/5/29 21:24, 客服 写道:\n> 旧\n中间\n\n发件人: 客服 <s@example.com>\n主题: 老\n更旧",
            "上面\n\n中间",
        ),
    ],
)
def test_words_below_or_between_marked_lines_are_kept(text: str, own: str) -> None:
    """Interleaved and bottom posting: every unmarked line that is no header is the customer's own."""
    assert split(text, "回复: 订单").own_text == own


@pytest.mark.parametrize(
    "text",
    [
        "你们的发件人写错了，收件人也写错了，我要投诉。",
        "发件人：张三\n收件人：王芳\n电话：13900000001\n包裹一直没到",
        "主题：订单没到\n时间：5月1日\n联系人：王芳\n电话：13900000001",
        "从：北京\n到：上海\n时间：5月1日\n快递一直没动",
        "他在2024年5月1日写道：你们不退款",
        "我在设置>网络里找不到\n>5000元的订单能免邮吗",
        ">_< 又坏了\n请帮忙",
        "第一部分\n-----\n第二部分，请看完。",
        "客服写道：\n不能退",
        "Please wire the money to:\nBank: X\nDate: today",
        "On Monday I wrote:\nplease help",
    ],
)
def test_words_that_only_look_like_a_quote_stay(text: str) -> None:
    """A separator, label or mark alone proves nothing: customers use the same words."""
    assert split(text, "订单没到") == Split(text, None, None)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("CAUTION: This email originated from outside.\nDo not click links.\n\n订单没到", "订单没到"),
        ("【外部邮件】\n订单没到", "订单没到"),
        ("【外部邮件】订单没到\n请查", "订单没到\n请查"),
        ("[EXTERNAL] order not here", "order not here"),
        ("外部邮件：请注意\n\n订单没到", "订单没到"),
    ],
)
def test_gateway_banners_are_no_words_of_the_customer(text: str, own: str) -> None:
    """The warning a gateway put on top is taken off before anyone reads keywords."""
    assert split(text, "订单").own_text == own


def test_a_reply_without_words_of_its_own_is_empty() -> None:
    """A reply that only quotes says nothing new; nothing of the quote is passed off as the customer's words."""
    assert split("在 2023/5/29 21:24, 客服 写道:\n> 旧", "Re: 订单") == Split(
        "", "在 2023/5/29 21:24, 客服 写道:\n> 旧", None
    )


def test_a_fake_divider_on_top_does_not_hide_the_request() -> None:
    """A bare divider without a copied header is no quote."""
    text = "-----Original Message-----\n请冻结我的账户"
    assert split(text, "Re: 帮助").own_text == text


def test_a_signature_is_told_from_words_and_quote() -> None:
    """The signature above the quote is handed on by itself."""
    parted = split(f"{OWN}\n\n发自我的iPhone\n\n{BELOW['Gmail zh-CN']}", "回复: 订单")
    assert (parted.own_text, parted.signature_text) == (OWN, "发自我的iPhone")


def test_text_made_from_html_keeps_a_literal_entity() -> None:
    """In text made from HTML ``&gt;`` was typed by a person."""
    text = "代码里的 a\n&gt; b 显示不对\n&gt; c 也是"
    assert split(text, "Re: 显示", is_html=True).own_text == text


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("回复: 订单没到", "订单没到"),
        ("回复：订单没到", "订单没到"),
        ("自动答复:  回复:  回复: 订单没到", "订单没到"),
        ("Re: RE：Fwd: 转发：答复: 订单", "订单"),
        ("RE[2]: order", "order"),
        ("轉寄: 回覆: 訂單", "訂單"),
        ("[EXTERNAL] Re: order", "order"),
        ("【外部邮件】回复: 订单", "订单"),
        ("  Re :  订单  ", "订单"),
        ("Ｒｅ：订单", "订单"),
        ("AW: WG: Bestellung", "Bestellung"),
        ("回复很慢", "回复很慢"),
        ("Return: my order", "Return: my order"),
        ("[T20240501001] 订单", "[T20240501001] 订单"),
        ("Re:", ""),
        ("", ""),
    ],
)
def test_subject_base_takes_every_prefix_off(subject: str, base: str) -> None:
    """Prefixes repeated, mixed, with either colon, fall; words that only begin alike stay."""
    assert subject_base(subject) == base


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet=st.sampled_from("a1> \n-_:：*|发件人主题写道在于&;@<年gt\r\ufeff\ud800"), max_size=400),
    st.text(max_size=20),
)
def test_any_text_is_split_without_losing_words(text: str, subject: str) -> None:
    """No text raises, and no text with words ends with nothing at all."""
    parted = split(text, subject)
    assert bool(text.strip("\ufeff \n\r\t")) <= bool(
        parted.own_text + (parted.quoted_text or "") + (parted.signature_text or "")
    )


@pytest.mark.parametrize(
    "line", ["> ", "发件人: ", "在 2023/5/29 21:24 ", "---- ", "写道:\n", "<a@b> ", "-----原始邮件-----\n", " "]
)
def test_long_text_takes_linear_time(line: str) -> None:
    """A hundred thousand repeats of a mark are read in the time of one pass (the test's own limit is two minutes)."""
    assert split(line * 100_000, "Re: x") is not None
