"""HTML to the text that a person sees. Hidden text is dropped, so that no hidden word routes a mail.

inscriptis lays tables out but costs two seconds a megabyte and stops at 256 nested tags; selectolax is fast and deep
but knows no layout. So the first reads what is small, and the second checks it and stands in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

LAYOUT_OCTETS = 100_000  # above this the layout is not worth its time
SUSPICIOUSLY_SHORT = 0.2  # of what the plain reading finds: then the layout engine lost text

_INVISIBLE = ("script", "style", "head", "template", "noscript", "title", "[hidden]")
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|pt|em|%)?\s*(?:;|!|$)|mso-hide\s*:\s*all",
    re.IGNORECASE,
)
_BLOCKS = ["p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "blockquote", "pre", "table", "hr", "dt", "dd"]
_BLANKS = re.compile(r"[ \t\xa0]+")
_EMPTY_LINES = re.compile(r"\n\s*\n\s*\n")


def to_text(html: str) -> str:
    """Give the visible text of an HTML page or fragment, its lines as a reader sees them. Never raises."""
    from selectolax.lexbor import LexborHTMLParser  # a mail without HTML need not pay for it

    page = LexborHTMLParser(html)
    _remove_hidden(page)
    if len(html) > LAYOUT_OCTETS:
        return _plain(page)
    laid_out = _laid_out(page.html or "")
    seen = page.body.text() if page.body else ""
    return laid_out if len(laid_out) >= len(seen.strip()) * SUSPICIOUSLY_SHORT else _plain(page)


def _remove_hidden(page: LexborHTMLParser) -> None:
    """Take out what no reader sees, inner nodes first: a removed node frees its children at once."""
    for selector in _INVISIBLE:
        for node in reversed(page.css(selector)):
            node.decompose()
    for node in reversed(page.css("[style]")):
        if _HIDING.search(node.attributes.get("style") or ""):
            node.decompose()


def _laid_out(html: str) -> str:
    """Give the text with tables and lists laid out, or nothing where the layout engine gives up."""
    from inscriptis import get_text  # loads lxml
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.model.config import ParserConfig

    # As browsers do: the default puts blanks around every <span>, and Word gives each run of digits a span of its own.
    strict = ParserConfig(css=CSS_PROFILES["strict"])
    try:
        text = get_text(html, strict)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):  # deep or senseless markup
        return ""
    return _tidy(text)


def _plain(page: LexborHTMLParser) -> str:
    """Give the text with a line for each block and nothing more."""
    body: LexborNode | None = page.body
    if body is None:
        return ""
    for block in body.css(", ".join(_BLOCKS)):
        block.insert_before("\n")
    return _tidy(body.text())


def _tidy(text: str) -> str:
    lines = (_BLANKS.sub(" ", line).rstrip() for line in text.split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip("\n")
