"""A piece of text to search, with the place it came from and one spelling for matching."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from parsers.folding import fold, without_invisible
from parsers.record import Source

PASSAGE_CAP = 50_000  # characters of one passage searched; customers state facts early
TAKEN = "\x00"  # stands for characters that another finder has claimed; no pattern matches it
_FIGURE = re.compile(r"\d+")

# Letters outside of ASCII that ignoring case takes for i, k and s; the first would grow when made lower case.
_LETTERS_LIKE_ASCII = str.maketrans("\u0130\u0131\u017f\u212a", "iisk")


@dataclass(frozen=True)
class Passage:
    """``folded`` is ``text`` in ASCII digits, colons and spaces, character for character in the same place."""

    text: str
    folded: str
    source: Source

    @cached_property
    def lowered(self) -> str:
        """``folded`` in lower case, in the same place: patterns that need not ignore case are several times faster."""
        plain = self.folded if self.folded.isascii() else self.folded.translate(_LETTERS_LIKE_ASCII)
        return plain.lower()

    @cached_property
    def figures(self) -> tuple[tuple[int, int], ...]:
        """Where the rows of digits stand: looked for once, for all who need one of some length."""
        return tuple(row.span() for row in _FIGURE.finditer(self.folded))

    def has_digits(self, least: int) -> bool:
        """Tell whether there is a row of at least so many digits."""
        return any(end - start >= least for start, end in self.figures)

    def has(self, words: Iterable[str]) -> bool:
        """Tell whether one of these lower-case words stands here, at a fraction of the cost of a pattern that needs one."""
        return any(map(self.lowered.__contains__, words))

    def raw(self, span: tuple[int, int]) -> str:
        """Give what was written at ``span``."""
        return self.text[span[0] : span[1]].strip()

    def without(self, spans: Iterable[tuple[int, int]]) -> Passage:
        """Give the passage with the spans blotted out, so that one number is not read twice."""
        folded = self.folded
        for start, end in spans:
            folded = folded[:start] + TAKEN * (end - start) + folded[end:]
        return self if folded is self.folded else Passage(self.text, folded, self.source)


def passage(text: str, source: Source) -> Passage:
    """Prepare a text for searching; characters that draw nothing are gone."""
    clean = without_invisible(text[:PASSAGE_CAP])
    return Passage(clean, fold(clean), source)


def first_group(match: re.Match[str]) -> tuple[str, tuple[int, int]]:
    """Give the named group that matched last and its span."""
    name = match.lastgroup or ""
    return name, match.span(name)
