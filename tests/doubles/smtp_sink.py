"""A real SMTP server on loopback that keeps every mail with its envelope and misbehaves on command.

In a test: ``with SmtpSink() as sink: sink.once("RCPT", Act("450 4.2.0 later")); …; sink.mails``. As a process:
``python tests/doubles/smtp_sink.py --port 0 --dir D`` prints its port and writes each mail, synced, as a file of its
own before it answers 250; ``--no-sync`` leaves the syncing out, ``--say "RCPT=550 5.1.1 nobody"`` scripts an answer.

A bare asyncio protocol, because an SMTP library behind the bench would be the slowest part of it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import ssl
import threading
import time
from base64 import b64encode
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import cast

EXTENSIONS = ("8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
COMMANDS_KEPT = 10_000


@dataclass(frozen=True)
class Act:
    """What the sink does at a verb: the reply (None: silence), then perhaps hanging up.

    ``store`` keeps the mail at the dot, whatever the reply says; ``drip`` is the pause in seconds between single
    octets of the reply.
    """

    reply: str | None = None
    close: bool = False
    store: bool = False
    drip: float | None = None


@dataclass(frozen=True)
class Caught:
    """A mail as it came over the wire: the envelope, the octets without dot-stuffing, and the session it came in."""

    mail_from: str
    rcpt_to: tuple[str, ...]
    data: bytes
    options: str = ""
    tls: bool = False
    user: str | None = None
    session: int = 0


Keep = Callable[[Caught], None]
GOOD: dict[str, Act] = {
    "greeting": Act("220 sink.example ESMTP"),
    "STARTTLS": Act("220 2.0.0 go ahead"),
    "MAIL": Act("250 2.1.0 ok"),
    "RCPT": Act("250 2.1.5 ok"),
    "DATA": Act("354 go ahead"),
    "dot": Act("250 2.0.0 kept", store=True),
    "RSET": Act("250 2.0.0 ok"),
    "NOOP": Act("250 2.0.0 ok"),
    "QUIT": Act("221 2.0.0 bye", close=True),
}


class SmtpSink:
    """The server, its script and its catch. Use as a context manager: it runs in a thread of its own."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        tls_from_start: bool = False,
        login: tuple[str, str] | None = None,
        extensions: tuple[str, ...] = EXTENSIONS,
        keep: Keep | None = None,
        port: int = 0,
    ) -> None:
        self.tls, self.tls_from_start, self.login, self.extensions = tls, tls_from_start, login, extensions
        self.mails: list[Caught] = []
        self.commands: deque[tuple[int, str]] = deque(maxlen=COMMANDS_KEPT)
        self.keep: Keep = keep or self.mails.append
        self.sessions = count(1)
        self.open: set[Session] = set()
        self.most_open = 0
        self.port = port
        self._once: dict[str, deque[Act]] = {}
        self._always: dict[str, Act] = {}

    def once(self, verb: str, *acts: Act) -> None:
        """Let the next uses of the verb go so, one act each; ``dot`` is the end of the data."""
        self._once.setdefault(verb, deque()).extend(acts)

    def always(self, verb: str, act: Act) -> None:
        """Let the verb go so from now on."""
        self._always[verb] = act

    def behave(self) -> None:
        """Forget the script."""
        self._once.clear()
        self._always.clear()

    def act(self, verb: str, usual: Act | None = None) -> Act:
        """Take what the script says for the verb; ``usual`` is what a good server would do."""
        scripted = self._once.get(verb)
        if scripted:
            return scripted.popleft()
        return self._always.get(verb) or usual or GOOD[verb]

    def verbs(self) -> list[str]:
        """Return the verbs in the order in which they came, over all sessions."""
        return [line.split(" ")[0].upper() for _, line in self.commands]

    async def listen(self, port: int = 0) -> asyncio.Server:
        """Start to listen on the running loop, and learn the port."""
        from_start = self.tls if self.tls_from_start else None
        server = await asyncio.get_running_loop().create_server(
            lambda: Session(self), "127.0.0.1", port, ssl=from_start, backlog=200
        )
        self.port = server.sockets[0].getsockname()[1]
        return server

    def __enter__(self) -> SmtpSink:
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), name="smtp-sink", daemon=True)
        self._thread.start()
        if not started.wait(10):
            raise RuntimeError("the SMTP sink did not start within 10 s")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(self.listen(self.port))
        started.set()
        self._loop.run_forever()
        server.close()
        for session in list(self.open):
            session.transport.abort()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()


