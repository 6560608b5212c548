"""The daemon with one deliberate mistake, to prove that the sweep finds it: ``python wrong_orders.py ORDER run …``.

Nothing in the product knows of this: the mistakes are laid over its rooms from outside before it starts.
``answer-first``: the door says yes, and the commit comes after. ``send-first``: a letter is carried before anything of
it is on record, so that a second try is written anew, under another Message-ID.
"""

from __future__ import annotations

import asyncio
import re
import sys
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from chaos.mailroom import Mailroom
from chaos.stores import Store
from chaos.sweep import Trial, count, first_bad

from bench.sink import Sink
from ingestd.app.receiving import Receiver
from ingestd.channels.channel import Incoming, Kept
from ingestd.cli import main
from ingestd.outbox import writing
from ingestd.outbox.claims import Claim
from ingestd.outbox.courier import Ending
from ingestd.outbox.sender import Sender

_promised: set[asyncio.Task[Kept]] = set()


def answer_first() -> None:
    """Let the door say yes at once and commit afterwards: what promise P1 forbids."""
    keep = Receiver.keep

    async def promise(self: Receiver, incoming: Incoming) -> Kept:
        content = incoming.spooled.read_bytes() if isinstance(incoming.spooled, Path) else incoming.spooled
        _promised.add(asyncio.create_task(keep(self, replace(incoming, spooled=content))))
        return Kept(("soon",))

    Receiver.keep = promise  # type: ignore[method-assign]  # the mistake is laid over the product


def send_first() -> None:
    """Carry letters that are nowhere on record, each try under a Message-ID of its own: what promise P5 forbids."""

    async def write(self: Sender, claim: Claim, holder: str, now: datetime) -> bytes | Ending | None:
        letter, _problem = writing.write(claim.owed, claim.thread, self._tools.desk(), now)
        return _renamed(letter.data)

    Sender._write = write  # type: ignore[method-assign]  # the mistake is laid over the product


def _renamed(letter: bytes) -> bytes:
    return re.sub(rb"\nMessage-ID: <[^@]*", b"\nMessage-ID: <" + uuid.uuid4().hex.encode(), letter, count=1)


ORDERS: dict[str, Callable[[], None]] = {"answer-first": answer_first, "send-first": send_first}


def caught(order: str, folder: Path, store: Store, far_end: Sink, strace: Path) -> Trial | None:
    """Sweep the daemon with that mistake, every other point from the end where it acts; return the first find."""
    tests = Path(__file__).parents[1]
    found = f"PYTHONPATH={tests}:{tests.parent}"
    mailroom = Mailroom(folder, store, far_end, ("env", found, sys.executable, __file__, order))
    points = count(mailroom, strace)[:: 2 if order == "answer-first" else -2]
    return first_bad(mailroom, strace, points)


if __name__ == "__main__":
    ORDERS[sys.argv.pop(1)]()
    main()
