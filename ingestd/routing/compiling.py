"""From rules files to a RuleSet: merge, check everything at once, compile.

All problems are reported together, each in one sentence that says where and what to write instead.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from ingestd.errors import ConfigError
from ingestd.model import TRIAGE
from ingestd.routing.matching import Lexicon, Meaning
from ingestd.routing.merging import duplicates, merge, origin, pointless
from ingestd.routing.missing import ITEMS
from ingestd.routing.normalise import fold
from ingestd.routing.rules import RULE_TYPES, ExplicitRule, KeywordRule, Rule
from ingestd.routing.rules_file import EmotionWords, NegationWords, RulesFile, sentences
from ingestd.routing.ruleset import EmotionPatterns, NegationPatterns, RuleSet
from ingestd.routing.settings import RoutingSettings

STRONG, ORDINARY = 3.0, 1.0


def compile_rules(files: Sequence[RulesFile], settings: RoutingSettings | None = None) -> RuleSet:
    """Compile the files, later ones over earlier ones. Raise ConfigError with every problem of all of them."""
    chosen = settings or RoutingSettings()
    merged = merge(files)
    problems = [sentence for file in files for sentence in duplicates(file)] + pointless(files)
    rules = list(_read_rules(merged, problems))
    problems += _checked(merged)
    if problems:
        raise ConfigError(tuple(problems))
    return RuleSet(
        departments={one.id: one for one in merged.departments},
        version=_version(merged, chosen),
        threshold=chosen.threshold,
        co_queue_share=chosen.co_queue_share,
        explicit=_explicit(rules),
        keyword={rule.id: rule for rule in rules if isinstance(rule, KeywordRule)},
        lexicon=Lexicon(_lexicon(merged, rules)),
        negation=_negation(merged.negation),
        emotion=_emotion(merged.emotion),
        levels=merged.priority.levels,
        required=merged.required,
    )


def _read_rules(merged: RulesFile, problems: list[str]) -> Iterator[Rule]:
    departments = [one.id for one in merged.departments]
    for raw in merged.rules:
        try:
            rule = _read_rule(raw)
        except ValidationError as error:
            problems += [f"{origin(raw)}: {sentence}" for sentence in sentences(error)]
        except ValueError as error:
            problems.append(f"{origin(raw)}: {error}")
        else:
            problems += _rule_problems(rule, departments)
            yield rule


def _read_rule(raw: dict[str, Any]) -> Rule:
    kind = raw.get("type")
    if not isinstance(kind, str) or kind not in RULE_TYPES:
        raise ValueError(f"there is no rule type {kind!r}; write one of {', '.join(RULE_TYPES)}")
    return RULE_TYPES[kind].model_validate({key: value for key, value in raw.items() if key != "disabled"})


def _rule_problems(rule: Rule, departments: list[str]) -> list[str]:
    problems, place = [], rule.origin or "rules"
    if rule.department not in departments:
        known = ", ".join(departments)
        problems.append(
            f"{place}: rule {rule.id!r} names the unknown department {rule.department!r}; write one of {known}"
        )
    if empty := rule.empty():
        problems.append(f"{place}: rule {rule.id!r} has nothing in {empty!r}; write at least one entry")
    return problems


def _checked(merged: RulesFile) -> list[str]:
    """Check what is not a rule: the tables must only name what exists."""
    ids = [one.id for one in merged.departments]
    classes = ["consult", "fault", "complaint", "aftersales", "suggestion", "emergency"]
    problems = [] if TRIAGE in ids else [f"the department {TRIAGE!r} is missing; it takes what nobody else does"]
    for level in merged.priority.levels:
        problems += _unknown("priority.levels", level.when, merged.priority.inputs)
    problems += _unknown("required", merged.required, [*ids, *classes])
    for key, items in merged.required.items():
        problems += _unknown(f"required.{key}", items, ITEMS)
    return problems


def _unknown(place: str, names: Iterable[str], known: Iterable[str]) -> list[str]:
    allowed = list(known)
    return [f"{place}: {name!r} is unknown; write one of {', '.join(allowed)}" for name in names if name not in allowed]


def _explicit(rules: Sequence[Rule]) -> tuple[ExplicitRule, ...]:
    """Sender rules before recipient rules before header rules; in a type, as written."""
    explicit = [rule for rule in rules if isinstance(rule, ExplicitRule)]
    order = list(RULE_TYPES.values())
    return tuple(sorted(explicit, key=lambda rule: order.index(type(rule))))


def _lexicon(merged: RulesFile, rules: Sequence[Rule]) -> dict[str, tuple[Meaning, ...]]:
    words: dict[str, dict[Meaning, None]] = {}
    for word, meaning in _meanings(merged, rules):
        if folded := fold(word):
            words.setdefault(folded, {})[meaning] = None
    return {word: tuple(meanings) for word, meanings in words.items()}


def _meanings(merged: RulesFile, rules: Sequence[Rule]) -> Iterator[tuple[str, Meaning]]:
    for rule in rules:
        if isinstance(rule, KeywordRule):
            yield from ((word, Meaning("keyword", rule.id, STRONG, rule.state)) for word in rule.strong)
            yield from ((word, Meaning("keyword", rule.id, ORDINARY, rule.state)) for word in rule.words)
    negation, emotion = merged.negation, merged.emotion
    yield from ((word, Meaning("mask", "topic")) for word in (*merged.masks, *negation.protect))
    for kind in ("want", "state", "bare", "touching"):
        yield from ((word, Meaning("negator", kind)) for word in getattr(negation, kind))
    for name, listed in merged.priority.inputs.items():
        yield from ((word, Meaning("input", name, state=True)) for word in listed)
    for feeling in ("angry", "upset", "anxious"):
        yield from ((word, Meaning("emotion", feeling, state=True)) for word in getattr(emotion, feeling))
    yield from ((word, Meaning("service", "service")) for word in emotion.service)
    yield from ((word, Meaning("hush", "signal")) for word in emotion.masks)


def _any_of(words: Iterable[str]) -> str:
    """An alternation of plain words, the longest first; English ones only whole. With no words it never matches."""
    folded = sorted({fold(word) for word in words} - {""}, key=len, reverse=True)
    return "|".join(rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in folded) or "(?!)"


def _negation(words: NegationWords) -> NegationPatterns:
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


_COUNT = r"[三四五六七八九十\d]{1,3}(?:次|个|遍|通|趟|回|天| times| days| agents)|third time|twice"


def _emotion(words: EmotionWords) -> EmotionPatterns:
    praise = _any_of(words.mock)
    mocked = rf"[“\"「]\s?(?:{praise})\s?[”\"」]|真是(?:{praise})|(?:{praise})得很"
    return EmotionPatterns(
        irony=re.compile(rf"(?:{mocked})[^\n]{{0,40}}?(?:{_COUNT})|(?:{_COUNT})[^\n]{{0,20}}?(?:{mocked})"),
        blame=re.compile(_any_of(words.blame)),
    )


def _version(merged: RulesFile, settings: RoutingSettings) -> str:
    rules = [{key: value for key, value in rule.items() if key != "origin"} for rule in merged.rules]
    content = merged.model_dump(mode="json") | {"rules": rules}
    numbers = [settings.threshold, settings.co_queue_share]
    canonical = json.dumps([content, numbers], ensure_ascii=True, sort_keys=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
