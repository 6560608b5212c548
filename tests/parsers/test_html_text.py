"""HTML becomes the text that a person sees."""

from __future__ import annotations

import time

import pytest

from parsers import html_text
from parsers.html_text import to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>您好</p><p>订单&nbsp;<b>A1</b>&amp;</p>", "您好\n\n订单 A1&"),
        ("a<br>b", "a\nb"),
        ("<table><tr><td>单号</td><td>123</td></tr></table>", "单号 123"),
        ("<ul><li>one</li><li>two</li></ul>", " * one\n * two"),
        ("<html><head><title>T</title><style>p{}</style></head><body>x<script>alert(1)</script></body></html>", "x"),
        ("no markup", "no markup"),
        ("", ""),
        ("<", "<"),
        ('<?xml version="1.0" encoding="gbk"?><p>x</p>', "x"),
        ("<p>unclosed <b>x", "unclosed x"),
        ("<!-- hidden -->x", "x"),
    ],
)
def test_visible_text_keeps_its_lines(html: str, text: str) -> None:
    """Paragraphs, lists and tables read as they look; scripts, styles and comments are no text."""
    assert to_text(html) == text


@pytest.mark.parametrize("layout_octets", [html_text.LAYOUT_OCTETS, 0])
@pytest.mark.parametrize(
    "style",
    ["display:none", "DISPLAY : NONE !important", "visibility:hidden", "color:red;font-size:0", "font-size:0px;",
     "mso-hide:all"],
)  # fmt: skip
def test_hidden_text_is_dropped(style: str, layout_octets: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words that no reader sees route no mail, whichever engine reads the page."""
    monkeypatch.setattr(html_text, "LAYOUT_OCTETS", layout_octets)
    html = (
        f'<p>订单</p><div style="{style}"><span style="{style}">退款</span><script>x</script></div><p hidden>投诉</p>'
    )
    assert to_text(html) == "订单"


@pytest.mark.parametrize("style", ["font-size:0.9em", "display:block", "font-size:10px"])
def test_small_text_is_no_hidden_text(style: str) -> None:
    """Ordinary styles hide nothing."""
    assert to_text(f'<p style="{style}">订单</p>') == "订单"


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 20_000 + "deep",
        "<table>" * 5_000 + "deep",
        "<blockquote>" * 300 + "deep",
        '<p style="x">' * 20_000 + "deep",
    ],
    ids=["divs", "tables", "quotes", "styled"],
)
def test_deep_nesting_loses_no_text(html: str) -> None:
    """The layout engine stops at 256 levels; the text below is found all the same, in bounded time."""
    before = time.process_time()
    assert to_text(html).strip() == "deep"
    assert time.process_time() - before < 5


def test_large_pages_are_read_without_layout() -> None:
    """A page of a megabyte costs a fraction of a second."""
    before = time.process_time()
    lines = to_text("<p>订单 <b>A1</b></p>" * 40_000).split("\n")
    assert time.process_time() - before < 2
    assert lines[0] == lines[-1] == "订单 A1"
    assert len(lines) == 40_000


@pytest.mark.parametrize(
    "html", ["\x00<p>x", "<p>\ud800</p>", "<" * 3000, "&#" * 3000, "<svg><style><!--</style>x", "]]>"]
)
def test_senseless_markup_is_no_trouble(html: str) -> None:
    """Any string gives some text and no exception."""
    assert isinstance(to_text(html), str)
