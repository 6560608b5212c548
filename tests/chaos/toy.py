"""A mailroom in a hundred lines, right or wrong on purpose: what the kill sweep is proved on.

usage: toy.py FOLDER ORDER. It listens on the socket FOLDER/door for lines "MESSAGE-ID", keeps tickets in FOLDER/journal
and acknowledges by appending to FOLDER/sink. Orders: ``right``; ``answer-first`` says yes before the commit;
``send-first`` sends before the record is written; ``no-key`` takes a repeated delivery for a new one; ``done-first``
marks the acknowledgement sent before it is.
"""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import sys
import threading
import uuid
from pathlib import Path

FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND


class Mailroom:
    """The journal and the sink. One thread writes both, as a real store would."""

    def __init__(self, folder: Path, order: str) -> None:
        self.order = order
        self.journal = os.open(folder / "journal", FLAGS)
        self.sink = os.open(folder / "sink", FLAGS)
        self.known: set[str] = set()
        self.waiting: queue.Queue[tuple[str, threading.Event]] = queue.Queue()

    def recover(self, lines: list[str]) -> None:
        """Send what was owed when the power failed."""
        owed = {}
        for kind, message, ack in map(str.split, lines):
            owed[message] = ack if kind == "ticket" else ""
        self.known = set(owed)
        for message, ack in owed.items():
            if ack:
                self.acknowledge(message, ack)

    def work(self) -> None:
        """Keep and acknowledge one message after the other."""
        while True:
            message, kept = self.waiting.get()
            if message not in self.known or self.order == "no-key":
                self.take(message, kept)
            kept.set()

    def take(self, message: str, kept: threading.Event) -> None:
        """The road of one message."""
        ack = uuid.uuid4().hex
        if self.order == "send-first":
            self.send(message, ack)
        self.record("ticket", message, ack)
        self.known.add(message)
        kept.set()
        if self.order == "send-first":
            self.record("done", message, ack)
        else:
            self.acknowledge(message, ack)

    def acknowledge(self, message: str, ack: str) -> None:
        """Send, then write down that it was sent; or the other way round."""
        if self.order == "done-first":
            self.record("done", message, ack)
        self.send(message, ack)
        if self.order != "done-first":
            self.record("done", message, ack)

    def record(self, *words: str) -> None:
        """Write a line and wait for the disk."""
        os.write(self.journal, (" ".join(words) + "\n").encode())
        os.fdatasync(self.journal)

    def send(self, message: str, ack: str) -> None:
        """Hand an acknowledgement to the peer."""
        os.write(self.sink, f"{message} {ack}\n".encode())

    def answer(self, connection: socket.socket) -> None:
        """Say yes to one delivery, at the moment that the order says."""
        with connection, connection.makefile() as lines, contextlib.suppress(OSError):
            message, kept = lines.readline().strip(), threading.Event()
            if not message:
                return  # somebody looked whether we are here
            self.waiting.put((message, kept))
            if self.order != "answer-first":
                kept.wait()
            connection.sendall(b"250\n")


def main(folder: Path, order: str) -> None:
    """Recover, then serve for ever."""
    journal = folder / "journal"
    room = Mailroom(folder, order)
    room.recover(journal.read_text().splitlines())
    threading.Thread(target=room.work, daemon=True).start()
    (folder / "door").unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(folder / "door"))
        door.listen()
        while True:
            room.answer(door.accept()[0])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
