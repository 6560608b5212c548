"""The header block of a message or a part: found by name, unfolded and decoded on demand, never raising.

Works on octets (RFC 5322 §2.2, RFC 2047), so that raw 8-bit headers and words cut inside a character survive. What
a header *means* is the business of the modules that ask for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cached_property

from parsers import charset, limits
from parsers.encoded_words import decode_value, raw_text

_BLANK_LINE = re.compile(rb"\n\r?\n")
_FOLDS = ((b"\r\n ", b" "), (b"\n ", b" "), (b"\r\n\t", b"\t"), (b"\n\t", b"\t"))
_NAME = re.compile(rb"[!-9;-~]+[ \t]*\Z")  # RFC 5322 §2.2: printable, no colon; a space before the colon is obsolete
_CHARSET = re.compile(rb"charset\s*=\s*\"?([\w.:-]+)", re.IGNORECASE)
_MBOX_LINE = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:>?From [^\n]*\n)?")

# A line that is no header is skipped only if one of these still follows; otherwise the body has begun without a gap.
_WELL_KNOWN = frozenset(
    (
        "from",
        "to",
        "cc",
        "subject",
        "date",
        "message-id",
        "mime-version",
        "content-type",
        "received",
        "reply-to",
        "content-transfer-encoding",
        "content-disposition",
    )
)


@dataclass(frozen=True)
class Headers:
    """Header fields in the order in which they stand; names are matched without regard to case.

    ``fields`` holds (lower-case name, unfolded octets of the value) pairs.
    """

    fields: tuple[tuple[str, bytes], ...] = ()

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[bytes, ...]]:
        found: dict[str, tuple[bytes, ...]] = {}
        for name, value in self.fields:
            found[name] = (*found.get(name, ()), value)
        return found

    @property
    def names(self) -> Set[str]:
        """Which fields there are, in lower case: many ask for headers that hardly any mail has."""
        return self._by_name.keys()

    @cached_property
    def _decoded(self) -> dict[str, tuple[str, ...]]:
        return {}  # filled by ``all``: many ask for the same few headers

    @cached_property
    def hint(self) -> str | None:
        """Name the character set that raw 8-bit octets here are probably in, None where there are none to read."""
        raw = b" ".join(value for _, value in self.fields if not value.isascii())
        if not raw:
            return None
        declared = _CHARSET.search(b" ".join(self.raw("content-type")))
        label = declared[1].decode("ascii", "replace") if declared else None
        return label if charset.codec_of(label) else charset.guess(raw)

    def raw(self, name: str) -> tuple[bytes, ...]:
        """Give the unfolded octets of every field of this name, encoded words untouched."""
        return self._by_name.get(name.lower(), ())

    def undecoded(self, name: str) -> tuple[str, ...]:
        """Give every field of this name as text with its encoded words untouched: to be taken apart by structure."""
        return tuple([raw_text(value, None if value.isascii() else self.hint) for value in self.raw(name)])

    def all(self, name: str) -> tuple[str, ...]:
        """Give the decoded text of every field of this name, free of control characters."""
        key = name.lower()
        found = self._decoded.get(key)
        if found is None:
            values = self._by_name.get(key, ())
            found = tuple(decode_value(one, None if one.isascii() else self.hint) for one in values)
            self._decoded[key] = found
        return found

    def get(self, name: str) -> str | None:
        """Give the decoded text of the first field of this name, or None."""
        found = self.all(name)
        return found[0] if found else None


@dataclass(frozen=True)
class Block:
    """Headers, the offset at which the body begins, and the codes of what was broken or cut."""

    headers: Headers
    body: int
    defects: tuple[str, ...] = ()


def read_block(raw: bytes, start: int, end: int) -> Block:
    """Read the header block that begins at ``start`` and ends at an empty line, at ``end``, or where a body begins."""
    start = _skip_lead(raw, start, end)
    block_end, body = _extent(raw, start, end)
    block, broken = limits.cut_block(raw[start : min(block_end, start + limits.HEADER_OCTETS + 1)])
    lines = _unfolded(block).split(b"\n")
    found = [_split(line) for line in lines]
    gap = _missing_gap(lines, found)
    if gap is not None:
        lines, found, body = lines[:gap], found[:gap], start + _offset_of_line(block, lines, gap)
    fields = tuple(field for field in found if field)
    skipped = () if len(fields) == sum(bool(line.strip()) for line in lines) else ("header-line",)
    kept = tuple((name, value[: limits.HEADER_VALUE_OCTETS]) for name, value in fields)
    return Block(Headers(kept), body, (*broken, *limits.broken_by_headers(fields), *skipped))


def _unfolded(block: bytes) -> bytes:
    """Take out the line ends before a blank (RFC 5322 §2.2.3)."""
    for fold, blank in _FOLDS:
        block = block.replace(fold, blank)
    return block


def _missing_gap(lines: list[bytes], found: list[tuple[str, bytes] | None]) -> int | None:
    """Find the line with which a body begins that no empty line announces; a line among headers is no such line."""
    for at, (line, field) in enumerate(zip(lines, found, strict=True)):
        if field is None and line.strip():
            return None if any(later and later[0] in _WELL_KNOWN for later in found[at:]) else at
    return None


def _skip_lead(raw: bytes, start: int, end: int) -> int:
    """Step over a byte order mark and an mbox separator, which exports leave before the first header."""
    lead = _MBOX_LINE.match(raw[: min(end, 1024)]) if start == 0 else None
    return lead.end() if lead else start


def _extent(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """Find where the block ends and where the body begins."""
    for blank in (b"\n", b"\r\n"):
        if raw.startswith(blank, start, end):
            return start, start + len(blank)
    found = _BLANK_LINE.search(raw, start, end)
    return (found.start() + 1, found.end()) if found else (end, end)


def _split(line: bytes) -> tuple[str, bytes] | None:
    """Take one unfolded line apart, or say that it is no header."""
    name, colon, value = line.partition(b":")
    if not colon or not _NAME.match(name):
        return None
    return name.rstrip().lower().decode("ascii"), value.strip()


def _offset_of_line(block: bytes, lines: list[bytes], index: int) -> int:
    """Find where an unfolded line stands in the block: a message without the empty line begins its body there."""
    return block.find(lines[index].rstrip(b"\r")[:60], sum(len(line) for line in lines[:index]))
