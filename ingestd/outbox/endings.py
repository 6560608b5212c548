"""Where endings go: recorded together, and surely. A forgotten ending would send its letter twice (P5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from ingestd import journal
from ingestd.errors import Temporary
from ingestd.outbox import claims
from ingestd.store.awaiting import answer_of
from ingestd.store.outbox import Ended, Writer
from ingestd.store.session import Store, Tx

T = TypeVar("T")
RECORD_AGAIN_SECONDS = 1.0
"""What the relay said is kept in memory while the store is away, and offered to it so often."""


async def surely(store: Store, unit: Callable[[Tx], T]) -> T:
    """Write what the relay said, again and again until it is written; return the unit's answer."""
    told = False
    while True:
        try:
            return await answer_of(store.write(unit, fenced=True))
        except Temporary as error:
            if not told:
                journal.store_lost(error.sentence)
            told = True
        await asyncio.sleep(RECORD_AGAIN_SECONDS)


class Endings:
    """Records how letters ended. While one unit of work is under way, the endings that come share the next.

    Where such a unit fails, each ending goes alone: one that cannot be recorded holds up no other.
    """

    def __init__(self, store: Store, writer: Writer) -> None:
        self._store = store
        self._writer = writer
        self._waiting: list[tuple[Ended, str, asyncio.Future[bool]]] = []
        self._recording: asyncio.Task[None] | None = None

    async def record(self, ended: Ended, holder: str) -> None:
        """Record one ending, however long the store is away. Raise what is a fault of ours."""
        recorded = asyncio.get_running_loop().create_future()
        self._waiting.append((ended, holder, recorded))
        if self._recording is None or self._recording.done():
            self._recording = asyncio.create_task(self._record_all())
        if not await recorded:
            _tell(await surely(self._store, self._unit([ended], holder)))

    async def finish(self, seconds: float) -> None:
        """Let what is being recorded be recorded, for so long at most."""
        if self._recording is not None:
            await asyncio.wait({self._recording}, timeout=seconds)
            self._recording.cancel()

    async def _record_all(self) -> None:
        while self._waiting:
            holder = self._waiting[0][1]
            together = [one for one in self._waiting if one[1] == holder]
            self._waiting = [one for one in self._waiting if one[1] != holder]
            succeeded = await self._try_together([ended for ended, _, _ in together], holder)
            for _, _, recorded in together:
                if not recorded.done():
                    recorded.set_result(succeeded)

    async def _try_together(self, endings: Sequence[Ended], holder: str) -> bool:
        try:
            _tell(await answer_of(self._store.write(self._unit(endings, holder), fenced=True)))
        except Exception:  # whatever it was, each alone will show
            return False
        return True

    def _unit(self, endings: Sequence[Ended], holder: str) -> Callable[[Tx], tuple[Ended, ...]]:
        return lambda tx: claims.ended(tx, endings, holder, self._writer)


def _tell(recorded: Sequence[Ended]) -> None:
    for ended in recorded:
        claims.tell(ended)
