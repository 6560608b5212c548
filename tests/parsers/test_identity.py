"""What names a message and what it answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from parsers import identity, limits
from parsers.headers import Headers

ARRIVED = datetime(2026, 11, 20, 1, 15, tzinfo=UTC)


def headers(**fields: str) -> Headers:
    return Headers(tuple((name.replace("_", "-"), value.encode()) for name, value in fields.items()))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<a1@x.cn>", "a1@x.cn"),
        (" <a1@x.cn> (comment)", "a1@x.cn"),
        ("a1@x.cn", "a1@x.cn"),
        ("<a@[b>", "a@[b"),
        ("<no-at-sign>", "no-at-sign"),
        ("<>", None),
        ("< >", None),
        ("", None),
        ("<" * 100, None),
        ("words without an id", None),
        (f"<{'x' * 996}>", "x" * 996),
        (f"<{'x' * 997}>", None),
    ],
)
def test_a_message_id_is_one_word_that_fits_a_line(value: str, expected: str | None) -> None:
    """Ids come without brackets; empty and over-long ones are none (HB6, HB8)."""
    assert identity.message_id(headers(message_id=value)) == expected


def test_a_missing_id_is_none() -> None:
    """No header, no id."""
    assert identity.message_id(Headers()) is None
    assert identity.in_reply_to(Headers()) is None
    assert identity.references(Headers()) == ()


def test_the_last_references_count() -> None:
    """The newest ids say where a message belongs; each is listed once."""
    found = identity.references(headers(references=" ".join(f"<{n}@x>" for n in range(200))))
    assert found == tuple(f"{n}@x" for n in range(200 - limits.REFERENCES, 200))
    assert identity.references(headers(references="<a@x><b@x>,<a@x>")) == ("a@x", "b@x")


def test_the_first_id_answered_counts() -> None:
    """In-Reply-To may hold words and several ids."""
    assert identity.in_reply_to(headers(in_reply_to="Your message of Friday <a@x> <b@x>")) == "a@x"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Fri, 20 Nov 2026 09:12:00 +0800", "2026-11-20T09:12:00+08:00"),
        ("20 Nov 2026 09:12 +0800 (CST)", "2026-11-20T09:12:00+08:00"),
        ("Fri, 20 Nov 2026 01:12:00 GMT", "2026-11-20T01:12:00+00:00"),
        ("Fri, 20 Nov 2026 01:12:00 -0000", "2026-11-20T01:12:00+00:00"),
        ("Fri, 20 Nov 2026 01:12:00", "2026-11-20T01:12:00+00:00"),
        ("Thu, 99 Foo", None),
        ("Thu, 32 Jan 2026 00:00:00 +0000", None),
        ("Thu, 1 Jan 0000 00:00:00 +0000", None),
        ("Thu, 1 Jan 9999 00:00:00 +0000", None),
        ("Fri, 20 Nov 2026 09:12:00 +9999", None),
        ("Fri, 20 Nov 2026 99:99:99 +0000", None),
        ("Fri, 20 Nov 2027 09:12:00 +0800", None),
        ("yesterday", None),
        ("", None),
        ("9" * 5000, None),
    ],
)
def test_a_date_makes_sense_or_is_none(value: str, expected: str | None) -> None:
    """A Date keeps its offset; absent, impossible and future ones are none (HB13)."""
    moment = identity.sent_at(headers(date=value), ARRIVED)
    assert (moment.isoformat() if moment else None) == expected


def test_a_clock_may_be_a_little_ahead() -> None:
    """A sender's wrong clock is no nonsense, and without an arrival nothing is late or early."""
    ahead = (ARRIVED + timedelta(hours=20)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    assert identity.sent_at(headers(date=ahead), ARRIVED) is not None
    assert identity.sent_at(headers(date="Fri, 20 Nov 2027 09:12:00 +0800"), None) is not None
