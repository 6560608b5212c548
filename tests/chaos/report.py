"""The figures that fault F1 and F2 owe, as a Markdown table that reads well on a terminal too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chaos.random_kills import Outcome
from chaos.scenario import Audit
from chaos.sweep import Trial

HEAD = ("run", "kills", "messages", "lost", "duplicate tickets", "unanswered", "extra acks", "other ids", "failed")


def sweep_row(name: str, trials: Sequence[Trial]) -> tuple[str, ...]:
    """One row for a sweep: every trial is one kill, and one that was not reached is said beside the name."""
    missed = sum(not trial.fired for trial in trials)
    label = f"{name}, {len(trials)} points" + (f" ({missed} not reached)" if missed else "")
    return _row(label, len(trials) - missed, [t.audit for t in trials], sum(not t.good for t in trials))


def random_row(name: str, outcome: Outcome) -> tuple[str, ...]:
    """One row for a run under random kills."""
    return _row(f"{name}, random kills", outcome.kills, [outcome.audit], len(outcome.troubles))


def _row(label: str, kills: int, audits: Iterable[Audit], failed: int) -> tuple[str, ...]:
    audits = list(audits)
    names = ("accepted", "lost", "duplicates", "unanswered", "extra_acks", "strays")
    sums = [sum(getattr(audit, name) for audit in audits) for name in names]
    return (label, *map(str, (kills, *sums, failed)))


def table(rows: Iterable[Sequence[str]]) -> str:
    """Return the rows under their heads as Markdown, columns aligned."""
    lines = [HEAD, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines)


def failures(trials: Iterable[Trial]) -> str:
    """Name each kill point that broke a promise, one a line; ``""`` when none did."""
    return "\n".join(f"- {trial.point}: {trial.trouble or trial.audit}" for trial in trials if not trial.good)