class Session(asyncio.Protocol):
    """One connection: lines in, the script's answers out."""

    def __init__(self, sink: SmtpSink) -> None:
        self.sink = sink
        self.number = next(sink.sessions)
        self.loop = asyncio.get_running_loop()
        self.buffer = bytearray()
        self.in_data = self.busy = self.secure = False
        self.user: str | None = None
        self.mail_from, self.options, self.rcpt_to = "", "", []

    mail_from: str
    options: str
    rcpt_to: list[str]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self.transport = cast(asyncio.Transport, transport)
        self.sink.open.add(self)
        self.sink.most_open = max(self.sink.most_open, len(self.sink.open))
        self.secure = transport.get_extra_info("sslcontext") is not None
        self.play(self.sink.act("greeting"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the session."""
        self.busy = True
        self.sink.open.discard(self)

    def data_received(self, data: bytes) -> None:
        """Work off what is whole; the rest waits."""
        searched = max(0, len(self.buffer) - 4)
        self.buffer += data
        while not self.busy and (self.take_mail(searched) if self.in_data else self.take_line()):
            searched = 0

    def take_line(self) -> bool:
        """Answer one command line, if there is a whole one."""
        end = self.buffer.find(b"\r\n")
        if end < 0:
            return False
        line = self.buffer[:end].decode("utf-8", "replace")
        del self.buffer[: end + 2]
        self.sink.commands.append((self.number, line))
        verb, _, rest = line.partition(" ")
        self.answer(verb.upper(), rest)
        return True

    def answer(self, verb: str, rest: str) -> None:
        """Look up what the script or a good server says, and remember what the command changed."""
        if verb in ("EHLO", "HELO"):
            return self.play(self.sink.act("EHLO", Act(self.capabilities())))
        if verb == "AUTH":
            return self.play(self.sink.act("AUTH", self.log_in(rest)))
        if verb not in GOOD:
            return self.play(Act("500 5.5.1 what?"))
        act = self.sink.act(verb)
        if (act.reply or "")[:1] in ("2", "3"):
            self.note(verb, rest)
        return self.play(act)

    def capabilities(self) -> str:
        """The EHLO answer of a good server."""
        offered = list(self.sink.extensions)
        if self.sink.tls and not self.secure:
            offered.append("STARTTLS")
        if self.sink.login:
            offered.append("AUTH PLAIN")
        return "\r\n".join(["250-sink.example", *(f"250-{name}" for name in offered), "250 HELP"])

    def log_in(self, rest: str) -> Act:
        """Check AUTH PLAIN (RFC 4616)."""
        name, password = self.sink.login or ("", "")
        if rest != "PLAIN " + b64encode(f"\0{name}\0{password}".encode()).decode():
            return Act("535 5.7.8 wrong name or password")
        self.user = name
        return Act("235 2.7.0 welcome")

    def note(self, verb: str, rest: str) -> None:
        """Keep what the command said."""
        if verb == "MAIL":
            path, _, self.options = rest.removeprefix("FROM:").partition(" ")
            self.mail_from, self.rcpt_to = path.strip("<>"), []
        elif verb == "RCPT":
            self.rcpt_to.append(rest.removeprefix("TO:").strip("<>"))
        elif verb == "RSET":
            self.mail_from, self.options, self.rcpt_to = "", "", []
        self.in_data = verb == "DATA"
        if verb == "STARTTLS":
            self.buffer.clear()
            self.upgrade = self.loop.create_task(self.secure_transport())

    async def secure_transport(self) -> None:
        """Put TLS between the peer and this protocol (RFC 3207)."""
        self.busy = True
        assert self.sink.tls is not None, "the script says yes to STARTTLS, but the sink has no certificate"
        try:
            secured = await self.loop.start_tls(self.transport, self, self.sink.tls, server_side=True)
        except (OSError, ssl.SSLError):  # the client did not trust us, as some tests want it
            return self.transport.abort()
        if secured is not None:
            self.transport, self.secure, self.busy = secured, True, False
            self.data_received(b"")  # the peer's EHLO may have been quicker than this task
        return None

    def take_mail(self, searched: int) -> bool:
        """Take the data up to the dot, if it is all there."""
        end = 0 if self.buffer.startswith(b".\r\n") else self.buffer.find(b"\r\n.\r\n", searched) + 2
        if end == 1:
            return False
        data = bytes(self.buffer[:end])
        del self.buffer[: end + 3]
        self.in_data = False
        act = self.sink.act("dot")
        if act.store:
            plain = b"\r\n" + data
            plain = plain.replace(b"\r\n..", b"\r\n.")[2:]
            envelope = (self.mail_from, tuple(self.rcpt_to))
            self.sink.keep(Caught(*envelope, plain, self.options, self.secure, self.user, self.number))
        self.play(act)
        return True

    def play(self, act: Act) -> None:
        """Say the reply, whole or in drops, or nothing for ever."""
        if act.reply is None:
            self.busy = True
        elif act.drip is not None:
            self.busy = True
            self.drop(act, (act.reply + "\r\n").encode())
            return
        else:
            self.transport.write((act.reply + "\r\n").encode())
        if act.close:
            self.transport.close()

    def drop(self, act: Act, rest: bytes) -> None:
        """Say one octet, and the next after the pause."""
        self.transport.write(rest[:1])
        if len(rest) > 1 and not self.transport.is_closing():
            self.loop.call_later(act.drip or 0, self.drop, act, rest[1:])
            return
        self.busy = False
        if act.close:
            self.transport.close()
        self.data_received(b"")


def keep_in(folder: Path, *, sync: bool) -> Keep:
    """Return a Keep that writes each mail as a whole, synced file: the envelope in two lines above the message."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = count(1)
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)

    def keep(mail: Caught) -> None:
        path = folder / f"{time.time_ns()}-{next(numbers):06d}.eml"
        unfinished = path.with_suffix(".part")
        with open(unfinished, "xb") as file:
            file.write(f"X-Sink-From: <{mail.mail_from}>\r\nX-Sink-To: {', '.join(mail.rcpt_to)}\r\n".encode())
            file.write(mail.data)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        unfinished.rename(path)
        if sync:
            os.fsync(directory)

    return keep


async def serve(sink: SmtpSink, port: int) -> None:
    """Listen until SIGTERM or SIGINT; print the port first."""
    server = await sink.listen(port)
    print(sink.port, flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    server.close()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--no-sync", action="store_true")
    parser.add_argument("--say", action="append", default=[], metavar="VERB=REPLY")
    options = parser.parse_args()
    sink = SmtpSink(keep=keep_in(options.dir, sync=not options.no_sync))
    for sentence in options.say:
        verb, _, reply = sentence.partition("=")
        sink.always(verb, Act(reply, store=verb == "dot" and reply.startswith("2")))
    asyncio.run(serve(sink, options.port))


if __name__ == "__main__":
    main()
