"""The fingerprint of what an author wrote, the same for two copies of one message that came by different roads.

Trace headers, the order and folding of headers, line ends, blanks at the end and transfer encodings do not count.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from parsers.headers import Headers
from parsers.mime import Part
from parsers.record import Attachment

# The look-behind lets a run of blanks be looked at once, not once for each blank in it.
_LINE_END = re.compile(rb"(?<![ \t\r])[ \t\r]+\n")
_BLANK_ENDS = (b" \n", b"\t\n", b"\r\n")

# Everything else in the header is added or changed on the way: Received, Delivered-To, DKIM-Signature, X-Spam-*.
AUTHORED = ("from", "to", "cc", "date", "subject", "message-id")


def content_digest(root: Part, files: Iterable[Attachment]) -> str:
    """Give the SHA-256 (hex) of six headers and every part, decoded. ``files`` spare hashing large parts twice."""
    known = {file.part: file.sha256 for file in files}
    return _digest(_header_lines(root.headers), (_part_line(part, known) for part in root.walk()))


def plain_digest(headers: Headers, body: bytes) -> str:
    """Give the digest of a message whose parts cannot be told apart."""
    return _digest(_header_lines(headers), (_canonical(body),))


def _digest(header_lines: Iterable[bytes], part_lines: Iterable[bytes]) -> str:
    return hashlib.sha256(b"\n".join((*header_lines, *part_lines))).hexdigest()


def _header_lines(headers: Headers) -> Iterable[bytes]:
    for name in AUTHORED:
        values = [" ".join(value.split()) for value in headers.all(name)]
        yield f"{name}:{values}".encode("utf-8", "replace")


def _part_line(part: Part, known: dict[str, str]) -> bytes:
    kind = f"{part.section} {part.content_type} ".encode("utf-8", "replace")
    if part.children:
        return kind
    if part.content_type.startswith("text/") or part.transfer_encoding != "base64":
        return kind + _canonical(part.octets())
    return kind + (known.get(part.section) or hashlib.sha256(part.octets()).hexdigest()).encode("ascii")


def _canonical(octets: bytes) -> bytes:
    """Make line ends and the blanks before them the same everywhere."""
    plain = octets.rstrip().replace(b"\r\n", b"\n")
    if any(end in plain for end in _BLANK_ENDS):  # seldom, and the pattern looks at every octet
        plain = _LINE_END.sub(b"\n", plain)
    return hashlib.sha256(plain).hexdigest().encode("ascii")
