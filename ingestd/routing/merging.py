"""Many rules files made into one: later files add words, and replace or remove rules and departments by id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from ingestd.routing.rules import DepartmentRule
from ingestd.routing.rules_file import EmotionWords, NegationWords, PriorityWords, RulesFile
from ingestd.settings import Settings

W = TypeVar("W", bound=Settings)


def merge(files: Sequence[RulesFile]) -> RulesFile:
    """Return one file that says what all of them say together. Rules without an id are kept for the checker."""
    return RulesFile(
        departments=_departments(files),
        rules=_rules(files),
        masks=_union(file.masks for file in files),
        negation=_words(NegationWords, [file.negation for file in files]),
        priority=_priority([file.priority for file in files]),
        emotion=_words(EmotionWords, [file.emotion for file in files]),
        required={key: items for file in files for key, items in file.required.items()},
    )


def duplicates(file: RulesFile) -> list[str]:
    """Return a sentence for each id that one file gives to two rules or two departments."""
    problems = []
    seen: set[object] = set()
    for rule in file.rules:
        if repr(rule.get("id")) in seen:
            problems.append(f"{origin(rule)}: the rule id {rule.get('id')!r} is used twice in this file; rename one")
        seen.add(repr(rule.get("id")))
    ids = [department.id for department in file.departments]
    problems += [
        f"the department {one!r} is listed twice; remove one" for one in sorted(set(ids)) if ids.count(one) > 1
    ]
    return problems


def pointless(files: Sequence[RulesFile]) -> list[str]:
    """Return a sentence for each ``disabled: true`` that disables nothing, which is a misspelt id."""
    written = {rule.get("id") for file in files for rule in file.rules if rule.get("disabled") is not True}
    return [
        f"{origin(rule)}: there is no rule {rule.get('id')!r} to disable; correct the id"
        for file in files
        for rule in file.rules
        if rule.get("disabled") is True and rule.get("id") not in written
    ]


def origin(rule: dict[str, Any]) -> str:
    """Return where a rule was written, for the beginning of a sentence."""
    return str(rule.get("origin") or "rules")


def _departments(files: Sequence[RulesFile]) -> tuple[DepartmentRule, ...]:
    return tuple({one.id: one for file in files for one in file.departments}.values())


def _rules(files: Sequence[RulesFile]) -> tuple[dict[str, Any], ...]:
    by_id = {repr(rule.get("id")): rule for file in files for rule in file.rules}
    return tuple(rule for rule in by_id.values() if rule.get("disabled") is not True)


def _union(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for words in lists for word in words))


def _words(model: type[W], parts: Sequence[W]) -> W:
    return model(**{name: _union(getattr(part, name) for part in parts) for name in model.model_fields})


def _priority(parts: Sequence[PriorityWords]) -> PriorityWords:
    names = dict.fromkeys(name for part in parts for name in part.inputs)
    inputs = {name: _union(part.inputs.get(name, ()) for part in parts) for name in names}
    levels = next((part.levels for part in reversed(parts) if part.levels), ())
    return PriorityWords(inputs=inputs, levels=levels)
