"""Every shipped letter, in both languages, with all facts, with few, late and in time."""

from __future__ import annotations

import time

import pytest

import responders
from responders import RESPONDERS, Facts, LetterError
from responders.lint import lint
from responders.samples import CHINESE, ENGLISH, samples

LANGUAGES = ("zh-CN", "en")
CUSTOMER_KINDS = [kind for kind, responder in RESPONDERS.items() if responder.to_customer]
ACKS = [kind for kind in RESPONDERS if kind.startswith("ack")]
SAMPLE = {"zh-CN": CHINESE, "en": ENGLISH}
EVERY_LETTER = [(kind, language) for kind in RESPONDERS for language in LANGUAGES]


def changed(language: str, **facts: object) -> Facts:
    return SAMPLE[language].model_copy(update=facts)


@pytest.mark.parametrize(("kind", "language"), EVERY_LETTER)
def test_shipped_letters_obey_every_rule(kind: str, language: str) -> None:
    """No shipped letter breaks a rule, whichever of its optional facts are there."""
    responder = RESPONDERS[kind]
    for facts in samples(responder.needs, language):
        letter = responders.write(kind, language, facts)
        assert lint(letter, facts, responder.rules) == ()
        assert letter.problem is None


def test_shipped_letters_have_no_problems() -> None:
    """What the check of a configuration runs finds nothing in the shipped letters."""
    assert responders.load().problems() == ()


def test_the_nine_kinds_are_there_in_both_languages() -> None:
    """A kind that the rest of the service may owe is never missing in one language."""
    letters = responders.load()
    assert set(RESPONDERS) == {
        *("ack", "ack_soothe", "ack_emergency", "ack_suggestion", "result_confirm", "reply"),
        *("escalation_internal", "queue_notice", "operator_alert"),
    }
    assert all(letters.languages(kind) == ("en", "zh-CN") for kind in RESPONDERS)
    assert all(RESPONDERS[kind].kind == kind for kind in RESPONDERS)


def test_an_ordinary_ack_reads_so() -> None:
    """The whole Chinese acknowledgement, word for word, as its reader gets it."""
    letter = responders.write("ack", "zh-CN", changed("zh-CN", late_sent=None))
    assert letter.subject == "[T20260501001] 已收到您的来信"
    assert letter.text == (
        "王女士，您好！\n"
        "\n"
        "我们是示例商城客服中心。您的来信已经收到并登记，工单号 T20260501001。\n"
        "\n"
        "我们的理解是：功能故障，涉及订单 A20260501，错误码 E1002，发生于 5月1日 14:30。\n"
        "\n"
        "· 收到时间：今天（5月1日）15:02（北京时间）\n"
        "· 联系电话：139****0001\n"
        "· 您的原话：「登录后提示“网络异常”，看不到订单」\n"
        "\n"
        "我们会在今天（5月1日）19:02 前给您答复。\n"
        "\n"
        "如果以上理解有误，或有情况需要补充，直接回复本邮件即可。\n"
        "\n"
        "如需电话沟通，请拨打 400-000-0000。\n"
        "\n"
        "祝好！\n"
        "示例商城客服中心\n"
    )


@pytest.mark.parametrize(("kind", "language"), EVERY_LETTER)
def test_each_needed_fact_is_needed(kind: str, language: str) -> None:
    """A letter lacking a fact it cannot do without is refused, and the sentence names the fact (000-03)."""
    for name in RESPONDERS[kind].needs - {"category", "department"}:
        with pytest.raises(LetterError, match=name):
            responders.write(kind, language, changed(language, **{name: None}))


@pytest.mark.parametrize("blank", ["", "  ", "\u200b"])
def test_an_empty_fact_is_an_unknown_one(blank: str) -> None:
    """A blank is a hole, too: it is refused like a missing fact."""
    with pytest.raises(LetterError, match="response_due"):
        responders.write("ack", "en", changed("en", response_due=blank))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ACKS)
def test_optional_blocks_come_only_with_their_facts(kind: str, language: str) -> None:
    """A line for a fact stands in the ack when the fact is known and not when it is not."""
    facts = changed(language, summary="another matter", category="else", occurred_at="OCCURRED", order_no="ORDER-1")
    for name in ("hotline", "order_no", "phone_masked", "occurred_at", "customer_words"):
        value = str(getattr(facts, name))
        with_it = responders.write(kind, language, facts)
        without = responders.write(kind, language, facts.model_copy(update={name: None}))
        assert value in with_it.text
        assert value in str(with_it.html)
        assert value not in without.text + str(without.html)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ACKS)
