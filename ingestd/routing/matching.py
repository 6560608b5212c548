"""Finding many words in a text at once, in time that grows with the text and not with the number of words.

The words are plain strings: a wildcard in a rule is a character like any other, so no rule can run away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ahocorasick_rs import AhoCorasick

Kind = Literal["keyword", "mask", "negator", "input", "emotion", "service", "hush"]
TOPICS: frozenset[Kind] = frozenset({"keyword", "mask", "negator"})
SIGNALS: frozenset[Kind] = frozenset({"input", "emotion", "service", "hush"})
HUSH: frozenset[Kind] = frozenset({"hush"})

ENDINGS = frozenset({"", "s", "es", "d", "ed", "ing", "'s"})
"""Endings after which an English word is still the same: returns, crashed, shipping's."""


HOTLINE_DIGITS = 5
"""From here on a number is long enough to be somebody's order: 12345 and 12315 are hotlines, and order numbers too."""
NEAR = 24
"""Characters before a hotline that may call it an order."""
# The label before it, with what stands between the two: "order number is", "No.", "订单号:". And the word after it.
_CALLED = re.compile(
    r"(?:\borders?\b|\bno\.|#|订单|单号|编号|尾号)(?:[\s.:#,(\[号码为是]|\b(?:is|was|no|nr|number|id)\b)*\Z"
    r"|\d{3,}[ -]\Z"
)
_MEANT = re.compile(r"[ -]?\d{3,}|(?:号|这个|那个|的){0,2}(?:订单|单子)|号单|元|块|件| orders?\b")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word says: its kind, for whom (a rule, an input, an emotion, a kind of negator), and how much.

    ``state`` marks the name of a condition: "no" before it means that all is well.
    """

    kind: Kind
    of: str
    weight: float = 0
    state: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word with all it means, and what finding it needs to know."""

    text: str
    meanings: tuple[Meaning, ...]
    kinds: frozenset[Kind]
    negator: str | None
    english: bool
    inflects: bool


class Found(NamedTuple):
    """A word at its place in the folded text. A tuple, because a message makes a hundred of them."""

    start: int
    end: int
    word: Word


class Lexicon:
    """All words with their meanings, compiled once."""

    def __init__(self, words: Mapping[str, tuple[Meaning, ...]]) -> None:
        """Take folded words. An empty word is not allowed."""
        self.words = tuple(_word(text, meanings) for text, meanings in words.items())
        self._automaton = AhoCorasick(tuple(words))

    def __len__(self) -> int:
        return len(self.words)

    def find(self, text: str) -> list[Found]:
        """Return every word in the folded text, overlapping ones too; English ones only as whole words."""
        words = self.words
        return [
            Found(start, end, words[index])
            for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True)
            if not words[index].english or _stands_alone(text, start, end, words[index].inflects)
        ]


def longest(
    found: Iterable[Found], kinds: frozenset[Kind], covering: frozenset[Kind] | None = None
) -> tuple[Found, ...]:
    """Keep the words of these kinds so that none overlaps a longer one, in the order of the text.

    With ``covering`` only words of those kinds hide others.
    """
    mine = [one for one in found if not kinds.isdisjoint(one.word.kinds)]
    mine.sort(key=_longest_first)
    covered = bytearray(max((one.end for one in mine), default=0))
    taken = []
    for one in mine:
        start, end, _ = one
        if 1 not in covered[start:end]:
            taken.append(one)
            if covering is None or not covering.isdisjoint(one.word.kinds):
                covered[start:end] = b"\x01" * (end - start)
    taken.sort(key=_in_order)
    return tuple(taken)


def _longest_first(found: Found) -> tuple[int, int]:
    return found.start - found.end, found.start


def _in_order(found: Found) -> int:
    return found.start


def _word(text: str, meanings: tuple[Meaning, ...]) -> Word:
    kinds = frozenset(meaning.kind for meaning in meanings)
    return Word(
        text,
        meanings,
        kinds,
        negator=next((meaning.of for meaning in meanings if meaning.kind == "negator"), None),
        english=_is_english(text),
        inflects=not kinds.isdisjoint(("keyword", "input", "emotion")),
    )


def _is_english(word: str) -> bool:
    return any("a" <= letter <= "z" or letter.isdigit() for letter in (word[0], word[-1]))


def _is_latin(letter: str) -> bool:
    return letter.isalnum() and letter < "\u1100"


def _stands_alone(text: str, start: int, end: int, inflects: bool) -> bool:
    if start and _is_latin(text[start]) and _is_latin(text[start - 1]):
        return False
    if text[start].isdigit() and _in_number(text, start, end):
        return False
    return not _goes_on(text, end) or (inflects and _ending(text, end) in ENDINGS)


def _goes_on(text: str, end: int) -> bool:
    return end < len(text) and _is_latin(text[end - 1]) and (_is_latin(text[end]) or text[end] == "'")


def _in_number(text: str, start: int, end: int) -> bool:
    """Whether the digits are a piece of an amount, a date or a longer number: 1,500.00 is not error 500."""
    before = start > 0 and text[start - 1] in ".,:#$¥€£-/"
    after = text[end : end + 1] in tuple(".,:-/") and text[end + 1 : end + 2].isdigit()
    return before or after or (end - start >= HOTLINE_DIGITS and _is_order(text, start, end))


def _is_order(text: str, start: int, end: int) -> bool:
    """Whether a number that could be a hotline is called an order or an amount, or is a piece of a spaced number."""
    return bool(_CALLED.search(text[max(start - NEAR, 0) : start]) or _MEANT.match(text, end))


def _ending(text: str, end: int) -> str:
    stop = end
    while stop < min(len(text), end + 4) and (_is_latin(text[stop]) or text[stop] == "'"):
        stop += 1
    return text[end:stop]
