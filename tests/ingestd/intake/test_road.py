"""The road of one arrival and the keeping before it: whatever fails, the arrival is there and walks again (P1, P8)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from doubles.mailroom import NOON, OURS, WAIT, WRITER, Mailroom, deciding, mail
from sqlalchemy import delete, select, update

from ingestd.errors import Temporary
from ingestd.intake import Again, Done, Keeper, Parked, Road, road
from ingestd.intake.road import Rooms
from ingestd.store import arrivals, parking, reading, tables
from ingestd.store.arrivals import Claimed, Delivery
from ingestd.store.blobs import DatabaseBlobs, DirectoryBlobs, digest
from ingestd.store.session import Store
from parsers.arrival import Arrival, Envelope
from parsers.record import Defect, IntakeRecord

pytestmark = pytest.mark.anyio
RAW = b"Subject: x\r\n\r\nhello\r\n"


@dataclass
class Reading:
    """A sandbox that reads what it is told, and remembers the files it was given."""

    record: IntakeRecord = field(default_factory=mail)
    fault: Callable[[], None] = lambda: None
    seen: list[tuple[Path, bytes]] = field(default_factory=list)

    async def read(self, path: Path, arrival: Arrival) -> IntakeRecord:
        """Remember, fail or read."""
        self.seen.append((path, path.read_bytes()))
        self.fault()
        return self.record


def facts_of(claimed: Claimed) -> Arrival:
    """What the parsers are told of an arrival."""
    return Arrival(intake_id=claimed.intake_id)


@dataclass
class Walk:
    """A road with its rooms."""

    room: Mailroom
    reading: Reading
    scratch: Path
    max_tries: int = 3

    @property
    def road(self) -> Road:
        """The road through them."""
        by = deciding(alerts_to=["ops@example.com"])
        rooms = Rooms(
            self.room.store, DatabaseBlobs(), self.reading, self.scratch, WRITER, lambda: by, facts_of, self.max_tries
        )  # type: ignore[arg-type] # the sandbox's double
        return Road(rooms)

    def keep(self) -> None:
        """Keep one mail."""
        delivery = Delivery("k", "smtp", "main", "mail", Envelope(mail_from="w@x.cn", rcpt_to=OURS), NOON)
        self.room.store.write(
            lambda tx: arrivals.keep(tx, DatabaseBlobs(), [delivery], digest(RAW), RAW, len(RAW), NOON)
        ).result(WAIT)

    def claim(self) -> Claimed:
        """Claim it, whenever it is due."""
        (claimed,) = self.room.claim(NOON + timedelta(days=9999))
        return claimed

    async def walk(self) -> Any:
        """Claim it and walk it once."""
        return await self.road.walk(self.claim(), self.room.holder)

    def row(self) -> Any:
        """The arrival as it is stored."""
        return self.room.store.read(lambda tx: tx.execute(select(tables.arrival)).one())


@pytest.fixture
def walk(store: Store, tmp_path: Path) -> Walk:
    """A kept mail before its road."""
    room = Mailroom(store, deciding())
    room.join()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    made = Walk(room, Reading(), scratch)
    made.keep()
    return made


async def test_a_kept_mail_becomes_a_ticket(walk: Walk) -> None:
    """Read, decided, recorded; the reader got the octets as they came, and its copy is gone."""
    ending = await walk.walk()
    assert isinstance(ending, Done)
    assert ending.recorded.outcome == "created"
    assert [octets for _, octets in walk.reading.seen] == [RAW]
    assert list(walk.scratch.iterdir()) == []
    assert (walk.row().outcome, walk.row().owner) == ("created", None)


async def test_walking_again_after_the_end_changes_nothing(walk: Walk) -> None:
    """A second node, or a retry after a lost answer, finds the outcome (F17)."""
    claimed = walk.claim()
    await walk.road.walk(claimed, walk.room.holder)
    again = await walk.road.walk(claimed, walk.room.holder)
    assert isinstance(again, Done)
    assert again.recorded.repeated


def fail(error: Exception) -> Callable[[], None]:
    """A fault that raises this."""

    def fault() -> None:
        raise error

    return fault


async def test_a_fault_of_ours_is_tried_three_times_and_then_parked(walk: Walk) -> None:
    """Poison does not circle: reason, tries and octets stay, and the operator hears of it (P8)."""
    walk.reading.fault = fail(ZeroDivisionError("a bug"))
    endings = [await walk.walk() for _ in range(3)]
    assert [type(one) for one in endings] == [Again, Again, Parked]
    row = walk.row()
    assert (row.outcome, row.reason, row.attempts) == ("parked", "ZeroDivisionError: a bug", 3)
    alert = walk.room.store.read(lambda tx: tx.execute(select(tables.outbox)).one())
    assert (alert.kind, alert.rcpt) == ("operator_alert", "ops@example.com")
    assert list(walk.scratch.iterdir()) == []
    assert walk.room.store.read(lambda tx: DatabaseBlobs().get(tx, digest(RAW))) == RAW


async def test_what_was_parked_after_reading_can_be_looked_up(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for the Message-ID finds the mail and why it waits (P38)."""
    walk.max_tries = 1
    walk.reading.record = mail("W@x.cn", message_id="lost@x.cn")
    monkeypatch.setattr(road, "weigh", lambda *_: 1 / 0)
    assert isinstance(await walk.walk(), Parked)
    (found,) = walk.room.store.read(lambda tx: reading.by_message_id(tx, "<lost@x.cn>"))
    assert (found.outcome, walk.row().sender) == ("parked", "w@x.cn")


