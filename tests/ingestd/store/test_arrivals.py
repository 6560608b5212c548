"""Arrivals: one delivery is one arrival, held by one node at a time, until it has its outcome (P1, P3, P4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from doubles.mailroom import NOON, WAIT, Mailroom, deciding, mail
from sqlalchemy import select

from ingestd.store import arrivals, leases, parking, tables
from ingestd.store.arrivals import RETRY_HORIZON, Delivery, Kept, new_intake_id, smtp_key
from ingestd.store.blobs import DatabaseBlobs, digest
from ingestd.store.session import Store
from parsers.arrival import Envelope

RAW = b"Subject: x\r\n\r\nhello\r\n"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def delivery(key: str = "k", **values: object) -> Delivery:
    """A delivery by SMTP."""
    usual = {"door": "smtp", "account": "main", "kind": "mail", "envelope": Envelope(), "received_at": NOON}
    return Delivery(key, **{**usual, "horizon": RETRY_HORIZON, **values})  # type: ignore[arg-type] # a test's own bag


def keep(store: Store, *deliveries: Delivery, after: timedelta = timedelta(0), raw: bytes = RAW) -> tuple[Kept, ...]:
    """Keep these deliveries, so long after noon."""
    return store.write(
        lambda tx: arrivals.keep(tx, DatabaseBlobs(), deliveries, digest(raw), raw, len(raw), NOON + after)
    ).result(WAIT)


@pytest.fixture
def room(store: Store) -> Mailroom:
    """A node with its lease."""
    room = Mailroom(store, deciding())
    room.join()
    return room


def test_a_kept_delivery_waits_with_its_octets(store: Store) -> None:
    """After keep the octets and the arrival are there, together (P1)."""
    (kept,) = keep(store, delivery())
    assert not kept.repeated
    row = store.read(lambda tx: tx.execute(select(tables.arrival)).one())
    assert (row.intake_id, row.outcome, row.accepted_at, row.size) == (kept.intake_id, "pending", NOON, len(RAW))
    assert store.read(lambda tx: DatabaseBlobs().get(tx, row.raw_sha256)) == RAW


def test_the_same_delivery_again_is_the_first_arrival(store: Store) -> None:
    """A repeated SMTP transaction, a mailbox read again, a webhook sent twice: one arrival (P3)."""
    (first,) = keep(store, delivery())
    assert keep(store, delivery(), after=HOUR) == (Kept(first.intake_id, repeated=True),)


def test_two_recipients_are_two_deliveries_of_one_blob(store: Store) -> None:
    """One transaction to two of our addresses: two arrivals, in the order of the recipients."""
    kept = keep(store, delivery("a"), delivery("b"))
    assert len({one.intake_id for one in kept}) == 2
    assert [one.repeated for one in keep(store, delivery("a"), delivery("c"))] == [True, False]
    assert store.read(lambda tx: len(tx.execute(select(tables.blob)).all())) == 1


@pytest.mark.parametrize(
    ("after", "repeated"),
    [(RETRY_HORIZON - timedelta(seconds=1), True), (RETRY_HORIZON + timedelta(seconds=1), False), (-DAY, True)],
    ids=["a retry", "beyond the horizon", "the clock went back"],
)
def test_an_smtp_transaction_is_known_again_for_five_days(store: Store, after: timedelta, repeated: bool) -> None:
    """A client retries for at most five days; the same mail after that is a new delivery (P4)."""
    (first,) = keep(store, delivery())
    (again,) = keep(store, delivery(), after=after)
    assert again.repeated is repeated
    assert (again.intake_id == first.intake_id) is repeated


def test_each_new_horizon_begins_with_its_own_delivery(store: Store) -> None:
    """A monthly report that never changes is one arrival a month, and each is protected against its own retries."""
    seen = []
    for days in (0, 6, 12, 30):
        (new,) = keep(store, delivery(), after=days * DAY)
        (retry,) = keep(store, delivery(), after=days * DAY + 4.9 * DAY)
        assert (new.repeated, retry.repeated) == (False, True)
        assert retry.intake_id == new.intake_id
        seen.append(new.intake_id)
    assert len(set(seen)) == 4


def test_a_door_with_ids_of_its_own_knows_them_for_ever(store: Store) -> None:
    """IMAP UIDs and webhook ids have no horizon: a mailbox read again after a year brings nothing twice (P3)."""
    imap = delivery("imap:1", horizon=None)
    (first,) = keep(store, imap)
    assert keep(store, imap, after=400 * DAY) == (Kept(first.intake_id, repeated=True),)


def test_the_smtp_key_tells_content_envelope_and_peer_apart() -> None:
    """Each of the four makes another delivery, and no two can be confused by shifting a border (P4)."""
    sha, other = "a" * 64, "b" * 64
    envelopes = [
        Envelope(mail_from="a@x.cn", rcpt_to="s@example.com", peer="192.0.2.1"),
        Envelope(mail_from="b@x.cn", rcpt_to="s@example.com", peer="192.0.2.1"),
        Envelope(mail_from="a@x.cn", rcpt_to="t@example.com", peer="192.0.2.1"),
        Envelope(mail_from="a@x.cn", rcpt_to="s@example.com", peer="192.0.2.2"),
        Envelope(mail_from="a@x.cns@example.com", rcpt_to="", peer="192.0.2.1"),
    ]
    keys = {smtp_key(sha, envelope) for envelope in envelopes} | {smtp_key(other, envelopes[0])}
    assert len(keys) == 6


def test_intake_ids_are_unique_and_sort_by_time() -> None:
    """Ids are made without asking anybody, on any node."""
    made = [new_intake_id() for _ in range(2000)]
    assert len(set(made)) == 2000
    assert [one[:9] for one in made] == sorted(one[:9] for one in made)
    assert {len(one) for one in made} == {26}


def test_an_arrival_is_claimed_once_and_oldest_first(store: Store, room: Mailroom) -> None:
    """Two loops never walk the same mail; the oldest goes first."""
    second, first = (keep(store, delivery(key), after=after)[0] for key, after in (("b", HOUR), ("a", -HOUR)))
    claimed = room.claim(NOON + HOUR, limit=10)
    assert [one.intake_id for one in claimed] == [first.intake_id, second.intake_id]
    assert [one.attempts for one in claimed] == [1, 1]


def test_a_batch_is_as_large_as_there_is_room(store: Store, room: Mailroom) -> None:
    """No more is claimed than can be walked; what is not due is left."""
    for number in range(5):
        keep(store, delivery(str(number)), after=number * HOUR)
    assert len(room.claim(NOON + 3 * HOUR, limit=3)) == 3


def test_a_claimed_arrival_is_nobody_elses_while_its_node_lives(store: Store, room: Mailroom) -> None:
    """Another node leaves alone what a living node holds, and takes over what a dead one held (P27)."""
    (kept,) = keep(store, delivery())
    assert room.claim(NOON)
    other = leases.Lease("node:other", "other", 1).holder
    taken = store.write(lambda tx: arrivals.claim(tx, other, 10, NOON)).result(WAIT)
    assert taken == ()
    store.write(lambda tx: leases.release(tx, leases.Lease("node:test", "test", 1))).result(WAIT)
    (taken_over,) = store.write(lambda tx: arrivals.claim(tx, other, 10, NOON)).result(WAIT)
    assert (taken_over.intake_id, taken_over.attempts) == (kept.intake_id, 2)


def test_a_claim_whose_answer_was_lost_is_taken_up_again(store: Store, room: Mailroom) -> None:
    """A cut connection may cost the answer to a claim; the arrival must not wait for a restart (F17)."""
    (kept,) = keep(store, delivery())
    assert room.claim(NOON)

    def claim(walking: tuple[str, ...]) -> list[str]:
        unit = store.write(lambda tx: arrivals.claim(tx, room.holder, 10, NOON, walking))
        return [one.intake_id for one in unit.result(WAIT)]

    assert claim((kept.intake_id,)) == []
    assert claim(("another",)) == [kept.intake_id]


def test_what_walks_is_not_claimed_anew_under_a_new_lease(store: Store, room: Mailroom) -> None:
    """The node's lease was lost and taken anew, but this very process still walks the arrival: no second walk (P28)."""
    (kept,) = keep(store, delivery())
    assert room.claim(NOON)
    room.join()

    def claim(walking: tuple[str, ...]) -> list[str]:
        unit = store.write(lambda tx: arrivals.claim(tx, room.holder, 10, NOON, walking))
        return [one.intake_id for one in unit.result(WAIT)]

    assert claim((kept.intake_id,)) == []
    assert claim(()) == [kept.intake_id]


