"""A piece of text to search, with the place it came from and one spelling for matching."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from parsers.folding import fold, lower, without_invisible
from parsers.record import Source

PASSAGE_CAP = 50_000  # characters of one passage searched; customers state facts early
TAKEN = "\x00"  # stands for characters that another finder has claimed; no pattern matches it
_FIGURE = re.compile(r"\d+")

Span = tuple[int, int]


@dataclass(frozen=True)
class Passage:
    """A text in three spellings, character for character in the same place, and what is looked for again and again.

    ``folded`` is ``text`` in ASCII digits, colons and spaces; ``lowered`` is that in lower case, for patterns that need
    not ignore case are several times faster. ``figures`` are the places of all rows of digits.
    """

    text: str
    folded: str
    lowered: str
    figures: tuple[Span, ...]
    source: Source

    def has_digits(self, least: int) -> bool:
        """Tell whether there is a row of at least so many digits."""
        return any(end - start >= least for start, end in self.figures)

    def has(self, words: Iterable[str]) -> bool:
        """Tell whether one of these lower-case words stands here: far cheaper than a pattern that needs one of them."""
        return any(map(self.lowered.__contains__, words))

    def raw(self, span: Span) -> str:
        """Give what was written at ``span``."""
        return self.text[span[0] : span[1]].strip()

    def without(self, spans: Iterable[Span]) -> Passage:
        """Give the passage with the spans blotted out, so that one number is not read twice."""
        folded = self.folded
        for start, end in spans:
            folded = folded[:start] + TAKEN * (end - start) + folded[end:]
        left = [row for row in self.figures if folded[row[0]] != TAKEN or folded[row[1] - 1] != TAKEN]
        return Passage(self.text, folded, lower(folded), tuple(left), self.source)


def passage(text: str, source: Source) -> Passage:
    """Prepare a text for searching; characters that draw nothing are gone."""
    clean = without_invisible(text[:PASSAGE_CAP])
    folded = fold(clean)
    return Passage(clean, folded, lower(folded), tuple([row.span() for row in _FIGURE.finditer(folded)]), source)


def first_group(match: re.Match[str]) -> tuple[str, Span]:
    """Give the named group that matched last and its span."""
    name = match.lastgroup or ""
    return name, match.span(name)
