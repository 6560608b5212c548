"""Looking for a word before trying a pattern spares time and nothing else."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers.fields import extract, passages
from parsers.fields.clock_words import PARTS
from parsers.fields.day_words import RULES
from parsers.fields.number_labels import LABELS, SHAPES
from parsers.record import Fields

SENT = datetime(2026, 11, 20, 9, 12, tzinfo=UTC)
PATTERNS = (*(rule[1].pattern for rule in RULES), *(word for words in LABELS.values() for word in words))
WORDS = sorted({word for pattern in PATTERNS for word in re.findall(r"[一-龥]+|[a-z]{2,}", pattern)} | set(PARTS))
CODES = ("E1042", "0x80070005", "ERR_FAILED", "HTTP 502", "502 报错", "SF123456789012", "1Z999AA10123456784", "AB-12")
CODE_WORDS = ("错误码", "报错", "故障代码", "返回码", "error code", "fault code", "status no.", "err")
NUMBERS = ("1", "12", "20", "2026", "11", "110101199003070038", "4111 1111 1111 1111", "13900000001", "+852 9123 4567",
           "14:30", "3 pm", "3p.m.", "5/1", "2026-11-18", "一三九〇〇〇〇〇〇〇一", "JDVABCDEFGHIJKL")  # fmt: skip
PEOPLE = ("我是", "王芳", "姓名：", "My name is", "Anna Lee", "I’m", "联系人:", "女士", "敝姓")
GLUE = (" ", "", "\n", "，", ":", "：", " ago", "前", "月", "日", "号", "年", "点", "ſ", "K", "İ")
TEXTS = st.lists(
    st.sampled_from((*WORDS, *CODES, *CODE_WORDS, *NUMBERS, *PEOPLE, *SHAPES, *GLUE * 4)), max_size=14
).map("".join)


def read(text: str) -> Fields:
    return extract(text, text[-20:], text[:20], None, SENT)


@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_no_shortcut_hides_anything(text: str) -> None:
    """What is found is the same where every pattern is tried on every text."""
    found = read(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passages.Passage, "has", lambda passage, words: True)
        patch.setattr(passages.Passage, "has_digits", lambda passage, least: True)
        assert found == read(text)