def test_late_is_said_only_when_all_three_times_are_known(kind: str, language: str) -> None:
    """A late ack says what was promised, when the message came, when this leaves; others say nothing (P13)."""
    facts = changed(language, late_promised="PROMISED", late_received="ARRIVED", late_sent="LEFT")
    late = responders.write(kind, language, facts)
    in_time = responders.write(kind, language, facts.model_copy(update={"late_sent": None}))
    for side in (late.text, str(late.html)):
        assert all(word in side for word in ("PROMISED", "ARRIVED", "LEFT"))
    for side in (in_time.text, str(in_time.html)):
        assert not any(word in side for word in ("PROMISED", "ARRIVED", "LEFT"))


@pytest.mark.parametrize(("language", "words"), [("zh-CN", "请忽略本邮件"), ("en", "please ignore it")])
@pytest.mark.parametrize("kind", ACKS)
def test_without_echo_the_letter_says_so(kind: str, language: str, words: str) -> None:
    """Whoever never wrote to us, and gets an ack because his address was typed in, is told to ignore it (P12)."""
    quoted = responders.write(kind, language, SAMPLE[language])
    silent = responders.write(kind, language, changed(language, customer_words=None))
    assert words in silent.text
    assert words in str(silent.html)
    assert words not in quoted.text


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        *(("zh-CN", "zh-CN"), ("zh", "zh-CN"), ("zh-TW", "zh-CN"), ("ZH-hk", "zh-CN")),
        *(("en", "en"), ("en-GB", "en"), ("fr", "en"), ("", "en")),
    ],
)
def test_the_nearest_language_is_written(asked: str, written: str) -> None:
    """Exact, then the base (any Chinese is zh-CN), then English; the letter says which it is."""
    letter = responders.write("ack", asked, CHINESE)
    assert letter.language == written
    assert f'<html lang="{written}">' in str(letter.html)


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    """There is no silent default for a letter nobody wrote."""
    with pytest.raises(LetterError) as refused:
        responders.write("akc", "en", ENGLISH)
    assert all(kind in refused.value.sentence for kind in RESPONDERS)


@pytest.mark.parametrize("kind", CUSTOMER_KINDS)
def test_the_tag_is_in_every_subject(kind: str) -> None:
    """A reply finds its ticket by the tag in the subject."""
    assert "[T20260501001]" in responders.write(kind, "en", ENGLISH).subject


def test_only_customers_get_html() -> None:
    """Letters inside the house are plain."""
    with_html = [kind for kind in RESPONDERS if responders.write(kind, "en", ENGLISH).html]
    assert with_html == CUSTOMER_KINDS


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_supervisor_is_named_only_if_informed(language: str) -> None:
    """The soothing ack does not claim that somebody was told when nobody was."""
    told = responders.write("ack_soothe", language, changed(language, supervisor="SUPERVISOR"))
    untold = responders.write("ack_soothe", language, changed(language, supervisor=None))
    assert "SUPERVISOR" in told.text
    assert "informed" not in untold.text
    assert "已报告" not in untold.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reply_keeps_its_paragraphs(language: str) -> None:
    """What a person wrote arrives with its line breaks, in text and in HTML."""
    letter = responders.write("reply", language, changed(language, reply_text="one\r\n\r\ntwo <b>"))
    assert "one\n\ntwo <b>\n" in letter.text
    assert "one<br>\n<br>\ntwo &lt;b&gt;" in str(letter.html)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_alert_numbers_its_steps(language: str) -> None:
    """The operator reads what to do as 1, 2."""
    text = responders.write("operator_alert", language, changed(language, items=("first", "second"))).text
    assert "\n1. first\n2. second\n" in text


@pytest.mark.parametrize(
    ("count", "subject"), [(0, "D: tickets waiting"), (1, "D: 1 ticket waiting"), (2, "D: 2 tickets waiting")]
)
def test_a_queue_notice_counts(count: int, subject: str) -> None:
    """The subject of a department's notice says how many tickets wait, in grammatical English."""
    rows = ENGLISH.rows[:count]
    assert responders.write("queue_notice", "en", Facts(department="D", rows=rows)).subject == subject


def test_templates_are_compiled_once() -> None:
    """An ack is written in about 0.1 ms; compiling anew each time would take over 10 ms."""
    letters = responders.load()
    letters.write("ack", "zh-CN", CHINESE)
    started = time.perf_counter()
    for _ in range(50):
        letters.write("ack", "zh-CN", CHINESE)
    assert (time.perf_counter() - started) / 50 < 0.002
