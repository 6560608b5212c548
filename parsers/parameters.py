"""Structured header values with parameters: Content-Type, Content-Disposition (RFC 2045 §5.1, RFC 2231).

Parameters are taken apart before anything in them is decoded. Encoded words in a value, which no RFC allows and many
mailers write, are read too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from parsers import charset, limits
from parsers.encoded_words import decode_words

_PARAMETER = re.compile(r";\s*([^\s=;\"]{1,80})\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"?|([^;]*))", re.DOTALL)
_SECTION = re.compile(r"([^*]+)\*(?:(\d{1,4})(\*)?)?\Z")  # name*, name*0, name*0*; 4,400 digits are no section
_ESCAPED = re.compile(r"\\([\"\\])")
_LABELLED = re.compile(r"([\w.:+-]*)'[^']*'(.*)", re.DOTALL)


@dataclass(frozen=True)
class Value:
    """A structured value: ``head`` in lower case without parameters, and the decoded parameters by lower-case name."""

    head: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


@dataclass(frozen=True)
class _Piece:
    """One parameter as it stands: a piece of a split value has a number, an extended one is percent-encoded."""

    name: str
    text: str
    number: int | None = None
    extended: bool = False


@lru_cache(maxsize=64)  # the same few values stand in nearly every mail, and each is asked for more than once
def read_value(text: str) -> Value:
    """Take a structured header value apart. Extended values (``name*``) win over plain ones (RFC 6266 §4.3)."""
    head, _, rest = text.partition(";")
    pieces = [_piece(found) for found in _at_most(";" + rest)] if rest else []
    plain = {piece.name: decode_words(_unquoted(piece.text)) for piece in reversed(pieces) if not _is_rfc2231(piece)}
    extended = {name: _join(pieces, name) for name in {piece.name for piece in pieces if _is_rfc2231(piece)}}
    cut = rest.count("=") > limits.PARAMETERS and len(pieces) >= limits.PARAMETERS
    return Value(decode_words(head).lower(), plain | extended, cut)


def _at_most(text: str) -> Iterable[re.Match[str]]:
    return (found for found, _ in zip(_PARAMETER.finditer(text), range(limits.PARAMETERS), strict=False))


def _piece(found: re.Match[str]) -> _Piece:
    name, text = found[1].lower(), found[2] if found[2] is not None else (found[3] or "").strip()
    section = _SECTION.match(name)
    if section is None:
        return _Piece(name, text)
    number = None if section[2] is None else int(section[2])
    return _Piece(section[1], text, number, number is None or section[3] is not None)


def _is_rfc2231(piece: _Piece) -> bool:
    return piece.extended or piece.number is not None


def _join(pieces: Iterable[_Piece], name: str) -> str:
    """Put the pieces of one RFC 2231 parameter together as octets, so that a cut character becomes whole again."""
    own = sorted((p for p in pieces if p.name == name and _is_rfc2231(p)), key=lambda piece: piece.number or 0)
    first, *rest = [piece for piece in own if piece.number is None][:1] or own
    label, text = _label(first)
    octets = b"".join((_octets(text, first), *(_octets(piece.text, piece) for piece in rest)))
    if label is None and octets.isascii():  # not labelled and yet encoded: some write encoded words here
        return decode_words(octets.decode("ascii"))
    return charset.clean(charset.decode(octets, label).text)


def _label(piece: _Piece) -> tuple[str | None, str]:
    """Split charset'language'text (RFC 2231 §4)."""
    labelled = _LABELLED.match(piece.text) if piece.extended else None
    return (labelled[1] or None, labelled[2]) if labelled else (None, piece.text)


def _octets(text: str, piece: _Piece) -> bytes:
    return unquote_to_bytes(text) if piece.extended else _unquoted(text).encode("utf-8", "replace")


def _unquoted(text: str) -> str:
    """Take quoting off; a lone backslash stays, for it belongs to a Windows path and not to the quoting."""
    return _ESCAPED.sub(r"\1", text)
