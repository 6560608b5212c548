"""The audit holds on what the mailroom does, and finds every single thing that is tampered with (P6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from doubles.mailroom import NOON, WAIT, Mailroom, deciding, mail
from doubles.stores import postgres_store, sqlite_store
from sqlalchemy import text

from ingestd.store import auditing, parking
from ingestd.store.auditing import DoorSum
from ingestd.store.blobs import DatabaseBlobs, DirectoryBlobs, digest
from ingestd.store.session import Store
from parsers.record import Automatic


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An open store of either kind; each test runs once on each."""
    if request.param == "sqlite":
        opened = sqlite_store(tmp_path)
        yield opened
        opened.close()
        return
    server = request.getfixturevalue("postgres_server")
    opened, database = postgres_store(server)
    yield opened
    opened.close()
    server.drop(database)


@pytest.fixture
def room(store: Store) -> Mailroom:
    """A mailroom in which each outcome has happened once, and the letter owed has left."""
    room = Mailroom(store, deciding())
    room.join()
    first = mail()
    room.arrive(first)
    room.arrive(first)
    number = room.arrive(mail(text="另一封来信,请帮我查一下订单的物流")).ticket_no
    room.arrive(mail(subject=f"回复: [{number}]", subject_base=f"[{number}]", text="补充一下"))
    room.arrive(mail(automatic=Automatic(kind="auto_reply")))
    kept = room.keep(mail(), NOON)
    store.write(lambda tx: parking.park(tx, kept.intake_id, "loop", "record", NOON)).result(WAIT)
    room.keep(mail(), NOON)
    room.send_all()
    return room


def sums(store: Store) -> DoorSum:
    """Return the sum of the only door."""
    (one,) = store.read(auditing.sums)
    return one


def faults(store: Store) -> set[str]:
    """Return the names of the checks that found something, the sum among them."""
    found = {fault.check for fault in store.read(lambda tx: auditing.faults(tx, 10))}
    return found | ({"sum"} if not sums(store).holds else set())


def test_every_outcome_is_counted_and_the_sum_holds(store: Store, room: Mailroom) -> None:
    """Accepted is what became of it, with reasons for what was not answered."""
    one = sums(store)
    assert (one.door, one.accepted, one.holds) == ("smtp", 7, True)
    expected = {"created": 2, "appended": 1, "duplicate": 1, "suppressed": 1, "parked": 1, "pending": 1}
    assert one.outcomes == expected
    assert one.reasons == {"suppressed": {"auto-reply": 1}, "parked": {"loop": 1}}


def test_nothing_is_found_where_nothing_is_wrong(store: Store, room: Mailroom) -> None:
    """An audit that cries without cause is soon not heard."""
    unwritten = "letter_sha256 = 'x'"  # the double carries letters that nobody wrote
    tamper(store, f"UPDATE outbox SET {unwritten} WHERE state = 'sent'")
    assert faults(store) == set()


def test_an_empty_store_has_no_sums_and_no_faults(store: Store) -> None:
    """Before the first mail nothing is wrong."""
    assert store.read(auditing.sums) == ()
    assert store.read(lambda tx: auditing.faults(tx, 10)) == ()


def tamper(store: Store, statement: str, **values: Any) -> None:
    """Change rows behind the store's back."""
    store.write(lambda tx: tx.execute(text(statement), values).rowcount).result(WAIT)


TAMPERING = [
    ("outcome", "UPDATE arrival SET outcome = 'lost' WHERE outcome = 'created'"),
    ("sum", "UPDATE arrival SET outcome = 'lost' WHERE outcome = 'created'"),
    ("finished", "UPDATE arrival SET finished_at = NULL WHERE outcome = 'suppressed'"),
    ("finished", "UPDATE arrival SET finished_at = accepted_at WHERE outcome = 'pending'"),
    ("created", "UPDATE arrival SET ticket_no = 'T1' WHERE outcome = 'created'"),
    ("created", "UPDATE arrival SET ticket_no = NULL WHERE outcome = 'created'"),
    ("once", "UPDATE arrival SET outcome = 'created' WHERE outcome = 'appended'"),
    ("once", "UPDATE arrival SET outcome = 'suppressed', reason = 'x' WHERE outcome = 'created'"),
    ("history", "UPDATE arrival SET outcome = 'appended', ticket_no = (SELECT MIN(ticket_no) FROM ticket)"
                " WHERE outcome = 'suppressed'"),
    ("duplicate", "UPDATE arrival SET duplicate_of = NULL WHERE outcome = 'duplicate'"),
    ("duplicate", "UPDATE arrival SET duplicate_of = 'nobody' WHERE outcome = 'duplicate'"),
    ("duplicate", "UPDATE arrival SET duplicate_of = intake_id WHERE outcome = 'duplicate'"),
    ("reason", "UPDATE arrival SET reason = '' WHERE outcome = 'parked'"),
    ("sum", "UPDATE arrival SET reason = NULL WHERE outcome = 'suppressed'"),
    ("answer", "DELETE FROM outbox WHERE kind = 'ack'"),
    ("answer", "UPDATE outbox SET episode = 'second' WHERE kind = 'ack'"),
    ("letter", "UPDATE outbox SET state = 'withheld', reason = NULL WHERE kind = 'ack'"),
    ("letter", "UPDATE outbox SET state = 'gone' WHERE kind = 'ack'"),
    ("sent", "UPDATE outbox SET state = 'sent', sent_at = NULL WHERE kind = 'ack'"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "statement"), TAMPERING)
