"""A stretch of time that words describe, in the sender's own offset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from parsers.record import Precision


@dataclass(frozen=True)
class Days:
    """Days that words name, first to last; ``part`` is the part of the day inside the word (昨晚: 晚), or ``""``."""

    first: date
    last: date
    part: str = ""


@dataclass(frozen=True)
class Span:
    """From a moment to a moment, both included to the second, and how precisely the words put it."""

    start: datetime
    end: datetime
    precision: Precision


def whole_days(days: Days, zone: tzinfo | None) -> Span:
    """Give the span of whole days, midnight to the last second."""
    start = datetime.combine(days.first, time(), zone)
    end = datetime.combine(days.last, time(23, 59, 59), zone)
    return Span(start, end, "day" if days.first == days.last else "range")


def hours_of(day: date, first: int, last: int, zone: tzinfo | None) -> Span:
    """Give the part of a day from one full hour to another; hours past 24 lie on the next day."""
    midnight = datetime.combine(day, time(), zone)
    end = midnight + timedelta(hours=last, seconds=-1)
    return Span(midnight + timedelta(hours=first), end, "part_of_day")


def make_date(year: int, month: int, day: int) -> date | None:
    """Give the date, or None where the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None
