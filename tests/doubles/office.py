"""An office of departments on a real store: real mails come in, are read and decided, and the web room serves them."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import cached_property
from typing import Any

from doubles.mailroom import OURS, WAIT, WRITER, Mailroom, deciding
from fastapi import FastAPI
from starlette.testclient import TestClient

import parsers
from ingestd import clock
from ingestd.desk import Desk, Person
from ingestd.store import arrivals, tokens
from ingestd.store.arrivals import Delivery
from ingestd.store.blobs import DatabaseBlobs, digest
from ingestd.store.session import Store
from ingestd.web.app import build
from ingestd.web.services import Health, Services
from parsers.arrival import Arrival, Envelope

ADMIN = Person("admin")
SAME_SITE = {"sec-fetch-site": "same-origin"}
"""What a browser says of a form that our own page sent."""


def raw_mail(subject: str, text: str, sender: str = "王芳 <w@x.cn>", **headers: str) -> EmailMessage:
    """Write an ordinary mail; the caller may attach to it."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, OURS, subject
    mail["Message-ID"] = f"<{digest((subject + text + sender).encode())[:16]}@x.cn>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


async def attachment(raw: bytes, part: str) -> bytes | None:
    """Take an attachment out of a mail right here; the daemon does it in another process."""
    return parsers.attachment(raw, part)


class Office:
    """A mailroom, a desk and the services the web room stands on."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.room = Mailroom(store, deciding())
        self.room.join()
        self.desk = Desk(store, DatabaseBlobs(), WRITER, lambda: self.room.by.policy)
        self.health = Health(True)
        self._count = 0

    def services(self, **values: Any) -> Services:
        """What the web room is given."""
        usual = {"desk": self.desk, "store": self.store, "attachment": attachment, "health": lambda: self.health}
        return Services(**{**usual, **values})

    @cached_property
    def app(self) -> FastAPI:
        """The application with nothing special about it."""
        return build(self.services())

    def client(self, token: str | None = None, **values: Any) -> TestClient:
        """A client of the application, or of one made with these values; a context where a test polls."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        app = build(self.services(**values)) if values else self.app
        return TestClient(app, headers=headers, base_url="http://desk.test")

    def reader(self, person: str, department: str | None = None) -> TestClient:
        """A client that is signed in at the desk."""
        client = self.client()
        answer = client.post("/desk/login", data={"token": self.token(person, department)}, headers=SAME_SITE)
        assert answer.status_code == 200, answer.text
        return client

    def token(self, person: str, department: str | None = None, life: timedelta = timedelta(days=1)) -> str:
        """Make a token as the administrator does."""
        now = clock.now()
        return self.store.write(lambda tx: tokens.create(tx, person, department, now + life, now)).result(WAIT)

    def revoke(self, token: str) -> None:
        """End a token."""
        token_id = token.split("_")[1]
        assert self.store.write(lambda tx: tokens.revoke(tx, token_id, clock.now())).result(WAIT)

    def arrive(self, mail: EmailMessage, now: datetime | None = None) -> str:
        """Walk the whole road with one mail and return its ticket's number."""
        now = now or clock.now()
        raw = mail.as_bytes()
        self._count += 1
        sender = str(mail["From"].addresses[0].addr_spec)
        envelope = Envelope(mail_from=sender, rcpt_to=OURS, peer="192.0.2.1")
        one = Delivery(f"office:{self._count}", "smtp", "main", "mail", envelope, now)
        kept = self.store.write(
            lambda tx: arrivals.keep(tx, DatabaseBlobs(), [one], digest(raw), raw, len(raw), now)
        ).result(WAIT)[0]
        record = parsers.parse(raw, Arrival(received_at=now, envelope=envelope, own_addresses=(OURS,)))
        claimed = next(one for one in self.room.claim(now) if one.intake_id == kept.intake_id)
        recorded = self.room.record(claimed, record, now)
        assert recorded.ticket_no is not None
        return recorded.ticket_no

    def ticket(self, department: str, *readers: str, mail: EmailMessage | None = None) -> str:
        """Have a ticket that is with this department, and that these departments read along."""
        text = f"第 {self._count} 封来信：请帮我看一下我的订单"
        number = self.arrive(mail or raw_mail(f"订单没到 {self._count}", text, f"c{self._count}@x.cn"))
        for place in (*readers, department):
            if self.desk.show(ADMIN, number).ticket.department != place:
                self.desk.transfer(ADMIN, number, place, "张三", "转给你们")
        return number
