"""A stream read by command lines and by chunks in turn, with bounded memory and a count of what has come."""

from __future__ import annotations

import asyncio

from ingestd.channels.smtp_dialogue import MAX_COMMAND_LINE, TLS_RECORD

CHUNK = 512 * 2**10
"""Octets taken at once: more than the stream ever holds, so that one read empties it."""


class Wire:
    """The client's side of one connection. ``received`` counts all octets since it began."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self.received = 0
        self._reader = reader
        self._ahead = bytearray()

    async def line(self) -> bytes | None:
        """Return the next line without its end, or None when the client will send no more. Raise OSError.

        A line may end with LF alone, for people at a terminal. Of one that is too long ``MAX_COMMAND_LINE + 1``
        octets are returned. A TLS hello is returned as it is, for it may hold no line end at all.
        """
        while (end := self._ahead.find(b"\n")) < 0:
            del self._ahead[MAX_COMMAND_LINE + 1 :]
            chunk = await self._read()
            if not chunk:
                return None
            self._ahead += chunk
            if self._ahead.startswith(TLS_RECORD):
                return bytes(self._ahead[:MAX_COMMAND_LINE])
        line = bytes(self._ahead[: min(end, MAX_COMMAND_LINE + 1)])
        del self._ahead[: end + 1]
        return line.removesuffix(b"\r")

    async def chunk(self) -> bytes:
        """Return whatever has come, at least one octet. Raise OSError, also when the client will send no more."""
        if self._ahead:
            chunk = bytes(self._ahead)
            self._ahead.clear()
            return chunk
        chunk = await self._read()
        if not chunk:
            raise ConnectionResetError("the client closed in the middle of a message")
        return chunk

    @property
    def has_line(self) -> bool:
        """Has a whole line come already?"""
        return b"\n" in self._ahead

    def put_back(self, octets: bytes) -> None:
        """Give back what was read too far."""
        self._ahead[:0] = octets

    def discard(self) -> None:
        """Forget what has come and was not read."""
        self._ahead.clear()

    async def _read(self) -> bytes:
        chunk = await self._reader.read(CHUNK)
        self.received += len(chunk)
        return chunk
