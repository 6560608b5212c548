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


def table(rows: Iterable[Sequence[str]], head: Sequence[str] = HEAD) -> str:
    """Return the rows under their heads as Markdown, columns aligned."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines)


PAGE = """\
# What was tried, and what came of it

Two runs on each database, with the daemon installed, a real mail client at its SMTP door and a real SMTP server as its
relay. `make chaos` repeats both and writes this page; `make test` does the same with {sampled} sampled kill points.

- **Kill points**: SIGKILL at the entry of every state-changing system call of one message's life, one run for each;
  then the daemon is started again, left until it rests, and everything is counted. A call that a run did not come to
  is tried three times and then said beside the name: what a thread does at which moment is not the same in every run.
- **Random kills**: {messages} messages at 20 a second while the whole process group is killed every 0.3 to 3 seconds.

Lost: an accepted message without its ticket. Duplicate: a second ticket of one message. Unanswered: no acknowledgement.
Extra acks are further copies of one acknowledgement with one Message-ID, Date and body: at most one for each kill and
connection. Other ids: acknowledgements of one message under different Message-IDs. The sum over all deliveries was
looked at every second.

{table}

## The sweep finds mistakes

The same sweep, on a daemon whose order was made wrong on purpose from outside, until the first point that shows it:

{proofs}
"""


def page(rows: Iterable[Sequence[str]], proofs: Iterable[Sequence[str]], *, messages: int, sampled: int) -> str:
    """Return ``docs/reliability.md``: no path and no name of the machine that made it stands in it."""
    proved = table(proofs, ("wrong order", "database", "killed at the entry of", "found"))
    return PAGE.format(table=table(rows), proofs=proved, messages=messages, sampled=sampled)


def proof_row(order: str, name: str, trial: Trial | None) -> tuple[str, str, str, str]:
    """One row for a wrong order: the first point at which the sweep found it, or that it did not."""
    if trial is None:
        return (order, name, "", "NOT FOUND")
    audit = trial.audit
    found = {"lost": audit.lost, "other ids": audit.strays, "duplicate tickets": audit.duplicates}
    return (order, name, trial.point.call, ", ".join(f"{what} {count}" for what, count in found.items() if count))


def failures(trials: Iterable[Trial]) -> str:
    """Name each kill point that broke a promise, one a line; ``""`` when none did."""
    return "\n".join(f"- {trial.point}: {trial.trouble or trial.audit}" for trial in trials if not trial.good)
