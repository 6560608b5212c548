"""The letters that a person's verb owes, and the quiet hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from doubles.mailroom import NOON, OURS, policy

from ingestd.model import State, Ticket
from ingestd.notices import reply_owed, result_owed
from ingestd.notices.results import after_quiet
from ingestd.notices.settings import LettersSettings

TICKET = Ticket("T1", State.AWAITING_CONFIRM, "triage", "订单没到", "w@x.cn", NOON, customer_name="王芳")


def at(text: str, zone: str = "Asia/Shanghai") -> datetime:
    """A moment by a clock on the wall."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("quiet", "now", "due"),
    [
        ("21:00-08:00", "11-20T12:00", "11-20T12:00"),
        ("21:00-08:00", "11-20T20:59", "11-20T20:59"),
        ("21:00-08:00", "11-20T21:00", "11-21T08:00"),
        ("21:00-08:00", "11-21T00:00", "11-21T08:00"),
        ("21:00-08:00", "11-21T07:59:59", "11-21T08:00"),
        ("21:00-08:00", "11-21T08:00", "11-21T08:00"),
        ("12:00-14:00", "11-20T13:00", "11-20T14:00"),
        ("12:00-14:00", "11-20T14:00", "11-20T14:00"),
        ("none", "11-20T03:00", "11-20T03:00"),
    ],
)
def test_a_result_waits_for_the_morning(quiet: str, now: str, due: str) -> None:
    """Whatever the quiet hours are, a letter that may wait leaves when they end, by the service's own clock."""
    by = policy(letters=LettersSettings(quiet_hours=quiet))
    assert after_quiet(at(now), by) == at(due)
    assert result_owed(TICKET, by, "li", "done", at(now), episode="1").due_at == at(due)


@pytest.mark.parametrize(
    ("now", "due"), [("10-24T23:30", "10-25T08:00"), ("03-28T23:30", "03-29T08:00")], ids=["overlap", "gap"]
)
def test_the_morning_comes_also_when_the_clocks_change(now: str, due: str) -> None:
    """In the night of a change eight o'clock is eight o'clock by the new time (P19)."""
    by = policy(timezone="Europe/Berlin")
    assert after_quiet(at(now, "Europe/Berlin"), by).isoformat() == at(due, "Europe/Berlin").isoformat()


def test_a_persons_reply_never_waits() -> None:
    """Who answers at night wants it sent at night; it is no automatic letter."""
    letter = reply_owed(TICKET, policy(), "li", "您好", at("11-20T23:00"), episode="1")
    assert letter.due_at == at("11-20T23:00")
    assert not letter.automatic
    assert letter.facts.reply_text == "您好"


def test_a_result_asks_until_the_end_of_waiting() -> None:
    """Seventy-two hours of silence count from the moment the letter leaves."""
    by = policy()
    night, morning = at("11-20T23:00"), at("11-21T08:00")
    said = result_owed(TICKET, by, "li", "done", night, episode="1").facts.response_due
    assert said == result_owed(TICKET, by, "li", "done", morning, episode="1").facts.response_due
    assert by.windows.confirm_silence == timedelta(hours=72)


@pytest.mark.parametrize(("email", "withheld"), [(None, "no-answer-address"), ("w@[::1]", "no-answer-address")])
def test_a_letter_to_nobody_is_withheld_with_its_reason(email: str | None, withheld: str) -> None:
    """The person sees that no letter could go out (P38)."""
    ticket = Ticket("T1", State.AWAITING_CONFIRM, "triage", "x", email, NOON)
    letter = result_owed(ticket, policy(), "li", "done", NOON, episode="1")
    assert (letter.withheld, letter.sender) == (withheld, OURS)


def test_letters_come_from_where_the_customer_wrote_to() -> None:
    """All letters of a ticket have one sender."""
    ticket = replace(TICKET, answer_from="sales@example.com")
    assert reply_owed(ticket, policy(), "li", "x", NOON, episode="1").sender == "sales@example.com"
