"""The desk's words: complete in both languages, and in the language of whoever reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ingestd.intake.explaining import SENTENCES
from ingestd.model import STATES
from ingestd.routing import compile_rules, load_shipped
from ingestd.web import words

CHINESE, ENGLISH = words.load()["zh-CN"], words.load()["en"]


def keys(tree: Any, path: str = "") -> Iterator[str]:
    if not isinstance(tree, dict):
        yield path
        return
    for key, value in tree.items():
        yield from keys(value, f"{path}.{key}")


def test_both_languages_have_the_same_words() -> None:
    """A page in English never shows a hole where the Chinese one has a word, nor the other way."""
    assert set(keys(CHINESE)) == set(keys(ENGLISH))


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
def test_every_reason_has_its_sentence(language: dict[str, Any]) -> None:
    """P38: what is withheld is explained at the desk, too."""
    assert set(SENTENCES) <= set(language["reasons"])


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
def test_every_code_of_the_rules_has_its_word(language: dict[str, Any]) -> None:
    """Classes and priorities are told in words."""
    departments = compile_rules(load_shipped()).departments.values()
    assert {department.category_l1 for department in departments} <= set(language["categories"])
    assert set(language["priorities"]) == {"P0", "P1", "P2"}
    assert len(STATES) == 11


@pytest.mark.parametrize(
    ("wanted", "accepted", "language"),
    [
        ("en", "zh-CN", "en"),
        ("zh-CN", "en", "zh-CN"),
        ("fr", "en", "en"),
        (None, "en-GB,en;q=0.9", "en"),
        (None, "zh-TW,zh;q=0.8,en;q=0.5", "zh-CN"),
        (None, "en;q=0.3, zh;q=0.8", "zh-CN"),
        (None, "fr, de;q=0.5", "zh-CN"),
        (None, "fr, en;q=0.1", "en"),
        (None, "en;q=0, fr", "zh-CN"),
        (None, "en;q=x", "zh-CN"),
        (None, "", "zh-CN"),
        (None, "*", "zh-CN"),
        (None, "," * 5000, "zh-CN"),
        ("../../etc", "en", "en"),
    ],
)
def test_the_reader_chooses_the_language(wanted: str | None, accepted: str, language: str) -> None:
    """``?lang=`` first, then the browser's list by its weights, then the house's own."""
    assert words.choose(wanted, accepted, "zh-CN") == language
