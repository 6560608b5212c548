"""How the customer feels, with the words that say so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingestd.model import Emotion, EmotionValue
from ingestd.routing.reading import Reading
from ingestd.routing.ruleset import RuleSet

EXCLAMATIONS = 3
"""So many exclamation marks with words of blame are anger."""

VALUES: dict[str, EmotionValue] = {"angry": "愤怒", "upset": "不满", "anxious": "焦虑"}
"""The lists of the rules files in the order in which they win."""

_MOCKING = ("“", '"', "「", "得很", "真是")
_ULTIMATUM = re.compile(r"限(?:你们|你|贵司|贵公司|商家).{0,12}?(?:前|内)|or (?:else )?i will (?:sue|report)")


def feel(readings: Sequence[Reading], rules: RuleSet) -> Emotion:
    """Return the strongest feeling found, else 平静."""
    for feeling, value in VALUES.items():
        evidence = _words(readings, feeling)
        if feeling == "angry":
            evidence += _shapes(readings, rules)
        if evidence:
            return Emotion(value, _whole(evidence))
    return Emotion()


def _whole(evidence: Sequence[str]) -> tuple[str, ...]:
    """Each piece once, and none that only repeats a part of another."""
    pieces = tuple(dict.fromkeys(evidence))
    return tuple(piece for piece in pieces if not any(piece != other and piece in other for other in pieces))


def _words(readings: Sequence[Reading], feeling: str) -> list[str]:
    return [
        hit.word
        for reading in readings
        for hit in reading.signals
        if hit.meaning.kind == "emotion" and hit.meaning.of == feeling and not hit.negated
    ]


def _shapes(readings: Sequence[Reading], rules: RuleSet) -> list[str]:
    """Irony with a count, an ultimatum, and blame with many exclamation marks."""
    evidence = []
    for reading in readings:
        mocking = any(mark in reading.text for mark in _MOCKING)
        for pattern in (rules.emotion.irony, _ULTIMATUM) if mocking else (_ULTIMATUM,):
            if match := pattern.search(reading.text):
                evidence.append(match[0])
        if reading.text.count("!") >= EXCLAMATIONS and (blame := rules.emotion.blame.search(reading.text)):
            evidence.append(f"{blame[0]}!!!")
    return evidence
