"""A letter becomes octets: the RFC 5322 message as it goes over the wire, put together by hand from checked values.

Every line ends in CRLF and has at most 998 octets, everything is seven-bit unless an address needs UTF-8, and the
same letter and heading give the same octets each time. Dot-stuffing is left to SMTP.
"""

from __future__ import annotations

import re
from base64 import b64encode
from binascii import b2a_qp
from hashlib import blake2b

from responders.errors import LetterError
from responders.headers import Heading, head, needs_smtputf8
from responders.letter import Letter

LINE_LIMIT = 998
"""Octets on a line without its CRLF (RFC 5322 §2.1.1)."""
BASE64_WIDTH = 76
DENSE = 6
"""One octet in six above ASCII makes base64 shorter than quoted-printable."""
ONCE = ("from", "to", "date", "message-id", "subject")

_ASCII = bytes(range(128))
_FIELD = re.compile(rb"([!-9;-~]+): *[^ \r\n](?:[^\r\n]|\r\n[ \t]+[^ \t\r\n])*\r\n")


def build(letter: Letter, heading: Heading) -> bytes:
    """Return the whole message. Raise LetterError when a value of the heading cannot stand in a header."""
    lines = [*head(letter.subject, heading), "MIME-Version: 1.0", ""]
    wire = "\r\n".join(lines).encode() + _body(letter, heading.message_id)
    check(wire, utf8=needs_smtputf8(heading))
    return wire


def check(wire: bytes, *, utf8: bool = False) -> None:
    """Look at the finished octets once more. Raise LetterError for anything that could be read in two ways (TI9)."""
    if not wire.isascii() and not utf8:
        raise LetterError("octets above ASCII in a seven-bit message")
    if b"\0" in wire or not wire.count(b"\r\n") == wire.count(b"\r") == wire.count(b"\n"):
        raise LetterError("a NUL, a bare CR or a bare LF in the message")
    if max(map(len, wire.split(b"\r\n"))) > LINE_LIMIT:
        raise LetterError(f"a line of more than {LINE_LIMIT} octets")
    _check_head(wire[: wire.find(b"\r\n\r\n") + 2])


def _check_head(block: bytes) -> None:
    names, position = [], 0
    while field := _FIELD.match(block, position):
        names.append(field[1].decode().lower())
        position = field.end()
    if position != len(block):
        raise LetterError("an empty or broken header field")
    if len(set(names)) != len(names) or not set(ONCE) <= set(names):
        raise LetterError("a header field that stands twice, or one that is missing")


def _body(letter: Letter, message_id: str) -> bytes:
    plain = _part(b"plain", letter.text)
    if letter.html is None:
        return plain
    rich = _part(b"html", letter.html)
    # The boundary is a hash of what it parts, so no part can hold it.
    boundary = b"=_" + blake2b(plain + rich, digest_size=15, key=message_id.encode()[:64]).hexdigest().encode()
    fence = b"--" + boundary
    opening = b'Content-Type: multipart/alternative; boundary="' + boundary + b'"'
    return b"\r\n".join([opening, b"", fence, plain, fence, rich, fence + b"--", b""])


def _part(subtype: bytes, text: str) -> bytes:
    encoding, content = _transfer(_canonical(text))
    kind = b"Content-Type: text/" + subtype + b"; charset=utf-8"
    return b"\r\n".join([kind, b"Content-Transfer-Encoding: " + encoding, b"", content])


def _canonical(text: str) -> bytes:
    """UTF-8 with CRLF at each line's end; NUL is left out and lone surrogates become question marks."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").rstrip("\n") + "\n"
    return lines.replace("\n", "\r\n").encode("utf-8", "replace")


def _transfer(octets: bytes) -> tuple[bytes, bytes]:
    """The lightest of 7bit, quoted-printable and base64 (RFC 2045 §6) that carries the octets unharmed."""
    high = len(octets.translate(None, _ASCII))
    if not high and max(map(len, octets.split(b"\r\n"))) <= LINE_LIMIT:
        return b"7bit", octets
    if high * DENSE <= len(octets):
        return b"quoted-printable", b2a_qp(octets, istext=True)
    coded = b64encode(octets)
    lines = [coded[at : at + BASE64_WIDTH] for at in range(0, len(coded), BASE64_WIDTH)]
    return b"base64", b"\r\n".join(lines) + b"\r\n"