def test_put_back_waits_until_its_time(store: Store, room: Mailroom) -> None:
    """What may work later is tried later, by anybody."""
    keep(store, delivery())
    (claimed,) = room.claim(NOON)
    store.write(lambda tx: arrivals.put_back(tx, claimed.intake_id, room.holder, NOON + HOUR)).result(WAIT)
    assert room.claim(NOON + HOUR - timedelta(seconds=1)) == ()
    (again,) = room.claim(NOON + HOUR)
    assert again.attempts == 2


def test_only_the_holder_puts_back(store: Store, room: Mailroom) -> None:
    """A sleeper that wakes up changes nothing of what is another's now (P28)."""
    keep(store, delivery())
    (claimed,) = room.claim(NOON)
    store.write(lambda tx: arrivals.put_back(tx, claimed.intake_id, "node:sleeper#1", NOON)).result(WAIT)
    assert store.read(lambda tx: tx.execute(select(tables.arrival.c.owner)).scalar_one()) == room.holder


def test_giving_back_at_the_end_does_not_count_as_a_try(store: Store, room: Mailroom) -> None:
    """A clean stop hands everything over at once and poisons nothing (P16)."""
    keep(store, delivery())
    room.claim(NOON)
    store.write(lambda tx: arrivals.give_back_all(tx, room.holder)).result(WAIT)
    (again,) = store.write(lambda tx: arrivals.claim(tx, "node:other#1", 10, NOON)).result(WAIT)
    assert again.attempts == 1


