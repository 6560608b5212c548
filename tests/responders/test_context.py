"""What reaches a template: clean lines, whatever was typed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import responders
from responders import Facts, Row
from responders.context import KNOWN, LONGEST_QUOTE, context, one_line, several_lines
from responders.responder import LONGEST_SUBJECT
from responders.samples import CHINESE, ENGLISH

HOSTILE = "x\r\nBcc: a@x.cn\u2028\u202e<script>alert(1)</script>{{ team }}\x00\x1b[31m\"'&"


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("plain", "plain"),
        ("  two  words ", "two words"),
        ("a\r\nBcc: b", "a Bcc: b"),
        ("a\u2028b\u2029c\x0bd\x85e", "a b c d e"),
        ("a\u202eb\u200bc\x00d\x1be", "abcde"),
        ("\u3000全角 空格\u00a0", "全角 空格"),
        ("family 👩\u200d👧", "family 👩\u200d👧"),
        ("lone \ud800", "lone"),
        ("tab\there", "tab here"),
        ("", ""),
    ],
)
def test_one_line(typed: str, clean: str) -> None:
    """A fact of one line stays in it, and hides nothing (TI1, EX5)."""
    assert one_line(typed) == clean


def test_several_lines_keep_their_paragraphs() -> None:
    """A person's text keeps its line breaks, in one spelling, and loses what does not print."""
    assert several_lines(" a\r\n\r\nb\rc\u2028d\x1b[31m\u202e ") == "a\n\nb\nc\nd[31m"


def test_every_fact_is_known_to_templates() -> None:
    """A template may name each fact, and three words made from them; nothing else."""
    assert set(Facts.model_fields) | {"greeting", "late", "language"} == KNOWN
    assert set(context(CHINESE, "zh-CN")) == KNOWN


def test_unknown_facts_are_absent() -> None:
    """An unknown fact is no empty string: a template that needs it is refused."""
    assert context(Facts(team=" "), "en") == {
        "rows": (), "items": (), "language": "en", "greeting": "Dear customer", "late": False,
    }  # fmt: skip


def test_a_quote_is_cut() -> None:
    """The whole mail is never sent back (000-16)."""
    assert context(Facts(customer_words="长" * LONGEST_QUOTE), "en")["customer_words"] == "长" * LONGEST_QUOTE
    assert context(Facts(customer_words="长" * 500), "en")["customer_words"] == "长" * LONGEST_QUOTE + "…"


def test_rows_and_items_are_cleaned() -> None:
    """A table's cell cannot forge a line."""
    known = context(Facts(rows=(Row(label="a\nb", value="c\r\nd"),), items=("e\nf",)), "en")
    assert known["rows"] == (Row(label="a b", value="c d"),)
    assert known["items"] == ("e f",)


@pytest.mark.parametrize("kind", responders.RESPONDERS)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_hostile_facts_stay_words(kind: str, language: str) -> None:
    """Typed CRLF, markup, template code and escapes come out as plain words in one place (TI1, EX5, P34)."""
    texts = {name: HOSTILE for name, value in ENGLISH.__dict__.items() if isinstance(value, str)}
    facts = ENGLISH.model_copy(update={**texts, "ticket_no": "T1", "rows": (Row(label=HOSTILE, value=HOSTILE),)})
    letter = responders.write(kind, language, facts)
    assert "\n" not in letter.subject
    assert "<script" not in (letter.html or "")
    assert "{{ team }}" in letter.text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u2028\u202e]", letter.subject + letter.text + (letter.html or ""))
    if kind not in ("reply", "result_confirm", "escalation_internal", "operator_alert"):
        assert not re.search(r"^Bcc:", letter.text, re.M)


def test_a_subject_has_a_limit() -> None:
    """An alert's long summary is cut in the subject and whole in the text."""
    letter = responders.write("operator_alert", "en", Facts(summary="x" * 5000))
    assert len(letter.subject) == LONGEST_SUBJECT
    assert "x" * 5000 in letter.text


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1), st.text(), st.sampled_from(["zh-CN", "en"]))
def test_any_words_make_a_letter(words: str, name: str, language: str) -> None:
    """Whatever a customer typed, his ack is written, in encodable text."""
    letter = responders.write("ack", language, CHINESE.model_copy(update={"customer_words": words, "customer": name}))
    assert (letter.subject + letter.text + str(letter.html)).encode("utf-8")
    assert letter.subject.isprintable()
