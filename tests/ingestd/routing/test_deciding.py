"""What counts and what does not: the customer's own words, the subject, the envelope, and forwarded text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestd.routing import RuleSet, RulesFile, compile_rules, decide, load_shipped
from ingestd.routing.normalise import LONGEST
from parsers.record import Attachment, Fields, Found, FoundNumber, IntakeRecord, Mailbox

RULES = compile_rules(load_shipped())


def with_rules(*rules: dict[str, object]) -> RuleSet:
    """The shipped rules and some of an admin."""
    return compile_rules((*load_shipped(), RulesFile(rules=rules)))


def test_quoted_history_signature_and_display_name_never_count() -> None:
    """Our own ack quoted back, and a sender called 退款小助手, decide nothing."""
    record = IntakeRecord(
        own_text="好的",
        quoted_text="我们已收到您的退货申请，工单 T202611210001，发票和快递问题将尽快答复",
        signature_text="某某快递有限公司 投诉部",
        sender=Mailbox(name="退款小助手", email="a@x.cn"),
        in_reply_to="m@x.cn",
    )
    assert decide(record, RULES).route.department == "triage"


def test_the_subject_counts_half_as_much_again() -> None:
    """A word in the subject outweighs one in the text."""
    routing = decide(IntakeRecord(subject="发票", subject_base="发票", own_text="退货"), RULES)
    assert (routing.route.department, routing.route.rules[0].score) == ("invoice", 4.5)


def test_a_word_counts_once() -> None:
    """Saying it ten times, in subject and text, is saying it once at its best place."""
    routing = decide(IntakeRecord(subject="退货", subject_base="退货", own_text="退货退货，" * 5), RULES)
    assert routing.route.rules[0].score == 4.5


def test_a_subject_of_ours_does_not_count() -> None:
    """A reply carries our words in its subject, marked by our tag."""
    record = IntakeRecord(subject="回复: [T202611210001] 发票", subject_base="[T202611210001] 发票", own_text="谢谢")
    assert decide(record, RULES).route.department == "triage"


FORWARDED = "银行短信：您的退款未到账，重复扣款一笔，提现失败，余额不足"


def test_forwarded_text_speaks_only_when_the_top_is_silent() -> None:
    """看看这个 above a forwarded text message sends it to payments, at a third of the weight."""
    silent = decide(IntakeRecord(own_text="看看这个", quoted_text=FORWARDED), RULES).route
    spoken = decide(IntakeRecord(own_text="我要开发票", quoted_text=FORWARDED), RULES).route
    assert (silent.department, silent.rules[0].where) == ("payment", ("forwarded",))
    assert (spoken.department, spoken.co_queues) == ("invoice", ())


def test_a_request_below_a_false_divider_is_still_read() -> None:
    """A real request hidden under a made-up Original Message line counts, weakly, rather than vanish."""
    record = IntakeRecord(own_text="", quoted_text=f"-----Original Message-----\n{FORWARDED}")
    assert decide(record, RULES).route.department == "payment"


@pytest.mark.parametrize(
    ("record", "department"),
    [
        (IntakeRecord(quoted_text=FORWARDED, in_reply_to="a@b"), "triage"),
        (IntakeRecord(quoted_text=FORWARDED, in_reply_to="a@b", subject="转发：短信"), "payment"),
        (IntakeRecord(quoted_text=f"{FORWARDED} T202611210001", subject="Fwd: x"), "triage"),
    ],
)
def test_what_answers_somebody_or_is_ours_is_no_forwarded_news(record: IntakeRecord, department: str) -> None:
    """A reply's history is history; our own letter is ours even when forwarded."""
    assert decide(record, RULES).route.department == department


@pytest.mark.parametrize(
    ("rule", "spoken"),
    [
        ({"type": "sender", "senders": ["@court.gov.cn"]}, ("sender", "judge@mail.court.gov.cn")),
        ({"type": "sender", "senders": ["Judge@mail.Court.gov.cn"]}, ("sender", "judge@mail.court.gov.cn")),
        ({"type": "recipient", "recipients": ["+refund"]}, ("recipient", "support+refund@example.com")),
        (
            {"type": "recipient", "recipients": ["support+refund@example.com"]},
            ("recipient", "support+refund@example.com"),
        ),
        ({"type": "header", "header": "X-Class", "contains": ["legal"]}, ("header", "legal")),
    ],
)
def test_an_explicit_rule_decides_outright(rule: dict[str, object], spoken: tuple[str, str]) -> None:
    """Sender, alias and header beat any number of keywords, and the record says which one and why."""
    rules = with_rules({"id": "mine", "department": "legal", **rule})
    record = IntakeRecord(own_text="发票发票，退货，快递", sender=Mailbox(email="Judge@mail.court.gov.cn"))
    routing = decide(record, rules, ("support+refund@example.com",), {"x-class": "LEGAL; high"})
    hit = routing.route.rules[0]
    assert (routing.route.department, routing.route.category_l1) == ("legal", "complaint")
    assert (hit.id, hit.where[0], hit.words[0]) == ("mine", *spoken)


