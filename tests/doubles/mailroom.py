"""A mailroom without doors, children and couriers: records go in, decisions are stored, the clock is an argument."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from ingestd.app import offline_deciding
from ingestd.intake import Deciding, decide, weigh
from ingestd.intake.road import material_of, questions, stored_form
from ingestd.model import Department
from ingestd.notices import Policy
from ingestd.outbox import claims
from ingestd.signing import Signer
from ingestd.store import arrivals, leases, outbox, tickets
from ingestd.store.arrivals import Claimed, Delivery, Kept
from ingestd.store.blobs import DatabaseBlobs, digest
from ingestd.store.outbox import Ended, Owed, Writer
from ingestd.store.session import Store
from ingestd.store.tickets import Recorded, Understood
from parsers.arrival import Envelope
from parsers.record import IntakeRecord, Mailbox, Recipient

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""Twelve o'clock in Shanghai."""
OURS = "support@example.com"
SIGNER = Signer(b"a key of at least thirty-two octets")
WRITER = Writer(SIGNER)
WAIT = 30
_numbers = itertools.count(1)


def mail(
    sender: str | None = "w@x.cn", text: str = "订单还没有到，请帮我查一下物流，谢谢", **values: Any
) -> IntakeRecord:
    """An ordinary mail as the parsers read it, with a Message-ID and content of its own."""
    number = next(_numbers)
    subject = values.pop("subject", "订单没到")
    usual: dict[str, Any] = {
        "message_id": f"<m{number}@x.cn>",
        "sender": Mailbox(email=sender) if sender else None,
        "recipients": (Recipient(kind="to", email=OURS),),
        "subject": subject,
        "subject_base": subject,
        "text": text,
        "own_text": text,
        "language": "zh-CN",
        "content_sha256": f"{number:064x}",
    }
    return IntakeRecord(**{**usual, **values})


@cache
def _offline() -> Deciding:
    return offline_deciding()


def policy(**values: Any) -> Policy:
    """The default policy of a service that answers for OURS; departments have a supervisor."""
    return replace(_offline().policy, own_addresses=frozenset({OURS}), default_sender=OURS, **values)


def deciding(alerts_to: Sequence[str] = (), **values: Any) -> Deciding:
    """The shipped rules, a fixed key, and the policy above."""
    return replace(_offline(), policy=policy(**values), signer=SIGNER, alerts_to=tuple(alerts_to))


def supervised(department: str) -> dict[str, Department]:
    """All shipped departments, one of them with a supervisor."""
    known = dict(_offline().policy.departments)
    return known | {department: replace(known[department], supervisor="boss@example.com")}


@dataclass
class Mailroom:
    """Keeps, claims, decides and records; letters are sent by ``send_all``."""

    store: Store
    by: Deciding
    holder: str = "node:test#1"
    writer: Writer = WRITER

    def join(self) -> None:
        """Hold the lease that makes our claims count."""
        term = timedelta(days=3650)
        lease = self.store.write(lambda tx: leases.acquire(tx, "node:test", "test", term)).result(WAIT)
        assert lease is not None
        self.holder = lease.holder

    def keep(
        self, record: IntakeRecord, now: datetime, key: str | None = None, kind: str = "mail", rcpt_to: str = OURS
    ) -> Kept:
        """Keep one delivery; its octets are the record's own, so equal records are equal mails."""
        raw = stored_form(record).encode()
        mine = Delivery(key or f"test:{next(_numbers)}", "smtp", "main", kind, self._envelope(record, rcpt_to), now)
        unit = self.store.write(lambda tx: arrivals.keep(tx, DatabaseBlobs(), [mine], digest(raw), raw, len(raw), now))
        return unit.result(WAIT)[0]

    def _envelope(self, record: IntakeRecord, rcpt_to: str) -> Envelope:
        return Envelope(mail_from=record.sender.email if record.sender else "", rcpt_to=rcpt_to, peer="192.0.2.1")

    def claim(self, now: datetime, limit: int = 10) -> tuple[Claimed, ...]:
        """Claim what is pending."""
        return self.store.write(lambda tx: arrivals.claim(tx, self.holder, limit, now)).result(WAIT)

    def record(self, claimed: Claimed, record: IntakeRecord, now: datetime) -> Recorded:
        """Decide a claimed arrival and store all that follows."""
        material = material_of(claimed, record)
        weighed = weigh(material, self.by)
        understood = Understood(claimed.intake_id, questions(material, weighed, claimed), stored_form(record))
        return self.store.write(
            lambda tx: tickets.record(
                tx,
                self.holder,
                understood,
                lambda known: decide(material, weighed, self.by, known, now),
                self.writer,
                now,
            ),
            serial=True,
        ).result(WAIT)

    def arrive(self, record: IntakeRecord, now: datetime = NOON, kind: str = "mail", rcpt_to: str = OURS) -> Recorded:
        """The whole road of one mail, at one moment."""
        kept = self.keep(record, now, kind=kind, rcpt_to=rcpt_to)
        claimed = next(one for one in self.claim(now) if one.intake_id == kept.intake_id)
        return self.record(claimed, record, now)

    def send_all(self, now: datetime = NOON) -> list[Owed]:
        """Carry everything that is due, and record that it was sent."""

        def unit(tx: Any) -> list[Owed]:
            owed = outbox.claim(tx, self.holder, 1000, now)
            claims.ended(tx, [Ended(one, "sent", now) for one in owed], self.holder, self.writer)
            return list(owed)

        return self.store.write(unit).result(WAIT)
