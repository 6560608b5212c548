"""The far end: a bare SMTP server on loopback that takes every mail and remembers its Message-ID and the moment.

It answers as fast as a protocol can (PIPELINING offered, nothing stored), so that it never is what is measured. Chaos
runs count acknowledgements on it: it lives outside the processes that are killed.
"""

from __future__ import annotations

import asyncio
import email.parser
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

HEAD_OCTETS = 65536
"""The Message-ID is looked for in this much of a mail."""


@dataclass(frozen=True)
class Taken:
    """One mail that was taken: when (monotonic seconds), from and to whom, and its headers in lower case."""

    moment: float
    rcpt_to: tuple[str, ...]
    headers: dict[str, str]

    @property
    def message_id(self) -> str:
        """The Message-ID without its angle brackets, or ``""``."""
        return self.headers.get("message-id", "").strip("<> ")

    @property
    def in_reply_to(self) -> str:
        """The Message-ID that this mail answers, or ``""``."""
        return self.headers.get("in-reply-to", "").strip("<> ")


@dataclass
class Sink:
    """The running server's port and all it took, oldest first. Reading ``taken`` from any thread is safe."""

    port: int = 0
    taken: list[Taken] = field(default_factory=list)


class _Protocol(asyncio.Protocol):
    """RFC 5321 in one direction: every command succeeds."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._waiting = bytearray()
        self._in_data = False
        self._rcpt_to: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink.example ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while self._take_mail() if self._in_data else self._take_command():
            pass

    def _take_command(self) -> bool:
        line, end, rest = self._waiting.partition(b"\n")
        if not end:
            return False
        self._waiting = rest
        answer = self._answer(bytes(line.strip()))
        self._transport.write(answer)
        if answer.startswith(b"221"):
            self._transport.close()
        return True

    def _answer(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"EHLO":
            return b"250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 52428800\r\n"
        if verb == b"RCPT":
            self._rcpt_to.append(line.partition(b"<")[2].partition(b">")[0].decode("utf-8", "replace"))
        if verb == b"DATA":
            self._in_data = True
            return b"354 go on\r\n"
        if verb == b"QUIT":
            return b"221 bye\r\n"
        return b"250 ok\r\n"

    def _take_mail(self) -> bool:
        body, end, rest = self._waiting.partition(b"\r\n.\r\n")
        if not end:
            return False
        self._waiting = rest
        self._in_data = False
        self._sink.taken.append(Taken(time.monotonic(), tuple(self._rcpt_to), _headers(bytes(body[:HEAD_OCTETS]))))
        self._rcpt_to = []
        self._transport.write(b"250 ok\r\n")
        return True


def _headers(head: bytes) -> dict[str, str]:
    parsed = email.parser.BytesHeaderParser().parsebytes(head)
    return {name.lower(): str(value) for name, value in parsed.items()}


@contextmanager
def sink() -> Iterator[Sink]:
    """Run a sink on a free port of loopback, in a thread of its own, until the block ends."""
    result = Sink()
    ready, loop = threading.Event(), asyncio.new_event_loop()
    thread = threading.Thread(target=_serve, args=(loop, result, ready), name="sink", daemon=True)
    thread.start()
    ready.wait()
    try:
        yield result
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def _serve(loop: asyncio.AbstractEventLoop, result: Sink, ready: threading.Event) -> None:
    server = loop.run_until_complete(loop.create_server(lambda: _Protocol(result), "127.0.0.1", 0))
    result.port = server.sockets[0].getsockname()[1]
    ready.set()
    loop.run_forever()
    server.close()
    loop.close()
