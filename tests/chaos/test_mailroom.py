"""The kill sweep on the daemon itself, sampled: SIGKILL, restart, and everything is there once (P2, P3, P5)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chaos.mailroom import Mailroom
from chaos.random_kills import random_kills
from chaos.stores import Postgresql, Sqlite, Store
from chaos.sweep import sweep
from doubles.programs import require

from bench.sink import Sink, sink

pytestmark = [pytest.mark.servers, pytest.mark.journey, pytest.mark.timeout(900)]

POINTS = 12
SENDERS = 4


@pytest.fixture
def far_end() -> Iterator[Sink]:
    """The relay that gets the letters; it outlives every kill."""
    with sink() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """Either database."""
    if request.param == "sqlite":
        return Sqlite()
    return Postgresql(request.getfixturevalue("postgres_server"))


def test_killed_at_any_sampled_call_it_loses_and_doubles_nothing(tmp_path: Path, store: Store, far_end: Sink) -> None:
    """One ticket, one acknowledgement (or two with one Message-ID) wherever it dies."""
    trials = sweep(Mailroom(tmp_path, store, far_end), require("strace"), points=POINTS)
    assert len(trials) == POINTS
    assert sum(trial.fired for trial in trials) >= POINTS * 3 // 4
    assert [trial for trial in trials if not trial.good] == []


def test_under_random_kills_it_loses_and_doubles_nothing(tmp_path: Path, store: Store, far_end: Sink) -> None:
    """Messages flow, the power fails every few moments, and the sum holds at every sample (P6)."""
    outcome = random_kills(Mailroom(tmp_path, store, far_end), messages=60, seed=3, rate=15)
    assert outcome.audit.accepted == 60
    assert outcome.kills >= 2
    assert outcome.good(SENDERS), outcome
