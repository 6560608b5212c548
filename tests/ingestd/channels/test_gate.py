"""The caps on connections."""

from __future__ import annotations

import resource

import pytest

from ingestd.channels.gate import CLOSING, FULL, FULL_ADDRESS, REPORT_EVERY, Gate, network_of


class Desk:
    """Collects reports and holds the time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.events: list[dict[str, object]] = []

    def note(self, event: str, facts: dict[str, object]) -> None:
        assert event == "connections-refused"
        self.events.append(facts)

    def clock(self) -> float:
        return self.now


def test_the_caps_hold_and_places_are_given_back() -> None:
    """No more than the cap in total and per address, and one who leaves makes room (P21, SM12)."""
    gate = Gate(3, 2, Desk().note)
    assert [gate.enter("a"), gate.enter("a"), gate.enter("a")] == [None, None, FULL_ADDRESS]
    assert [gate.enter("b"), gate.enter("b"), gate.enter("c")] == [None, FULL, FULL]
    gate.leave("a")
    assert [gate.enter("c"), gate.enter("a")] == [None, FULL]
    for address in "abc":
        gate.leave(address)
    assert [gate.enter("a"), gate.enter("a"), gate.enter("b")] == [None, None, None]


def test_a_flood_is_reported_once_a_minute() -> None:
    """However many are refused, the operator hears the first and then at most one sum a minute (P21)."""
    desk = Desk()
    gate = Gate(1, 1, desk.note, clock=desk.clock)
    gate.enter("a")
    for second in range(3 * int(REPORT_EVERY) + 1):
        desk.now = float(second)
        gate.enter("b")
    assert [event["count"] for event in desk.events] == [1, 60, 60, 60]
    assert desk.events[0]["last_address"] == "b"


def test_a_closing_gate_lets_nobody_in_and_tells_nobody() -> None:
    """While stopping everybody is asked to come again later, which is no news to the operator."""
    desk = Desk()
    gate = Gate(2, 2, desk.note)
    gate.close()
    assert gate.enter("a") == CLOSING
    assert desk.events == []


def test_the_gate_knows_when_it_is_crowded() -> None:
    """From four fifths of the cap on, idle clients are given less time (F31)."""
    gate = Gate(5, 5, Desk().note)
    seen = []
    for _ in range(5):
        gate.enter("a")
        seen.append(gate.is_crowded)
    assert seen == [False, False, False, True, True]


def test_the_cap_stays_below_the_open_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cap larger than the process can serve is lowered, so files remain for everything else (F33)."""
    monkeypatch.setattr(resource, "getrlimit", lambda which: (300, 300))
    assert Gate(200, 20, Desk().note).total == 150
    assert Gate(100, 20, Desk().note).total == 100


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, "local"),
        ("", "local"),
    ],
)
def test_one_customer_counts_as_one_address(address: str | None, network: str) -> None:
    """An IPv6 customer has 2^64 addresses and is still one; a Unix socket has none."""
    assert network_of(address) == network
