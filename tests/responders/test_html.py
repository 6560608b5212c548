"""The HTML side of the letters: readable, on any ground, and inert."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

import responders
from responders import RESPONDERS
from responders.samples import CHINESE, ENGLISH

KINDS = [kind for kind, responder in RESPONDERS.items() if responder.to_customer]
VOID = {"meta", "br"}
PROSE_CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3, for text of ordinary size."""


class Outline(HTMLParser):
    """Collects open tags, text and the inline styles."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.styles: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open += [] if tag in VOID else [tag]
        self.styles += [value or "" for name, value in attrs if name == "style"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "title"):
            self.text.append(data)


def written(kind: str, language: str) -> str:
    return str(responders.write(kind, language, CHINESE if language == "zh-CN" else ENGLISH).html)


def outline(html: str) -> Outline:
    parsed = Outline()
    parsed.feed(html)
    parsed.close()
    return parsed


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours(css: str) -> tuple[set[str], set[str]]:
    inks = set(re.findall(r"(?<![-\w])color:\s*(#[0-9a-f]{6})", css))
    return inks, set(re.findall(r"background:\s*(#[0-9a-f]{6})", css))


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("kind", KINDS)
class TestEveryHtmlLetter:
    """One look at each letter that customers get."""

    def test_tags_are_balanced(self, kind: str, language: str) -> None:
        """Every tag that opens closes, in order."""
        assert outline(written(kind, language)).open == []

    def test_it_says_what_the_text_says(self, kind: str, language: str) -> None:
        """Each sentence of the text side stands in the HTML side, too."""
        facts = CHINESE if language == "zh-CN" else ENGLISH
        said = re.sub(r"\s", "", "".join(outline(written(kind, language)).text))
        for line in responders.write(kind, language, facts).text.splitlines():
            sentence = re.sub(r"\s", "", line.removeprefix("· ").removeprefix("- "))
            assert sentence in said or all(part in said for part in re.split("[：:]", sentence, maxsplit=1))

    def test_it_reads_on_a_phone_and_in_the_dark(self, kind: str, language: str) -> None:
        """One column that narrows with the screen, and colours for a dark one."""
        html = written(kind, language)
        assert 'name="viewport" content="width=device-width' in html
        assert "max-width:560px" in html
        assert "prefers-color-scheme: dark" in html
        assert 'name="color-scheme" content="light dark"' in html

    def test_contrast_is_enough(self, kind: str, language: str) -> None:
        """Every ink on every ground it can stand on, light and dark: at least 4.5 to 1."""
        html = written(kind, language)
        dark_css = html[html.index("@media") : html.index("</style>")]
        for css in (" ".join(outline(html).styles), dark_css):
            inks, grounds = colours(css)
            assert inks
            assert grounds
            assert min(contrast(ink, ground) for ink in inks for ground in grounds) >= PROSE_CONTRAST

    def test_it_fetches_nothing(self, kind: str, language: str) -> None:
        """No address is named in the HTML at all, so opening a letter tells nobody."""
        assert not re.search(r"https?:|//|src=|href=|url\(|<script|<img|<link", written(kind, language))


def test_the_measure_of_contrast_is_right() -> None:
    """Black on white is 21 to 1; #767676 on white just passes, #777777 just fails."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") >= PROSE_CONTRAST > contrast("#777777", "#ffffff")
