"""When a letter that could not be carried is tried again. Pure: the moment and the chance come in as arguments."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST_WAIT = timedelta(seconds=5)
"""A relay that restarts is back within seconds."""
LONGEST_WAIT = timedelta(minutes=15)
"""So that a day's outage ends within a quarter of an hour of the relay's return (P15)."""
SPREAD = 0.25
"""The share of the wait that chance adds, so that letters which failed together do not come back together."""
GIVE_UP = timedelta(days=5)
"""RFC 5321 §4.5.4.1 asks for four to five days."""


def next_try(
    attempts: int, now: datetime, jitter: float, *, first_try: datetime, give_up: timedelta = GIVE_UP
) -> datetime | None:
    """Return when to try again after ``attempts`` tries (1 or more), or None when the letter is to be given up.

    ``jitter`` is a random number from 0 to 1. The wait doubles from 5 s to 15 min and never leaves these bounds; the
    last try falls on ``first_try + give_up`` at the latest. A clock that went back only makes the tries more.
    """
    end = first_try + give_up
    if now >= end:
        return None
    return min(now + _wait(attempts, jitter), end)


def _wait(attempts: int, jitter: float) -> timedelta:
    doublings: int = min(max(attempts, 1) - 1, 20)
    plain: timedelta = min(FIRST_WAIT * 2**doublings, LONGEST_WAIT / (1 + SPREAD))
    return plain * (1 + SPREAD * min(max(jitter, 0.0), 1.0))
