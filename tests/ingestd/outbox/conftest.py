"""What the tests of sending and writing share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from doubles.couriers import FakeCourier
from doubles.mailroom import NOON, Mailroom, deciding
from doubles.sending import SendingOffice

from ingestd.outbox import endings
from ingestd.outbox.settings import OutboundSettings
from ingestd.store.session import Store


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands still until it is moved."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def office(store: Store, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch) -> SendingOffice:
    """An office that sends at once and does not dawdle, once on each database."""
    monkeypatch.setattr(endings, "RECORD_AGAIN_SECONDS", 0.01)
    return SendingOffice(Mailroom(store, deciding()), FakeCourier(), OutboundSettings(), clock)
