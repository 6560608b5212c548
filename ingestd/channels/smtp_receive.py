"""Takes the octets of one SMTP message to their true end and stores them, or says why the message is refused."""

from __future__ import annotations

import errno
from pathlib import Path

from ingestd.channels.smtp_data import DataReader, LineMeter, has_bare_newlines, normalise_newlines
from ingestd.channels.smtp_dialogue import TOO_BIG, Reply
from ingestd.channels.spool import SpooledMessage
from ingestd.channels.wire import Wire

MAX_LINE = 2**20
"""Octets. RFC 5321 says 1,000, but HTML mail with lines of several hundred thousand is real and honest."""
DRAIN_LIMIT = 100 * 2**20
"""Octets beyond the largest message that are still read to the end of a refused one before the connection is cut."""

LINE_TOO_LONG = Reply("554 5.6.0 a line of the message is longer than 1 MiB")
BARE_NEWLINE = Reply("554 5.6.11 the message has a bare CR or LF; send CRLF (RFC 5321)")
NO_ROOM = Reply("452 4.3.1 not enough storage; try again later")
NOT_NOW = Reply("451 4.3.0 the message could not be stored; try again later")
ENDLESS = Reply("552 5.3.4 far too much data", then="close")


class Refused(Exception):
    """The message will not be kept; ``reply`` is what the client is told once its last line has come."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text)
        self.reply = reply


class Purifier:
    """The rule for lines: bare newlines are refused or made CRLF, and no line is longer than ``MAX_LINE``."""

    def __init__(self, *, refuse_bare: bool) -> None:
        self._refuse_bare = refuse_bare
        self._meter = LineMeter(MAX_LINE)

    def __call__(self, stretch: bytes) -> bytes:
        """Return what is to be stored. Raise Refused."""
        if has_bare_newlines(stretch):
            if self._refuse_bare:
                raise Refused(BARE_NEWLINE)
            stretch = normalise_newlines(stretch)
        if self._meter.is_exceeded_by(stretch):
            raise Refused(LINE_TOO_LONG)
        return stretch


async def receive(wire: Wire, message: SpooledMessage, max_size: int) -> Path | bytes:
    """Read to the end of the message and return what is stored, a file or bytes.

    A refusal is found early but raised (Refused) only after the end has come, since a client reads no answer before.
    Raise OSError when the connection is lost.
    """
    reader, refusal, taken = DataReader(), None, 0
    while reader.rest is None:
        piece = reader.feed(await wire.chunk())
        taken += len(piece)
        if taken > max_size + DRAIN_LIMIT:
            raise Refused(ENDLESS)
        refusal = refusal or (TOO_BIG if taken > max_size else await _add(message, piece))
    wire.put_back(reader.rest)
    return await _finish(message, refusal)


async def _add(message: SpooledMessage, piece: bytes) -> Reply | None:
    try:
        await message.add(piece)
    except Refused as refused:
        return refused.reply
    except OSError as error:
        return reply_to_disk(error)
    return None


async def _finish(message: SpooledMessage, refusal: Reply | None) -> Path | bytes:
    if refusal is not None:
        raise Refused(refusal)
    try:
        return await message.finish()
    except OSError as error:
        raise Refused(reply_to_disk(error)) from error


def reply_to_disk(error: OSError) -> Reply:
    """Choose between "full" and "broken": both are temporary (P20)."""
    return NO_ROOM if error.errno in (errno.ENOSPC, errno.EDQUOT) else NOT_NOW
