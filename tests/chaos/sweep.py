"""The kill sweep (promise P2, fault F1): SIGKILL at every state-changing system call of one message's life.

One counting run lists the calls between the client's first word and the last acknowledgement. Then, for each of them,
the program is started afresh, killed at the entry of that call, started again, left until it has nothing more to do,
and audited. A first message goes through before, so that workers and connections are warm and have their places.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from chaos.processes import Died, Group, Overdue, started, wait_until
from chaos.scenario import Audit, Scenario
from chaos.tracing import Point, Trace, sample

SETTLE_LIMIT_S = 60
TRIES = 3
"""Threads do not run in step: a point that was not reached is tried again."""


@dataclass(frozen=True)
class Trial:
    """One kill and what was found after the restart. ``trouble`` says what kept the program from coming back."""

    point: Point
    fired: bool
    audit: Audit
    trouble: str = ""

    @property
    def good(self) -> bool:
        """Is everything there, once, with at most one further copy of the acknowledgement (promise P5)?"""
        return not self.trouble and self.audit.clean and self.audit.extra_acks <= 1


def sweep(
    scenario: Scenario,
    strace: Path,
    *,
    points: int | None = None,
    watch: Callable[[int, int, Trial], None] = lambda number, of, trial: None,
) -> list[Trial]:
    """Try that many sampled kill points, or all, and return the trials. Raises if the program fails without a kill."""
    chosen = sample(count(scenario, strace), points)
    trials = []
    for number, point in enumerate(chosen, 1):
        trials.append(try_point(scenario, strace, point))
        watch(number, len(chosen), trials[-1])
    return trials


def first_bad(scenario: Scenario, strace: Path, points: Sequence[Point]) -> Trial | None:
    """Try point after point until one breaks a promise; None when none does."""
    trials = (try_point(scenario, strace, point) for point in points)
    return next((trial for trial in trials if not trial.good), None)


def count(scenario: Scenario, strace: Path) -> list[Point]:
    """List the kill points of one message's life, in order of time."""
    with _warm(scenario) as group:
        trace = Trace(strace, scenario.command().folder, group.threads())
        scenario.send()
        await_rest(scenario)
        time.sleep(scenario.grace_s)  # the last calls come after the last act that can be seen from outside
        trace.stop()
        return trace.points()


def try_point(scenario: Scenario, strace: Path, point: Point) -> Trial:
    """Kill at that point, restart, wait, audit. A point that no run reaches is judged as a kill at the end."""
    for _ in range(TRIES):
        trial = _try_once(scenario, strace, point)
        if trial.fired:
            break
    return trial


def _try_once(scenario: Scenario, strace: Path, point: Point) -> Trial:
    with _warm(scenario) as group:
        trace = Trace(strace, scenario.command().folder, group.threads(), point)
        fired = _sent_under(scenario, lambda: trace.fired or not group.alive)
        group.kill()
        trace.stop()
    trouble = revive(scenario)
    return Trial(point, fired, scenario.audit(), trouble)


def _sent_under(scenario: Scenario, fired: Callable[[], bool]) -> bool:
    scenario.send()
    await_rest(scenario, fired)
    with suppress(Overdue):
        wait_until(fired, scenario.grace_s, "the kill")
    return fired()


def revive(scenario: Scenario) -> str:
    """Start the program again without a tracer, wait until it rests, stop it; return what went wrong, or ``""``."""
    try:
        group = started(scenario.command(), scenario.ready)
        try:
            await_rest(scenario, lambda: not group.alive)
            return "" if group.alive else f"died after the restart: {group.last_words()}"
        finally:
            group.stop()
    except (Died, Overdue) as error:
        return f"{type(error).__name__}: {error}"


def await_rest(scenario: Scenario, stop: Callable[[], bool] = lambda: False) -> None:
    """Wait until everything is taken and answered and nothing more is to do, or the wait is stopped, or it is hopeless.

    Hopeless: the program has had nothing to do for the scenario's grace, and yet something is missing.
    """
    idle_since: float | None = None

    def rests() -> bool:
        nonlocal idle_since
        if stop():
            return True
        if not (scenario.retry() and scenario.settled()):
            idle_since = None
            return False
        idle_since = idle_since or time.monotonic()
        return scenario.audit().whole or time.monotonic() - idle_since > scenario.grace_s

    wait_until(rests, SETTLE_LIMIT_S, "rest")


@contextmanager
def _warm(scenario: Scenario) -> Iterator[Group]:
    scenario.prepare()
    group = started(scenario.command(), scenario.ready)
    try:
        scenario.send()
        await_rest(scenario, lambda: not group.alive)
        if not (group.alive and scenario.audit().clean):
            raise Died(f"the first message did not get through: {scenario.audit()} {group.last_words()}")
        yield group
    finally:
        group.kill()
