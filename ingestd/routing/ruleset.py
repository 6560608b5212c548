"""The compiled rules: everything ``decide`` looks things up in. Frozen, safe to share between threads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ingestd.routing.matching import Lexicon
from ingestd.routing.normalise import ascii_lower
from ingestd.routing.rules import DepartmentRule, ExplicitRule, HeaderRule, KeywordRule
from ingestd.routing.rules_file import Level


@dataclass(frozen=True)
class NegationPatterns:
    """The parts of negation that are looked at around a word. All are plain alternations."""

    breaks: re.Pattern[str]
    after: re.Pattern[str]
    turns: re.Pattern[str]
    resumes: re.Pattern[str]
    refusals: re.Pattern[str]
    rhetorical: re.Pattern[str]


@dataclass(frozen=True)
class EmotionPatterns:
    """The shapes of feeling that are no fixed words."""

    irony: re.Pattern[str]
    blame: re.Pattern[str]


@dataclass(frozen=True)
class RuleSet:
    """All rules of this installation, ready to use. ``version`` changes when and only when their content does."""

    departments: Mapping[str, DepartmentRule]
    version: str
    threshold: float
    co_queue_share: float
    explicit: tuple[ExplicitRule, ...]
    keyword: Mapping[str, KeywordRule]
    lexicon: Lexicon = field(repr=False)
    negation: NegationPatterns = field(repr=False)
    emotion: EmotionPatterns = field(repr=False)
    levels: tuple[Level, ...] = ()
    required: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def wanted_headers(self) -> tuple[str, ...]:
        """The header fields, lower-case, that a rule looks at: all that a reader need hand on."""
        return tuple(sorted({ascii_lower(rule.header) for rule in self.explicit if isinstance(rule, HeaderRule)}))

    def rank(self, department: str) -> int:
        """Return the department's place among equals: the smaller wins."""
        return tuple(self.departments).index(department)
