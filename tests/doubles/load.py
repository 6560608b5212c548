"""Clients that send as fast as they are answered, until told to stop: they count what got a 250 and what did not."""

from __future__ import annotations

import smtplib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bench.mailmix import Mail, mailmix

CLIENTS = 8
REFUSED_WAIT_S = 0.05


@dataclass
class Load:
    """The mixed load from several clients at once. ``accepted`` holds the mails that got a yes, by Message-ID."""

    address: tuple[str, int]
    seed: int = 1
    accepted: dict[str, float] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Load:
        self._mails = _mails(self.seed)
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._work, name=f"client-{n}", daemon=True) for n in range(CLIENTS)]
        self.began = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(60)
        self.lasted = time.monotonic() - self.began

    def _work(self) -> None:
        while not self._ended.is_set():
            try:
                with smtplib.SMTP(*self.address, local_hostname="client.example", timeout=30) as client:
                    self._talk(client)
            except (smtplib.SMTPException, OSError) as refusal:
                self.refusals.append(f"{type(refusal).__name__}: {refusal}")
                self._ended.wait(REFUSED_WAIT_S)

    def _talk(self, client: smtplib.SMTP) -> None:
        while not self._ended.is_set():
            with self._lock:
                mail = next(self._mails)
            client.sendmail(mail.mail_from, mail.rcpt_to, mail.raw)
            self.accepted[mail.message_id] = time.monotonic()


def _mails(seed: int) -> Iterator[Mail]:
    load = mailmix(100_000, seed=seed, start=datetime.now(UTC), attachments=False)
    return (mail for mail in load if mail.deserves_ack)
