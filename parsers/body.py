"""Which parts of a message a person reads, and which are files (RFC 2046 §5.1).

The choice is made once, by the structure: plain text wins over HTML in an alternative unless it is a stub, the root of
a related group is read and the rest are its pictures, and everything with a name is a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from parsers import limits
from parsers.html_text import to_text
from parsers.mime import Part

_READABLE = frozenset({"text/plain", "text/html"})
_STUB = re.compile(
    r"\s*(?:this is an? html|your e?mail (?:client|reader)|please view|此邮件[为是]\s*html|您的邮件客户端不支持)"
    r"[^\n]{0,200}\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Chosen:
    """The parts that are read, the part that shows the message as HTML, and the files, each in tree order."""

    read: tuple[Part, ...] = ()
    html: Part | None = None
    files: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Body:
    """The visible text. ``is_html`` says that (a part of) it was made from HTML; ``html`` is the HTML itself."""

    text: str
    html: str | None = None
    is_html: bool = False
    defects: tuple[tuple[str, str], ...] = ()


def choose(part: Part) -> Chosen:
    """Decide for every leaf below a part whether it is read or a file."""
    if not part.children:
        return _leaf(part)
    below = [choose(child) for child in part.children]
    if part.content_type == "multipart/alternative":
        return _best(below)
    if part.content_type in ("multipart/related", "multipart/signed"):
        return _first_only(part, below)
    read = tuple(one for chosen in below for one in chosen.read)
    return Chosen(read, next((c.html for c in below if c.html), None), _files(below))


def read(chosen: Chosen) -> Body:
    """Give the text of the chosen parts, one after the other, never joined into one HTML page (EFAIL)."""
    texts: list[str] = []
    defects: list[tuple[str, str]] = []
    for part in chosen.read:
        defects += part.text.defects
        texts.append(to_text(part.text.text) if part.content_type == "text/html" else part.text.text.strip("\n"))
    text = "\n\n".join(text for text in texts if text.strip())
    if not text:
        defects.append(("no-text", ""))
    return Body(
        text=text[: limits.TEXT_CHARACTERS],
        html=chosen.html.text.text if chosen.html else None,
        is_html=any(part.content_type == "text/html" for part in chosen.read),
        defects=tuple(defects),
    )


def _leaf(part: Part) -> Chosen:
    """Call a leaf readable if it is text, has no name and does not ask to be kept apart."""
    named = part.disposition.parameters.get("filename") or part.type_value.parameters.get("name")
    apart = part.disposition.head == "attachment"
    if part.content_type not in _READABLE or apart or named:
        return Chosen(files=(part,))
    return Chosen((part,), part if part.content_type == "text/html" else None)


def _best(below: list[Chosen]) -> Chosen:
    """Choose among alternatives: the plain text if it says anything, else the last that can be read."""
    html = next((c.html for c in reversed(below) if c.html), None)
    readable = [c for c in below if c.read]
    plain = next((c for c in readable if c.html is None and _says_something(c.read)), None)
    best = plain or next((c for c in reversed(readable) if c.html), None) or next(iter(readable), Chosen())
    return Chosen(best.read, html, _files(below))


def _first_only(part: Part, below: list[Chosen]) -> Chosen:
    """Read the root of a related or signed group; what else could be read there belongs to it as a file."""
    start = part.type_value.parameters.get("start", "")
    roots = [one for one, child in zip(below, part.children, strict=True) if start and _content_id(child) == start]
    root = next((one for one in roots or below if one.read), Chosen())
    others = tuple(leaf for one in below if one is not root for leaf in one.read)
    files = _in_tree_order(part, (*_files(below), *others))
    return Chosen(root.read, root.html, files)


def _says_something(parts: Iterable[Part]) -> bool:
    text = "".join(part.text.text for part in parts)
    return bool(text.strip()) and not _STUB.fullmatch(text)


def _content_id(part: Part) -> str | None:
    return part.headers.get("content-id")


def _files(below: Iterable[Chosen]) -> tuple[Part, ...]:
    return tuple(one for chosen in below for one in chosen.files)


def _in_tree_order(part: Part, files: Iterable[Part]) -> tuple[Part, ...]:
    place = {node.section: number for number, node in enumerate(part.walk())}
    return tuple(sorted(files, key=lambda file: place[file.section]))
