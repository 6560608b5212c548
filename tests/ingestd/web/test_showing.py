"""What strangers wrote is shown inert, and its tricks are seen (hostile input CS10, CS12, CS13, AT3, HX)."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.web import showing

RLO = "\u202e"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("王芳", "<bdi>王芳</bdi>"),
        ("<script>alert(1)</script>", "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>"),
        ('" onmouseover="x', "<bdi>&#34; onmouseover=&#34;x</bdi>"),
        (f"invoice{RLO}gnp.exe", '<bdi>invoice<span class="sign">U+202E</span>gnp.exe</bdi>'),
        ("a\x00b", '<bdi>a<span class="sign">U+0000</span>b</bdi>'),
        ("two\nlines", "<bdi>two lines</bdi>"),
    ],
)
def test_one_line_is_escaped_isolated_and_its_marks_are_seen(text: str, shown: str) -> None:
    """Nothing of a name or subject is markup, and nothing turns what stands beside it around."""
    assert showing.inline(text) == shown


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("我要投诉，投诉！", ["投诉"], "我要<mark>投诉</mark>，<mark>投诉</mark>！"),
        ("All Sites down", ["all sites", "all"], "<mark>All Sites</mark> down"),
        ("a.c abc", ["a.c"], "<mark>a.c</mark> abc"),
        ("a<b", ["<"], "a<mark>&lt;</mark>b"),
        ("amp; &", ["amp"], "<mark>amp</mark>; &amp;"),
        ("text", ["", " "], "text"),
        ("line\r\nnext", [], "line\nnext"),
    ],
)
def test_the_words_that_spoke_are_marked(text: str, words: list[str], shown: str) -> None:
    """The longest word first, in any case, literally, and without breaking what is escaped."""
    assert showing.block(text, words) == shown


@given(st.text(), st.lists(st.text(max_size=5), max_size=5))
def test_no_text_ever_becomes_markup_and_none_is_lost(text: str, words: list[str]) -> None:
    """Without our three elements all is as written; only what no eye sees is replaced by its name."""
    shown = str(showing.block(text, words))
    plain = re.sub(r'</?mark>|<span class="sign">(U\+[0-9A-F]{4})</span>', lambda m: m[1] or "", shown)
    assert "<" not in plain
    assert ">" not in plain
    expected = "".join(str(showing.block(letter)) for letter in text.replace("\r\n", "\n"))
    assert html.unescape(plain) == html.unescape(re.sub(r"<[^>]*>", "", expected))


def test_a_very_long_text_is_cut_and_says_so() -> None:
    """A page stays a page; the rest is in the original."""
    text = "字" * (showing.LONGEST_SHOWN + 1)
    assert len(showing.block(text)) == showing.LONGEST_SHOWN
    assert showing.is_cut(text)
    assert not showing.is_cut(text[1:])


@pytest.mark.parametrize(
    ("name", "suspect"), [("boss@corp.example", True), ("boss＠corp", True), ("王芳", False), (None, False)]
)
def test_a_name_that_looks_like_an_address_is_seen(name: str | None, suspect: bool) -> None:
    """CS10: also with a full-width @."""
    assert showing.has_address(name) is suspect


@pytest.mark.parametrize(
    ("address", "international"),
    [
        ("a@xn--fiqs8s.example", True),
        ("a@b.XN--P1AI", True),
        ("a@corp.example", False),
        ("a@сorp.example", True),
        ("", False),
    ],
)
def test_a_domain_with_foreign_letters_is_seen(address: str, international: bool) -> None:
    """CS13: a Cyrillic с looks like ours."""
    assert showing.is_international(address) is international


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("a.png", "png"),
        (f"invoice{RLO}gnp.exe", "exe"),
        ("a.tar.GZ", "gz"),
        ("README", "?"),
        ("a.", "?"),
        (None, "?"),
        (".bashrc", "bashrc"),
    ],
)
def test_the_real_ending_is_stated(name: str | None, ending: str) -> None:
    """AT3: whatever the marks in the name make it look like."""
    assert showing.ending(name) == ending


@pytest.mark.parametrize(
    ("octets", "shown"), [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (5 * 2**20, "5.0 MiB"), (2**30, "1.0 GiB")]
)
def test_sizes_are_told_in_a_unit(octets: int, shown: str) -> None:
    """As people read them."""
    assert showing.size(octets) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-20 15:00 – 2026-11-20 15:59", "2026-11-20 15:00 – 15:59"),
        ("2026-11-20 15:00 – 2026-11-21 15:59", "2026-11-20 15:00 – 2026-11-21 15:59"),
        ("昨天", "昨天"),
    ],
)
def test_a_span_of_one_day_has_its_day_once(text: str, shown: str) -> None:
    """Shorter, and no less said."""
    assert showing.span(text) == shown
