"""From rules files to a RuleSet: merge, check everything at once, compile.

All problems are reported together, each in one sentence that says where and what to write instead.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from ingestd.errors import ConfigError
from ingestd.model import TRIAGE
from ingestd.routing.merging import duplicates, merge, origin, pointless
from ingestd.routing.missing import ITEMS
from ingestd.routing.rules import RULE_TYPES, ExplicitRule, KeywordRule, Rule
from ingestd.routing.rules_file import RulesFile, sentences
from ingestd.routing.ruleset import RuleSet
from ingestd.routing.settings import RoutingSettings
from ingestd.routing.vocabulary import emotion_patterns, lexicon, negation_patterns


def compile_rules(files: Sequence[RulesFile], settings: RoutingSettings | None = None) -> RuleSet:
    """Compile the files, later ones over earlier ones. Raise ConfigError with every problem of all of them."""
    chosen = settings or RoutingSettings()
    merged = merge(files)
    problems = [sentence for file in files for sentence in duplicates(file)] + pointless(files)
    rules = list(_read_rules(merged, problems))
    problems += _checked(merged)
    if problems:
        raise ConfigError(tuple(problems))
    keyword = [rule for rule in rules if isinstance(rule, KeywordRule)]
    return RuleSet(
        departments={one.id: one for one in merged.departments},
        version=_version(merged, chosen),
        threshold=chosen.threshold,
        co_queue_share=chosen.co_queue_share,
        explicit=_explicit(rules),
        keyword={rule.id: rule for rule in keyword},
        lexicon=lexicon(merged, keyword),
        negation=negation_patterns(merged.negation),
        emotion=emotion_patterns(merged.emotion),
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


def _version(merged: RulesFile, settings: RoutingSettings) -> str:
    rules = [{key: value for key, value in rule.items() if key != "origin"} for rule in merged.rules]
    content = merged.model_dump(mode="json") | {"rules": rules}
    numbers = [settings.threshold, settings.co_queue_share]
    canonical = json.dumps([content, numbers], ensure_ascii=True, sort_keys=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
