"""Negation by shapes: what turns a word down, how far it reaches, and what only looks so."""

from __future__ import annotations

import pytest

from ingestd.routing import compile_rules, load_shipped
from ingestd.routing.reading import read

RULES = compile_rules(load_shipped())


def dropped(text: str) -> set[str]:
    """The keywords that are turned down in the text."""
    return {hit.word for hit in read(text, "text", 1, RULES).topics if hit.negated}


def kept(text: str) -> set[str]:
    """The keywords that count."""
    return {hit.word for hit in read(text, "text", 1, RULES).topics if not hit.negated}


@pytest.mark.parametrize(
    "text",
    [
        "不需要退货",
        "不需要您给我退货",
        "不要退货",
        "不退货",
        "我没打算退货",
        "退货就算了",
        "退货不用了",
        "I do not need to return it",
        "no need to return",
        "I'm not asking for a return",
        "a return is not needed",
    ],
)
def test_a_wish_that_is_turned_down_is_dropped(text: str) -> None:
    """Who does not want to return anything is not sent to the returns desk."""
    word = "return" if text.isascii() else "退货"
    assert dropped(text) == {word}


@pytest.mark.parametrize(
    "text",
    ["没有报错", "没报错", "不会报错", "无报错", "也没有任何报错", "no error code", "there isn't any error code"],
)
def test_a_condition_that_is_absent_is_dropped(text: str) -> None:
    """没有 before a trouble means that all is well."""
    assert dropped(text)
    assert not kept(text)


@pytest.mark.parametrize(
    "text", ["没有发票", "没收到发票", "还没给我开发票", "没退货", "no invoice arrived", "I have not got the invoice"]
)
def test_a_thing_that_is_absent_is_still_the_topic(text: str) -> None:
    """Who has no invoice writes about invoices."""
    assert not dropped(text)
    assert kept(text)


@pytest.mark.parametrize(
    "text",
    [
        "不退货吗",
        "不需要退货?",
        "难道不退货",
        "你们不退货",
        "为什么不退货",
        "不得不退货",
        "不能不退货",
        "需不需要退货",
        "不是不想退货",
        "我没说不退货",
    ],
)
def test_questions_refusals_and_double_negations_drop_nothing(text: str) -> None:
    """Asking, being refused, and two negations in a row all leave the topic standing."""
    assert "退货" in kept(text)


@pytest.mark.parametrize("gap", [0, 6, 7, 12])
def test_a_negator_reaches_six_characters(gap: int) -> None:
    """Further away it belongs to something else."""
    text = "不需要" + "某" * gap + "退货"
    assert (text, bool(dropped(text))) == (text, gap <= 6)


@pytest.mark.parametrize("end", list("，。；！？\n,.;!?"))
def test_a_negator_ends_with_its_clause(end: str) -> None:
    """不需要 in one clause says nothing about the next."""
    assert kept(f"不需要{end} 退货") == {"退货"}


def test_each_word_has_its_own_negator() -> None:
    """Two negated words in one clause are not a double negation."""
    assert dropped("没有报错也没有闪退") == {"报错", "闪退"}


def test_a_new_wish_after_a_negated_one_counts() -> None:
    """不想退货想换货 wants the exchange."""
    assert (dropped("不想退货想换货"), kept("不想退货想换货")) == ({"退货"}, {"换货"})


@pytest.mark.parametrize(
    "word",
    ["登不上", "打不开", "没反应", "收不到验证码", "没到账", "没发货", "无法登录", "连不上", "没人回复", "不给退"],
)
def test_a_fault_whose_name_is_negative_is_one_word(word: str) -> None:
    """The negator inside is never split off, nor does it touch its neighbours."""
    assert kept(f"{word}退货") >= {word, "退货"}
