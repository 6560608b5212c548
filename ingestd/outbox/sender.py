"""The loop that carries what is due: claim, write once and store, carry, record how it ended.

Between any two of these the power may fail. A letter that was being carried is carried again, the very same octets
under the same Message-ID (P5). It is written shortly before its turn, and says if it is late then (P13).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from ingestd import clock, journal
from ingestd.errors import Temporary
from ingestd.outbox import backoff, claims, writing
from ingestd.outbox.claims import Claim
from ingestd.outbox.courier import THE_RELAY, Again, Courier, Ending, Mail, Refused, Sent
from ingestd.outbox.endings import Endings, surely
from ingestd.outbox.settings import OutboundSettings
from ingestd.outbox.writing import Desk
from ingestd.store import outbox
from ingestd.store.awaiting import answer_of
from ingestd.store.blobs import Blobs
from ingestd.store.outbox import Ended, Owed, Writer
from ingestd.store.session import Store, Tx
from responders.errors import LetterError

T = TypeVar("T")
IN_FLIGHT = 64
"""Letters claimed at a time: as many as a burst of a few connections carries within a second."""
WRITTEN_AHEAD = 8
"""Letters written and stored for each connection: while one is on the wire, the next share a commit."""
LAST_ENDINGS_SECONDS = 2.0
"""Of the time for stopping so much is kept for recording what the relay has said by then."""
OUTAGE = timedelta(minutes=1)
"""Shorter troubles of the relay are over before the waits have grown."""
MAY_HAVE_LEFT = "it may have left before a crash; outbound.repeat is at-most-once"


@dataclass(frozen=True)
class Cancelled:
    """The letter is no longer owed; ``reason`` says why."""

    reason: str


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
        self._desks = asyncio.Semaphore(WRITTEN_AHEAD * tools.settings.connections)
        self._lines = asyncio.Semaphore(tools.settings.connections)
        self._endings = Endings(tools.store, tools.writer)
        self._troubled_since: datetime | None = None

    @property
    def room(self) -> int:
        """How many more letters may be claimed now."""
        return 0 if self._tools.settings.hold else IN_FLIGHT - len(self._carrying)

    async def send_due(self, holder: str) -> int:
        """Claim what is due and begin to carry it. Return how many letters were claimed."""
        if self.room < 1:
            return 0
        limit, ours = self.room, [*self._resting, *(task.get_name() for task in self._carrying)]
        claimed = await self._write_unit(lambda tx: claims.claim(tx, holder, limit, clock.now(), ours))
        for claim in claimed:
            task = asyncio.create_task(self._see_off(claim, holder), name=claim.owed.mail_id)
            self._carrying.add(task)
            task.add_done_callback(self._carrying.discard)
        return len(claimed)

    async def wait_for_room(self, seconds: float) -> None:
        """Return when a letter has ended, or after so many seconds."""
        if self._carrying:
            await asyncio.wait(self._carrying, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)

    async def finish(self, seconds: float) -> None:
        """Let what is being carried end and be recorded, for at most so many seconds (P16).

        The rest is carried again later.
        """
        last = min(LAST_ENDINGS_SECONDS, seconds / 2)
        if self._carrying:
            _, unfinished = await asyncio.wait(self._carrying, timeout=seconds - last)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
        await self._endings.finish(last)

    async def _see_off(self, claim: Claim, holder: str) -> None:
        try:
            async with self._desks:
                ending = await self._carry(claim, holder)
            if ending is not None:
                await self._end(claim.owed, ending, holder, clock.now())
        except Exception as error:  # a fault of ours: rather late than twice, so it rests until the next start
            journal.loop_failed("deliver", f"{claim.owed.mail_id}: {type(error).__name__}: {error}"[:300])
            self._resting.add(claim.owed.mail_id)

    async def _carry(self, claim: Claim, holder: str) -> Ending | Cancelled | None:
        """Write the letter or fetch it, and hand it over. None when it is no longer ours."""
        owed = claim.owed
        if (obstacle := self._obstacle(claim)) is not None:
            return obstacle
        now = clock.now()
        data = await (self._fetch(owed.letter_sha256) if owed.letter_sha256 else self._write(claim, holder, now))
        if not isinstance(data, bytes):
            return data
        async with self._lines:
            if owed.letter_sha256 is None and writing.is_late(owed, clock.now()) > writing.is_late(owed, now):
                return Again("it became late while it waited for its turn", unseen=True)
            return await self._tools.courier.carry(Mail(owed.mail_id, self._return_path(owed), owed.notice.rcpt, data))

    def _obstacle(self, claim: Claim) -> Refused | Cancelled | None:
        owed = claim.owed
        if owed.notice.withheld:
            return Refused(owed.notice.withheld)
        if owed.taken_over and self._tools.settings.repeat == "at-most-once":
            return Refused(MAY_HAVE_LEFT)
        gone = writing.still_owed(owed, claim.ticket)
        return Cancelled(gone) if gone else None

    async def _fetch(self, sha256: str) -> bytes | Ending:
        tools = self._tools
        try:
            return await asyncio.to_thread(tools.store.read, lambda tx: tools.blobs.get(tx, sha256))
        except KeyError:
            return Refused("its octets are lost")
        except (OSError, Temporary) as error:
            return Again(f"its octets cannot be read: {type(error).__name__}")

    async def _write(self, claim: Claim, holder: str, now: datetime) -> bytes | Ending | None:
        """Write the letter and store it as it will be carried."""
        tools = self._tools
        try:
            letter, problem = writing.write(claim.owed, claim.thread, tools.desk(), now)
            if tools.blobs.needs_preparing(letter.data):
                await asyncio.to_thread(tools.blobs.prepare, letter.sha256, letter.data)
            kept = await self._write_unit(lambda tx: outbox.freeze(tx, tools.blobs, holder, [letter], now))
        except LetterError as error:
            return Refused(error.sentence)
        except Exception as error:  # ours or the store's: it costs this letter a later try, the others leave
            return Again(f"not written: {type(error).__name__}", unseen=True)
        if problem:
            journal.letter_problem(claim.owed.notice.kind, problem)
        return letter.data if kept else None

    def _return_path(self, owed: Owed) -> str:
        if not owed.notice.automatic:
            return owed.notice.sender
        base = self._tools.settings.bounce_address
        return self._tools.writer.signer.bounce_address(base, owed.mail_id) if base else ""

    async def _end(self, owed: Owed, ending: Ending | Cancelled, holder: str, now: datetime) -> None:
        match ending:
            case Sent():
                await self._endings.record(Ended(owed, "sent", now), holder)
                await self._hasten(now)
            case Refused():
                await self._endings.record(Ended(owed, "failed", now, ending.reason), holder)
            case Cancelled():
                await self._endings.record(Ended(owed, "cancelled", now, ending.reason), holder)
            case Again():
                await self._again(owed, ending, holder, now)

    async def _hasten(self, now: datetime) -> None:
        """The relay is back: what waited for it leaves now, not when its wait is over (P15)."""
        since = self._troubled_since
        if since is not None and now - since >= OUTAGE:
            await surely(self._tools.store, lambda tx: outbox.hasten(tx, THE_RELAY, now))
        self._troubled_since = None

    async def _again(self, owed: Owed, ending: Again, holder: str, now: datetime) -> None:
        settings, first = self._tools.settings, owed.first_tried_at or now
        jitter = secrets.SystemRandom().random()
        at = backoff.next_try(owed.attempts, now, jitter, first_try=first, give_up=settings.give_up)
        if at is None:
            await self._endings.record(Ended(owed, "failed", now, f"given up: {ending.reason}"), holder)
            return
        if THE_RELAY in ending.reason:
            self._troubled_since = self._troubled_since or now
        due_at = max(at, now + ending.retry_after) if ending.retry_after else at
        unseen = ending.unseen and owed.letter_sha256 is None  # an earlier try may have shown what is stored
        store, reason = self._tools.store, ending.reason
        await surely(store, lambda tx: outbox.again(tx, owed.mail_id, holder, due_at, reason, unseen=unseen))
        journal.letter_delayed(owed.mail_id, owed.notice.kind, owed.ticket_no, ending.reason)

    async def _write_unit(self, unit: Callable[[Tx], T]) -> T:
        return await answer_of(self._tools.store.write(unit, fenced=True))
