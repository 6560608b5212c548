"""Where endings go: recorded together, and surely. A forgotten ending would send its letter twice (P5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
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


@dataclass(eq=False)
class _Waiting:
    ended: Ended
    holder: str
    at: datetime
    recorded: asyncio.Future[None]


class Endings:
    """Records how letters ended. While one unit of work is under way, the endings that come share the next."""

    def __init__(self, store: Store, writer: Writer) -> None:
        self._store = store
        self._writer = writer
        self._waiting: list[_Waiting] = []
        self._recording: asyncio.Task[None] | None = None

    async def record(self, ended: Ended, holder: str, at: datetime) -> None:
        """Record one ending, however long the store is away. Raise what is a fault of ours."""
        one = _Waiting(ended, holder, at, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        if self._recording is None or self._recording.done():
            self._recording = asyncio.create_task(self._record_all())
        await one.recorded

    def stop(self) -> None:
        """Record nothing more: what is not recorded is carried again after the next start."""
        if self._recording is not None:
            self._recording.cancel()

    async def _record_all(self) -> None:
        while self._waiting:
            holder = self._waiting[0].holder
            together = [one for one in self._waiting if one.holder == holder]
            self._waiting = [one for one in self._waiting if one.holder != holder]
            if not await self._recorded(together):
                for one in together:  # one of them breaks the unit; alone it breaks only its own
                    await self._recorded([one])

    async def _recorded(self, together: Sequence[_Waiting]) -> bool:
        try:
            await self._surely(together)
        except Exception as error:
            if len(together) == 1:
                together[0].recorded.set_exception(error)
            return False
        for one in together:
            if not one.recorded.done():
                one.recorded.set_result(None)
        return True

    async def _surely(self, together: Sequence[_Waiting]) -> None:
        endings, holder, at = [one.ended for one in together], together[0].holder, max(one.at for one in together)
        ours = await surely(self._store, lambda tx: claims.ended(tx, endings, holder, self._writer, at))
        for ended in ours:
            claims.tell(ended, at)
