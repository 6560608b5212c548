"""Where the parts of a multipart body lie, found by searching octets instead of reading lines (RFC 2046 §5.1.1).

Attachments make up most octets of the mail, and nothing in them needs to be looked at to find their end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from parsers import limits

LONGEST_TAIL = 1_000  # octets of blanks that may follow a boundary on its line
FALSE_ALARMS = 10_000  # lines that begin like the boundary and are none; more is an attack on our time


@dataclass(frozen=True)
class Delimiter:
    """One boundary line: ``start`` is where the part before it ends, ``end`` where the next part begins."""

    start: int
    end: int
    closing: bool


@dataclass(frozen=True)
class Parts:
    """Spans of the parts, and of the text before the first and after the last one."""

    spans: tuple[tuple[int, int], ...]
    preamble: tuple[int, int]
    epilogue: tuple[int, int]
    closed: bool


def find_parts(raw: bytes, start: int, end: int, boundary: bytes, most: int = limits.PARTS) -> Parts:
    """Find at most ``most`` parts of the body in ``raw[start:end]``. A missing closing line ends the last at ``end``.

    Parts after a closing line count too: a boundary used on two levels closes too early, and no text may be lost.
    """
    lines = list(islice(_delimiters(raw, start, end, boundary), 2 * most))
    closers = (*lines[1:], Delimiter(end, end, closing=False))
    spans = tuple((line.end, max(line.end, next_.start)) for line, next_ in zip(lines, closers, strict=False))
    opened = [span for line, span in zip(lines, spans, strict=True) if not line.closing]
    closed = bool(lines) and lines[-1].closing
    if opened and not closed and opened[-1] == (end, end):
        opened.pop()
    first, last = (lines[0].start, lines[-1].end if closed else end) if lines else (end, end)
    return Parts(tuple(opened[:most]), (start, first), (last, end), closed)


def _delimiters(raw: bytes, start: int, end: int, boundary: bytes) -> Iterator[Delimiter]:
    """Find the boundary lines in order."""
    needle = b"\n--" + boundary
    line = start if raw.startswith(needle[1:], start, end) else raw.find(needle, start, end) + 1 or -1
    alarms = 0
    while line >= 0 and alarms < FALSE_ALARMS:
        found = _delimiter(raw, line, line + len(needle) - 1, start, end)
        alarms += found is None
        if found is not None:
            yield found
        line = raw.find(needle, line, end) + 1 or -1


def _delimiter(raw: bytes, line: int, after: int, start: int, end: int) -> Delimiter | None:
    """Judge a line that begins with the boundary: nothing but two dashes and blanks may follow.

    The line end before a delimiter belongs to it.
    """
    line_end = raw.find(b"\n", after, min(end, after + LONGEST_TAIL))
    if line_end < 0 and end - after > LONGEST_TAIL:
        return None
    stop = end if line_end < 0 else line_end
    tail = raw[after:stop]
    closing = tail.startswith(b"--")
    if tail[2 * closing :].strip():
        return None
    before = line - 2 if raw[line - 2 : line] == b"\r\n" else line - 1
    return Delimiter(max(before, start), min(stop + 1, end), closing)
