"""How urgent a message is: the department's default, raised by what it says has happened."""

from __future__ import annotations

from collections.abc import Sequence

from ingestd.model import Priority, PriorityLevel
from ingestd.routing.reading import Reading
from ingestd.routing.ruleset import RuleSet

DEFAULT = "department default"


def prioritise(readings: Sequence[Reading], department: str, rules: RuleSet) -> Priority:
    """Return the level with every reason found. The default is named when nothing raised it."""
    default = rules.departments[department].priority
    inputs = _inputs(readings)
    raised = next((line.level for line in rules.levels if set(line.when) <= set(inputs)), None)
    level: PriorityLevel = min(raised or default, default)
    return Priority(level, inputs if raised and raised < default else (*inputs, DEFAULT))


def _inputs(readings: Sequence[Reading]) -> tuple[str, ...]:
    found = {
        hit.meaning.of
        for reading in readings
        for hit in reading.signals
        if hit.meaning.kind == "input" and not hit.negated
    }
    return tuple(sorted(found))
