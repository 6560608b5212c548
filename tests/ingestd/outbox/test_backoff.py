"""When a letter is tried again: bounds, growth and the end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.outbox.backoff import FIRST_WAIT, GIVE_UP, LONGEST_WAIT, next_try

FIRST = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def wait(attempts: int, jitter: float) -> float:
    """The seconds to the next try, counted from the first."""
    moment = next_try(attempts, FIRST, jitter, first_try=FIRST)
    assert moment is not None
    return (moment - FIRST).total_seconds()


@pytest.mark.parametrize(
    ("attempts", "shortest", "longest"),
    [
        (1, 5, 6.25),
        (2, 10, 12.5),
        (3, 20, 25),
        (5, 80, 100),
        (8, 640, 800),
        (9, 720, 900),
        (10, 720, 900),
        (10**9, 720, 900),
        (0, 5, 6.25),
        (-3, 5, 6.25),
    ],
)
def test_the_wait_doubles_from_five_seconds_to_fifteen_minutes(attempts: int, shortest: float, longest: float) -> None:
    """P15: back within seconds of a restart, within a quarter of an hour of an outage's end."""
    assert wait(attempts, 0.0) == shortest
    assert wait(attempts, 1.0) == longest


@given(attempts=st.integers(1, 60), jitter=st.floats(0, 1))
def test_the_wait_keeps_its_bounds_and_never_shrinks(attempts: int, jitter: float) -> None:
    """Whatever the chance, a wait lies between 5 s and 15 min, and more failures never mean a shorter one."""
    now = wait(attempts, jitter)
    assert FIRST_WAIT.total_seconds() <= now <= LONGEST_WAIT.total_seconds()
    assert wait(attempts + 1, jitter) >= now


@pytest.mark.parametrize("jitter", [-1.0, 2.0])
def test_a_senseless_chance_is_held_to_its_bounds(jitter: float) -> None:
    """A mistake in the caller's chance cannot make a try come early or very late."""
    assert 5 <= wait(1, jitter) <= 6.25


def test_letters_that_failed_together_do_not_come_back_together() -> None:
    """P15: the chance spreads the tries over a quarter of the wait, also at its longest."""
    assert wait(10, 1.0) - wait(10, 0.0) == 180


def test_after_five_days_the_letter_is_given_up() -> None:
    """RFC 5321 §4.5.4.1: no letter is tried for ever."""
    before, after = FIRST + GIVE_UP - timedelta(seconds=1), FIRST + GIVE_UP
    assert next_try(700, before, 0.5, first_try=FIRST) == after
    assert next_try(701, after, 0.5, first_try=FIRST) is None
    assert next_try(701, after + timedelta(days=365), 0.5, first_try=FIRST) is None


def test_the_setting_shortens_the_time() -> None:
    """``outbound.give_up`` counts from the first try."""
    hour = timedelta(hours=1)
    assert next_try(3, FIRST + hour, 0.5, first_try=FIRST, give_up=hour) is None
    assert next_try(3, FIRST, 0.5, first_try=FIRST, give_up=hour) is not None


def test_a_clock_that_went_back_forgets_no_letter() -> None:
    """P19: before its own first try a letter still has a next one, soon after now."""
    now = FIRST - timedelta(days=400)
    assert next_try(1, now, 0.0, first_try=FIRST) == now + FIRST_WAIT
