"""Each rule, by a letter that keeps it and one that breaks it."""

from __future__ import annotations

import pytest

import responders
from responders import Facts, Letter, lint
from responders.lint import Rule
from responders.samples import CHINESE, ENGLISH

LATE = {"late_promised": "15:07", "late_received": "15:02", "late_sent": "16:10"}


def letter(text: str, language: str = "zh-CN", html: str | None = None, subject: str = "[T1] 您好") -> Letter:
    return Letter(kind="ack", language=language, subject=subject, text=text, html=html)


BROKEN: list[tuple[Rule, Letter, Facts, str]] = [
    (lint.is_filled, letter("您好 {{ team }}"), Facts(), "'{{'"),
    (lint.is_filled, letter("您好 {team}"), Facts(), "{team}"),
    (lint.is_filled, letter("请在 None 前"), Facts(), "None"),
    (lint.is_filled, letter("好", subject="[undefined]"), Facts(), "undefined"),
    (lint.is_filled, letter("好", html="<p>{% if %}</p>"), Facts(), "{%"),
    (lint.has_subject, letter("好", subject=" "), Facts(), "subject"),
    (lint.greets, letter("我们是客服。\n王女士，您好！"), Facts(customer="王芳", honorific="女士"), "greet"),
    (lint.greets, letter("您好！"), Facts(), "greet"),
    (lint.names_writer, letter("您好"), Facts(team="客服中心"), "who writes"),
    (lint.names_writer, letter("您好"), Facts(), "who writes"),
    (lint.names_ticket, letter("工单 T1", subject="工单 T1"), Facts(ticket_no="T1"), "[{{ ticket_no }}]"),
    (lint.names_ticket, letter("工单"), Facts(ticket_no="T1"), "ticket number"),
    (lint.closes, letter("您好\n\n我们是客服\n\n请回复。\n"), Facts(team="客服"), "close"),
    (lint.closes, letter("客服\n"), Facts(team="客服"), "close"),
    (lint.asks_one_thing, letter("是吗？还是不是？"), Facts(), "2 questions"),
    (lint.asks_no_secret, letter("您好。请提供密码。"), Facts(), "请提供密码"),
    (lint.asks_no_secret, letter("请回复短信验证码"), Facts(), "验证码"),
    (lint.asks_no_secret, letter("We never call. Send your password.", "en"), Facts(), "Send your password"),
    (lint.asks_no_secret, letter("Reply with your PIN", "en"), Facts(), "PIN"),
    (lint.asks_no_secret, letter("Tell us the verification code", "en"), Facts(), "verification code"),
    (lint.promises_a_time, letter("我们会尽快答复。15:30 见。"), Facts(), "尽快"),
    (lint.promises_a_time, letter("We answer ASAP.", "en"), Facts(), "ASAP"),
    (lint.promises_a_time, letter("as soon as possible", "en"), Facts(), "as soon as possible"),
    (lint.blames_nobody, letter("这是您误操作造成的"), Facts(), "您误"),
    (lint.blames_nobody, letter("你好"), Facts(), "你"),
    (lint.blames_nobody, letter("You should have read it", "en"), Facts(), "You should have"),
    (lint.is_short, letter("好" * 301), Facts(), "301"),
    (lint.is_short, letter("word " * 201, "en"), Facts(), "201"),
    (lint.restates, letter("故障"), Facts(category="故障", summary="看不到订单"), "summary"),
    (lint.restates, letter("故障"), Facts(category="故障", customer_words="登不上"), "customer_words"),
    (lint.restates, letter("故障"), Facts(received_at="15:02"), "received_at"),
    (lint.says_how_it_goes_on, letter("请回复"), Facts(response_due="19:02"), "response_due"),
    (lint.says_how_it_goes_on, letter("19:02 前答"), Facts(response_due="19:02"), "reply to this mail"),
    (lint.says_how_it_goes_on, letter("by 19:02", "en-GB"), Facts(response_due="19:02"), "reply to this mail"),
    (lint.says_it_is_late, letter("15:07 15:02"), Facts.model_validate(LATE), "own up"),
    (
        lint.empathy_first,
        letter("您好\n工单 T1\n我们理解\n"),
        Facts(ticket_no="T1", empathy_line="我们理解"),
        "empathy",
    ),
    (lint.empathy_first, letter("您好\n工单 T1"), Facts(ticket_no="T1"), "empathy"),
    (lint.apologises, letter("您好"), Facts(), "sorry"),
    (lint.apologises, letter("Hello", "en"), Facts(), "sorry"),
    (lint.thanks, letter("您好"), Facts(), "thank"),
    (lint.promises_first_feedback, letter("您好"), Facts(prelim_due="15:32"), "prelim_due"),
    (lint.promises_first_feedback, letter("您好"), Facts(), "prelim_due"),
    (lint.warns_of_password, letter("您好"), Facts(), "password"),
    (lint.asks_whether_solved, letter("好了吗？请回复"), Facts(result="已修复"), "result"),
    (lint.asks_whether_solved, letter("已修复。请回复"), Facts(result="已修复"), "ask"),
    (lint.asks_whether_solved, letter("已修复，好了吗？"), Facts(result="已修复"), "ask"),
    (lint.html_is_plain, letter("", html="<html>"), Facts(), "language"),
    (lint.html_is_plain, letter("", html='<html lang="en">'), Facts(), "language"),
    (lint.html_says_the_same, letter("T1", html="<p>"), Facts(ticket_no="T1"), "ticket_no"),
]


