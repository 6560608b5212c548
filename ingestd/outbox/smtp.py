"""The courier that hands letters to an SMTP relay over one to four kept connections.

A connection serves one mail at a time, is RSET before the next, and is given up after a hundred mails, a minute of
silence or any trouble. TLS is always verified; a password never crosses the network in clear and never a log.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from aiosmtplib import SMTP, SMTPResponseException

from ingestd.errors import ConfigError
from ingestd.outbox.courier import Again, Ending, Mail, Refused, Sent, check, unseen
from ingestd.outbox.settings import OutboundSettings
from ingestd.outbox.smtp_answers import LOGIN_WAIT, SessionTrouble, ending_of_trouble
from ingestd.outbox.smtp_session import RFC_PATIENCE, Patience, SmtpSession


class SmtpCourier:
    """Carries to the relay of the settings. ``password`` is the secret itself; ``beside`` is the config's folder.

    More calls at once than ``connections`` wait for a free one. Raises ConfigError when ``ca_file`` is unusable.
    """

    def __init__(
        self,
        settings: OutboundSettings,
        *,
        password: str | None = None,
        beside: Path = Path(),
        patience: Patience = RFC_PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._password = password
        self._tls = None if settings.tls == "none" else _trust(settings.ca_file and beside / settings.ca_file)
        self._patience = patience
        self._clock = clock
        self._free = asyncio.Semaphore(settings.connections)
        self._idle: list[SmtpSession] = []
        self._closed = False

    async def carry(self, mail: Mail) -> Ending:
        """Try once to hand the mail to the relay; see the port. Ends within ``patience.longest`` seconds."""
        checked = check(mail)
        if isinstance(checked, Refused):
            return checked
        try:
            async with asyncio.timeout(self._patience.turn):
                await self._free.acquire()
        except TimeoutError:
            return Again("every connection to the relay is busy", unseen=True)
        begun = asyncio.Event()
        try:
            async with asyncio.timeout(self._patience.whole):
                ending = await self._hand_over(checked, begun)
        except Exception as trouble:  # the courier's edge: the mail stays with the sender, who tries again
            ending = ending_of_trouble(trouble)
        finally:
            self._free.release()
        return self._without_password(ending if begun.is_set() else unseen(ending))

    async def close(self) -> None:
        """Say goodbye on every idle connection; those in use are closed after their mail."""
        self._closed = True
        while self._idle:
            await self._idle.pop().quit()

    async def _hand_over(self, mail: Mail, begun: asyncio.Event) -> Ending:
        session = await self._ready_session()
        try:
            ending = await session.carry(mail, begun)
        except BaseException:
            session.drop()
            raise
        self._put_back(session)
        return ending

    async def _ready_session(self) -> SmtpSession:
        """The connection used last, so that few stay open at low load; else a new one."""
        while self._idle:
            session = self._idle.pop()
            if not session.may_go_on:
                await session.quit()
            elif await session.reset():
                return session
        return await self._open()

    def _put_back(self, session: SmtpSession) -> None:
        """Must not wait: a cancellation between the relay's yes and our return would send the mail twice."""
        if self._closed:
            session.drop()
        else:
            self._idle.append(session)

    async def _open(self) -> SmtpSession:
        """Connect, secure, log in. Whatever goes wrong, nothing stays open."""
        settings = self._settings
        smtp = SMTP(
            hostname=settings.host,
            port=settings.port,
            local_hostname=settings.helo_name or socket.gethostname(),
            timeout=self._patience.connect,
            use_tls=settings.tls == "tls",
            start_tls=False,
            tls_context=self._tls,
        )
        try:
            await smtp.connect()
            await smtp.ehlo()
            if settings.tls == "starttls":
                await _secure(smtp)
            if settings.username is not None:
                await _log_in(smtp, settings.username, self._password or "")
        except BaseException:
            smtp.close()
            raise
        return SmtpSession(smtp, self._patience, self._clock)

    def _without_password(self, ending: Ending) -> Ending:
        """A relay may say our words back to us; the reason is shown to people."""
        if isinstance(ending, Sent) or not self._password:
            return ending
        coded = b64encode(self._password.encode()).decode()
        return replace(ending, reason=ending.reason.replace(self._password, "•••").replace(coded, "•••"))


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        why = error.strerror or "not a PEM certificate"
        problem = f"outbound.ca_file {ca_file} cannot be used ({why}); write the path of a PEM file"
        raise ConfigError((problem,)) from None


async def _secure(smtp: SMTP) -> None:
    if not smtp.supports_extension("starttls"):
        raise SessionTrouble("the relay does not offer STARTTLS, and nothing is sent in clear")
    try:
        await smtp.starttls()
    except SMTPResponseException as answer:
        raise SessionTrouble(f"{answer.code} {answer.message} (STARTTLS)") from answer
    await smtp.ehlo()


async def _log_in(smtp: SMTP, username: str, password: str) -> None:
    try:
        await smtp.login(username, password)
    except SMTPResponseException as answer:
        raise SessionTrouble(f"{answer.code} {answer.message} (AUTH)", LOGIN_WAIT) from answer
