"""The outside world of the toy mailroom: the smallest complete scenario, and a pattern for real ones."""

from __future__ import annotations

import shutil
import socket
import sys
from pathlib import Path

from chaos.scenario import Audit, Command, tally

PROGRAM = Path(__file__).with_name("toy.py")
DOOR_LIMIT_S = 5


class ToyScenario:
    """Messages go in by a socket; the journal and the sink are files to read."""

    grace_s = 0.15

    def __init__(self, folder: Path, order: str) -> None:
        self.name = order
        self._folder = folder / order
        self._offered: list[str] = []
        self._accepted: list[str] = []

    def prepare(self) -> None:
        """Begin with an empty folder."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        self._offered, self._accepted = [], []

    def command(self) -> Command:
        """Start Python without site packages: the toy needs none, and starts in 30 ms."""
        argv = (sys.executable, "-I", "-S", str(PROGRAM), str(self._folder), self.name)
        return Command(argv, self._folder, self._folder / "log")

    def ready(self) -> bool:
        """Connecting without a word is no delivery."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(DOOR_LIMIT_S)
            return (self._folder / "door").exists() and probe.connect_ex(str(self._folder / "door")) == 0

    def send(self) -> bool:
        """Offer the next message."""
        self._offered.append(f"m{len(self._offered) + len(self._accepted)}@toy.example")
        return self.retry()

    def retry(self) -> bool:
        """Offer all that got no yes."""
        for message in list(self._offered):
            if self._offer(message):
                self._offered.remove(message)
                self._accepted.append(message)
        return not self._offered

    def _offer(self, message: str) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(DOOR_LIMIT_S)
                client.connect(str(self._folder / "door"))
                client.sendall(f"{message}\n".encode())
                return client.recv(8) == b"250\n"
        except OSError:
            return False

    def settled(self) -> bool:
        """Is every ticket done?"""
        kinds = [kind for kind, *_ in self._lines("journal")]
        return kinds.count("ticket") == kinds.count("done")

    def audit(self) -> Audit:
        """Read both files."""
        tickets = [words[1] for words in self._lines("journal") if words[0] == "ticket"]
        acks = [(words[0], words[1]) for words in self._lines("sink")]
        return tally(self._accepted, tickets, acks)

    def imbalance(self) -> str | None:
        """The journal may hold one message that got no yes yet, and never one twice over."""
        messages = [words[1] for words in self._lines("journal") if words[0] == "ticket"]
        return None if len(messages) == len(set(messages)) else "a message has two tickets"

    def _lines(self, name: str) -> list[list[str]]:
        path = self._folder / name
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []
