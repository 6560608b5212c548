"""One SMTP connection: carries lines to the dialogue and its answers back, takes messages in, has them kept.

Built on aiosmtpd's session, whose transport and STARTTLS it uses. What differs: no client can cancel what is being
done for it (F32), messages never pass the event loop line by line, time limits know what they wait for, and whatever
goes wrong is temporary unless proven permanent.
"""

from __future__ import annotations

import asyncio
from typing import Literal, cast

from aiosmtpd.smtp import SMTP, TLSSetupException

from ingestd.channels.gate import address_of
from ingestd.channels.smtp_dialogue import MAX_COMMAND_LINE, TOO_LONG_COMMAND, Dialogue, Reply
from ingestd.channels.smtp_handover import House, hand_over
from ingestd.channels.smtp_receive import NO_ROOM, Purifier, Refused, receive
from ingestd.channels.spool import SpooledMessage
from ingestd.channels.wire import Wire

MAX_ERRORS = 10
"""Protocol errors after which a client is no mail server and is sent away (hostile input SM5)."""
MAX_COMMANDS = 2000
"""Commands between two messages: room for a thousand refused recipients, but not for an endless NOOP."""
DATA_WINDOW = 180.0
"""Seconds over which the rate of a message is measured (RFC 5321 §4.5.3.2.5: three minutes for a data block)."""
HURRY = 30.0
"""Seconds of patience when the gate is crowded, so that slow strangers do not keep others out (F31)."""
LINGER = 10.0
"""Seconds a closing connection has to take our last words."""

TIMED_OUT = Reply("421 4.4.2 waited too long; closing")
CLOSING = Reply("421 4.3.2 this server is stopping; try again later")
NOT_KEPT_IN_TIME = Reply("451 4.3.2 this server is stopping; send the message again later")
TOO_MANY_ERRORS = Reply("421 4.7.0 too many errors; closing")
TOO_MANY_COMMANDS = Reply("421 4.7.0 too many commands without a message; closing")
BROKEN = Reply("421 4.3.0 something is wrong here; try again later")


