"""A courier for the tests of others: it carries into a list, and fails at the step it is told to."""

from __future__ import annotations

from collections import deque

from ingestd.outbox.courier import Ending, Mail, Refused, Sent, check


class FakeCourier:
    """Keeps what it carried in ``carried``, every try in ``tried``; ``fail`` scripts the next endings."""

    def __init__(self) -> None:
        self.tried: list[Mail] = []
        self.carried: list[Mail] = []
        self.closed = False
        self._endings: deque[tuple[Ending, bool]] = deque()

    def fail(self, *endings: Ending, carried_all_the_same: bool = False) -> None:
        """Let the next tries end so. ``carried_all_the_same``: the mail went out, but nobody heard of it (F28)."""
        self._endings.extend((ending, carried_all_the_same) for ending in endings)

    async def carry(self, mail: Mail) -> Ending:
        """Carry into the list, unless scripted otherwise; refuses what every courier refuses."""
        checked = check(mail)
        if isinstance(checked, Refused):
            return checked
        self.tried.append(checked)
        ending, carried = self._endings.popleft() if self._endings else (Sent("250 kept by the fake"), True)
        if carried:
            self.carried.append(checked)
        return ending

    async def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True
