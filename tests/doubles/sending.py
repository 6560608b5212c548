"""A sender with its courier on a real store, and a clock that is moved by hand."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass, replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import time_machine
from doubles.couriers import FakeCourier
from doubles.mailroom import NOON, OURS, SIGNER, WAIT, WRITER, Mailroom, policy
from sqlalchemy import select

import responders
from ingestd.outbox.sender import Sender, Tools
from ingestd.outbox.settings import OutboundSettings
from ingestd.outbox.writing import Desk
from ingestd.store import reading, tables, tickets
from ingestd.store.blobs import DatabaseBlobs
from ingestd.store.session import Store


@dataclass
class SendingOffice:
    """A sender with its courier, on a store with a node's lease."""

    room: Mailroom
    courier: FakeCourier
    settings: OutboundSettings
    clock: time_machine.Traveller

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Begin anew, as after a crash: a new lease, nothing in memory."""
        self.room.join()
        desk = Desk(responders.load(), policy(), SIGNER, frozenset({OURS}))
        self.sender = Sender(Tools(self.room.store, DatabaseBlobs(), self.courier, WRITER, lambda: desk, self.settings))

    async def send(self, after: timedelta = timedelta(0)) -> int:
        """Send what is due so long after noon, and wait for the endings."""
        self.clock.move_to(NOON + after)
        claimed = await self.sender.send_due(self.room.holder)
        await self.sender.finish(WAIT)
        return claimed

    def letters(self, kind: str = "ack") -> list[Any]:
        """The rows of the outbox."""
        query = select(tables.outbox).where(tables.outbox.c.kind == kind).order_by(tables.outbox.c.mail_id)
        return list(self.room.store.read(lambda tx: tx.execute(query).all()))

    def ticket(self, number: str | None) -> reading.File:
        """All that is known of a ticket."""
        found = self.room.store.read(lambda tx: reading.file_of(tx, number or "", reading.Scope()))
        assert found is not None
        return found


def read(data: bytes) -> EmailMessage:
    """Read a letter as its receiver does."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def change(store: Store, number: str, verb: Any, notices: Any = ()) -> None:
    """A person's verb, with the letters it owes."""

    def unit(tx: Any) -> None:
        tickets.change(tx, number, lambda t: replace(verb(t), notices=tuple(notices)), WRITER, NOON)

    store.write(unit).result(WAIT)