@pytest.mark.parametrize(("rule", "wrong", "facts", "named"), BROKEN)
def test_a_broken_rule_says_what_to_change(rule: Rule, wrong: Letter, facts: Facts, named: str) -> None:
    """The sentence of a rule names what an admin has to look at."""
    sentence = rule(wrong, facts)
    assert sentence is not None
    assert named in sentence


KEPT: list[tuple[Rule, Letter, Facts]] = [
    (lint.greets, letter("王女士，您好！"), Facts(customer="王芳", honorific="女士")),
    (lint.greets, letter("尊敬的客户，您好！"), Facts()),
    (lint.names_writer, letter("我是李敏"), Facts(team="客服", agent="李敏")),
    (lint.closes, letter("您好\n\n正文\n\n祝好！\n客服\n"), Facts(team="客服")),
    (lint.asks_one_thing, letter("好了吗？您说“为什么？”"), Facts(customer_words="为什么？")),
    (lint.asks_no_secret, letter("请切勿提供密码"), Facts()),
    (lint.asks_no_secret, letter("Never send a password", "en"), Facts()),
    (lint.asks_no_secret, letter("您的原话：忘了密码"), Facts(customer_words="忘了密码")),
    (lint.asks_no_secret, letter("opinion shopping", "en"), Facts()),
    (lint.promises_a_time, letter("我们会尽快，在 15:30 前答复"), Facts()),
    (lint.promises_a_time, letter("我们会在30分钟内尽快答复"), Facts()),
    (lint.promises_a_time, letter("as soon as possible, in 2 hours at most", "en"), Facts()),
    (lint.blames_nobody, letter("“你们怎么回事”"), Facts(customer_words="你们怎么回事")),
    (lint.is_short, letter("好" * 300), Facts()),
    (lint.says_it_is_late, letter("一切如常"), Facts(late_promised="15:07")),
    (lint.says_how_it_goes_on, letter("いつも", "ja"), Facts()),
    (lint.apologises, letter("desolé", "fr"), Facts()),
    (lint.html_is_plain, letter(""), Facts()),
    (lint.html_is_plain, letter("", html='<html lang="zh-CN"><meta content="x">'), Facts()),
    (lint.html_says_the_same, letter("a\nb", html="a<br>b"), Facts(reply_text="a\nb")),
]


@pytest.mark.parametrize(("rule", "right", "facts"), KEPT)
def test_a_kept_rule_is_silent(rule: Rule, right: Letter, facts: Facts) -> None:
    """A rule does not complain of what is right, nor of the customer's own words, nor of a language it cannot read."""
    assert rule(right, facts) is None


@pytest.mark.parametrize("word", ["但是", "不过", "然而", "可是", "but", "However"])
def test_no_turn_after_empathy(word: str) -> None:
    """None of the six words takes the empathy back; below the ticket number they are free (003-12)."""
    facts = Facts(ticket_no="T1", empathy_line="我们理解。")
    turned = letter(f"您好！\n\n我们理解。 {word} 规定如此。\n\n工单 T1\n")
    later = letter(f"您好！\n\n我们理解。\n\n工单 T1\n\n{word} 规定如此。\n")
    assert lint.empathy_without_turn(turned, facts) == f"{word!r} takes the empathy back; leave it out"
    assert lint.empathy_without_turn(later, facts) is None


@pytest.mark.parametrize(
    "remote",
    [
        *("<script>x", '<img alt="">', '<link rel="x">', "<iframe>", '<form action="x">', '<base href="x">'),
        *(
            '<p style="background:url(x)">',
            "<style>@import 'x'",
            '<p onclick="x">',
            "<p onload = x>",
            '<video src="x">',
        ),
    ],
)
def test_html_that_fetches_or_runs_is_refused(remote: str) -> None:
    """Nothing in a letter can phone home or act."""
    sentence = lint.html_is_plain(letter("", html=f'<html lang="zh-CN">{remote}'), Facts())
    assert sentence is not None
    assert "remove" in sentence


def test_all_broken_rules_are_listed() -> None:
    """An admin sees all that is wrong with a letter at once."""
    found = lint.lint(letter("你好", subject=""), Facts(ticket_no="T1", team="客服"), lint.CUSTOMER)
    assert len(found) == 6


@pytest.mark.parametrize("facts", [CHINESE, ENGLISH])
def test_a_long_quote_leaves_the_ack_short(facts: Facts) -> None:
    """However much the customer wrote, the late and soothing ack with every block stays within its length (002-20)."""
    language = "zh-CN" if facts is CHINESE else "en"
    long = facts.model_copy(update={"customer_words": "我等了很久 still waiting " * 500})
    for kind in ("ack", "ack_soothe", "ack_emergency", "ack_suggestion"):
        assert lint.is_short(responders.write(kind, language, long), long) is None
