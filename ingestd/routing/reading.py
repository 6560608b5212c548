"""One text as routing reads it: folded, the names of buttons and pages hidden, its words found and judged."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace

from ingestd.routing.matching import HUSH, SIGNALS, TOPICS, Found, Meaning, longest
from ingestd.routing.negation import Sentence, is_negated, read_sentence
from ingestd.routing.normalise import fold
from ingestd.routing.ruleset import RuleSet

# “申请退货”页面打不开 is about a page. The name is at most 12 characters long, so the search is linear.
_NAMED = r"[“\"「『【《'‘][^“”\"「」『』【】《》'‘’\n]{1,24}[”\"」』】》'’]"
_PLACE = r"页面|按钮|菜单|入口|界面|选项|功能|链接|模块|栏目|button|page|menu|tab|screen|link"
_UI_NAME = re.compile(rf"{_NAMED}(?=\s?的?这?个?(?:{_PLACE}))|(?<=点击){_NAMED}|(?<=点){_NAMED}|(?<=click on ){_NAMED}")
_HIDDEN_LETTER = "□"

# 不是质量的事,是运费: what follows is the topic, said outright, so even an ordinary word is enough.
_STATED = re.compile(
    r"不是[^,。;!?\n]{1,16}[,。;]?(?:而是|是)(?!不是|否)"
    r"|not (?:about|a|an|the) [^,.;!?\n]{1,40}[,.;]? (?:but|it's|it is) (?:about )?"
)
STATED_WEIGHT, STATED_REACH = 2.0, 8
"""Such a topic's least weight, and the characters after 是 in which it is looked for."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A word that was found, one of its meanings, and whether it is turned down."""

    word: str
    meaning: Meaning
    negated: bool
    start: int


@dataclass(frozen=True)
class Reading:
    """What one text says: where it stood, its weight, its folded text, its topic words and its other signals."""

    where: str
    factor: float
    text: str
    topics: tuple[Hit, ...]
    signals: tuple[Hit, ...]


def read(text: str, where: str, factor: float, rules: RuleSet) -> Reading:
    """Read one text by the rules."""
    folded = _UI_NAME.sub(lambda match: _HIDDEN_LETTER * len(match[0]), fold(text))
    found = rules.lexicon.find(folded)
    topics = longest(found, TOPICS)
    sentence = read_sentence(folded, topics, rules.negation)
    return Reading(
        where,
        factor,
        folded,
        _stated(_judged(topics, ("keyword",), sentence, rules), folded),
        _judged(longest(found, SIGNALS, HUSH), ("input", "emotion", "service"), sentence, rules),
    )


def _judged(found: tuple[Found, ...], kinds: tuple[str, ...], sentence: Sentence, rules: RuleSet) -> tuple[Hit, ...]:
    return tuple(
        Hit(one.word.text, meaning, is_negated(one, meaning.state, sentence), one.start)
        for one in found
        for meaning in one.word.meanings
        if meaning.kind in kinds
    )


def _stated(hits: tuple[Hit, ...], text: str) -> tuple[Hit, ...]:
    """Give the words that 不是 … 是 … states their weight."""
    places = [match.end() for match in _STATED.finditer(text)] if hits else []
    return tuple(
        replace(hit, meaning=replace(hit.meaning, weight=max(hit.meaning.weight, STATED_WEIGHT)))
        if (index := bisect_right(places, hit.start)) and hit.start - places[index - 1] <= STATED_REACH
        else hit
        for hit in hits
    )
