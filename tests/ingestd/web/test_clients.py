"""Whose request it is, and how many guesses an address has had."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from starlette.requests import Request

from ingestd.web import clients
from ingestd.web.clients import Throttle, Throttled, client_address

PROXIES = ("10.0.0.0/8", "2001:db8:ffff::/48")


def request(peer: str | None, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", text.encode()) for text in forwarded]
    return Request({"type": "http", "headers": headers, "client": (peer, 1) if peer else None})


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "address"),
    [
        ("198.51.100.1", (), PROXIES, "198.51.100.1"),
        ("198.51.100.1", ("203.0.113.9",), PROXIES, "198.51.100.1"),
        ("10.0.0.1", ("203.0.113.9",), (), "10.0.0.1"),
        ("10.0.0.1", ("203.0.113.9",), PROXIES, "203.0.113.9"),
        ("10.0.0.1", ("1.1.1.1, 203.0.113.9",), PROXIES, "203.0.113.9"),
        ("10.0.0.1", ("1.1.1.1", "203.0.113.9"), PROXIES, "203.0.113.9"),
        ("10.0.0.1", ("1.1.1.1, 203.0.113.9, 10.0.0.2",), PROXIES, "203.0.113.9"),
        ("10.0.0.1", ("10.0.0.3, 10.0.0.2",), PROXIES, "10.0.0.3"),
        ("10.0.0.1", ("nonsense",), PROXIES, "10.0.0.1"),
        ("10.0.0.1", ("",), PROXIES, "10.0.0.1"),
        ("10.0.0.1", (), PROXIES, "10.0.0.1"),
        ("::ffff:10.0.0.1", ("203.0.113.9",), PROXIES, "203.0.113.9"),
        ("2001:db8:1:2:3::4", (), (), "2001:db8:1:2::/64"),
        ("2001:db8:ffff::1", ("2001:db8:1:2::9",), PROXIES, "2001:db8:1:2::/64"),
        ("fe80::1%eth0", (), (), "fe80::/64"),
        ("testclient", (), PROXIES, "local"),
        (None, ("203.0.113.9",), PROXIES, "local"),
    ],
)
def test_forwarding_counts_as_far_as_trusted_proxies_wrote_it(
    peer: str | None, forwarded: Sequence[str], trusted: Sequence[str], address: str
) -> None:
    """WH18: the last word that no trusted proxy wrote is the client; what stands before it is its own invention."""
    assert client_address(request(peer, *forwarded), trusted) == address


@pytest.fixture
def time() -> list[float]:
    """The present moment, to be moved."""
    return [1000.0]


def test_ten_guesses_a_minute_and_no_more(time: list[float]) -> None:
    """The eleventh is refused until the first is a minute old; then there is one more."""
    throttle = Throttle(lambda: time[0])
    for _ in range(10):
        throttle.check("a")
        throttle.count("a")
        time[0] += 1
    with pytest.raises(Throttled) as refusal:
        throttle.check("a")
    assert refusal.value.seconds == 50
    time[0] += 50
    throttle.check("a")
    throttle.count("a")
    with pytest.raises(Throttled):
        throttle.check("a")


def test_each_address_has_its_own_count(time: list[float]) -> None:
    """One who guesses does not keep others out."""
    throttle = Throttle(lambda: time[0])
    for _ in range(10):
        throttle.count("a")
    throttle.check("b")


def test_memory_is_bounded(time: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood from many addresses pushes the longest silent out, and costs no more than that."""
    monkeypatch.setattr(clients, "MOST_ADDRESSES", 3)
    throttle = Throttle(lambda: time[0])
    for address in ("a", "b", "a", "c", "d"):
        throttle.count(address)
    assert list(throttle._failures) == ["a", "c", "d"]
