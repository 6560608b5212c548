"""Folding: different spellings of one word meet, and no characters break it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestd.routing.normalise import LONGEST, ascii_lower, fold


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ＡＰＰ闪退", "app闪退"),
        ("我要退貨", "我要退货"),
        ("帳號被盜", "账号被盗"),
        ("退 货", "退货"),
        ("退\u200b货", "退货"),
        ("re\u200bfund", "refund"),
        ("re\u00adfund", "refund"),
        ("r\u202eefund", "refund"),
        ("refund\U000e0041", "refund"),
        ("VIP 会员", "vip会员"),
        ("I can’t log in", "i can't log in"),
        ("INVOİCE", "invoice"),
        ("ınvoıce", "invoice"),
        ("Straße", "strasse"),
        ("ſend back", "send back"),
        ("oﬃce", "office"),
        ("e-invoice", "e invoice"),
        ("cannot log\nin", "cannot log in"),
        ("第一行\n第二行", "第一行\n第二行"),
        ("see below\n2. invoice", "see below\n2. invoice"),
        ("  a \t b  ", "a b"),
        ("a\x00b", "ab"),
        ("坏\ud800了", "坏了"),
        ("", ""),
    ],
)
def test_spellings_of_one_word_meet(written: str, folded: str) -> None:
    """Width, script, case, blanks and hidden characters make no difference to routing."""
    assert fold(written) == folded


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(), max_size=60))
def test_folding_never_fails(text: str) -> None:
    """No characters raise, and what comes out can be written as UTF-8."""
    fold(text).encode("utf-8")


def test_only_the_beginning_of_an_endless_text_is_read() -> None:
    """A megabyte of text costs no more than its first pages."""
    assert len(fold("退" * 1_000_000)) == LONGEST


@pytest.mark.parametrize(("written", "lowered"), [("A@B.CN", "a@b.cn"), ("\u212a@x.cn", "\u212a@x.cn"), ("İ@x", "İ@x")])
def test_addresses_fold_ascii_letters_only(written: str, lowered: str) -> None:
    """A Kelvin sign is not a k: look-alikes do not become the address of somebody else."""
    assert ascii_lower(written) == lowered
