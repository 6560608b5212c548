"""A courier for the tests of others: it carries into a list, and fails at the step it is told to."""

from __future__ import annotations

import asyncio
from collections import deque

from ingestd.outbox.courier import Ending, Mail, Refused, Sent, check


class FakeCourier:
    """Keeps what it carried in ``carried``, every try in ``tried``; ``fail`` scripts the next endings.

    ``begun`` is set once a mail has been given to it; ``hold`` makes it slow, at the step it is told.
    """

    def __init__(self) -> None:
        self.tried: list[Mail] = []
        self.carried: list[Mail] = []
        self.closed = False
        self.begun = asyncio.Event()
        self._endings: deque[tuple[Ending, bool]] = deque()
        self._mails, self._answers = _open_gate(), _open_gate()

    def fail(self, *endings: Ending, carried_all_the_same: bool = False) -> None:
        """Let the next tries end so. ``carried_all_the_same``: the mail went out, but nobody heard of it (F28)."""
        self._endings.extend((ending, carried_all_the_same) for ending in endings)

    def hold(self, *, answers: bool = False) -> None:
        """Carry no mail until ``let_go``; with ``answers`` carry it and keep back what would be said of it."""
        (self._answers if answers else self._mails).clear()

    def let_go(self) -> None:
        """Go on with what was held."""
        self._mails.set()
        self._answers.set()

    async def carry(self, mail: Mail) -> Ending:
        """Carry into the list, unless scripted otherwise; refuses what every courier refuses."""
        checked = check(mail)
        if isinstance(checked, Refused):
            return checked
        self.begun.set()
        await self._mails.wait()
        self.tried.append(checked)
        ending, carried = self._endings.popleft() if self._endings else (Sent("250 kept by the fake"), True)
        if carried:
            self.carried.append(checked)
        await self._answers.wait()
        return ending

    async def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True


def _open_gate() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate
