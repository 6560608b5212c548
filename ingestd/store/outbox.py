"""The outbox: letters owed, written once, carried until they end.

One row for each (ticket, kind, episode), with its Message-ID fixed in the transaction that owes it. The letter is
written when it is first claimed and stored with its Date; every later try carries the very same octets (P5).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Executable, Integer, and_, bindparam, case, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ingestd.model import Notice, Ticket
from ingestd.signing import Signer
from ingestd.store import counters, tables
from ingestd.store.arrivals import new_intake_id
from ingestd.store.blobs import Blobs
from ingestd.store.known import ACKS, budget_key, hour_counter
from ingestd.store.leases import living
from ingestd.store.naming import Naming
from ingestd.store.prepared import Prepared, Rows, among
from ingestd.store.session import Tx
from ingestd.store.types import CleanText, Moment

_NOTICE = TypeAdapter(Notice)
_box = tables.outbox
_UNIQUE = ["ticket_no", "kind", "episode"]
_OWE = Rows(
    _box,
    lambda table, postgres: (
        (postgres_insert if postgres else sqlite_insert)(table)
        .on_conflict_do_nothing(index_elements=_UNIQUE)
        .returning(table.c.mail_id)
    ),
)
_ours = update(_box).where(
    _box.c.mail_id == bindparam("this_id"), _box.c.owner == bindparam("holder"), _box.c.state == "sending"
)
_OURS = Prepared(_ours)
_FREEZE = Prepared(_ours.where(_box.c.letter_sha256.is_(None)))
_ended, _ended_there = (
    update(_box)
    .where(
        among(_box.c.mail_id, "these", postgres=postgres),
        _box.c.owner == bindparam("holder"),
        _box.c.state == "sending",
    )
    .returning(_box.c.mail_id)
    for postgres in (False, True)
)
_END = Prepared(_ended, _ended_there)
UNENDED = text("state IN ('pending', 'sending')")
"""Spelled as in the index: SQLite uses a partial index only for the very same words."""

TAKEN_OVER = "taken over from a node that stopped while it carried this"
"""The reason in the row until the next ending: the letter may have left already."""
UNREADABLE = "its notice cannot be read"
_CLAIMED = [
    *("mail_id", "ticket_no", "message_id", "notice", "attempts", "created_at", "first_tried_at", "letter_sha256"),
    *("reason", "kind", "episode", "rcpt", "sender", "language", "due_at"),
]


@dataclass(frozen=True)
class Writer:
    """What the writing of tickets and letters needs of the installation."""

    signer: Signer
    naming: Naming = field(default_factory=Naming)


@dataclass(frozen=True)
class Owed:
    """A claimed letter. ``letter_sha256`` is set once it is written; then only those octets are carried.

    ``taken_over``: another node, or this one before a restart, was carrying it when it stopped.
    """

    mail_id: str
    ticket_no: str
    message_id: str
    notice: Notice
    attempts: int
    created_at: datetime
    first_tried_at: datetime | None
    letter_sha256: str | None
    taken_over: bool = False


@dataclass(frozen=True)
class Ended:
    """How a letter ended: ``sent``, ``failed`` or ``cancelled``; when, and why."""

    owed: Owed
    state: str
    at: datetime
    reason: str | None = None


@dataclass(frozen=True)
class Written:
    """A letter as it will be carried: its octets' digest, and what people read of it in the ticket."""

    mail_id: str
    sha256: str
    data: bytes
    subject: str
    text: str
    late: bool


def owe(tx: Tx, ticket: Ticket | None, notices: Sequence[Notice], writer: Writer, now: datetime) -> tuple[str, ...]:
    """Owe these letters, each at most once for its ticket, kind and episode; the withheld ones with their reason.

    Return the Message-IDs of those that will leave and were not owed before.
    """
    if not notices:
        return ()
    number = ticket.ticket_no if ticket else ""
    rows = [_row(notice, number, writer, now) for notice in notices]
    fresh = {row.mail_id for row in tx.run(*_OWE.call(rows)).rows}
    leaving = [
        (notice, str(row["message_id"]))
        for notice, row in zip(notices, rows, strict=True)
        if row["mail_id"] in fresh and not notice.withheld
    ]
    _follow_up(tx, [notice for notice, _ in leaving], now)
    return tuple(message_id for _, message_id in leaving)


def _follow_up(tx: Tx, leaving: Sequence[Notice], now: datetime) -> None:
    for notice in leaving:
        if notice.kind in ACKS:
            counters.count(tx, hour_counter(now))
        if notice.due_at <= now:
            tx.signal("deliver")


def _row(notice: Notice, number: str, writer: Writer, now: datetime) -> Mapping[str, object]:
    domain = notice.sender.rpartition("@")[2]
    return {
        "mail_id": new_intake_id(),
        "ticket_no": number,
        "kind": notice.kind,
        "episode": notice.episode,
        "message_id": writer.signer.message_id(number, notice.kind, notice.episode, notice.rcpt, domain),
        "rcpt": notice.rcpt,
        "rcpt_key": budget_key(notice.rcpt),
        "rcpt_domain": notice.rcpt.rpartition("@")[2].casefold(),
        "sender": notice.sender,
        "language": notice.language,
        "automatic": notice.automatic,
        "notice": _NOTICE.dump_json(notice, exclude_defaults=True).decode("utf-8", "replace"),
        "state": "withheld" if notice.withheld else "pending",
        "attempts": 0,
        "created_at": now,
        "due_at": notice.due_at,
        "deadline": notice.deadline,
        "late": False,
        "reason": notice.withheld,
    }


