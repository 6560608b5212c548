"""Whether a word is turned down by the words around it, inside its clause.

Three shapes negate: a negator before (不需要您退款), one that touches (不投诉), and one after (投诉就算了). A question
and a rhetorical word negate nothing, and two negators in a row cancel each other (不是不想用).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from ingestd.routing.matching import Found
from ingestd.routing.ruleset import NegationPatterns

REACH = 6
"""Chinese characters that may stand between a negator and its word; an English word counts as two."""

CHAIN = 3
"""The same between two negators that belong together: 我不是说我不想退."""


@dataclass(frozen=True)
class Sentence:
    """A folded text with what negation needs: its negators, its topic words and its clause ends, each in order."""

    text: str
    topics: tuple[Found, ...]
    negators: tuple[Found, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def read_sentence(text: str, topics: Sequence[Found], patterns: NegationPatterns) -> Sentence:
    """Find the clauses and the negators once for all words of the text."""
    breaks = [match.span() for match in patterns.breaks.finditer(text)] if topics else []
    return Sentence(
        text,
        tuple(one for one in topics if not one.word.negator),
        tuple(one for one in topics if one.word.negator and not _is_a_or_not_a(text, one)),
        starts=(0, *(end for _, end in breaks)),
        ends=(*(start for start, _ in breaks), len(text)),
    )


def is_negated(word: Found, state: bool, sentence: Sentence, patterns: NegationPatterns) -> bool:
    """Tell whether the word is turned down. ``state`` words are negated by 没有 and "no" too."""
    index = bisect_right(sentence.starts, word.start) - 1
    start, end = sentence.starts[index], max(sentence.ends[index], word.end)
    count = _negators_before(word, state, start, sentence, patterns)
    turned_down = count % 2 == 1 if count else patterns.after.match(sentence.text, word.end) is not None
    if not turned_down:
        return False
    return not _asks(sentence.text, start, end) and not patterns.rhetorical.search(sentence.text, start, end)


def _negators_before(word: Found, state: bool, clause: int, sentence: Sentence, patterns: NegationPatterns) -> int:
    """Count the negators that reach the word, each from the one behind it."""
    count, edge = 0, word.start
    for negator in reversed([one for one in sentence.negators if clause <= one.start and one.end <= word.start]):
        reaches = (
            _joins(negator, edge, sentence) if count else _reaches(negator, word, state, clause, sentence, patterns)
        )
        if not reaches:
            break
        count, edge = count + 1, negator.start
    return count


def _reaches(
    negator: Found, word: Found, state: bool, clause: int, sentence: Sentence, patterns: NegationPatterns
) -> bool:
    kind, gap = negator.word.negator, (negator.end, word.start)
    touches = negator.end == word.start
    if kind == "bare":
        return touches and not patterns.refusals.search(sentence.text, clause, negator.start)
    if kind == "touching":
        return state and touches
    if kind == "state" and not state:
        return False
    ended = patterns.turns.search(sentence.text, *gap) or _new_wish(gap, sentence, patterns)
    return not ended and _distance(gap, sentence) <= REACH


def _joins(negator: Found, edge: int, sentence: Sentence) -> bool:
    """Whether two negators belong together; with a word between them each turns down its own: 没有报错也没有闪退."""
    gap = sentence.text[negator.end : edge]
    return _length(gap) <= CHAIN and not _between(negator.end, edge, sentence)


def _between(start: int, end: int, sentence: Sentence) -> list[Found]:
    return [one for one in sentence.topics if start <= one.start and one.end <= end]


def _new_wish(gap: tuple[int, int], sentence: Sentence, patterns: NegationPatterns) -> bool:
    """Whether another word and then a new wish lie between: in 不想退货想换货 the exchange is wanted."""
    others = _between(*gap, sentence)
    return any(patterns.resumes.search(sentence.text, one.end, gap[1]) for one in others)


def _distance(gap: tuple[int, int], sentence: Sentence) -> int:
    """How far the word is; other words between do not count: no need to send back the parcel turns down both."""
    words = sum(_length(one.word.text) for one in _between(*gap, sentence))
    return _length(sentence.text[slice(*gap)]) - words


def _is_a_or_not_a(text: str, found: Found) -> bool:
    """Whether it is the middle of a question like 需不需要 or 有没有."""
    return (
        found.start > 0
        and text[found.start] in "不没"
        and text[found.start - 1] == text[found.start + 1 : found.start + 2]
    )


def _asks(text: str, start: int, end: int) -> bool:
    clause = text[start:end].rstrip()
    return text[end : end + 1] == "?" or (clause[-1:] in ("吗", "嘛", "么") and not clause.endswith(("什么", "怎么")))


def _length(gap: str) -> int:
    """The gap in Chinese characters: an English word counts as two."""
    chinese = sum(letter > "\u2e80" for letter in gap)
    return chinese + 2 * len([word for word in gap.split() if word.isascii()])
