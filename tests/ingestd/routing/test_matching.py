"""Finding words: whole English words, the longest first, every word plain."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestd.routing.matching import TOPICS, Lexicon, Meaning, longest


def lexicon(*words: str, masks: tuple[str, ...] = ()) -> Lexicon:
    """A lexicon of keywords and masks."""
    meanings = {word: (Meaning("keyword", "r"),) for word in words}
    return Lexicon(meanings | {word: (Meaning("mask", "topic"),) for word in masks})


def found(text: str, words: Lexicon) -> list[str]:
    """The words that remain after the longest have covered theirs."""
    return [one.word.text for one in longest(words.find(text), TOPICS)]


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("退出登录", ("退出登录", "登录"), ["退出登录"]),
        ("开发票", ("开发", "发票"), ["开发"]),
        ("收不到验证码", ("验证码", "收不到验证码"), ["收不到验证码"]),
        ("退货和退货", ("退货",), ["退货", "退货"]),
        ("i returned it", ("return",), ["return"]),
        ("crashes", ("crash",), ["crash"]),
        ("the parcel's late", ("parcel",), ["parcel"]),
        ("late", ("late",), ["late"]),
        ("translate", ("late",), []),
        ("later", ("late",), []),
        ("app闪退", ("app",), ["app"]),
        ("我的app闪退", ("app",), ["app"]),
        ("error 500", ("500",), ["500"]),
        ("报500错误", ("500",), ["500"]),
        ("1,500.00", ("500",), []),
        ("500.00", ("500",), []),
        ("1500", ("500",), []),
        ("$500", ("500",), []),
        ("get 500.", ("500",), ["500"]),
        ("打12315投诉", ("12315",), ["12315"]),
        ("i will call 12345", ("12345",), ["12345"]),
        ("order is late, i call 12345", ("12345",), ["12345"]),
        ("订单没人管,打12345", ("12345",), ["12345"]),
        ("my order 12345", ("12345",), []),
        ("order number is 12345", ("12345",), []),
        ("parcel no. 12315 is late", ("12315",), []),
        ("order: # 12345", ("12345",), []),
        ("订单号码是:12345还没到", ("12345",), []),
        ("12345号订单", ("12345",), []),
        ("12345元", ("12345",), []),
        ("6222 12345 881", ("12345",), []),
        ("the order gives 500", ("500",), ["500"]),
        ("a.*b", (".*",), [".*"]),
        ("anything", (".*",), []),
    ],
)
def test_words_are_found_whole_and_longest_first(text: str, words: tuple[str, ...], expected: list[str]) -> None:
    """A word inside a longer one, a number inside an amount and a wildcard find nothing of their own."""
    assert found(text, lexicon(*words)) == expected


def test_a_mask_hides_what_is_inside() -> None:
    """A product's name is no topic."""
    assert found("发票打印机坏了", lexicon("发票", "坏了", masks=("发票打印机",))) == ["发票打印机", "坏了"]


@settings(max_examples=100, deadline=None)
@given(st.text("退货换开发票 ab", max_size=30), st.sets(st.text("退货换开发票ab", min_size=1, max_size=3), min_size=1))
def test_no_two_remaining_words_overlap(text: str, words: set[str]) -> None:
    """Each character speaks for one word at most, and each word stands where it says."""
    taken = longest(lexicon(*words).find(text), TOPICS)
    assert all(text[one.start : one.end] == one.word.text for one in taken)
    assert all(left.end <= right.start for left, right in pairwise(taken))
