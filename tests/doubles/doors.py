"""Runs a real SMTP door on a free loopback port, in a thread of its own, for clients that block."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import threading
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any

from doubles.keeping import Keeping

from ingestd.channels.smtp import SmtpChannel, SmtpDoor

GREETING = b"EHLO client.test\r\n"
ENVELOPE = b"MAIL FROM:<w@x.cn>\r\nRCPT TO:<support@example.com>\r\nDATA\r\n"


class OpenDoor:
    """An open door: ``with OpenDoor(folder, max_size=…) as door``. ``events`` is what it reported."""

    def __init__(self, folder: Path, keeping: Keeping | None = None, **settings: Any) -> None:
        values = {"kind": "smtp", "name": "main", "listen": "127.0.0.1:0", "recipients": ["support@example.com"]}
        self.keeping = keeping or Keeping()
        self.events: list[tuple[str, dict[str, object]]] = []
        bounce_address = settings.pop("bounce_address", None)
        beside = settings.pop("beside", Path())
        self.settings = SmtpChannel.model_validate(values | settings)
        self.door = SmtpDoor(
            self.settings, self.keeping, folder, self._note, bounce_address=bounce_address, beside=beside
        )
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)

    def _note(self, event: str, facts: dict[str, object]) -> None:
        self.events.append((event, facts))

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine on the door's loop and wait for its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    def __enter__(self) -> OpenDoor:
        self._thread.start()
        self.run(self.door.start())
        self.port = self.door.addresses[0][1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.keeping.release()
        self.run(self.door.stop(5))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    def client(self) -> smtplib.SMTP:
        """Connect Python's own SMTP client."""
        return smtplib.SMTP("127.0.0.1", self.port, local_hostname="client.test", timeout=10)

    def raw(self, source: str = "127.0.0.1") -> RawClient:
        """Connect a bare socket and read the greeting (or the refusal)."""
        return RawClient(self.port, source)


class RawClient:
    """A client that sends what it is told, right or wrong."""

    def __init__(self, port: int, source: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(source, 0))
        self._file = self.socket.makefile("rb")
        self.greeting = self.reply()

    def __enter__(self) -> RawClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Vanish."""
        self._file.close()
        self.socket.close()

    def send(self, octets: bytes) -> None:
        """Send these octets, and nothing else."""
        self.socket.sendall(octets)

    def reply(self) -> str:
        """Read one reply, all its lines; an empty text when the server has closed."""
        lines = []
        while line := self._file.readline().decode():
            lines.append(line.rstrip("\r\n"))
            if line[3:4] != "-":
                break
        return "\n".join(lines)

    def ask(self, command: str) -> str:
        """Send one command and read its reply."""
        self.send(command.encode() + b"\r\n")
        return self.reply()

    def begin_data(self) -> str:
        """Go as far as the answer to DATA."""
        self.send(GREETING + ENVELOPE)
        return [self.reply() for _ in range(4)][-1]

    def rest(self) -> bytes:
        """Read until the server closes."""
        try:
            return self._file.read()
        except ConnectionResetError:
            return b""