def test_what_was_claimed_is_what_was_kept(store: Store, room: Mailroom) -> None:
    """Envelope and times come back as the door saw them."""
    envelope = Envelope(mail_from="", rcpt_to="s@example.com", peer="2001:db8::1", helo="订单", tls=True)
    keep(store, delivery(envelope=envelope, received_at=NOON - DAY))
    (claimed,) = room.claim(NOON)
    assert claimed.envelope == envelope
    assert (claimed.received_at, claimed.accepted_at) == (NOON - DAY, NOON)
    assert claimed.raw_sha256 == digest(RAW)


def parked(store: Store, room: Mailroom) -> str:
    """Keep one arrival and set it aside."""
    (kept,) = keep(store, delivery())
    room.claim(NOON)
    store.write(lambda tx: parking.park(tx, kept.intake_id, "KeyError: 'x'", "record", NOON)).result(WAIT)
    return kept.intake_id


def outcome(store: Store) -> tuple[str, str | None]:
    """The outcome and reason of the only arrival."""
    row = store.read(lambda tx: tx.execute(select(tables.arrival.c.outcome, tables.arrival.c.reason)).one())
    return row.outcome, row.reason


def test_parked_is_out_of_the_way_and_can_be_sent_round_again(store: Store, room: Mailroom) -> None:
    """Poison does not circle; a person sends it round, and it starts from its first try (P8)."""
    number = parked(store, room)
    assert room.claim(NOON + DAY) == ()
    assert outcome(store) == ("parked", "KeyError: 'x'")
    assert store.write(lambda tx: parking.retry(tx, number, NOON + DAY)).result(WAIT)
    (claimed,) = room.claim(NOON + DAY)
    assert claimed.attempts == 1


def test_a_dropped_arrival_says_who_dropped_it_and_keeps_its_octets(store: Store, room: Mailroom) -> None:
    """Nothing is removed: the outcome is suppressed, the reason has the person's name (P6, P38)."""
    number = parked(store, room)
    assert store.write(lambda tx: parking.drop(tx, number, "li", NOON)).result(WAIT)
    assert outcome(store) == ("suppressed", "dropped by li: KeyError: 'x'")
    assert store.read(lambda tx: DatabaseBlobs().get(tx, digest(RAW))) == RAW


def test_only_the_parked_can_be_retried_or_dropped(store: Store, room: Mailroom) -> None:
    """A mistyped number changes nothing: what is pending or done stays."""
    (kept,) = keep(store, delivery())
    for change in (
        lambda tx: parking.retry(tx, kept.intake_id, NOON),
        lambda tx: parking.drop(tx, kept.intake_id, "li", NOON),
        lambda tx: parking.retry(tx, "no such", NOON),
    ):
        assert store.write(change).result(WAIT) is False
    assert outcome(store) == ("pending", None)


def test_what_has_its_outcome_is_not_parked_afterwards(store: Store, room: Mailroom) -> None:
    """A late word of a node that lost its claim cannot undo a ticket."""
    room.arrive(mail())
    number = store.read(lambda tx: tx.execute(select(tables.arrival.c.intake_id)).scalar_one())
    store.write(lambda tx: parking.park(tx, number, "late", "record", NOON)).result(WAIT)
    assert outcome(store)[0] == "created"
