"""Invented facts with which every letter is tried before it is ever sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from responders.letter import Facts, Row
from responders.wording import is_chinese

CHINESE = Facts(
    ticket_no="T20260501001",
    customer="王芳",
    honorific="女士",
    team="示例商城客服中心",
    agent="李敏（工号 0327）",
    category="功能故障",
    department="技术支持部",
    summary="功能故障，涉及订单 A20260501，错误码 E1002，发生于 5月1日 14:30",
    customer_words="登录后提示“网络异常”，看不到订单",
    received_at="今天（5月1日）15:02",
    occurred_at="5月1日 14:30",
    phone_masked="139****0001",
    order_no="A20260501",
    priority_word="紧急",
    response_due="今天（5月1日）19:02",
    prelim_due="今天（5月1日）15:32",
    hotline="400-000-0000",
    supervisor="客服主管",
    empathy_line="事情还没有着落，我们明白您一定很着急。",
    result="登录服务已恢复，订单记录可以正常查看。",
    reply_text="订单已经找到，今晚随车发出。\n\n到货前司机会先给您打电话。",
    reason="紧急工单，需要主管知悉",
    late_promised="今天（5月1日）15:07",
    late_received="今天（5月1日）15:02",
    late_sent="今天（5月1日）16:10",
    rows=(Row(label="工单号", value="T20260501001"), Row(label="客户情绪", value="焦虑")),
    items=("查看磁盘空间", "清理后重新启动服务"),
    link="https://support.example.com/desk/",
    time_zone="北京时间",
)
ENGLISH = Facts(
    ticket_no="T20260501001",
    customer="Jane Smith",
    honorific="Ms",
    team="Example Store Support",
    agent="Li Min",
    category="technical problem",
    department="Technical Support",
    summary="a technical problem (order A20260501; error code E1002; happened: 14:30 on 1 May)",
    customer_words="After login it says “network error” and I cannot see my orders",
    received_at="15:02 today (1 May)",
    occurred_at="14:30 on 1 May",
    phone_masked="139****0001",
    order_no="A20260501",
    priority_word="urgent",
    response_due="19:02 today (1 May)",
    prelim_due="15:32 today (1 May)",
    hotline="400-000-0000",
    supervisor="the customer service supervisor",
    empathy_line="We can imagine how worrying this is.",
    result="Login works again, and your orders are visible.",
    reply_text="Your order has been found and leaves tonight.\n\nThe driver will call before delivery.",
    reason="urgent ticket, for the supervisor to know",
    late_promised="15:07 today (1 May)",
    late_received="15:01 today (1 May)",
    late_sent="16:10 today (1 May)",
    rows=(Row(label="Ticket", value="T20260501001"), Row(label="Mood", value="worried")),
    items=("look at the free disk space", "make room, then start the service again"),
    link="https://support.example.com/desk/",
    time_zone="China time (UTC+8)",
)
LATENESS: Mapping[str, None] = {"late_promised": None, "late_received": None, "late_sent": None}


def samples(needs: Collection[str], language: str) -> tuple[Facts, ...]:
    """Return facts to try a letter with: all of them, all but lateness, and only those it can count on."""
    full = CHINESE if is_chinese(language) else ENGLISH
    fewest = Facts.model_validate({name: getattr(full, name) for name in needs})
    return full, full.model_copy(update=dict(LATENESS)), fewest
