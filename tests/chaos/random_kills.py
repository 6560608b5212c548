"""Random kills (promise P2, fault F2): SIGKILL of the whole group every 0.3 to 3 seconds while messages flow.

The client is a patient mail server: it offers each message again until it gets a yes. The moments are seeded, so a run
that failed can be run again, as far as a scheduler repeats itself.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field

from chaos.processes import Died, Overdue, started
from chaos.scenario import Audit, Scenario
from chaos.sweep import revive

BETWEEN_KILLS_S = (0.3, 3.0)
SAMPLE_S = 1.0
"""Promise P6 is sampled every second."""
RETRY_S = 0.05


@dataclass(frozen=True)
class Outcome:
    """What a run came to: kills, the audit after the last restart, and each moment at which P6 did not hold."""

    kills: int
    audit: Audit
    samples: int
    troubles: tuple[str, ...]

    def good(self, senders: int = 1) -> bool:
        """Is everything there, once, with no more further copies than crashes times parallel senders (promise P5)?"""
        return not self.troubles and self.audit.clean and self.audit.extra_acks <= self.kills * senders


@dataclass
class _Run:
    scenario: Scenario
    chance: random.Random
    sent: threading.Event = field(default_factory=threading.Event)
    kills: int = 0
    samples: int = 0
    troubles: list[str] = field(default_factory=list)


def random_kills(
    scenario: Scenario,
    *,
    messages: int,
    seed: int = 1,
    rate: float = 20,
    between_s: tuple[float, float] = BETWEEN_KILLS_S,
) -> Outcome:
    """Let that many messages flow at that rate per second under kills, restart for the last time, and audit."""
    scenario.prepare()
    run = _Run(scenario, random.Random(seed))
    client = threading.Thread(target=_flow, args=(run, messages, rate), name="client", daemon=True)
    client.start()
    while not run.sent.is_set() and not run.troubles:
        _live_and_die(run, between_s)
    if trouble := revive(scenario):
        run.troubles.append(trouble)
    return Outcome(run.kills, scenario.audit(), run.samples, tuple(run.troubles))


def _flow(run: _Run, messages: int, rate: float) -> None:
    for _ in range(messages):
        run.scenario.send()
        time.sleep(1 / rate)
        while not run.scenario.retry():
            if run.troubles:
                return
            time.sleep(RETRY_S)
    run.sent.set()


def _live_and_die(run: _Run, between_s: tuple[float, float]) -> None:
    try:
        group = started(run.scenario.command(), run.scenario.ready)
    except (Died, Overdue) as error:
        run.troubles.append(f"{type(error).__name__}: {error}")
        return
    death = time.monotonic() + run.chance.uniform(*between_s)
    while (left := death - time.monotonic()) > 0 and group.alive:
        _sample(run)
        if run.sent.wait(min(left, SAMPLE_S)):
            break
    if not group.alive:
        run.troubles.append(f"died by itself: {group.last_words()}")
    group.kill()
    run.kills += 1


def _sample(run: _Run) -> None:
    run.samples += 1
    if imbalance := run.scenario.imbalance():
        run.troubles.append(imbalance)
