"""From found words to a department: each rule adds up its words, the department with most points answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ingestd.model import TRIAGE, Emotion, Route, RuleHit
from ingestd.routing.enumeration import urgent_item
from ingestd.routing.reading import Hit, Reading
from ingestd.routing.ruleset import RuleSet

CO_QUEUES = 2
"""Departments that may read along: more would mean that nobody feels asked."""

UPSET = ("不满", "愤怒")
"""The feelings that make a matter a complaint as well."""


@dataclass(frozen=True)
class Scores:
    """Points by department, best first, and the rules that gave them."""

    departments: dict[str, float]
    hits: tuple[RuleHit, ...]


def score(readings: Sequence[Reading], rules: RuleSet) -> Scores:
    """Add up the readings. Generic rules count only when no other department reaches the threshold."""
    hits = _rule_hits(readings)
    concrete = _departments([hit for hit in hits if not rules.keyword[hit.id].generic], rules)
    if not any(points >= rules.threshold for points in concrete.values()):
        concrete = _departments(hits, rules)
    return Scores(concrete, hits)


def reaches(scores: Scores, rules: RuleSet) -> bool:
    """Tell whether any department but triage has enough points."""
    return any(points >= rules.threshold for name, points in scores.departments.items() if name != TRIAGE)


def choose(scores: Scores, readings: Sequence[Reading], emotion: Emotion, rules: RuleSet) -> Route:
    """Choose department and co-queues, and name every rule that spoke, the deciding ones first."""
    ranked = [name for name, points in scores.departments.items() if points >= rules.threshold and name != TRIAGE]
    first = _first_of_list(readings, rules) or (ranked[0] if ranked else TRIAGE)
    least = rules.co_queue_share * scores.departments.get(ranked[0], 0) if ranked else 0
    others = [name for name in ranked if name != first and scores.departments[name] >= least][:CO_QUEUES]
    first, others = _with_complaint_tone(first, others, readings, emotion, rules)
    hits = sorted(scores.hits, key=lambda hit: (rules.keyword[hit.id].department != first, -hit.score, hit.id))
    return _classified(Route(first, tuple(others), rules=tuple(hits)), emotion, rules)


def _rule_hits(readings: Sequence[Reading]) -> tuple[RuleHit, ...]:
    by_rule: dict[str, list[tuple[Hit, Reading]]] = defaultdict(list)
    for reading in readings:
        for hit in reading.topics:
            by_rule[hit.meaning.of].append((hit, reading))
    return tuple(_rule_hit(rule, found) for rule, found in by_rule.items())


def _rule_hit(rule: str, found: Iterable[tuple[Hit, Reading]]) -> RuleHit:
    """One rule's points: each word once, at its best place."""
    points: dict[str, float] = {}
    where: dict[str, None] = {}
    negated: dict[str, None] = {}
    for hit, reading in found:
        if hit.negated:
            negated[hit.word] = None
        else:
            points[hit.word] = max(points.get(hit.word, 0), hit.meaning.weight * reading.factor)
            where[reading.where] = None
    return RuleHit(rule, tuple(points), tuple(where), round(sum(points.values(), 0.0), 2), tuple(negated))


def _departments(hits: Iterable[RuleHit], rules: RuleSet) -> dict[str, float]:
    points: dict[str, float] = defaultdict(float)
    for hit in hits:
        points[rules.keyword[hit.id].department] += hit.score
    ranked = sorted(points, key=lambda name: (-points[name], rules.rank(name)))
    return {name: round(points[name], 2) for name in ranked if points[name]}


def _first_of_list(readings: Sequence[Reading], rules: RuleSet) -> str | None:
    """In a numbered list with an item called the most urgent, that item's department comes first."""
    for reading in readings:
        if span := urgent_item(reading.text):
            inside = tuple(hit for hit in reading.topics if span[0] <= hit.start < span[1])
            item = Reading(reading.where, reading.factor, reading.text, inside, ())
            named = [name for name in score([item], rules).departments if name != TRIAGE]
            return named[0] if named else None
    return None


def _with_complaint_tone(
    first: str, others: list[str], readings: Sequence[Reading], emotion: Emotion, rules: RuleSet
) -> tuple[str, list[str]]:
    """An upset customer who speaks of our service brings the complaint department in, or alone if nothing else is."""
    upset = emotion.value in UPSET
    service = any(hit.meaning.kind == "service" for reading in readings for hit in reading.signals)
    if not (upset and service) or "complaint" not in rules.departments or "complaint" in (first, *others):
        return first, others
    return ("complaint", others) if first == TRIAGE else (first, [*others, "complaint"])


def _classified(route: Route, emotion: Emotion, rules: RuleSet) -> Route:
    """Take the classes from the department's best rule, else from the department."""
    department = rules.departments[route.department]
    spoke = [rules.keyword[hit.id] for hit in route.rules if hit.score]
    best = next((rule for rule in spoke if rule.department == department.id), None)
    upset = department.category_upset if emotion.value in UPSET else None
    category = upset or (best.category_l1 if best else None) or department.category_l1
    return replace(route, category_l1=category, category_l2=best.category_l2 if best else None)