async def test_what_was_parked_can_walk_again(walk: Walk) -> None:
    """After the bug is mended a person sends it round, and it becomes its ticket."""
    walk.max_tries = 1
    walk.reading.fault = fail(ZeroDivisionError())
    assert isinstance(await walk.walk(), Parked)
    number = walk.row().intake_id
    walk.room.store.write(lambda tx: parking.retry(tx, number, NOON)).result(WAIT)
    walk.reading.fault = lambda: None
    assert isinstance(await walk.walk(), Done)


async def test_a_temporary_trouble_never_parks(walk: Walk) -> None:
    """The store was away: that says nothing against the mail, however often it happens."""
    walk.reading.fault = fail(Temporary("the store cannot be read right now"))
    endings = [await walk.walk() for _ in range(6)]
    assert {type(one) for one in endings} == {Again}
    assert (walk.row().outcome, walk.row().owner) == ("pending", None)
    walk.reading.fault = lambda: None
    assert isinstance(await walk.walk(), Done)


async def test_octets_that_are_gone_are_parked_not_invented(walk: Walk) -> None:
    """A lost blob is a fault to be looked at, and the loop lives."""
    walk.max_tries = 1
    walk.room.store.write(lambda tx: tx.execute(delete(tables.blob))).result(WAIT)
    ending = await walk.walk()
    assert isinstance(ending, Parked)
    assert ending.reason.startswith("KeyError")


async def test_a_walk_that_is_cut_off_leaves_the_arrival_pending(walk: Walk) -> None:
    """The daemon stops in the middle: the mail is claimed still, and walks again (P2, P16)."""
    free = asyncio.Event()

    async def wait(path: Path, arrival: Arrival) -> IntakeRecord:
        await free.wait()
        raise AssertionError

    walk.reading.read = wait  # type: ignore[method-assign] # a parser at work
    task = asyncio.create_task(walk.road.walk(walk.claim(), walk.room.holder))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert walk.row().outcome == "pending"
    assert list(walk.scratch.iterdir()) == []
    walk.reading = Reading()
    assert isinstance(await walk.walk(), Done)


async def test_a_node_without_its_lease_records_nothing(walk: Walk) -> None:
    """What the sleeper decided is not written (P28)."""

    def lost(_tx: object) -> None:
        raise Temporary("gone", code="lease-lost")

    walk.room.store.fence = lost
    assert isinstance(await walk.walk(), Again)
    assert walk.row().outcome == "pending"
    walk.room.store.fence = None


