"""The MIME tree of a message: which parts it has, of what type, and where their octets lie.

Total: whatever the octets are, there is a tree. A multipart that cannot be divided is read as the text that it holds;
what lies beyond a limit (P9) stays undivided, and the defects say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from parsers import content, limits
from parsers.headers import Headers, read_block
from parsers.multipart import Parts, find_parts
from parsers.parameters import Value, read_value

_USUAL_PREAMBLE = 120  # octets; "This is a multi-part message in MIME format." and its kin


@dataclass(frozen=True)
class PartFacts:
    """What judges of machine mail may know of one node of the MIME tree, multiparts included, in tree order.

    ``content_type`` is lower case, ``params`` are its parameters (names lower case). ``payload`` is the decoded
    content of small report parts (message/*, text/rfc822-headers, text/calendar; up to 256 KiB), else empty.
    """

    content_type: str
    params: tuple[tuple[str, str], ...] = ()
    payload: bytes = b""
    filename: str | None = None


@dataclass(frozen=True)
class Part:
    """One node of the tree. ``section`` is its number as in IMAP (RFC 3501 §6.4.5), ``""`` for a multipart root.

    ``raw[start:end]`` is the body as it stands, transfer encoding and all. ``children`` of a leaf are empty.
    """

    section: str
    raw: bytes = field(repr=False)
    headers: Headers
    start: int
    end: int
    content_type: str
    children: tuple[Part, ...] = ()

    @cached_property
    def type_value(self) -> Value:
        """Give the Content-Type with its parameters."""
        return _first_value(self.headers, "content-type")

    @cached_property
    def disposition(self) -> Value:
        """Give the Content-Disposition with its parameters."""
        return _first_value(self.headers, "content-disposition")

    @cached_property
    def transfer_encoding(self) -> str:
        """Give the lower-case Content-Transfer-Encoding, ``""`` where there is none."""
        return (self.headers.get("content-transfer-encoding") or "").split(";")[0].strip().lower()

    def octets(self) -> bytes:
        """Give the decoded octets of a leaf: not kept, for attachments are large."""
        return content.octets(self.raw[self.start : self.end], self.transfer_encoding)

    @cached_property
    def text(self) -> content.Text:
        """Give the text of a text leaf, whatever its label says."""
        label = self.type_value.parameters.get("charset")
        return content.text(self.octets(), label, is_html=self.content_type == "text/html")

    def walk(self) -> Iterator[Part]:
        """Give this node and all below it in the order in which they stand."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Tree:
    """The whole message as a tree, and the codes (with details) of what was broken or cut in it."""

    root: Part
    defects: tuple[tuple[str, str], ...] = ()


def read_tree(raw: bytes) -> Tree:
    """Read a message into its tree. Never raises; looks at ``limits.MESSAGE_OCTETS`` octets at most."""
    growing = _Growing(_with_line_ends(raw[: limits.MESSAGE_OCTETS]))
    if len(raw) > limits.MESSAGE_OCTETS:
        growing.note("limit-size", f"{len(raw)} octets")
    root = growing.grow("", 0, len(growing.raw), "text/plain", 0)
    return Tree(root, tuple(dict.fromkeys(growing.defects)))


class _Growing:
    """One tree while it is being read: what is shared by all its branches is the budget of parts and the defects."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.parts = 0
        self.defects: list[tuple[str, str]] = []

    def note(self, code: str, detail: str = "") -> None:
        self.defects.append((code, detail))

    def grow(self, section: str, start: int, end: int, default: str, depth: int) -> Part:
        """Read the part in this span and everything below it."""
        self.parts += 1
        block = read_block(self.raw, start, end)
        self.defects += [(code, "") for code in block.defects]
        value = _first_value(block.headers, "content-type")
        if value.cut:
            self.note("limit-parameters")
        kind = value.head if "/" in value.head else default
        part = Part(section, self.raw, block.headers, block.body, end, kind)
        if kind.startswith("multipart/"):
            return self._divide(part, value.parameters.get("boundary", ""), depth)
        return part if section else _renamed(part, "1", kind)

    def _divide(self, part: Part, boundary: str, depth: int) -> Part:
        if depth >= limits.MIME_DEPTH:
            self.note("limit-depth")
            return part
        parts = self._parts(part, boundary)
        if not parts or not parts.spans:
            self.note("boundary", "multipart without parts is read as text")
            return _renamed(part, part.section or "1", "text/plain")
        self._check_margins(part, parts)
        default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
        children = []
        for number, (start, end) in enumerate(parts.spans, 1):
            if self.parts >= limits.PARTS:
                self.note("limit-parts")
                break
            children.append(self.grow(f"{part.section}.{number}".lstrip("."), start, end, default, depth + 1))
        return Part(part.section, part.raw, part.headers, part.start, part.end, part.content_type, tuple(children))

    def _parts(self, part: Part, boundary: str) -> Parts | None:
        octets = boundary.rstrip().encode("utf-8", "replace")
        if not octets or len(octets) > limits.BOUNDARY_OCTETS:
            return None
        return find_parts(self.raw, part.start, part.end, octets, limits.PARTS - self.parts + 1)

    def _check_margins(self, part: Part, parts: Parts) -> None:
        """Note text that stands outside of all parts, where people do not see it and filters may."""
        if not parts.closed:
            self.note("boundary", f"part {part.section or 'root'} is not closed")
        margins = (("preamble", parts.preamble, _USUAL_PREAMBLE), ("epilogue", parts.epilogue, 0))
        for name, (start, end), usual in margins:
            if len(self.raw[start:end].strip()) > usual:
                self.note("text-outside-parts", f"{name} of {end - start} octets")


def _first_value(headers: Headers, name: str) -> Value:
    return read_value(next(iter(headers.undecoded(name)), ""))


def _renamed(part: Part, section: str, content_type: str) -> Part:
    return Part(section, part.raw, part.headers, part.start, part.end, content_type)


def _with_line_ends(raw: bytes) -> bytes:
    """Turn a message written with bare CR alone (old exports) into one with line ends."""
    return raw if b"\n" in raw else raw.replace(b"\r", b"\n")
