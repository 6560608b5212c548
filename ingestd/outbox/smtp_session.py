"""One connection to the relay, kept for many mails, and how one mail goes over it.

aiosmtplib speaks the protocol; the transaction is spelt out here, verb by verb, because each verb has a patience of
its own and because the answer to another question must never pass for the answer to the last dot (F29).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from aiosmtplib import SMTP, SMTPException, SMTPResponse

from ingestd.outbox.courier import Ending, Mail, Refused, Sent, one_line
from ingestd.outbox.smtp_answers import SERVICE_CLOSING, SessionTrouble, ending_of_answer

MAILS_PER_CONNECTION = 100
"""Relays count the mails of a session and then slow down or hang up; one fresh connection per hundred costs nothing."""
IDLE_LIMIT_S = 60.0
"""Relays and firewalls forget a silent connection within minutes."""
QUIT_WAIT_S = 5.0
"""Longer than a living relay needs to say goodbye, shorter than the daemon's drain (P16)."""
DONE, START_INPUT = 2, 3
"""The first digits that the verbs hope for (RFC 5321 §4.2.1)."""

_DOT_AT_LINE_START = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True)
class Patience:
    """Seconds to wait for each answer (RFC 5321 §4.5.3.2). ``connect`` also covers greeting, EHLO, TLS, login, RSET.

    ``turn`` is for a free connection, ``whole`` bounds the mail from there to its ending.
    """

    turn: float = 300

    connect: float = 30
    talk: float = 300
    data: float = 120
    dot: float = 600
    whole: float = 1200

    @property
    def longest(self) -> float:
        """Return how long a try may take from end to end: a claim on a letter must live longer."""
        return self.turn + self.whole


RFC_PATIENCE = Patience()


class SmtpSession:
    """An open connection that has been greeted. Whatever it raises, it must be dropped then."""

    def __init__(self, smtp: SMTP, patience: Patience, clock: Callable[[], float]) -> None:
        self._smtp = smtp
        self._patience = patience
        self._clock = clock
        self._mails = 0
        self._last_used = clock()

    @property
    def may_go_on(self) -> bool:
        """Say whether it may carry another mail: open, in step, not too old and not silent for too long."""
        young = self._mails < MAILS_PER_CONNECTION and self._clock() - self._last_used < IDLE_LIMIT_S
        return young and self._smtp.is_connected and self._in_step()

    async def reset(self) -> bool:
        """Send RSET before the next mail (RFC 5321 §4.1.1.5). False, and dropped, when the relay has gone meanwhile."""
        fit = False
        try:
            with suppress(SMTPException, OSError, SessionTrouble):
                fit = await self._say("RSET", timeout=self._patience.connect) is None
        finally:
            if not fit:
                self.drop()
        return fit

    async def carry(self, mail: Mail, begun: asyncio.Event) -> Ending:
        """Take the mail through MAIL, RCPT, DATA and the dot. Raise when the connection fails before an answer.

        ``begun`` is set before the first octet of the message leaves.
        """
        options = self._options(mail)
        if isinstance(options, Refused):
            return options
        self._mails += 1
        refusal = (
            await self._say("MAIL", f"FROM:<{mail.mail_from}>", *options, timeout=self._patience.talk)
            or await self._say("RCPT", f"TO:<{mail.rcpt}>", timeout=self._patience.talk)
            or await self._say("DATA", timeout=self._patience.data, expected=START_INPUT)
        )
        ending = refusal or await self._content(mail.data, begun)
        self._last_used = self._clock()
        return ending

    async def quit(self) -> None:
        """Say goodbye and close, whatever the relay thinks of it."""
        try:
            with suppress(SMTPException, OSError):
                await self._smtp.quit(timeout=QUIT_WAIT_S)
        finally:
            self.drop()

    def drop(self) -> None:
        """Close without a word."""
        self._smtp.close()

    def _options(self, mail: Mail) -> tuple[str, ...] | Refused:
        """What MAIL must say of the mail (RFC 6152, RFC 6531), if the relay can take it at all."""
        if mail.smtputf8 or not f"{mail.rcpt}{mail.mail_from}".isascii():
            if not self._smtp.supports_extension("smtputf8"):
                return Refused("the relay takes no international addresses (SMTPUTF8)")
            return ("BODY=8BITMIME", "SMTPUTF8")
        if mail.data.isascii():
            return ()
        if not self._smtp.supports_extension("8bitmime"):
            return Refused("the relay takes no 8-bit mail (8BITMIME)")
        return ("BODY=8BITMIME",)

    async def _say(self, *words: str, timeout: float, expected: int = DONE) -> Ending | None:
        """Send a command. None means that the relay agreed; else what its answer says of the mail."""
        answer = await self._smtp.execute_command(*(word.encode() for word in words), timeout=timeout)
        if not self._in_step():
            raise SessionTrouble(f"the relay answered out of step ({words[0]})")
        return None if answer.code // 100 == expected else ending_of_answer(*answer, words[0])

    async def _content(self, data: bytes, begun: asyncio.Event) -> Ending:
        """Send the message and the dot. Only the answer read here says that the mail is sent."""
        protocol = self._smtp.protocol
        if protocol is None:
            raise SessionTrouble("the relay closed the connection (DATA)")
        begun.set()
        protocol.write(_DOT_AT_LINE_START.sub(b"..", data) + b".\r\n")
        answer: SMTPResponse = await protocol.read_response(timeout=self._patience.dot)
        if answer.code == SERVICE_CLOSING:
            self.drop()
        if answer.code // 100 == DONE:
            return Sent(one_line(str(answer)))
        return ending_of_answer(*answer, "dot")

    def _in_step(self) -> bool:
        """No octet of a further answer is waiting: it would be taken for the answer to the next question."""
        return not getattr(self._smtp.protocol, "_buffer", b"")
