"""The road of one arrival: read it, decide it, record it. Live mail, retry and replay all walk it.

Between keep and the commit here the power may fail: the arrival is still pending then and walks again.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ingestd import clock, journal, metrics
from ingestd.errors import Temporary
from ingestd.intake import opening
from ingestd.intake.deciding import Deciding, Weighed, decide, weigh
from ingestd.intake.material import Material
from ingestd.notices.whom import answer_address
from ingestd.sandbox import Sandbox
from ingestd.store import arrivals, outbox, parking, tickets
from ingestd.store.arrivals import Claimed
from ingestd.store.awaiting import answer_of
from ingestd.store.blobs import Blobs, write_copy
from ingestd.store.known import Questions
from ingestd.store.outbox import Writer
from ingestd.store.session import Store, Tx
from ingestd.store.tickets import Recorded, Understood
from parsers.arrival import Arrival
from parsers.record import IntakeRecord

RETRY_BASE = timedelta(seconds=5)
SMALL = 32 * 1024
"""Octets up to which messages are looked up together."""
MOST_TRIES = 20
"""An arrival that was begun so often without an end takes the daemon down with it; a person must look."""
_CHANGING = re.compile(r"[\s\d]+")
"""A machine that repeats itself still counts, dates and numbers its letters (P11)."""


@dataclass(frozen=True)
class Done:
    """The arrival has its outcome."""

    recorded: Recorded


@dataclass(frozen=True)
class Again:
    """Something failed that may work later. ``counts``: as a try; the store's being away is no fault of the mail."""

    at: datetime
    reason: str
    counts: bool = True


@dataclass(frozen=True)
class Parked:
    """It was tried often enough; a person must look. ``record`` is what was read of it, if anything was."""

    reason: str
    record: IntakeRecord | None = None


Ending = Done | Again | Parked


@dataclass(frozen=True)
class Rooms:
    """What the road leads through."""

    store: Store
    blobs: Blobs
    sandbox: Sandbox
    scratch: Path
    writer: Writer
    deciding: Callable[[], Deciding]
    arrival_facts: Callable[[Claimed], Arrival]
    max_tries: int


