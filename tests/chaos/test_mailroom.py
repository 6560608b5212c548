"""The kill sweep on the daemon itself, sampled: SIGKILL, restart, and everything is there once (P2, P3, P5)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from chaos import wrong_orders
from chaos.mailroom import Mailroom
from chaos.random_kills import random_kills
from chaos.stores import Postgresql, Sqlite, Store
from chaos.sweep import sweep
from chaos.tracing import SAMPLE
from doubles.programs import require

from bench.sink import Sink, sink

pytestmark = [pytest.mark.servers, pytest.mark.journey, pytest.mark.timeout(900)]

SENDERS = 4


@pytest.fixture
def far_end() -> Iterator[Sink]:
    """The relay that gets the letters; it outlives every kill."""
    with sink() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Either database."""
    kind = Sqlite() if request.param == "sqlite" else Postgresql(request.getfixturevalue("postgres_server"))
    with closing(kind):
        yield kind


def test_killed_at_any_sampled_call_it_loses_and_doubles_nothing(tmp_path: Path, store: Store, far_end: Sink) -> None:
    """One ticket, one acknowledgement (or two with one Message-ID) wherever it dies."""
    trials = sweep(Mailroom(tmp_path, store, far_end), require("strace"), points=SAMPLE)
    assert len(trials) == SAMPLE
    assert sum(trial.fired for trial in trials) >= SAMPLE * 3 // 4
    assert [trial for trial in trials if not trial.good] == []


@pytest.mark.parametrize(("order", "wrong"), [("answer-first", "lost"), ("send-first", "strays")])
def test_a_wrong_order_of_the_daemon_fails_the_sweep(
    tmp_path: Path, store: Store, far_end: Sink, order: str, wrong: str
) -> None:
    """Answering before the commit loses, sending before the record answers under two ids; the same sample finds it."""
    trial = wrong_orders.caught(order, tmp_path, store, far_end, require("strace"))
    assert trial is not None
    assert getattr(trial.audit, wrong) >= 1, trial


def test_under_random_kills_it_loses_and_doubles_nothing(tmp_path: Path, store: Store, far_end: Sink) -> None:
    """Messages flow, the power fails every few moments, and the sum holds at every sample (P6)."""
    outcome = random_kills(Mailroom(tmp_path, store, far_end), messages=60, seed=3, rate=15)
    assert outcome.audit.accepted == 60
    assert outcome.kills >= 2
    assert outcome.good(SENDERS), outcome
