"""Whether a word is turned down by the words around it, inside its clause.

Three shapes negate: a negator before (不需要您退款), one that touches (不投诉), and one after (投诉就算了). A question
and a rhetorical word negate nothing, and two negators in a row cancel each other (不是不想用).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from ingestd.routing.matching import Found
from ingestd.routing.ruleset import NegationPatterns

REACH = 6
"""Chinese characters that may stand between a negator and its word; an English word counts as two."""

CHAIN = 3
"""The same between two negators that belong together: 我不是说我不想退."""

WIDEST = 80
"""Characters around a word that are looked at, at most: a text without punctuation costs no more than another."""


@dataclass(frozen=True)
class Sentence:
    """A folded text with what negation needs: its topic words, its negators and its clauses, each in order."""

    text: str
    patterns: NegationPatterns
    topics: tuple[Found, ...]
    topic_starts: tuple[int, ...]
    negators: tuple[Found, ...]
    negator_ends: tuple[int, ...]
    clause_starts: tuple[int, ...]
    clause_ends: tuple[int, ...]

    def clause(self, word: Found) -> tuple[int, int]:
        """Return where the word's clause begins and ends."""
        index = bisect_right(self.clause_starts, word.start) - 1
        return self.clause_starts[index], max(self.clause_ends[index], word.end)

    def between(self, start: int, end: int) -> tuple[Found, ...]:
        """Return the topic words between two places."""
        first, last = bisect_left(self.topic_starts, start), bisect_left(self.topic_starts, end)
        return self.topics[first:last]


def read_sentence(text: str, found: Sequence[Found], patterns: NegationPatterns) -> Sentence:
    """Find the clauses and the negators once for all words of the text."""
    breaks = [match.span() for match in patterns.breaks.finditer(text)] if found else []
    topics = tuple(one for one in found if not one.word.negator)
    negators = tuple(one for one in found if one.word.negator and not _is_a_or_not_a(text, one))
    return Sentence(
        text,
        patterns,
        topics,
        tuple(one.start for one in topics),
        negators,
        tuple(one.end for one in negators),
        clause_starts=(0, *(end for _, end in breaks)),
        clause_ends=(*(start for start, _ in breaks), len(text)),
    )


def is_negated(word: Found, state: bool, sentence: Sentence) -> bool:
    """Tell whether the word is turned down. ``state`` words are negated by 没有 and "no" too."""
    clause = sentence.clause(word)
    count = _negators_before(word, state, max(clause[0], word.start - WIDEST), sentence)
    turned_down = count % 2 == 1 if count else sentence.patterns.after.match(sentence.text, word.end) is not None
    return turned_down and not _is_rhetorical(word, clause, sentence)


def _negators_before(word: Found, state: bool, begin: int, sentence: Sentence) -> int:
    """Count the negators that reach the word from behind ``begin``, each from the one before it."""
    count, edge = 0, word.start
    for index in range(bisect_right(sentence.negator_ends, word.start) - 1, -1, -1):
        negator = sentence.negators[index]
        reaches = _joins(negator, edge, sentence) if count else _reaches(negator, word, state, begin, sentence)
        if negator.start < begin or not reaches:
            break
        count, edge = count + 1, negator.start
    return count


def _reaches(negator: Found, word: Found, state: bool, begin: int, sentence: Sentence) -> bool:
    kind, touches = negator.word.negator, negator.end == word.start
    if negator.start < begin or (kind in ("state", "touching") and not state):
        return False
    if kind == "bare":
        return touches and not sentence.patterns.refusals.search(sentence.text, begin, negator.start)
    return touches or (kind != "touching" and _spans(negator.end, word.start, sentence))


def _spans(start: int, end: int, sentence: Sentence) -> bool:
    """Whether the gap is short and nothing in it ends the reach.

    Other words in it do not lengthen it: no need to send back the parcel turns down both. A new wish after one of
    them does end it: 不想退货想换货 wants the exchange.
    """
    others = sentence.between(start, end)
    if sentence.patterns.turns.search(sentence.text, start, end):
        return False
    if any(sentence.patterns.resumes.search(sentence.text, one.end, end) for one in others):
        return False
    return _length(sentence.text[start:end]) - sum(_length(one.word.text) for one in others) <= REACH


def _joins(negator: Found, edge: int, sentence: Sentence) -> bool:
    """Whether two negators belong together; with a word between them each has its own: 没有报错也没有闪退."""
    short = edge - negator.end <= WIDEST and _length(sentence.text[negator.end : edge]) <= CHAIN
    return short and not sentence.between(negator.end, edge)


def _is_rhetorical(word: Found, clause: tuple[int, int], sentence: Sentence) -> bool:
    start, end = max(clause[0], word.start - WIDEST), min(clause[1], word.end + WIDEST)
    return _asks(sentence.text, clause[1]) or bool(sentence.patterns.rhetorical.search(sentence.text, start, end))


def _asks(text: str, end: int) -> bool:
    last = text[max(end - 3, 0) : end].rstrip()
    return text[end : end + 1] == "?" or (last[-1:] in ("吗", "嘛", "么") and not last.endswith(("什么", "怎么")))


def _is_a_or_not_a(text: str, found: Found) -> bool:
    """Whether it is the middle of a question like 需不需要 or 有没有."""
    before, after = text[found.start - 1 : found.start], text[found.start + 1 : found.start + 2]
    return text[found.start] in "不没" and before != "" and before == after


def _length(gap: str) -> int:
    """The gap in Chinese characters: an English word counts as two."""
    chinese = sum(letter > "\u2e80" for letter in gap)
    return chinese + 2 * len([word for word in gap.split() if word.isascii()])
