"""The message part of SMTP (RFC 5321 §4.5.2): where it truly ends, and what it is without its transport dots. Pure.

Only CR LF . CR LF ends a message. A lone CR or LF around a dot never does, so nobody can smuggle a second message
through servers that disagree about line ends (CVE-2023-51764 and its kin).
"""

from __future__ import annotations

_END = b"\r\n.\r\n"
_LINE_DOT = b"\r\n."


class DataReader:
    """Takes the octets after 354 in pieces of any size and gives back the message, dots unstuffed.

    ``rest`` is None until the end has been seen; then it holds what came after it (pipelined commands). Pieces given
    back are cut so that no CRLF is split between two of them.
    """

    def __init__(self) -> None:
        self.rest: bytes | None = None
        self._held = b"\r\n"  # the end of the DATA command's line: a dot right after it counts
        self._to_skip = 2

    def feed(self, chunk: bytes) -> bytes:
        """Return the next piece of the message, perhaps empty. Do not call it again once ``rest`` is set."""
        octets = self._held + chunk
        if octets.find(_LINE_DOT) < 0:  # the common case: one fast scan, no second copy
            return self._give(octets, _cut(octets))
        end = octets.find(_END)
        if end < 0:
            return self._give(octets, _cut(octets))
        self.rest = octets[end + len(_END) :]
        return self._give(octets, end + 2)

    def _give(self, octets: bytes, cut: int) -> bytes:
        self._held = octets[cut:]
        start = min(self._to_skip, cut)
        self._to_skip -= start
        piece = octets[:cut].replace(_LINE_DOT, b"\r\n")
        return piece[start:]


def _cut(octets: bytes) -> int:
    """Find where a tail begins that may turn out to be the start of the end."""
    for length in range(len(_END) - 1, 0, -1):
        if octets.endswith(_END[:length]):
            return len(octets) - length
    return len(octets)


def has_bare_newlines(piece: bytes) -> bool:
    """Is there a CR without LF or a LF without CR (RFC 5321 §2.3.8 forbids both)?"""
    pairs = piece.count(b"\r\n")
    return piece.count(b"\n") != pairs or piece.count(b"\r") != pairs


def normalise_newlines(piece: bytes) -> bytes:
    """Make every CR, LF and CRLF one CRLF."""
    return piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


class LineMeter:
    """Tells whether any line is longer than ``limit`` octets, over many pieces, none of them larger than the limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open = 0

    def is_exceeded_by(self, piece: bytes) -> bool:
        """Measure on. A line that lies whole within one piece cannot be too long, so only the piece's ends count."""
        first = piece.find(b"\n")
        reached = self._open + (first if first >= 0 else len(piece))
        self._open = len(piece) - piece.rfind(b"\n") - 1 if first >= 0 else reached
        return max(reached, self._open) > self._limit
