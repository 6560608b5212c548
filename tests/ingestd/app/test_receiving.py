"""Between a door and keep: one delivery for each recipient, known again for as long as clients retry (P4)."""

from __future__ import annotations

from pathlib import Path

import pytest
from doubles.mailroom import NOON
from sqlalchemy import select

from ingestd.app.receiving import Receiver
from ingestd.channels.channel import Incoming
from ingestd.intake import Keeper
from ingestd.store import tables
from ingestd.store.blobs import DatabaseBlobs, digest
from ingestd.store.session import Store
from parsers.arrival import Envelope

pytestmark = pytest.mark.anyio
RAW = b"Subject: x\r\n\r\nhello\r\n"


def incoming(folder: Path, *recipients: str) -> Incoming:
    """One SMTP transaction."""
    spooled = folder / "spooled"
    spooled.write_bytes(RAW)
    envelopes = tuple(Envelope(mail_from="w@x.cn", rcpt_to=one, peer="192.0.2.1") for one in recipients)
    return Incoming("smtp", "main", spooled, digest(RAW), len(RAW), envelopes, NOON)


async def test_one_transaction_is_one_arrival_for_each_recipient(store: Store, tmp_path: Path) -> None:
    """Each of our addresses has its own arrival; the same transaction again has none."""
    receiver = Receiver(Keeper(store, DatabaseBlobs()))
    first = await receiver.keep(incoming(tmp_path, "a@example.com", "b@example.com"))
    again = await receiver.keep(incoming(tmp_path, "a@example.com", "b@example.com"))
    assert (len(set(first.intake_ids)), first.repeated) == (2, False)
    assert (again.intake_ids, again.repeated) == (first.intake_ids, True)
    rows = store.read(lambda tx: tx.execute(select(tables.arrival)).all())
    assert {(row.door, row.account, row.kind) for row in rows} == {("smtp", "main", "mail")}


async def test_a_retry_with_one_more_recipient_keeps_only_that_one(store: Store, tmp_path: Path) -> None:
    """Part of a transaction may have come before; the door hears that not all of it was a repetition."""
    receiver = Receiver(Keeper(store, DatabaseBlobs()))
    (only,) = (await receiver.keep(incoming(tmp_path, "a@example.com"))).intake_ids
    both = await receiver.keep(incoming(tmp_path, "a@example.com", "b@example.com"))
    assert both.intake_ids[0] == only
    assert not both.repeated