@pytest.mark.parametrize(
    "rule",
    [
        {"type": "sender", "senders": ["@court.gov.cn", "judge"]},
        {"type": "recipient", "recipients": ["+refund", "*@example.com"]},
        {"type": "header", "header": "x-other", "contains": ["legal"]},
    ],
)
def test_an_explicit_rule_is_silent_for_others(rule: dict[str, object]) -> None:
    """A domain is not a suffix of another name, a wildcard is a plain character, a missing header says nothing."""
    rules = with_rules({"id": "mine", "department": "legal", **rule})
    record = IntakeRecord(own_text="退货", sender=Mailbox(email="judge@notcourt.gov.cn"))
    assert (
        decide(record, rules, ("support+refunds@example.com",), {"x-class": "legal"}).route.department == "aftersales"
    )


def test_a_sender_rule_comes_before_a_header_rule() -> None:
    """The order of the rule types decides, not the order of the file."""
    rules = with_rules(
        {"id": "h", "type": "header", "department": "sales", "header": "x", "contains": ["y"]},
        {"id": "s", "type": "sender", "department": "legal", "senders": ["@a.cn"]},
    )
    routing = decide(IntakeRecord(sender=Mailbox(email="b@a.cn")), rules, headers={"x": "y"})
    assert routing.route.department == "legal"


def test_only_what_is_missing_is_asked_for() -> None:
    """What the customer gave, by whatever way, is never asked again."""
    bare = decide(IntakeRecord(own_text="我要投诉客服态度恶劣"), RULES)
    given_all = Fields(
        name=Found(value="王芳", source="B"),
        phones=(FoundNumber(value="13900000001", raw="139 0000 0001", source="B"),),
        order_nos=(FoundNumber(value="20261120001", raw="20261120001", source="B"),),
    )
    full = decide(IntakeRecord(own_text="我要投诉客服态度恶劣", fields=given_all), RULES)
    assert bare.missing == ("name", "phone", "order_no", "occurred_at")
    assert full.missing == ("occurred_at",)


def test_a_picture_or_an_error_code_is_evidence() -> None:
    """A fault with a screenshot is not asked for another one."""
    text = "程序闪退，打不开"
    assert "evidence" in decide(IntakeRecord(own_text=text), RULES).missing
    assert "evidence" not in decide(IntakeRecord(own_text=text, attachments=(Attachment(index=1),)), RULES).missing


def test_an_empty_message_goes_to_triage_and_is_asked_what_it_is_about() -> None:
    """Nothing written is still a ticket, with a question."""
    routing = decide(IntakeRecord(), RULES)
    assert (routing.route.department, routing.missing) == ("triage", ("description",))


def test_the_default_is_named_when_nothing_raised_the_level() -> None:
    """Every level has a reason."""
    assert decide(IntakeRecord(own_text="发票"), RULES).priority.inputs == ("department default",)
    assert decide(IntakeRecord(own_text="会员卡用不了"), RULES).priority.inputs == ("unusable",)


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=80), st.text("不没退货发票，。是吗1、第急 refund not", max_size=60))
def test_any_text_is_decided_and_always_alike(subject: str, text: str) -> None:
    """No text raises, and the same text is never decided twice differently."""
    record = IntakeRecord(subject=subject, subject_base=subject, own_text=text, quoted_text=text)
    assert decide(record, RULES) == decide(record, RULES)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece",
    ["不退货", "退货", "不是退货是运费", "没", "not a refund it is ", "“退货”页面", "第三项最急1、", "好得很“好”三次"],
)
def test_a_hostile_text_costs_no_more_than_its_first_pages(piece: str) -> None:
    """A megabyte made of negators, words or half-open shapes is decided in bounded time: nothing here is quadratic."""
    endless = piece * (1_000_000 // len(piece))
    start = endless[:LONGEST]
    record = IntakeRecord(subject=endless, subject_base=endless, own_text=endless, quoted_text=endless)
    beginning = IntakeRecord(subject=start, subject_base=start, own_text=start, quoted_text=start)
    assert decide(record, RULES) == decide(beginning, RULES)
