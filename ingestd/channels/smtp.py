"""The SMTP door: listens, lets clients in through the gate, has each served by a session, and stops in order.

What may come in is in ``smtp_settings``, what is answered in ``smtp_dialogue``, how a message is taken in
``smtp_session``. Keeping is left to the function the door is given.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Sequence
from pathlib import Path

from ingestd import clock
from ingestd.channels.channel import Keep, Report
from ingestd.channels.gate import Doorkeeper, Gate
from ingestd.channels.smtp_address import Recipients, read_listen
from ingestd.channels.smtp_dialogue import Rules
from ingestd.channels.smtp_handover import House
from ingestd.channels.smtp_session import SmtpSession
from ingestd.channels.smtp_settings import SmtpChannel, TlsFiles
from ingestd.channels.spool import Spool
from ingestd.errors import ConfigError, Temporary

__all__ = ["SmtpChannel", "SmtpDoor", "TlsFiles"]

SPACE_FACTOR = 1.5
"""Times the largest message that must be free on the disk before one is taken (the rule Postfix has, P20)."""


class SmtpDoor:
    """A listening SMTP server (see Channel for ``start`` and ``stop``).

    ``spool_dir`` may be shared with other doors: each takes a folder of its own in it. ``bounce_address`` is taken
    with any tag after a plus sign. ``sockets`` are listening sockets somebody else has bound, instead of
    ``settings.listen``.
    """

    def __init__(
        self,
        settings: SmtpChannel,
        keep: Keep,
        spool_dir: Path,
        report: Report,
        *,
        bounce_address: str | None = None,
        sockets: Sequence[socket.socket] = (),
        beside: Path = Path(),
    ) -> None:
        self._settings = settings
        self._beside = beside
        self._sockets = tuple(sockets)
        self._keep = keep
        self._report = report
        self._spool = Spool(spool_dir / f"{settings.kind}-{settings.name}")
        self._gate = Gate(settings.max_connections, settings.max_connections_per_address, report)
        self._bounce_addresses = (bounce_address,) if bounce_address else ()
        self._tls: ssl.SSLContext | None = None
        self._servers: list[asyncio.Server] = []
        self._sessions: set[SmtpSession] = set()

    async def start(self) -> None:
        """Begin to listen. Raise Temporary when port or spool folder cannot be had, ConfigError for bad TLS files."""
        await self._prepare()
        self._house = self._furnish()
        for listening in self._sockets or (None,):
            self._servers.append(await self._listen(listening))

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """The addresses and ports the door really listens on."""
        names = [listening.getsockname() for server in self._servers for listening in server.sockets]
        return tuple((name[0], name[1]) for name in names)

    async def stop(self, limit: float) -> None:
        """Send new and idle clients away with 421, let messages under way end, for at most ``limit`` seconds.

        What is not kept by then is answered 451 and remains the client's.
        """
        self._gate.close()
        for session in tuple(self._sessions):
            session.retire()
        await self._wait(limit)
        for session in tuple(self._sessions):
            session.give_up()
        await self._wait(1.0)
        for server in self._servers:
            server.close()
        self._spool.close()

    async def _wait(self, limit: float) -> None:
        if tasks := [session.task() for session in self._sessions]:
            await asyncio.wait(tasks, timeout=limit)

    def renew_certificate(self) -> None:
        """Read the certificate files again, for new connections. Raise ConfigError and keep the old on failure."""
        if self._tls is not None and self._settings.tls is not None:
            _load(_new_context(), self._settings.tls, self._beside)
            _load(self._tls, self._settings.tls, self._beside)

    async def _prepare(self) -> None:
        if self._settings.tls is not None:
            self._tls = _new_context()
            _load(self._tls, self._settings.tls, self._beside)
        try:
            cleared = await self._spool.prepare()
        except OSError as error:
            self._report("spool-unusable", {"folder": str(self._spool.folder), "error": str(error)})
            raise Temporary("the folder for incoming messages cannot be used", code="spool") from error
        if cleared:
            self._report("spool-cleared", {"files": cleared})

    def _rules(self) -> Rules:
        settings = self._settings
        return Rules(
            hostname=settings.hostname,
            recipients=Recipients(
                settings.recipients, plus_addressing=settings.plus_addressing, with_tags=self._bounce_addresses
            ),
            max_size=settings.max_size,
            max_recipients=settings.max_recipients,
            offers_tls=self._tls is not None,
            requires_tls=settings.require_tls,
        )

    def _furnish(self) -> House:
        return House(
            settings=self._settings,
            rules=self._rules(),
            keep=self._keep,
            report=self._report,
            spool=self._spool,
            gate=self._gate,
            tls=self._tls,
            now=clock.now,
            space_needed=int(SPACE_FACTOR * self._settings.max_size),
        )

    async def _listen(self, listening: socket.socket | None) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        if listening is not None:
            return await loop.create_server(self._meet, sock=listening)
        host, port = read_listen(self._settings.listen)
        try:
            return await loop.create_server(self._meet, host, port)
        except OSError as error:
            self._report("listen-failed", {"listen": self._settings.listen, "error": str(error)})
            raise Temporary("the address to listen on cannot be had", code="listen") from error

    def _meet(self) -> Doorkeeper:
        return Doorkeeper(self._gate, self._welcome)

    def _welcome(self, transport: asyncio.Transport) -> asyncio.Task[None]:
        session = SmtpSession(self._house, asyncio.get_running_loop())
        transport.set_protocol(session)
        session.connection_made(transport)
        self._sessions.add(session)
        session.task().add_done_callback(lambda _: self._sessions.discard(session))
        return session.task()


def _new_context() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _load(context: ssl.SSLContext, files: TlsFiles, beside: Path) -> None:
    """Load the files; relative paths start at the config's folder."""
    try:
        context.load_cert_chain(beside / files.cert, beside / files.key, password=lambda: b"")
    except OSError as error:  # ssl.SSLError is one of them
        sentence = f"tls: {files.cert} with {files.key} cannot be used ({error.strerror or error}); write PEM files"
        raise ConfigError((sentence,)) from error
