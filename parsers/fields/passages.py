"""A piece of text to search, with the place it came from and one spelling for matching."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from parsers.folding import fold, without_invisible
from parsers.record import Source

PASSAGE_CAP = 50_000  # characters of one passage searched; customers state facts early
TAKEN = "\x00"  # stands for characters that another finder has claimed; no pattern matches it


@dataclass(frozen=True)
class Passage:
    """``folded`` is ``text`` in ASCII digits, colons and spaces, character for character in the same place."""

    text: str
    folded: str
    source: Source

    def raw(self, span: tuple[int, int]) -> str:
        """Give what was written at ``span``."""
        return self.text[span[0] : span[1]].strip()

    def without(self, spans: Iterable[tuple[int, int]]) -> Passage:
        """Give the passage with the spans blotted out, so that one number is not read twice."""
        folded = self.folded
        for start, end in spans:
            folded = folded[:start] + TAKEN * (end - start) + folded[end:]
        return Passage(self.text, folded, self.source)


def passage(text: str, source: Source) -> Passage:
    """Prepare a text for searching; characters that draw nothing are gone."""
    clean = without_invisible(text[:PASSAGE_CAP])
    return Passage(clean, fold(clean), source)


def first_group(match: re.Match[str]) -> tuple[str, tuple[int, int]]:
    """Give the named group that matched last and its span."""
    name = match.lastgroup or ""
    return name, match.span(name)
