"""The outside world of ingestd itself: its config, a mail client at its SMTP door, a sink for letters, its views."""

from __future__ import annotations

import shutil
import smtplib
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from chaos.scenario import Audit, Command, tally
from chaos.stores import Store
from doubles.ports import free_port

from bench.mailmix import Mail, mailmix
from bench.sink import Sink

PROGRAM = str(Path(sys.executable).with_name("ingestd"))
DOOR_LIMIT_S = 10
CUSTOMERS = "@customer.example"
"""Letters to others are not acknowledgements: supervisors and departments are told of their work."""
LOOPS = "receive,process,deliver,schedule"
"""The way of one message, from the door to the relay."""
CONFIG = """\
service: {{state_dir: state, signing_key: {{credential: signing-key}}}}
store: {{url: "{store}"}}
channels:
  - {{kind: smtp, name: door, listen: "127.0.0.1:{door}", recipients: [support@example.com]}}
outbound: {{courier: smtp, host: 127.0.0.1, port: {sink}}}
web: {{listen: "127.0.0.1:0"}}
limits: {{parse_workers: 1}}
"""
"""One parse worker: with two, chance decides which one a kill point belongs to."""
OPENED = """SELECT i.message_id, t.ticket_no FROM ticket_v1 t
    LEFT JOIN audit_intake_v1 i ON i.ticket_no = t.ticket_no AND i.outcome = 'created'"""
UNDONE = """SELECT 'arrival' FROM audit_intake_v1 WHERE outcome = 'pending'
    UNION ALL SELECT 'letter' FROM audit_outbound_v1 WHERE kind LIKE 'ack%' AND state IN ('pending', 'sending')"""
ORPHANS = """SELECT d.intake_id FROM audit_delivery_v1 d LEFT JOIN audit_intake_v1 i ON i.intake_id = d.intake_id
    LEFT JOIN ticket_v1 t ON t.ticket_no = i.ticket_no
    WHERE i.outcome IS NULL OR (i.outcome IN ('created', 'appended') AND t.ticket_no IS NULL)
       OR i.outcome NOT IN ('created', 'appended', 'duplicate', 'suppressed', 'parked', 'pending')"""
"""Deliveries that promise P6 cannot place."""


class Mailroom:
    """The installed daemon on one database, with one SMTP door and one relay."""

    grace_s = 2.0

    def __init__(self, folder: Path, store: Store, sink: Sink, program: Sequence[str] = (PROGRAM,)) -> None:
        self.name = store.name
        self._program = tuple(program)
        self._folder = folder / store.name.lower()
        self._store = store
        self._sink = sink
        self._door = 0

    def prepare(self) -> None:
        """Begin with an empty state folder, an empty database and an empty sink; the next mails are new ones."""
        shutil.rmtree(self._folder, ignore_errors=True)
        (self._folder / "state").mkdir(parents=True)
        (self._folder / "credentials").mkdir(mode=0o700)
        (self._folder / "credentials" / "signing-key").write_text("chaos-only " * 4, encoding="utf-8")
        self._door = free_port()
        address = self._store.renew(self._folder / "state")
        config = CONFIG.format(store=address, door=self._door, sink=self._sink.port)
        (self._folder / "config.yaml").write_text(config, encoding="utf-8")
        self._sink.taken.clear()
        self._mails = _mails()
        self._offered: list[Mail] = []
        self._accepted: set[str] = set()

    def command(self) -> Command:
        """The installed program, as systemd would start it."""
        argv = (*self._program, "run", "--config", str(self._folder / "config.yaml"), "--only", LOOPS)
        return Command(argv, self._folder, self._folder / "log")

    def ready(self) -> bool:
        """Does the door greet?"""
        try:
            with smtplib.SMTP("127.0.0.1", self._door, timeout=DOOR_LIMIT_S):
                return True
        except OSError:
            return False

    def send(self) -> bool:
        """Offer the next mail of the mixed load."""
        self._offered.append(next(self._mails))
        return self.retry()

    def retry(self) -> bool:
        """Offer all that got no 250, each as its own transaction."""
        for mail in list(self._offered):
            if self._offer(mail):
                self._offered.remove(mail)
                self._accepted.add(mail.message_id)
        return not self._offered

    def _offer(self, mail: Mail) -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", self._door, timeout=DOOR_LIMIT_S) as client:
                client.sendmail(mail.mail_from, mail.rcpt_to, mail.raw)
        except smtplib.SMTPServerDisconnected:
            return False
        except smtplib.SMTPResponseException as refusal:
            if refusal.smtp_code >= 500:
                raise
            return False
        except OSError:
            return False
        return True

    def settled(self) -> bool:
        """Is no arrival waiting and no acknowledgement to be sent?"""
        return not self._store.ask(UNDONE)

    def audit(self) -> Audit:
        """Put the tickets of the store and the letters at the sink beside what got a 250."""
        accepted = set(self._accepted)
        opened = [_bare(message) for message, _ in self._store.ask(OPENED)]
        letters = [mail for mail in list(self._sink.taken) if mail.rcpt_to[0].endswith(CUSTOMERS)]
        return tally(accepted, opened, [(letter.in_reply_to, letter.message_id) for letter in letters])

    def imbalance(self) -> str | None:
        """Look for a delivery that is neither finished nor waiting, or whose ticket is missing (P6)."""
        orphans = self._store.ask(ORPHANS)
        return f"the sum of P6 does not hold for {orphans[:3]}" if orphans else None


def _bare(message_id: str | None) -> str | None:
    return message_id.strip("<>") if message_id else None


def _mails() -> Iterator[Mail]:
    load = mailmix(100_000, start=datetime.now(UTC), attachments=False)
    return (mail for mail in load if mail.deserves_ack)