class SmtpSession(SMTP):
    """Serves one client from greeting to goodbye. Its task is done when nothing is being done for it any more."""

    line_length_limit = 64 * 2**10  # the base class makes it the stream's buffer; a line may be longer than it

    def __init__(self, house: House, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(None, hostname=house.settings.hostname, tls_context=house.tls, loop=loop)
        self._house = house
        self._dialogue = Dialogue(house.rules)
        self._waits_for: Literal["command", "message", "us"] = "us"
        self._heard_at = loop.time()
        self._octets_then = 0
        self._errors = 0
        self._commands = 0
        self._is_leaving = False
        self._is_retiring = False
        self._unsaid = bytearray()
        self._peer: str | None = None

    def task(self) -> asyncio.Task[None]:
        """Return the task that serves this client: there is one from ``connection_made`` on."""
        if self._handler_coroutine is None:  # no property: the base class reads all properties while it is built
            raise RuntimeError("no connection has been made")
        return self._handler_coroutine

    # -- the conversation ---------------------------------------------------------------------------------------

    async def _handle_client(self) -> None:
        self._wire = Wire(self._reader)
        try:
            await self._converse()
        except (OSError, TLSSetupException):
            pass  # the client has gone, or could not agree on TLS: nothing was accepted, nothing is owed
        except Exception as error:  # a fault of ours must end this session only; the client keeps its mail and retries
            self._house.report("session-failed", {"error": repr(error), "peer": self._peer})
            self._hang_up(BROKEN)
        finally:
            self._part()

    async def _converse(self) -> None:
        await self._say(Reply(f"220 {self.hostname} ESMTP"))
        while not self._is_leaving:
            if self._is_retiring:
                await self._say(CLOSING)
                return
            line = await self._wire.line()
            if line is None:
                return
            await self._obey(TOO_LONG_COMMAND if len(line) > MAX_COMMAND_LINE else self._dialogue.answer(line))

    async def _obey(self, reply: Reply) -> None:
        self._commands += 1
        if reply.then == "start tls":
            await self._start_tls()
            return
        if reply.then == "take message":
            reply = await self._take_message(reply)
            self._dialogue.reset()
        await self._say(self._limit(reply))

    def _limit(self, reply: Reply) -> Reply:
        self._errors += reply.is_protocol_error
        if self._errors >= MAX_ERRORS:
            return TOO_MANY_ERRORS._replace(then="close")
        return TOO_MANY_COMMANDS._replace(then="close") if self._commands >= MAX_COMMANDS else reply

    async def _say(self, reply: Reply) -> None:
        if self._writer.is_closing():
            raise ConnectionResetError("the connection is closed")
        self._is_leaving = self._is_leaving or reply.then == "close"
        self._unsaid += reply.text.encode("ascii", "replace") + b"\r\n"
        self._wait_for("command")
        if reply.then == "go on" and self._wire.has_line:
            return  # the next command is here already: their answers go together (RFC 2920 §3.2)
        await self._say_all()

    async def _say_all(self) -> None:
        self._writer.write(bytes(self._unsaid))
        self._unsaid.clear()
        await self._writer.drain()

    async def _start_tls(self) -> None:
        await self._say_all()
        self._wire.discard()  # what came in the same packet was not sent under TLS (CVE-2024-34083)
        self._wait_for("us")
        await super().smtp_STARTTLS("")
        if self.session is None or self.session.ssl is None:
            raise ConnectionResetError("the client left during the TLS handshake")
        self._dialogue = Dialogue(self._house.rules, tls=True)

    # -- messages -----------------------------------------------------------------------------------------------

    async def _take_message(self, go_ahead: Reply) -> Reply:
        house = self._house
        if not await house.spool.has_room(house.space_needed):
            return NO_ROOM
        await self._say(go_ahead)
        self._wait_for("message")
        purifier = Purifier(refuse_bare=house.settings.bare_newlines == "refuse")
        async with SpooledMessage(house.spool, purifier) as message:
            try:
                spooled = await receive(self._wire, message, house.settings.max_size)
            except Refused as refused:
                return refused.reply
            self._wait_for("us")
            reply = await hand_over(house, self._dialogue, self._peer, message, spooled)
        self._commands = 0 if reply.text.startswith("250") else self._commands
        return reply

    # -- time ---------------------------------------------------------------------------------------------------

    def _wait_for(self, what: Literal["command", "message", "us"]) -> None:
        self._waits_for = what
        self._heard_at = self.loop.time()
        self._octets_then = self._wire.received

    def _reset_timeout(self, duration: float | None = None) -> None:
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        self._timeout_handle = self.loop.call_later(min(HURRY, self._patience()), self._timeout_cb)

    def _timeout_cb(self) -> None:
        """Look whether the client has had its time: one timer a session, whatever it sends."""
        if self.loop.time() - self._heard_at >= self._patience():
            if not self._is_excused():
                self._hang_up(TIMED_OUT)
                return
            self._wait_for(self._waits_for)
        self._reset_timeout()

    def _patience(self) -> float:
        patience = self._house.settings.idle_timeout.total_seconds()
        if self._waits_for == "message":
            patience = min(patience, DATA_WINDOW)
        return min(patience, HURRY) if self._house.gate.is_crowded else patience

    def _is_excused(self) -> bool:
        if self._waits_for == "message":
            came = self._wire.received - self._octets_then
            return came >= self._house.settings.min_rate * self._patience()
        return self._waits_for == "us"

    # -- the end ------------------------------------------------------------------------------------------------

    def retire(self) -> None:
        """The door is stopping: say goodbye now, or as soon as the message under way has its answer."""
        self._is_retiring = True
        if self._waits_for == "command":
            self._hang_up(CLOSING)

    def give_up(self) -> None:
        """The time to stop is over: the client is told to send its message again."""
        self._hang_up(NOT_KEPT_IN_TIME if self._waits_for == "us" else CLOSING)
        self.task().cancel()

    def _hang_up(self, reply: Reply) -> None:
        self._is_leaving = True
        if not self._writer.is_closing():
            self._writer.write(reply.text.encode() + b"\r\n")
        self._part()

    def _part(self) -> None:
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        if not self._writer.is_closing():
            self._writer.close()
        plain = cast(asyncio.Transport, self._original_transport or self._writer.transport)
        if plain.get_write_buffer_size():  # the client does not read; do not wait for it for ever
            self.loop.call_later(LINGER, plain.abort)
        plain.close()

    # -- what the transport calls -------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to serve, or go on under TLS."""
        self._peer = address_of(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """The client has gone. Only the stream is told: what is being kept for it goes on to its end (F32)."""
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        if self._original_transport is not None:
            self._original_transport.close()
        asyncio.StreamReaderProtocol.connection_lost(self, error)
        self.transport = None

    def eof_received(self) -> bool:
        """The client sends no more, but on a plain connection it may still read our answers (half-close)."""
        asyncio.StreamReaderProtocol.eof_received(self)
        return self.session is None or self.session.ssl is None
