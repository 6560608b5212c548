"""The kill sweep on the daemon itself, sampled: SIGKILL, restart, and everything is there once (P2, P3, P5)."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from chaos import wrong_orders
from chaos.mailroom import Mailroom
from chaos.random_kills import random_kills
from chaos.stores import Postgresql, Sqlite, Store
from chaos.sweep import Trial, count, sweep, try_point
from chaos.tracing import Point, sample
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
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Either database."""
    kind = Sqlite() if request.param == "sqlite" else Postgresql(request.getfixturevalue("postgres_server"))
    with closing(kind):
        yield kind


def test_killed_at_any_sampled_call_it_loses_and_doubles_nothing(tmp_path: Path, store: Store, far_end: Sink) -> None:
    """One ticket, one acknowledgement (or two with one Message-ID) wherever it dies."""
    trials = sweep(Mailroom(tmp_path, store, far_end), require("strace"), points=POINTS)
    assert len(trials) == POINTS
    assert sum(trial.fired for trial in trials) >= POINTS * 3 // 4
    assert [trial for trial in trials if not trial.good] == []


@pytest.mark.parametrize(
    ("order", "wrong", "from_the_end"), [("answer-first", "lost", False), ("send-first", "strays", True)]
)
def test_a_wrong_order_of_the_daemon_fails_the_sweep(
    tmp_path: Path, store: Store, far_end: Sink, order: str, wrong: str, from_the_end: bool
) -> None:
    """Answering before the commit loses, sending before the record answers under two ids; the same sample finds it."""
    program = (sys.executable, wrong_orders.__file__, order)
    mailroom = Mailroom(tmp_path, store, far_end, program)
    points = sample(count(mailroom, require("strace")), POINTS)
    caught = first_bad(mailroom, points[::-1] if from_the_end else points)
    assert caught is not None
    assert getattr(caught.audit, wrong) >= 1, caught


def first_bad(mailroom: Mailroom, points: Sequence[Point]) -> Trial | None:
    """Try point after point until one breaks a promise."""
    trials = (try_point(mailroom, require("strace"), point) for point in points)
    return next((trial for trial in trials if not trial.good), None)


def test_under_random_kills_it_loses_and_doubles_nothing(tmp_path: Path, store: Store, far_end: Sink) -> None:
    """Messages flow, the power fails every few moments, and the sum holds at every sample (P6)."""
    outcome = random_kills(Mailroom(tmp_path, store, far_end), messages=60, seed=3, rate=15)
    assert outcome.audit.accepted == 60
    assert outcome.kills >= 2
    assert outcome.good(SENDERS), outcome