async def test_a_put_back_that_was_lost_is_taken_up_by_the_next_claim(walk: Walk) -> None:
    """The store failed at the worst moment and our lease lives on: the arrival does not wait for a restart (F17)."""
    walk.reading.fault = fail(Temporary("away"))

    def lost(_tx: object) -> None:
        raise Temporary("away", code="store")

    claimed = walk.claim()
    walk.room.store.fence = lost
    await walk.road.walk(claimed, walk.room.holder)
    walk.room.store.fence = None
    assert walk.row().owner == walk.room.holder
    walk.reading.fault = lambda: None
    assert isinstance(await walk.walk(), Done)


async def test_a_degraded_record_is_a_ticket_like_any_other(walk: Walk) -> None:
    """Trouble in reading always ends in a ticket (P8)."""
    walk.reading.record = replace_defects(walk.reading.record)
    ending = await walk.walk()
    assert isinstance(ending, Done)
    assert ending.recorded.outcome == "created"


def replace_defects(record: IntakeRecord) -> IntakeRecord:
    """The record as it is after all steps down."""
    return record.model_copy(update={"defects": (Defect(code="unreadable-full"), Defect(code="unreadable"))})


async def test_waits_grow_with_the_tries(walk: Walk) -> None:
    """Each try waits longer than the one before, so that a fault does not spin."""
    walk.max_tries = 100
    walk.reading.fault = fail(ZeroDivisionError())
    waits = []
    for _ in range(3):
        ending = await walk.walk()
        waits.append(ending.at)
        walk.room.store.write(lambda tx: tx.execute(update(tables.arrival).values(due_at=NOON))).result(WAIT)
    assert waits[1] - waits[0] > timedelta(seconds=8)
    assert waits[2] - waits[1] > timedelta(seconds=16)


def deliveries(*keys: str) -> tuple[Delivery, ...]:
    """Deliveries of one mail."""
    envelope = Envelope(mail_from="w@x.cn", rcpt_to=OURS)
    return tuple(Delivery(key, "smtp", "main", "mail", envelope, NOON) for key in keys)


@pytest.mark.parametrize("spooled", [False, True])
async def test_keep_answers_after_the_commit(store: Store, tmp_path: Path, spooled: bool) -> None:
    """Octets and arrivals are there when the door hears of it; a file is prepared off the loop (P1)."""
    content: Path | bytes = RAW
    if spooled:
        content = tmp_path / "spooled"
        content.write_bytes(RAW)
    blobs = DirectoryBlobs(tmp_path / "blobs")
    kept = await Keeper(store, blobs).keep(deliveries("a", "b"), content, digest(RAW), len(RAW))
    assert [one.repeated for one in kept] == [False, False]
    assert store.read(lambda tx: blobs.get(tx, digest(RAW))) == RAW
    again = await Keeper(store, blobs).keep(deliveries("a", "b"), content, digest(RAW), len(RAW))
    assert again == tuple(replace(one, repeated=True) for one in kept)


async def test_a_keep_that_fails_is_temporary_and_keeps_nothing(store: Store, tmp_path: Path) -> None:
    """The door says try again later, with the reason's code and no word of the inside."""

    class Full(DatabaseBlobs):
        def put(self, *_: Any) -> None:
            raise Temporary("the message cannot be kept right now", code="storage-full")

    with pytest.raises(Temporary) as caught:
        await Keeper(store, Full()).keep(deliveries("a"), RAW, digest(RAW), len(RAW))
    assert caught.value.code == "storage-full"
    assert store.read(lambda tx: tx.execute(select(tables.arrival)).all()) == []


async def test_a_client_that_vanishes_does_not_tear_the_commit(store: Store) -> None:
    """The handler is cancelled while the unit runs: what was handed over is stored, and the retry finds it (F32)."""
    task = asyncio.create_task(Keeper(store, DatabaseBlobs()).keep(deliveries("a"), RAW, digest(RAW), len(RAW)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (kept,) = await Keeper(store, DatabaseBlobs()).keep(deliveries("a"), RAW, digest(RAW), len(RAW))
    assert kept.repeated
