"""Journey 5: two installations that write to each other fall silent (P11)."""

from __future__ import annotations

import queue
import smtplib
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from chaos.stores import Store
from doubles.daemon import Daemon
from doubles.journey import Journey, read, text
from doubles.ports import free_port
from doubles.smtp_sink import Caught, SmtpSink

JOURNEY = Journey("05-two-facing-each-other")
Pair = Callable[..., tuple[Daemon, Daemon]]


@pytest.fixture
def pair(tmp_path: Path, new_store: Callable[[], Store]) -> Iterator[Pair]:
    """Start two installations, A and B, each on a database of its own, with these relays."""
    with ExitStack() as running:

        def make(doors: dict[str, int], relays: dict[str, int]) -> tuple[Daemon, Daemon]:
            return one("a", doors["a"], relays["a"]), one("b", doors["b"], relays["b"])

        def one(name: str, door: int, relay: int) -> Daemon:
            address = f"support@{name}.example"
            channel = {"kind": "smtp", "name": "door", "listen": f"127.0.0.1:{door}", "recipients": [address]}
            settings = {"channels": [channel], "operators": {"alerts_to": [f"operator@{name}.example"]}}
            daemon = Daemon(tmp_path / name, new_store(), relay, settings)
            running.callback(daemon.kill)
            return daemon.start()

        yield make


def acks(daemon: Daemon) -> int:
    """Count the acknowledgements that left."""
    return len(daemon.ask("SELECT 1 FROM audit_outbound_v1 WHERE kind LIKE 'ack%' AND state = 'sent'"))


def silence(*daemons: Daemon) -> None:
    """Wait until nothing has happened at either side for a while, or fail because they never fall silent."""
    seen: list[int] = []

    def unchanged() -> bool:
        for daemon in daemons:
            daemon.quiet()
        seen.append(sum(len(daemon.ask("SELECT 1 FROM audit_intake_v1")) + acks(daemon) for daemon in daemons))
        return len(seen) > LOOKS and len(set(seen[-LOOKS:])) == 1

    daemons[0].wait(unchanged, "silence", 60)


LOOKS = 75
"""Looks without a change, 20 ms and two questions apart: a letter needs less than a tenth of that."""


def test_with_their_headers_they_exchange_two_messages_at_most(pair: Pair) -> None:
    """The first acknowledgement says that a machine wrote it, and that ends it (RFC 3834)."""
    doors = {"a": free_port(), "b": free_port()}
    a, b = pair(doors, {"a": doors["b"], "b": doors["a"]})
    a.send(JOURNEY.mail("first"), "support@b.example", "support@a.example")
    silence(a, b)
    assert (acks(a), acks(b)) == (1, 0)
    assert [row[0] for row in b.ask("SELECT outcome FROM audit_intake_v1")] == ["suppressed"]


class Stripper:
    """A relay that leaves nothing of a mail but its words, renames its sender each time, and hands it on."""

    def __init__(self, door: int, domain: str, to: str) -> None:
        self._door, self._domain, self._to = door, domain, to
        self._waiting: queue.Queue[Caught | None] = queue.Queue()
        self.sink = SmtpSink(keep=self._waiting.put)
        self.handed_on = 0

    def __enter__(self) -> Stripper:
        self.sink.__enter__()
        self._thread = threading.Thread(target=self._hand_on, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.put(None)
        self._thread.join(10)
        self.sink.__exit__()

    def _hand_on(self) -> None:
        while (mail := self._waiting.get()) is not None:
            if mail.rcpt_to[0].startswith("operator@"):
                continue
            self.handed_on += 1
            sender = f"r{self.handed_on}.{id(mail):x}@{self._domain}"
            head = f"From: {sender}\r\nTo: {self._to}\r\nSubject: message {self.handed_on}\r\n"
            head += f"Message-ID: <{sender}>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
            with smtplib.SMTP("127.0.0.1", self._door) as client:
                client.sendmail(sender, [self._to], head.encode() + text(read(mail)).encode())


def test_without_any_header_they_fall_silent_after_five(pair: Pair) -> None:
    """Sender, subject and ids are others each time, and still nobody sends more than five acknowledgements."""
    doors = {"a": free_port(), "b": free_port()}
    to_b, to_a = (
        Stripper(doors["b"], "a.example", "support@b.example"),
        Stripper(doors["a"], "b.example", "support@a.example"),
    )
    with to_b, to_a:
        a, b = pair(doors, {"a": to_b.sink.port, "b": to_a.sink.port})
        a.send(JOURNEY.mail("first"), "support@b.example", "support@a.example")
        silence(a, b)
        assert 1 <= acks(a) <= 5
        assert acks(b) <= 5