def test_each_tampering_is_found(store: Store, room: Mailroom, check: str, statement: str) -> None:
    """Every promise of a row can be seen to be broken: the audit can fail."""
    tamper(store, statement)
    assert check in faults(store)


def test_every_check_has_been_seen_to_fail() -> None:
    """A check that nobody has made fail proves nothing."""
    assert {check.name for check in auditing.CHECKS} <= {name for name, _ in TAMPERING}


def octets(store: Store, tmp_path: Path, *, deep: bool) -> list[str]:
    """Return the sentences about octets."""
    found = auditing.blob_faults(store, DatabaseBlobs(), tmp_path, deep=deep)
    return [fault.sentence for fault in found]


@pytest.fixture
def unwritten(store: Store, room: Mailroom) -> None:
    """Take away the letters' hashes: the double writes none."""
    tamper(store, "UPDATE outbox SET letter_sha256 = NULL")


@pytest.mark.usefixtures("unwritten")
def test_all_octets_are_there(store: Store, tmp_path: Path) -> None:
    """What was kept can be read again, octet by octet."""
    assert octets(store, tmp_path, deep=False) == octets(store, tmp_path, deep=True) == []


@pytest.mark.usefixtures("unwritten")
def test_lost_and_shortened_octets_are_found(store: Store, tmp_path: Path) -> None:
    """A missing mail and one of another length are named without reading them all."""
    tamper(store, "UPDATE arrival SET size = size + 1 WHERE outcome = 'parked'")
    tamper(store, "UPDATE arrival SET raw_sha256 = :other WHERE outcome = 'pending'", other="0" * 64)
    found = octets(store, tmp_path, deep=False)
    assert "has lost its octets" in found
    assert any("instead of" in sentence for sentence in found)
    assert len(found) == 2


@pytest.mark.usefixtures("unwritten")
def test_changed_octets_are_found_by_reading_them(store: Store, tmp_path: Path) -> None:
    """Only ``deep`` sees a changed mail of the same length."""
    changed = "UPDATE blob SET data = :data WHERE sha256 = (SELECT raw_sha256 FROM arrival WHERE outcome = 'parked')"
    size = store.read(lambda tx: tx.execute(text("SELECT size FROM arrival WHERE outcome = 'parked'")).scalar_one())
    tamper(store, changed, data=b"x" * size)
    assert octets(store, tmp_path, deep=False) == []
    assert octets(store, tmp_path, deep=True) == ["has octets that are not those that came in"]


def test_files_are_looked_at_where_they_lie(store: Store, room: Mailroom, tmp_path: Path) -> None:
    """With a directory of blobs a missing file is found, and no copy of a mail is made."""
    tamper(store, "UPDATE outbox SET letter_sha256 = NULL")
    blobs, data = DirectoryBlobs(tmp_path / "blobs"), b"a file of its own"
    blobs.prepare(digest(data), data)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    tamper(store, "UPDATE arrival SET raw_sha256 = :sha, size = :size WHERE outcome = 'parked'",
           sha=digest(data), size=len(data))  # fmt: skip
    assert list(auditing.blob_faults(store, blobs, scratch, deep=True)) == []
    (tmp_path / "blobs" / digest(data)[:2] / digest(data)[2:]).unlink()
    assert [fault.sentence for fault in auditing.blob_faults(store, blobs, scratch, deep=False)] == [
        "has lost its octets"
    ]
    assert list(scratch.iterdir()) == []


@pytest.mark.usefixtures("unwritten")
def test_pages_leave_nothing_out(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many arrivals there are, each one's octets are looked at."""
    monkeypatch.setattr(auditing, "PAGE", 2)
    tamper(store, "UPDATE arrival SET size = size + 1")
    assert len(octets(store, tmp_path, deep=False)) == sums(store).accepted


def test_a_lost_letter_is_found(store: Store, room: Mailroom, tmp_path: Path) -> None:
    """Letters that were written are kept as what came in is."""
    tamper(store, "UPDATE outbox SET letter_sha256 = :sha WHERE kind = 'ack'", sha="0" * 64)
    assert "has lost its octets" in octets(store, tmp_path, deep=False)


def test_a_sum_that_lacks_something_does_not_hold() -> None:
    """The arithmetic itself can say no."""
    none: dict[str, dict[str, int]] = {"suppressed": {}, "parked": {}}
    one = DoorSum("smtp", 1, dict.fromkeys(auditing.OUTCOMES, 0) | {"created": 1}, none)
    assert one.holds
    assert not replace(one, accepted=2).holds
