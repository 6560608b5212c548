"""All words of the merged rules gathered into one lexicon, and the few shapes that are no fixed words.

Every pattern is an alternation of plain words with bounded gaps: nothing an admin writes can make it run away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ingestd.routing.matching import Lexicon, Meaning
from ingestd.routing.normalise import fold
from ingestd.routing.rules import KeywordRule
from ingestd.routing.rules_file import EmotionWords, NegationWords, RulesFile
from ingestd.routing.ruleset import EmotionPatterns, NegationPatterns

STRONG, ORDINARY = 3.0, 1.0
"""Points of a word in a rule's ``strong`` and ``words``."""

_COUNT = r"[三四五六七八九十\d]{1,3}(?:次|个|遍|通|趟|回|天| times| days| agents)|third time|twice"


def lexicon(merged: RulesFile, rules: Sequence[KeywordRule]) -> Lexicon:
    """Gather every word with all its meanings. A word may have several."""
    words: dict[str, dict[Meaning, None]] = {}
    for listed, meaning in (*_of_rules(rules), *_of_negation(merged), *_of_signals(merged)):
        for word in filter(None, map(fold, listed)):
            words.setdefault(word, {})[meaning] = None
    return Lexicon({word: tuple(meanings) for word, meanings in words.items()})


def _of_rules(rules: Sequence[KeywordRule]) -> Iterator[tuple[Iterable[str], Meaning]]:
    for rule in rules:
        yield rule.strong, Meaning("keyword", rule.id, STRONG, rule.state)
        yield rule.words, Meaning("keyword", rule.id, ORDINARY, rule.state)


def _of_negation(merged: RulesFile) -> Iterator[tuple[Iterable[str], Meaning]]:
    yield (*merged.masks, *merged.negation.protect), Meaning("mask", "topic")
    for kind in ("want", "state", "bare", "touching"):
        yield getattr(merged.negation, kind), Meaning("negator", kind)


def _of_signals(merged: RulesFile) -> Iterator[tuple[Iterable[str], Meaning]]:
    for name, listed in merged.priority.inputs.items():
        yield listed, Meaning("input", name, state=True)
    for feeling in ("angry", "upset", "anxious"):
        yield getattr(merged.emotion, feeling), Meaning("emotion", feeling, state=True)
    yield merged.emotion.service, Meaning("service", "service")
    yield merged.emotion.masks, Meaning("hush", "signal")


def negation_patterns(words: NegationWords) -> NegationPatterns:
    """Compile what negation looks at around a word."""
    english = _any_of(word for word in words.breaks if word.isascii())
    chinese = _any_of(word for word in words.breaks if not word.isascii())
    return NegationPatterns(
        breaks=re.compile(rf"[,。;!?\n]|\.(?![a-z0-9])| (?:{english}) |{chinese}"),
        after=re.compile(rf"[^,。;!?\n.不没未]{{0,4}}?(?:{_any_of(words.after)})"),
        turns=re.compile(_any_of(words.turns)),
        resumes=re.compile(_any_of(words.resumes)),
        refusals=re.compile(_any_of(words.refusals)),
        rhetorical=re.compile(_any_of(words.rhetorical)),
    )


def emotion_patterns(words: EmotionWords) -> EmotionPatterns:
    """Compile mocking praise beside a count, and blame."""
    praise = _any_of(words.mock)
    mocked = rf"[“\"「]\s?(?:{praise})\s?[”\"」]|真是(?:{praise})|(?:{praise})得很"
    return EmotionPatterns(
        irony=re.compile(rf"(?:{mocked})[^\n]{{0,40}}?(?:{_COUNT})|(?:{_COUNT})[^\n]{{0,20}}?(?:{mocked})"),
        blame=re.compile(_any_of(words.blame)),
    )


def _any_of(words: Iterable[str]) -> str:
    """An alternation of plain words, the longest first; English ones only whole. With no words it never matches."""
    folded = sorted({fold(word) for word in words} - {""}, key=lambda word: (-len(word), word))
    return "|".join(rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in folded) or "(?!)"