def claim(tx: Tx, holder: str, limit: int, now: datetime, carrying: Collection[str] = ()) -> tuple[Owed, ...]:
    """Claim up to ``limit`` letters that are due, oldest first: pending ones, and those a dead node was sending.

    What is among ``carrying`` is under way in this process and never free, whatever became of our lease. What bears our
    own name and is not is free: its claim or its ending was lost with a connection (F17).
    """
    values = {"holder": holder, "limit": limit, "now": now, "moment": datetime.now(UTC), "mine": [*carrying]}
    return tuple(_owed(row) for row in tx.run(_CLAIM, values).rows)


def _claim(*, postgres: bool) -> Executable:
    holder, now = bindparam("holder", type_=CleanText), bindparam("now", type_=Moment())
    unheld = or_(_box.c.owner.is_(None), _box.c.owner.not_in(living(postgres=postgres)), _box.c.owner == holder)
    free = (
        select(_box.c.mail_id)
        .where(UNENDED, _box.c.due_at <= now, or_(_box.c.state == "pending", and_(_box.c.state == "sending", unheld)))
        .where(~among(_box.c.mail_id, "mine", postgres=postgres))
        .order_by(_box.c.due_at)
        .limit(bindparam("limit", type_=Integer))
        .with_for_update(skip_locked=True)
    )
    was_carried = and_(_box.c.state == "sending", _box.c.letter_sha256.is_not(None), _box.c.owner != holder)
    return (
        update(_box)
        .where(_box.c.mail_id.in_(free.scalar_subquery()))
        .values(
            state="sending",
            owner=holder,
            attempts=_box.c.attempts + 1,
            first_tried_at=func.coalesce(_box.c.first_tried_at, now),
            reason=case((was_carried, TAKEN_OVER), else_=_box.c.reason),
        )
        .returning(*(_box.c[name] for name in _CLAIMED))
    )


_CLAIM = Prepared(_claim(postgres=False), _claim(postgres=True))


def _owed(row: Any) -> Owed:
    return Owed(
        row.mail_id, row.ticket_no, row.message_id, _notice(row), row.attempts, row.created_at, row.first_tried_at,
        row.letter_sha256, row.reason == TAKEN_OVER,
    )  # fmt: skip


def _notice(row: Any) -> Notice:
    """The notice, or one that is withheld and made of the row's other columns: a broken row stops no other."""
    try:
        return _NOTICE.validate_json(row.notice)
    except ValueError:
        return Notice(row.kind, row.episode, row.rcpt, row.sender, row.language, row.due_at, withheld=UNREADABLE)


def freeze(tx: Tx, blobs: Blobs, holder: str, letters: Sequence[Written], now: datetime) -> frozenset[str]:
    """Store letters as they will be carried, and answer which of them are still ours to send."""
    kept = set()
    for letter in letters:
        values = {
            "letter_sha256": letter.sha256,
            "letter_subject": letter.subject,
            "letter_text": letter.text,
            "written_at": now,
            "late": letter.late,
        }
        done = tx.run(_FREEZE, {"this_id": letter.mail_id, "holder": holder, **values})
        if done.rowcount:
            blobs.put(tx, letter.sha256, letter.data)
            kept.add(letter.mail_id)
    return frozenset(kept)


def ended(tx: Tx, endings: Sequence[Ended], holder: str) -> frozenset[str]:
    """Record how letters ended; return those that were ours.

    One statement for all that ended in the same way: they share the moment of the last of them.
    """
    alike: dict[tuple[str, str | None], list[Ended]] = {}
    for one in endings:
        alike.setdefault((one.state, one.reason), []).append(one)
    ours: set[str] = set()
    for (state, reason), these in alike.items():
        at = max(one.at for one in these) if state == "sent" else None
        values = {"state": state, "reason": reason, "owner": None, "sent_at": at}
        mail_ids = [one.owed.mail_id for one in these]
        ours.update(row.mail_id for row in tx.run(_END, {"these": mail_ids, "holder": holder, **values}).rows)
    return frozenset(ours)


def again(tx: Tx, mail_id: str, holder: str, due_at: datetime, reason: str, *, unseen: bool = False) -> None:
    """Put a letter back to be tried again at ``due_at``.

    One that nobody has seen yet (``unseen``) is written anew then, for it may have become late meanwhile (P13).
    """
    values = {"state": "pending", "owner": None, "due_at": due_at, "reason": reason}
    anew = {"letter_sha256": None} if unseen else {}
    tx.run(_OURS, {"this_id": mail_id, "holder": holder, **values, **anew})


def hasten(tx: Tx, trouble: str, now: datetime) -> None:
    """Make due now what waits for another try with ``trouble`` in its reason (P15)."""
    waits = and_(UNENDED, _box.c.state == "pending", _box.c.attempts > 0, _box.c.due_at > now)
    tx.execute(update(_box).where(waits, _box.c.reason.contains(trouble)).values(due_at=now))
    tx.signal("deliver")


def give_back_all(tx: Tx, holder: str) -> None:
    """Give back every letter that this node has claimed and not even written (P16).

    A written one may have been cut off on its way: it stays as a dead node's, free for all as soon as the lease is.
    """
    tx.execute(
        update(_box)
        .where(_box.c.state == "sending", _box.c.owner == holder, _box.c.letter_sha256.is_(None))
        .values(state="pending", owner=None, attempts=_box.c.attempts - 1)
    )


def next_due(tx: Tx) -> datetime | None:
    """Return when the next pending letter is due, or None."""
    moment: datetime | None = tx.execute(
        select(func.min(_box.c.due_at)).where(UNENDED, _box.c.state == "pending")
    ).scalar()
    return moment
