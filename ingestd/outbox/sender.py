"""The loop that carries what is due: claim, write once and store, carry, record how it ended.

Between any two of these the power may fail. A letter that was being carried is carried again, the very same octets
under the same Message-ID (P5); one that was not written yet is written then, and says if it is late (P13).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from ingestd import clock, journal
from ingestd.errors import Temporary
from ingestd.outbox import backoff, claims, writing
from ingestd.outbox.claims import Claim
from ingestd.outbox.courier import Again, Courier, Ending, Mail, Refused, Sent
from ingestd.outbox.settings import OutboundSettings
from ingestd.outbox.writing import Desk
from ingestd.store import outbox
from ingestd.store.blobs import Blobs
from ingestd.store.outbox import Owed, Writer, Written
from ingestd.store.session import Store, Tx
from responders.errors import LetterError

T = TypeVar("T")
IN_FLIGHT = 64
"""Letters claimed at a time: as many as a burst of a few connections carries within a second."""


@dataclass(frozen=True)
class Tools:
    """What the sender works with."""

    store: Store
    blobs: Blobs
    courier: Courier
    writer: Writer
    desk: Callable[[], Desk]
    settings: OutboundSettings


class Sender:
    """Sends what is due. One instance a node; several nodes share the outbox by claims."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._carrying: set[asyncio.Task[None]] = set()
        self._resting: set[str] = set()

    @property
    def room(self) -> int:
        """How many more letters may be claimed now."""
        return 0 if self._tools.settings.hold else IN_FLIGHT - len(self._carrying)

    async def send_due(self, holder: str) -> int:
        """Claim what is due and begin to carry it. Return how many letters were claimed."""
        if self.room < 1:
            return 0
        limit, ours = self.room, [*self._resting, *(task.get_name() for task in self._carrying)]
        claimed = await self._write_unit(
            lambda tx: claims.claim(tx, self._tools.blobs, holder, limit, clock.now(), ours)
        )
        if not claimed:
            return 0
        letters = await self._write_letters(claimed, holder)
        for owed, data in letters:
            task = asyncio.create_task(self._carry(owed, data, holder), name=owed.mail_id)
            self._carrying.add(task)
            task.add_done_callback(self._carrying.discard)
        return len(claimed)

    async def wait_for_room(self, seconds: float) -> None:
        """Return when a letter has ended, or after so many seconds."""
        if self._carrying:
            await asyncio.wait(self._carrying, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)

    async def finish(self, seconds: float) -> None:
        """Let what is being carried end, for at most so many seconds; the rest is carried again later (P16)."""
        if self._carrying:
            _, unfinished = await asyncio.wait(self._carrying, timeout=seconds)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)

    async def _write_letters(self, claimed: Sequence[Claim], holder: str) -> list[tuple[Owed, bytes]]:
        now, desk = clock.now(), self._tools.desk()
        ready: list[tuple[Owed, bytes]] = []
        fresh: list[tuple[Owed, Written]] = []
        for claim in claimed:
            if (gone := writing.still_owed(claim.owed, claim.ticket)) is not None:
                await self._record(claim.owed, holder, "cancelled", gone)
            elif claim.letter is not None:
                ready.append((claim.owed, claim.letter))
            elif (written := await self._write_one(claim, desk, holder, now)) is not None:
                fresh.append((claim.owed, written))
        kept = await self._freeze([written for _, written in fresh], holder, now)
        return ready + [(owed, written.data) for owed, written in fresh if owed.mail_id in kept]

    async def _write_one(self, claim: Claim, desk: Desk, holder: str, now: datetime) -> Written | None:
        try:
            written, problem = writing.write(claim.owed, claim.thread, desk, now)
        except LetterError as error:
            await self._record(claim.owed, holder, "failed", error.sentence)
            return None
        except Exception as error:  # a fault of ours costs this letter a later try; the others leave
            await self._again(claim.owed, Again(f"not written: {type(error).__name__}", unseen=True), holder)
            return None
        if problem:
            journal.letter_problem(claim.owed.notice.kind, problem)
        return written

    async def _freeze(self, letters: list[Written], holder: str, now: datetime) -> frozenset[str]:
        if not letters:
            return frozenset()
        blobs = self._tools.blobs
        large = [letter for letter in letters if blobs.needs_preparing(letter.data)]
        for letter in large:
            await asyncio.to_thread(blobs.prepare, letter.sha256, letter.data)
        return await self._write_unit(lambda tx: outbox.freeze(tx, blobs, holder, letters, now))

    async def _carry(self, owed: Owed, data: bytes, holder: str) -> None:
        mail = Mail(owed.mail_id, self._return_path(owed), owed.notice.rcpt, data)
        ending = await self._tools.courier.carry(mail)
        try:
            await self._end(owed, ending, holder)
        except Temporary as error:  # carried, but not recorded: it may be carried once more, with the same id (P5)
            journal.store_lost(error.sentence)
        except Exception as error:  # a fault of ours: rather late than twice, so it rests until the next start
            journal.loop_failed("deliver", f"{owed.mail_id}: {type(error).__name__}: {error}"[:300])
            self._resting.add(owed.mail_id)

    def _return_path(self, owed: Owed) -> str:
        if not owed.notice.automatic:
            return owed.notice.sender
        base = self._tools.settings.bounce_address
        return self._tools.writer.signer.bounce_address(base, owed.mail_id) if base else ""

    async def _end(self, owed: Owed, ending: Ending, holder: str) -> None:
        if isinstance(ending, Sent):
            await self._record(owed, holder, "sent", None)
        elif isinstance(ending, Refused):
            await self._record(owed, holder, "failed", ending.reason)
        else:
            await self._again(owed, ending, holder)

    async def _again(self, owed: Owed, ending: Again, holder: str) -> None:
        now, settings = clock.now(), self._tools.settings
        first = owed.first_tried_at or now
        jitter = secrets.SystemRandom().random()
        at = backoff.next_try(owed.attempts, now, jitter, first_try=first, give_up=settings.give_up)
        if at is None:
            await self._record(owed, holder, "failed", f"given up: {ending.reason}")
            return
        due_at = max(at, now + ending.retry_after) if ending.retry_after else at
        await self._write_unit(
            lambda tx: outbox.again(tx, owed.mail_id, holder, due_at, ending.reason, unseen=ending.unseen)
        )
        journal.letter_delayed(owed.mail_id, owed.notice.kind, owed.ticket_no, ending.reason)

    async def _record(self, owed: Owed, holder: str, state: str, reason: str | None) -> None:
        writer, now, ending = self._tools.writer, clock.now(), (state, reason)
        if await self._write_unit(lambda tx: claims.ended(tx, owed, holder, ending, writer, now)):
            claims.tell(owed, ending, now)

    async def _write_unit(self, unit: Callable[[Tx], T]) -> T:
        return await asyncio.wrap_future(self._tools.store.write(unit, fenced=True))