class Road:
    """Walks claimed arrivals. ``holder`` is the name this node claims under."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def look_up(self, tx: Tx, claimed: Sequence[Claimed]) -> list[bytes | None]:
        """Return the octets of small messages along with their claim: a visit of its own would cost as much as both.

        None for the others; ``walk`` asks for those.
        """
        small = dict.fromkeys(one.raw_sha256 for one in claimed if one.size <= SMALL)
        found = self._rooms.blobs.get_rows(tx, [*small])
        return [found.get(one.raw_sha256) for one in claimed]

    async def walk(self, claimed: Claimed, holder: str, octets: bytes | None = None) -> Ending:
        """Take one claimed arrival to its end. Never raises but for cancellation."""
        journal.bind(intake_id=claimed.intake_id)
        try:
            ending = await self._try(claimed, holder, octets)
            await self._apply(ending, claimed, holder)
        finally:
            journal.unbind()
        return ending

    async def _try(self, claimed: Claimed, holder: str, octets: bytes | None) -> Ending:
        if claimed.attempts > MOST_TRIES:
            return Parked(f"begun {claimed.attempts} times without an end")
        record: IntakeRecord | None = None
        try:
            record = await self._read(claimed, octets)
            return Done(await self._record(claimed, record, holder))
        except Temporary as error:
            return Again(clock.now() + RETRY_BASE, error.sentence, counts=False)
        except Exception as error:  # a fault of ours after reading: three tries, then it is parked with its reason
            reason = f"{type(error).__name__}: {error}"[:300]
            journal.tried_in_vain("record", claimed.attempts, reason)
            if claimed.attempts >= self._rooms.max_tries:
                return Parked(reason, record)
            return Again(clock.now() + RETRY_BASE * 2**claimed.attempts, reason)

    async def _read(self, claimed: Claimed, octets: bytes | None) -> IntakeRecord:
        path = await self._laid_out(claimed, octets)
        with metrics.parse_seconds.time():
            try:
                record = await self._rooms.sandbox.read(path, self._rooms.arrival_facts(claimed))
            finally:
                if path.parent == self._rooms.scratch:
                    path.unlink(missing_ok=True)
        if any(defect.code.startswith("unreadable") for defect in record.defects):
            metrics.degraded.inc()
            journal.degraded([defect.code for defect in record.defects])
        return record

    async def _laid_out(self, claimed: Claimed, octets: bytes | None) -> Path:
        """Return a file for the reader in another process."""
        try:
            if octets is not None:
                return write_copy(octets, claimed.raw_sha256, self._rooms.scratch)
            return await asyncio.to_thread(self._path, claimed)
        except OSError as error:  # a full or failing disk is no fault of the message
            raise Temporary("the raw message cannot be read right now", code="storage") from error

    def _path(self, claimed: Claimed) -> Path:
        rooms = self._rooms
        return rooms.store.read(lambda tx: rooms.blobs.path(tx, claimed.raw_sha256, rooms.scratch))

    async def _record(self, claimed: Claimed, record: IntakeRecord, holder: str) -> Recorded:
        by = self._rooms.deciding()
        material = material_of(claimed, record)
        weighed = weigh(material, by)
        understood = Understood(claimed.intake_id, questions(material, weighed, claimed), stored_form(record))

        def unit(tx: Tx) -> Recorded:
            now = clock.now()
            return tickets.record(
                tx, holder, understood, lambda known: decide(material, weighed, by, known, now), self._rooms.writer, now
            )

        return await answer_of(self._rooms.store.write(unit, serial=True, fenced=True))

    async def _apply(self, ending: Ending, claimed: Claimed, holder: str) -> None:
        if isinstance(ending, Done):
            recorded = ending.recorded
            if not recorded.repeated:
                metrics.decided.labels(recorded.outcome).inc()
                journal.decided(recorded.outcome, recorded.ticket_no, recorded.department, recorded.reason)
            return
        unit = self._unit_of(ending, claimed, holder)
        try:
            await answer_of(self._rooms.store.write(unit, fenced=True))
        except Temporary as error:  # it bears our name but walks no more: the next claim takes it up
            journal.store_lost(error.sentence)

    def _unit_of(self, ending: Again | Parked, claimed: Claimed, holder: str) -> Callable[[Tx], None]:
        if isinstance(ending, Again):
            return lambda tx: arrivals.put_back(tx, claimed.intake_id, holder, ending.at, counts=ending.counts)
        journal.parked("record", ending.reason)
        return lambda tx: self._park(tx, claimed, ending)

    def _park(self, tx: Tx, claimed: Claimed, ending: Parked) -> None:
        now, by = clock.now(), self._rooms.deciding()
        parking.park(tx, claimed.intake_id, ending.reason, "record", now, known_by=_known_by(ending.record))
        alerts = opening.parked_alert(claimed.intake_id, ending.reason, by.policy, by.alerts_to, now)
        outbox.owe(tx, None, alerts, self._rooms.writer, now)


def _known_by(record: IntakeRecord | None) -> tuple[str | None, str | None]:
    return (record.message_id, _sender(record)) if record else (None, None)


def _sender(record: IntakeRecord) -> str | None:
    return record.sender.email.casefold() if record.sender else None


def material_of(claimed: Claimed, record: IntakeRecord) -> Material:
    """Put together what is decided about."""
    return Material(
        record=record,
        envelope=claimed.envelope,
        received_at=claimed.received_at,
        accepted_at=claimed.accepted_at,
        intake_id=claimed.intake_id,
        door=claimed.door,
        unproven=claimed.kind == "form",
        released=claimed.stage == parking.RELEASED,
    )


def questions(material: Material, weighed: Weighed, claimed: Claimed) -> Questions:
    """Return what is to be asked of the store about this arrival."""
    record, clues = material.record, weighed.clues
    answer_to = answer_address(record)
    return Questions(
        message_key=message_key(record, claimed),
        message_id=record.message_id,
        tokens=tuple(token.ticket_no for token in clues.tokens),
        references=clues.references,
        tags=clues.tags,
        sender=_sender(record),
        answer_to=answer_to.casefold() if answer_to else None,
        text_key=text_key(record),
        bounced=weighed.returned.mail_id if weighed.returned else None,
    )


def message_key(record: IntakeRecord, claimed: Claimed) -> str:
    """Return the key by which the same message is known at another door (P4).

    A message with neither Message-ID nor Date has nothing that tells today's from last week's: it is the same only
    within one act of coming in.
    """
    key = f"{claimed.kind}:{record.content_sha256 or claimed.raw_sha256}"
    return key if record.message_id or record.date else f"{key}:{claimed.accepted_at.isoformat()}"


def text_key(record: IntakeRecord) -> str | None:
    """Return the fingerprint of the words alone, by which a machine that repeats itself is known (P11)."""
    words = _CHANGING.sub("", record.own_text or record.text)
    if not words:
        return None
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def stored_form(record: IntakeRecord) -> str:
    """Return the record as it is stored: without the HTML, which the raw message yields again."""
    return record.model_copy(update={"html": None}).model_dump_json(by_alias=True)
