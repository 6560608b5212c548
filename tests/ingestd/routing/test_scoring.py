"""From points to departments: ties, co-queues, complaint tone, numbered lists, and classes."""

from __future__ import annotations

import pytest

from ingestd.model import Route
from ingestd.routing import RoutingSettings, compile_rules, decide, load_shipped
from ingestd.routing.enumeration import urgent_item
from parsers.record import IntakeRecord

SHIPPED = load_shipped()
RULES = compile_rules(SHIPPED)


def route(text: str, **settings: float) -> Route:
    """The route of a text, by the shipped rules and some settings."""
    rules = compile_rules(SHIPPED, RoutingSettings.model_validate(settings)) if settings else RULES
    return decide(IntakeRecord(own_text=text), rules).route


@pytest.mark.parametrize(
    ("text", "department"),
    [("快递和发票", "logistics"), ("发票和退货", "aftersales"), ("合作与报价", "bizdev"), ("律师函，诈骗", "security")],
)
def test_a_tie_goes_by_the_order_of_the_departments(text: str, department: str) -> None:
    """Two departments with equal points are never a matter of chance."""
    assert route(text).department == department


def test_a_close_second_reads_along() -> None:
    """From 70 % of the first on a department is a co-queue, below it is not."""
    assert route("发票重开，税号错了，退货").co_queues == ()
    assert route("发票，退货").co_queues == ("invoice",)


def test_the_share_is_a_setting() -> None:
    """Who wants more eyes on a ticket lowers the share."""
    assert route("发票重开，税号错了，退货", co_queue_share=0.3).co_queues == ("aftersales",)


def test_no_more_than_two_departments_read_along() -> None:
    """A ticket for everybody is a ticket for nobody."""
    assert route("发票，退货，快递，积分，报价").co_queues == ("aftersales", "invoice")


def test_polite_words_lose_against_any_matter() -> None:
    """请问 opens half of all mails: it decides only when nothing else does."""
    assert route("请问乱码怎么办，更新后就这样").department == "tech"
    assert route("请问你们周末上班吗").department == "consult"


def test_small_talk_never_wins() -> None:
    """Triage words have no points that count."""
    assert route("你好 在吗 谢谢 收到 测试").department == "triage"


def test_an_upset_customer_brings_the_complaint_department_in() -> None:
    """The matter stays where it belongs; whoever answers for the tone reads along."""
    found = route("快递一直没送到，客服太差了")
    assert (found.department, found.co_queues, found.category_l1) == ("logistics", ("complaint",), "complaint")


def test_tone_alone_goes_to_the_complaint_department() -> None:
    """Without a matter the tone is the matter."""
    assert route("你们客服真差劲").department == "complaint"


def test_a_calm_customer_of_the_same_department_has_no_complaint() -> None:
    """The class follows the feeling where a department has two."""
    assert route("快递到哪了").category_l1 == "consult"


def test_the_class_comes_from_the_rule_that_spoke_loudest() -> None:
    """Correcting an invoice is after-sales work, asking for one is a question."""
    assert (route("发票开错了").category_l1, route("发票开错了").category_l2) == ("aftersales", "发票更正")
    assert (route("开发票").category_l1, route("开发票").category_l2) == ("consult", "发票开具")


def test_the_deciding_rules_stand_first_and_the_silenced_ones_are_shown() -> None:
    """explain tells what spoke, where, for how much, and what was turned down."""
    hits = route("不需要退货，发票要重开").rules
    assert [(hit.id, hit.words, hit.where, hit.score, hit.negated) for hit in hits] == [
        ("invoice.correction", ("重开",), ("text",), 3.0, ()),
        ("invoice.request", ("发票",), ("text",), 3.0, ()),
        ("aftersales.return", (), (), 0.0, ("退货",)),
    ]


def test_the_item_called_most_urgent_comes_first() -> None:
    """The customer's own order of urgency beats the points, and nothing else gets lost."""
    found = route("1、发票抬头税号错了要重开。2、退货。第二项最急")
    assert (found.department, found.co_queues) == ("aftersales", ("invoice",))


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("1、发票,2、退货,第二项最急", "2、退货,"),
        ("一、发票\n二、退货\n第一件最要紧", "一、发票\n"),
        ("(1)发票(2)退货,第1个最急", "1)发票("),
        ("1. invoice\n2. parcel\nitem 2 is the most urgent", "2. parcel\n"),
        ("1、发票,第三项最急", None),
        ("第三项最急", None),
        ("1、发票,2、退货", None),
        ("", None),
    ],
)
def test_the_urgent_item_is_found_where_it_stands(text: str, item: str | None) -> None:
    """Its text reaches to the next item or to the sentence that names it; without both there is none."""
    span = urgent_item(text)
    assert (text[slice(*span)] if span else None) == item
